use tightship_model::site::dns::MailDomain;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::dns::spf;

use super::look::{Seen, lacking, shown};
use super::mail::{each_domain, has_mail};

pub(super) static CHECK: Check = Check {
    id: "dns/spf-missing",
    title: "No SPF record tells who may send the site's mail",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A6.3"],
    django_ids: &[],
    references: &[Reference::Rfc(7208, "3"), Reference::Cwe(290)],
    doc: include_str!("spf_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    each_domain(deployment, judge)
}

fn judge(seen: Seen<'_>, domain: &MailDomain) -> Outcome {
    let name = &domain.name;
    match spf::records(name, seen.view) {
        Err(gap) => return lacking(gap),
        Ok(records) => {
            if let Some(text) = records.first() {
                let says = format!("TXT {name} is “{}”", shown(text));
                return seen.passes(format!("{name} has a record of SPF"), &says);
            }
        }
    }
    match has_mail(seen, domain) {
        Err(outcome) => outcome,
        Ok(None) => Outcome::NotApplicable(format!(
            "nothing sends mail as {name}, and nothing takes it"
        )),
        Ok(Some(why)) => seen.fails(
            &format!("SPF {name}"),
            format!(
                "receivers cannot tell the site's mail from forged mail: {why}, and {name} has no \
                 record of SPF"
            ),
            &format!("TXT {name} holds no text that begins with v=spf1"),
            &format!(
                "Publish what your relay asks for as TXT of {name}, such as \
                 `v=spf1 include:_spf.relay.example -all`."
            ),
        ),
    }
}
