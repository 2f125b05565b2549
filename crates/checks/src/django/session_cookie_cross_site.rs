use tightship_model::{Check, Deployment, Need, Outcome, Reference, Safety, Severity, Value};

use super::sessions;
use crate::setting::{Demand, judge, shown};

pub(super) static CHECK: Check = Check {
    id: "django/session-cookie-cross-site",
    title: "The session cookie goes along with requests of other sites",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A2.6"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#session-cookie-samesite"),
        Reference::Cwe(1275),
    ],
    doc: include_str!("session_cookie_cross_site.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = sessions::absent(deployment) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SESSION_COOKIE_SAMESITE",
            refuses: &|value| {
                Some(match value {
                    Value::Str(text) => {
                        !["lax", "strict"].contains(&text.to_ascii_lowercase().as_str())
                    }
                    _ => true,
                })
            },
            message: &|value| {
                format!(
                    "SESSION_COOKIE_SAMESITE is {}: a form on any other site acts with the \
                     visitor's session, and only the CSRF token stands in its way",
                    shown(value)
                )
            },
            advice: "Set SESSION_COOKIE_SAMESITE to \"Lax\", which is Django's default.",
            django_id: None,
            mend: Some((Safety::Unsafe, "\"Lax\"")),
        },
    )
}
