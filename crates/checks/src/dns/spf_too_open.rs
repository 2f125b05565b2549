use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::dns::spf::{self, Mechanism, Qualifier, Record};

use super::look::{Seen, shown};
use super::mail::{Published, each_spf_record};

pub(super) static CHECK: Check = Check {
    id: "dns/spf-too-open",
    title: "SPF lets strangers send as the site",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A6.3"],
    django_ids: &[],
    references: &[Reference::Rfc(7208, "5.1"), Reference::Cwe(290)],
    doc: include_str!("spf_too_open.md"),
    run,
};

/// Prefixes of networks, in bits, below which no sender is alone: no network of one owner is larger
/// than a /8 of IPv4 (IANA's registry) or a /16 of IPv6.
const WIDEST: (u8, u8) = (8, 16);

fn run(deployment: &Deployment) -> Outcome {
    each_spf_record(deployment, judge)
}

fn judge(seen: Seen<'_>, name: &str, published: &Published<'_>) -> Outcome {
    let says = published.says(name);
    let advice = "End the record with -all or ~all, and name your senders before it.";
    let subject = format!("SPF {name}");
    let outcomes = published.evaluations.iter();
    if let Some(open) = outcomes
        .clone()
        .find(|one| one.outcome == spf::Outcome::Pass)
    {
        let message = format!(
            "mail that a stranger sends as {name} passes as genuine: {} fits every sender",
            shown(&open.because)
        );
        return seen.fails(&subject, message, &says, advice);
    }
    if let Some(wide) = wide(seen, published) {
        let message = format!(
            "a large part of the internet may send as {name}: {} names it",
            shown(&wide)
        );
        return seen.fails(&subject, message, &says, advice);
    }
    if let Some(open) = outcomes
        .clone()
        .find(|one| one.outcome == spf::Outcome::Neutral)
    {
        let message = format!(
            "SPF decides nothing about strangers, so forged mail is treated as if there were no \
             record: {}",
            shown(&open.because)
        );
        let mut finding = seen.finding(&subject, message, &says, advice);
        finding.severity = Some(Severity::Low);
        return Outcome::Fail(vec![finding]);
    }
    match outcomes
        .clone()
        .any(|one| one.outcome == spf::Outcome::PermError)
    {
        true => Outcome::NotApplicable(format!("the SPF record of {name} is in error")),
        false => seen.passes(format!("strangers may not send as {name}"), &says),
    }
}

/// A term that names more than one owner can have.
fn wide(seen: Seen<'_>, published: &Published<'_>) -> Option<String> {
    let domains = published.evaluations.iter().flat_map(|one| &one.domains);
    for domain in domains {
        let records = spf::records(domain, seen.view).unwrap_or_default();
        let Some(record) = records.first().and_then(|text| Record::parse(text).ok()) else {
            continue;
        };
        let is_wide = |mechanism: &Mechanism| match mechanism {
            Mechanism::Ip4(_, bits) => *bits < WIDEST.0,
            Mechanism::Ip6(_, bits) => *bits < WIDEST.1,
            _ => false,
        };
        let mut terms = record.terms.iter();
        let term = terms.find(|term| term.qualifier == Qualifier::Pass && is_wide(&term.mechanism));
        if let Some(term) = term {
            return Some(format!("{} of {domain}", term.text));
        }
    }
    None
}
