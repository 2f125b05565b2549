use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::sessions;
use crate::setting::{Demand, judge};

pub(super) static CHECK: Check = Check {
    id: "django/session-in-cookie",
    title: "Sessions live in cookies and cannot be ended",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["X13"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/http/sessions/#using-cookie-based-sessions"),
        Reference::Cwe(613),
    ],
    doc: include_str!("session_in_cookie.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = sessions::absent(deployment) {
        return outcome;
    }
    judge(
        deployment,
        &Demand {
            setting: "SESSION_ENGINE",
            refuses: &|value| {
                Some(value.as_str()? == "django.contrib.sessions.backends.signed_cookies")
            },
            message: &|_| {
                "sessions are kept in signed cookies: a stolen one works after the visitor signed \
                 out, and its content can be read"
                    .to_owned()
            },
            advice: "Keep sessions in the database or the cache, where signing out deletes them.",
            django_id: None,
            mend: None,
        },
    )
}
