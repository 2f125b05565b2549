//! The domains that mail is sent as.

use tightship_model::site::dns::{Data, Kind, MailDomain};
use tightship_model::{Deployment, Outcome};
use tightship_predict::dns::spf::{self, Evaluation, Limits};

use super::look::{Seen, lacking, public, shown, unknown};
use crate::setting::together;

/// Judges each domain that stands behind the `@` of the site's mail.
pub(super) fn each_domain<'a>(
    deployment: &'a Deployment,
    judge: impl Fn(Seen<'a>, &'a MailDomain) -> Outcome,
) -> Outcome {
    match public(deployment) {
        Ok(seen) => together(seen.dns.mail.iter().map(|domain| judge(seen, domain))),
        Err(outcome) => outcome,
    }
}

/// Judges the SPF record of each of these domains that has one.
pub(super) fn each_spf_record(
    deployment: &Deployment,
    judge: impl Fn(Seen<'_>, &str, &Published<'_>) -> Outcome,
) -> Outcome {
    each_domain(deployment, |seen, domain| match published(seen, domain) {
        Ok(published) => judge(seen, &domain.name, &published),
        Err(outcome) => outcome,
    })
}

/// What shows that a domain has mail: the files send as it, or it has a mail server. `None` where
/// nothing does; the root as the server's name says that there is none (RFC 7505).
pub(super) fn has_mail(seen: Seen<'_>, domain: &MailDomain) -> Result<Option<String>, Outcome> {
    if domain.sends {
        return Ok(Some(format!("the settings send mail as {}", domain.name)));
    }
    let answer = seen.answer(&domain.name, Kind::Mx)?;
    let server = answer
        .of(&domain.name, Kind::Mx)
        .find_map(|data| match data {
            Data::Mx { exchange, .. } if !exchange.is_empty() => Some(exchange),
            _ => None,
        });
    Ok(server.map(|server| format!("{server} takes mail for {}", domain.name)))
}

/// The one record of SPF of a domain, and what strangers make of it.
pub(super) struct Published<'a> {
    text: &'a str,
    pub(super) evaluations: Vec<Evaluation>,
}

impl Published<'_> {
    /// The record as evidence shows it.
    pub(super) fn says(&self, name: &str) -> String {
        format!("TXT {name} is “{}”", shown(self.text))
    }
}

/// The record of a domain and its evaluation, or the verdict that says why there is none.
pub(super) fn published<'a>(seen: Seen<'a>, domain: &MailDomain) -> Result<Published<'a>, Outcome> {
    let records = spf::records(&domain.name, seen.view).map_err(lacking)?;
    let text = records
        .first()
        .copied()
        .ok_or_else(|| Outcome::NotApplicable(format!("{} has no record of SPF", domain.name)))?;
    let evaluations =
        spf::strangers(&domain.name, Limits::WIDE, seen.view).map_err(|question| {
            unknown(format!(
                "{} {} was not asked",
                question.kind.name(),
                question.name
            ))
        })?;
    let lost = evaluations
        .iter()
        .find(|one| one.outcome == spf::Outcome::TempError);
    match lost {
        Some(lost) => Err(unknown(format!("SPF of {}: {}", domain.name, lost.because))),
        None => Ok(Published { text, evaluations }),
    }
}
