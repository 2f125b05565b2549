//! The servers of nginx that speak TLS, with their names and the certificates that they read.

use tightship_model::nginx::Directive;
use tightship_model::{CertbotRun, Certificate, Deployment, Place, PrivateKey, Span};
use tightship_predict::nginx::NameForm;
use tightship_predict::ways::edges;

use super::seen::Seer;
use super::seer_of;

/// A server that speaks TLS.
pub(super) struct Site<'a> {
    /// Names that are written out, in lower case; a wildcard as `*.shop.example`.
    pub(super) names: Vec<(String, Span)>,
    pub(super) certificates: Vec<Read<'a>>,
    /// Certificates with the key that nginx takes for each.
    pub(super) pairs: Vec<(Read<'a>, Read<'a>)>,
}

/// A certificate or key that nginx reads.
#[derive(Clone, Copy)]
pub(super) struct Read<'a> {
    /// Where nginx sees it.
    pub(super) path: &'a str,
    pub(super) span: Span,
    seer: Option<Seer<'a>>,
}

/// The servers that speak TLS, in the order of the files.
pub(super) fn sites<'a>(deployment: &'a Deployment) -> Vec<Site<'a>> {
    let mut found = Vec::new();
    for edge in edges(deployment) {
        let seer = seer_of(&edge);
        for server in edge.http.servers().filter(|server| server.has_tls()) {
            if server.scope.flag("ssl_reject_handshake") == Some(true) {
                continue;
            }
            let read = |directive: &&'a Directive| {
                let word = directive.arguments.first()?;
                word.is_literal().then(|| Read {
                    path: &word.text,
                    span: directive.heading_span(),
                    seer,
                })
            };
            let certificates = server.scope.effective("ssl_certificate").directives;
            // nginx takes the keys in the order of the certificates.
            let keys = server.scope.effective("ssl_certificate_key").directives;
            let pairs = certificates.iter().zip(&keys);
            let pairs = pairs.filter_map(|(one, key)| Some((read(one)?, read(key)?)));
            let names = server.names().iter().filter_map(|name| {
                let host = match &name.form {
                    NameForm::Exact(host) | NameForm::AtOrBelow(host) => host.clone(),
                    NameForm::Below(host) => format!("*.{host}"),
                    _ => return None,
                };
                let is_name = host.contains('.') && !host.ends_with(".localhost");
                is_name.then_some((host, name.word?.span))
            });
            found.push(Site {
                names: names.collect(),
                certificates: certificates.iter().filter_map(read).collect(),
                pairs: pairs.collect(),
            });
        }
    }
    found
}

/// The certificates in the file that nginx reads, the site's own first, where it lies in the
/// repository.
pub(super) fn in_repository<'a>(
    deployment: &'a Deployment,
    read: &Read<'_>,
) -> Option<Vec<&'a Certificate>> {
    let path = file(deployment, read)?;
    let all = deployment.certbot.certificates.iter();
    let own: Vec<_> = all.filter(|one| one.path == path).collect();
    (!own.is_empty()).then_some(own)
}

/// The private key in the file that nginx reads, where it lies in the repository. nginx takes the
/// first.
pub(super) fn key_in_repository<'a>(
    deployment: &'a Deployment,
    read: &Read<'_>,
) -> Option<&'a PrivateKey> {
    let path = file(deployment, read)?;
    let mut keys = deployment.certbot.keys.iter();
    keys.find(|key| key.path == path)
}

/// The file of the repository that nginx reads.
fn file(deployment: &Deployment, read: &Read<'_>) -> Option<String> {
    match read.seer?.locate(deployment, read.path).place {
        Place::Repository(path) | Place::Copied(path) => Some(path),
        _ => None,
    }
}

/// The lineage whose folder below `live/` a path names.
pub(super) fn lineage(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("/live/")?;
    let (name, _) = rest.split_once('/')?;
    Some(name)
}

/// Where certbot is run to get a certificate.
pub(super) fn issued(deployment: &Deployment) -> Option<Span> {
    let mut runs = deployment.certbot.runs.iter();
    let is_it = |run: &&CertbotRun| matches!(run.subcommand.as_str(), "certonly" | "run");
    Some(runs.find(is_it)?.span)
}

/// Whether a name of a certificate is good for a host (RFC 6125, section 6.4.3): the star stands
/// for one label.
pub(super) fn covers(name: &str, host: &str) -> bool {
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    let (Some(parent), Some((label, rest))) = (name.strip_prefix("*."), host.split_once('.'))
    else {
        return false;
    };
    label != "*" && rest.eq_ignore_ascii_case(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_label() {
        assert!(covers("shop.example", "Shop.Example"));
        assert!(covers("*.shop.example", "www.shop.example"));
        assert!(covers("*.shop.example", "*.shop.example"));
        assert!(!covers("*.shop.example", "shop.example"));
        assert!(!covers("*.shop.example", "a.b.shop.example"));
        assert!(!covers("*.example", "*.shop.example"));
        assert!(!covers("www.shop.example", "shop.example"));
    }

    #[test]
    fn lineages_are_folders_below_live() {
        let path = "/etc/letsencrypt/live/shop.example/fullchain.pem";
        assert_eq!(lineage(path), Some("shop.example"));
        assert_eq!(lineage("/etc/nginx/ssl/shop.crt"), None);
    }
}
