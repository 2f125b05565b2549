use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::sessions;
use crate::setting::{Demand, falsy, judge, unless};

pub(super) static CHECK: Check = Check {
    id: "django/session-long",
    title: "Sessions last for months",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["X13"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#session-cookie-age"),
        Reference::Cwe(613),
    ],
    doc: include_str!("session_long.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = sessions::absent(deployment) {
        return outcome;
    }
    if let Some(outcome) = unless(
        deployment,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE",
        &falsy,
        "sessions end with the browser",
    ) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SESSION_COOKIE_AGE",
            refuses: &|value| Some(value.as_int()? > LONGEST),
            message: &|value| {
                format!(
                    "sessions last {} days: a cookie copied from a lost or shared machine opens \
                     the account for as long",
                    value.as_int().unwrap_or_default() / DAY
                )
            },
            advice: "Stay near Django's default of two weeks, shorter for staff.",
            django_id: None,
            mend: None,
        },
    )
}

/// Ninety days; NIST SP 800-63B section 4.1.3 asks for a new login every 30 at its lowest level, and
/// many shops keep carts for a season.
const LONGEST: i128 = 90 * DAY;
const DAY: i128 = 86_400;
