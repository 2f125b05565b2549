//! The certificates that the live site sends, held against those that nginx reads.

use tightship_model::site::tls::{Reach, SeenCertificate};
use tightship_model::{Deployment, Outcome};

use crate::http::in_front;

use super::sites::{Site, sites};

/// What the site sends under a name, and the servers of the files that have that name.
pub(super) struct Wire<'a> {
    /// The name that was asked for.
    pub(super) host: &'a str,
    /// The site's own certificates, one for each kind of key; at least one.
    pub(super) sent: Vec<&'a SeenCertificate>,
    /// At least one.
    pub(super) sites: Vec<Site<'a>>,
}

/// What was seen of TLS where nginx itself answers, or the verdict that says why that is not known.
pub(super) fn wire(deployment: &Deployment) -> Result<Wire<'_>, Outcome> {
    let not_applicable = |reason: &str| Outcome::NotApplicable(reason.to_owned());
    let unseen = |reason: &str| super::unknown(reason, "look at the site with --url", None);
    let site = deployment.site.as_ref();
    let site = site.ok_or_else(|| unseen("the site was not looked at"))?;
    if let Some(front) = site.http.as_ref().and_then(in_front) {
        return Err(Outcome::NotApplicable(format!(
            "what visitors speak TLS with is {front}, not nginx"
        )));
    }
    let tls = site.tls.as_ref().filter(|tls| tls.reach == Reach::Speaks);
    let tls = tls.ok_or_else(|| unseen("the site was not seen to speak TLS"))?;
    let sent: Vec<_> = tls
        .chains
        .iter()
        .filter_map(|chain| chain.certificates.first())
        .collect();
    if sent.is_empty() {
        return Err(unseen("no certificate of the site was seen"));
    }
    let host = tls.target.server_name.as_deref();
    let host = host.ok_or_else(|| not_applicable("the site was asked for by its address"))?;
    let mut own = sites(deployment);
    own.retain(|site| site.names.iter().any(|(name, _)| name == host));
    match own.is_empty() {
        true => Err(not_applicable(
            "no server of the files that speaks TLS is named as the site that was looked at",
        )),
        false => Ok(Wire {
            host,
            sent,
            sites: own,
        }),
    }
}

/// The organisation that signs: authorities sign with several certificates in turn.
pub(super) fn authority(issuer: &str) -> &str {
    issuer
        .split([',', '+'])
        .map(str::trim)
        .find(|part| part.starts_with("O="))
        .unwrap_or(issuer)
}
