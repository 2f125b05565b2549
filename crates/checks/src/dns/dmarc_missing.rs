use tightship_model::site::dns::MailDomain;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::dns::dmarc;

use super::look::{Seen, lacking, shown};
use super::mail::{each_domain, has_mail};

pub(super) static CHECK: Check = Check {
    id: "dns/dmarc-missing",
    title: "No DMARC record tells receivers what to do with forged mail",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A6.3", "X30"],
    django_ids: &[],
    references: &[Reference::Rfc(9989, "4.10"), Reference::Cwe(290)],
    doc: include_str!("dmarc_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    each_domain(deployment, judge)
}

fn judge(seen: Seen<'_>, domain: &MailDomain) -> Outcome {
    let name = &domain.name;
    let found = match dmarc::policy(name, seen.view) {
        Ok(found) => found,
        Err(gap) => return lacking(gap),
    };
    if let Some(found) = found {
        let at = &found.record.domain;
        let says = format!("TXT _dmarc.{at} is “{}”", shown(&found.record.text));
        return seen.passes(format!("the DMARC record of {at} holds for {name}"), &says);
    }
    let mail = match has_mail(seen, domain) {
        Ok(mail) => mail,
        Err(outcome) => return outcome,
    };
    let mut finding = seen.finding(
        &format!("DMARC {name}"),
        format!(
            "anybody's mail with {name} in the From line is delivered: neither {name} nor a domain \
             above it has a record of DMARC"
        ),
        &format!("no TXT of _dmarc.{name} or above is one record of DMARC"),
        &format!(
            "Publish TXT _dmarc.{name}: `v=DMARC1; p=quarantine; rua=mailto:…`; for a domain without \
             mail `v=DMARC1; p=reject`."
        ),
    );
    // Only the name is abused then, no mail that people wait for.
    if mail.is_none() {
        finding.severity = Some(Severity::Low);
    }
    Outcome::Fail(vec![finding])
}
