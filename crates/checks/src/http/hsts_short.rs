use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::hsts::{NAME, Policy, judged};
use super::look::{page, shown};

pub(super) static CHECK: Check = Check {
    id: "http/hsts-short",
    title: "Browsers forget or ignore the site's Strict-Transport-Security",
    severity: Severity::Medium,
    needs: &[Need::Site, Need::Thresholds],
    items: &["A2.4", "B1.8", "B15.5"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "6.1"),
        Reference::Django("ref/settings/#secure-hsts-seconds"),
    ],
    doc: include_str!("hsts_short.md"),
    run,
};

const ADVICE: &str = "Send `Strict-Transport-Security: max-age=31536000; includeSubDomains` once, \
                      from one place.";

fn run(deployment: &Deployment) -> Outcome {
    let seen = match page(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    if let Some(outcome) = judged(&seen) {
        return outcome;
    }
    // Browsers keep to the first one (RFC 6797, section 8.1).
    let Some(value) = seen.answer.value(NAME) else {
        return Outcome::NotApplicable(format!("{NAME} is not sent at all"));
    };
    let least = deployment.policy.hsts_seconds;
    match Policy::parse(value) {
        None => Outcome::Fail(vec![seen.on_header(
            NAME,
            format!(
                "browsers ignore the header, as it is malformed: {:?}",
                shown(value)
            ),
            ADVICE,
        )]),
        Some(Policy { max_age: 0, .. }) => Outcome::Fail(vec![seen.on_header(
            NAME,
            "max-age=0 tells browsers to forget that the site speaks HTTPS".to_owned(),
            ADVICE,
        )]),
        Some(policy) if policy.max_age < least => Outcome::Fail(vec![seen.on_header(
            NAME,
            format!(
                "it lasts {} s and the policy asks for {least} s: a visitor who stays away longer \
                 comes back over plain HTTP",
                policy.max_age
            ),
            ADVICE,
        )]),
        Some(policy) => seen.holds(format!("it lasts {} s", policy.max_age), NAME),
    }
}
