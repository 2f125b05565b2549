use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, pass};
use crate::setting::{Judged, consider_value, falsy};

pub(super) static CHECK: Check = Check {
    id: "jwt/rotation-without-blacklist",
    title: "Rotated refresh tokens stay valid",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B7.2"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://django-rest-framework-simplejwt.readthedocs.io/en/latest/settings.html#blacklist-after-rotation",
        ),
        Reference::Cwe(613),
    ],
    doc: include_str!("rotation_without_blacklist.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = super::absent(deployment) {
        return outcome;
    }
    let rotate = super::option(deployment, "ROTATE_REFRESH_TOKENS", Value::Bool(false));
    match consider_value("SIMPLE_JWT.ROTATE_REFRESH_TOKENS", &rotate, &Value::truthy) {
        Judged::Good(_) => {
            return Outcome::NotApplicable("refresh tokens are not rotated".to_owned());
        }
        Judged::Open(outcome) => return outcome,
        Judged::Bad(_) => {}
    }
    const NAME: &str = "SIMPLE_JWT.BLACKLIST_AFTER_ROTATION";
    let blacklist = super::option(deployment, "BLACKLIST_AFTER_ROTATION", Value::Bool(false));
    match consider_value(NAME, &blacklist, &falsy) {
        Judged::Good(value) => pass("a rotated refresh token is blacklisted", &value.trail),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => {
            let mut finding = finding(
                NAME,
                &rotate.trail,
                bad.worded(
                    "a thief keeps a refresh token alive for ever by renewing it in time, and the \
                     user's own renewals do not end it: refresh tokens are rotated and the old ones \
                     stay valid"
                        .to_owned(),
                ),
                "Set BLACKLIST_AFTER_ROTATION to True and install \
                 rest_framework_simplejwt.token_blacklist.",
            );
            finding.confidence = bad.confidence;
            Outcome::Fail(vec![finding])
        }
    }
}
