use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::dns::caa;

use super::look::{lacking, public, shown};

pub(super) static CHECK: Check = Check {
    id: "dns/caa-missing",
    title: "Every authority may issue certificates for the site",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["X28"],
    django_ids: &[],
    references: &[Reference::Rfc(8659, "3"), Reference::Rfc(8659, "4.2")],
    doc: include_str!("caa_missing.md"),
    run,
};

const ADVICE: &str = "Name your authority: `CAA 0 issue \"letsencrypt.org\"`.";

fn run(deployment: &Deployment) -> Outcome {
    let seen = match public(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let host = &seen.dns.host;
    let relevant = match caa::relevant(host, seen.view) {
        Ok(relevant) => relevant,
        Err(gap) => return lacking(gap),
    };
    let Some(relevant) = relevant else {
        return seen.fails(
            "CAA",
            format!(
                "whoever deceives any one of some hundred authorities gets a certificate for {host}: \
                 no CAA record names yours"
            ),
            &format!("neither {host} nor a name above it has a CAA record"),
            ADVICE,
        );
    };
    match relevant.issuers() {
        None => seen.fails(
            "CAA",
            format!(
                "the CAA records of {} name no authority, so every one may issue for {host}",
                relevant.name
            ),
            &format!("{} has CAA records without `issue`", relevant.name),
            ADVICE,
        ),
        Some(issuers) => seen.passes(
            match issuers[..] {
                [] => format!("no authority may issue for {host}"),
                _ => format!("only {} may issue for {host}", shown(&issuers.join(", "))),
            },
            &format!("CAA of {}", relevant.name),
        ),
    }
}
