use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::hsts::{NAME, judged};
use super::look::page;

pub(super) static CHECK: Check = Check {
    id: "http/hsts-missing",
    title: "The site sends no Strict-Transport-Security",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A2.4", "B6.3", "B15.5"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "7.2"),
        Reference::Django("ref/settings/#secure-hsts-seconds"),
    ],
    doc: include_str!("hsts_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match page(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    if let Some(outcome) = judged(&seen) {
        return outcome;
    }
    match seen.answer.value(NAME) {
        Some(_) => seen.holds("it is sent", NAME),
        None => Outcome::Fail(vec![seen.on_header(
            NAME,
            format!(
                "{} does not hold browsers to HTTPS: whoever sits on the way can keep a visitor \
                 on plain HTTP",
                seen.exchange.request.url
            ),
            "Set SECURE_HSTS_SECONDS, or `add_header Strict-Transport-Security … always;` in nginx.",
        )]),
    }
}
