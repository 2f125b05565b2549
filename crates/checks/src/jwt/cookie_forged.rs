use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, pass};
use crate::setting::{Judged, consider_value, falsy};

pub(super) static CHECK: Check = Check {
    id: "jwt/cookie-forged",
    title: "Other sites can act with the cookie that holds a token",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B3.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://dj-rest-auth.readthedocs.io/en/latest/configuration/settings/"),
        Reference::Cwe(352),
    ],
    doc: include_str!("cookie_forged.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = super::no_cookie(deployment) {
        return outcome;
    }
    let same_site = super::cookie_option(
        deployment,
        "JWT_AUTH_SAMESITE",
        Value::Str("Lax".to_owned()),
    );
    let sent_everywhere = |value: &Value| match value {
        Value::None | Value::Bool(false) => Some(true),
        value => Some(value.as_str()?.eq_ignore_ascii_case("none")),
    };
    const NAME: &str = "REST_AUTH.JWT_AUTH_SAMESITE";
    match consider_value(NAME, &same_site, &sent_everywhere) {
        Judged::Good(value) => {
            return pass("other sites' forms do not carry the cookie", &value.trail);
        }
        Judged::Open(outcome) => return outcome,
        Judged::Bad(_) => {}
    }
    const CSRF: &str = "REST_AUTH.JWT_AUTH_COOKIE_USE_CSRF";
    let csrf = super::cookie_option(deployment, "JWT_AUTH_COOKIE_USE_CSRF", Value::Bool(false));
    match consider_value(CSRF, &csrf, &falsy) {
        Judged::Good(value) => pass("requests with the cookie need a CSRF token", &value.trail),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let mut finding = finding(
                NAME,
                &same_site.trail,
                bad.worded(
                    "any page that a logged-in user opens acts in that user's name: \
                     JWT_AUTH_SAMESITE lets other sites send the cookie, and \
                     JWT_AUTH_COOKIE_USE_CSRF is off"
                        .to_owned(),
                ),
                "Set JWT_AUTH_COOKIE_USE_CSRF to True, or JWT_AUTH_SAMESITE to \"Lax\".",
            );
            finding.confidence = bad.confidence;
            Outcome::Fail(vec![finding])
        }
    }
}
