use std::net::IpAddr;

use tightship_model::site::dns::MailDomain;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};
use tightship_predict::dns::relay::{Provider, provider, received};
use tightship_predict::dns::spf;

use super::look::{Seen, lacking, unknown};
use super::mail::{each_domain, published};
use crate::mail::no_smtp;
use crate::setting::{about, setting, unless};

pub(super) static CHECK: Check = Check {
    id: "dns/spf-relay-refused",
    title: "SPF refuses the relay that sends the site's mail",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Site],
    items: &["A6.3"],
    django_ids: &[],
    references: &[
        Reference::Rfc(7208, "2.4"),
        Reference::Django("ref/settings/#email-host"),
    ],
    doc: include_str!("spf_relay_refused.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = no_smtp(deployment) {
        return outcome;
    }
    let host = setting(deployment, "EMAIL_HOST");
    let Some(host) = host.as_ref().and_then(|host| host.value.value.as_str()) else {
        return unknown("which relay takes the site's mail is not known".to_owned());
    };
    each_domain(deployment, |seen, domain| {
        judge(deployment, seen, domain, host)
    })
}

fn judge(deployment: &Deployment, seen: Seen<'_>, domain: &MailDomain, host: &str) -> Outcome {
    let name = &domain.name;
    if !domain.sends {
        return Outcome::NotApplicable(format!("no setting sends mail as {name}"));
    }
    if let Some(outcome) = sends_as_another(deployment, name) {
        return outcome;
    }
    let says = match published(seen, domain) {
        Ok(published) => published.says(name),
        Err(outcome) => return outcome,
    };
    let provider = provider(host);
    let from = match addresses(seen, host, provider) {
        Ok(from) => from,
        Err(outcome) => return outcome,
    };
    let ends = match received(name, host, &from, seen.view) {
        Ok(ends) => ends,
        Err(question) => {
            return unknown(format!(
                "{} {} was not asked",
                question.kind.name(),
                question.name
            ));
        }
    };
    let is = |wanted: &[spf::Outcome]| ends.iter().all(|(_, end)| wanted.contains(end));
    let refused = [spf::Outcome::Fail, spf::Outcome::SoftFail];
    match provider {
        _ if is(&[spf::Outcome::Pass]) => {
            seen.passes(format!("receivers take mail of {name} from {host}"), &says)
        }
        Some(provider) if is(&refused) => {
            Outcome::Fail(vec![refusal(deployment, seen, name, host, provider, &says)])
        }
        Some(_) => unknown(format!(
            "SPF of {name} takes mail from some of the addresses of {host} only, or decides nothing"
        )),
        None => unknown(format!(
            "{host} may send from other addresses than its own, which SPF of {name} does not name"
        )),
    }
}

/// Where the account at the relay belongs to another domain: some relays then send as that.
fn sends_as_another(deployment: &Deployment, name: &str) -> Option<Outcome> {
    unless(
        deployment,
        "EMAIL_HOST_USER",
        &|user| {
            let (_, domain) = user.as_str()?.rsplit_once('@')?;
            Some(domain.eq_ignore_ascii_case(name))
        },
        "the account at the relay belongs to another domain than the sender",
    )
}

/// Where the relay sends from, as far as it is known.
fn addresses(
    seen: Seen<'_>,
    host: &str,
    provider: Option<&Provider>,
) -> Result<Vec<IpAddr>, Outcome> {
    let found = match provider {
        Some(provider) => provider.addresses(seen.view).map_err(lacking)?,
        None => seen.addresses(host)?,
    };
    match found.is_empty() {
        true => Err(unknown(format!("where {host} sends from is not known"))),
        false => Ok(found),
    }
}

fn refusal(
    deployment: &Deployment,
    seen: Seen<'_>,
    name: &str,
    host: &str,
    provider: &Provider,
    says: &str,
) -> Finding {
    let labels = setting(deployment, "EMAIL_HOST")
        .map(|host| about("EMAIL_HOST", &host.value.trail).labels)
        .unwrap_or_default();
    let message = format!(
        "receivers take the site's own mail for forged: it leaves by {host} ({}), from whose addresses \
         {name} lets nobody send",
        provider.name
    );
    let advice = format!(
        "Name the relay in the record, before its end: `include:{}`.",
        provider.spf
    );
    Finding {
        labels,
        ..seen.finding(&format!("SPF {name} relay"), message, says, &advice)
    }
}
