use tightship_model::site::dns::MailDomain;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::dns::dmarc::{self, Policy};

use super::look::{Seen, lacking, shown};
use super::mail::each_domain;

pub(super) static CHECK: Check = Check {
    id: "dns/dmarc-none",
    title: "DMARC asks receivers to do nothing",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["X30"],
    django_ids: &[],
    references: &[Reference::Rfc(9989, "4.7"), Reference::Cwe(290)],
    doc: include_str!("dmarc_none.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    each_domain(deployment, judge)
}

fn judge(seen: Seen<'_>, domain: &MailDomain) -> Outcome {
    let name = &domain.name;
    let found = match dmarc::policy(name, seen.view) {
        Ok(Some(found)) => found,
        Ok(None) => {
            return Outcome::NotApplicable(format!("no record of DMARC holds for {name}"));
        }
        Err(gap) => return lacking(gap),
    };
    let record = &found.record;
    let says = format!("TXT _dmarc.{} is “{}”", record.domain, shown(&record.text));
    if found.policy != Policy::None {
        return seen.passes(
            format!(
                "receivers are asked to {} forged mail of {name}",
                found.policy.name()
            ),
            &says,
        );
    }
    let why = match (
        record.is_test,
        found.is_inherited && record.subdomains.is_some(),
    ) {
        (true, _) => "t=y makes it a test",
        (false, true) => "sp=none",
        (false, false) if record.policy.is_none() => "p is missing",
        (false, false) => "p=none",
    };
    seen.fails(
        &format!("DMARC {name}"),
        format!("forged mail of {name} is delivered, and at most reported: {why}"),
        &says,
        "When the reports show that your own mail passes, ask for p=quarantine, then for p=reject.",
    )
}
