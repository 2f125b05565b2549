use tightship_model::{
    Answer, Check, Confidence, Deployment, Need, Outcome, Reference, Severity, Value,
};

use crate::package::{finding, pass, value_of};
use crate::setting::{holds, unknown};

pub(super) static CHECK: Check = Check {
    id: "allauth/middleware-missing",
    title: "allauth stops the site for want of its middleware",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App(super::APP)],
    items: &[],
    django_ids: &[],
    references: &[Reference::Url(
        "https://docs.allauth.org/en/latest/installation/quickstart.html",
    )],
    doc: include_str!("middleware_missing.md"),
    run,
};

const MIDDLEWARE: &str = "allauth.account.middleware.AccountMiddleware";
/// The version that asks for it first.
const ASKS_SINCE: (u32, u32, u32) = (0, 56, 0);
/// The oldest Django that this version installs with (setup.cfg of django-allauth 0.56.0).
const NEEDS_DJANGO: (u32, u32) = (3, 2);

fn run(deployment: &Deployment) -> Outcome {
    let release = super::release(deployment);
    if release.is_some_and(|release| release < ASKS_SINCE) {
        return Outcome::NotApplicable("this version of allauth has no middleware".to_owned());
    }
    let django = deployment.settings.as_ref().map(|settings| settings.django);
    if release.is_none() && django.is_some_and(|django| django < NEEDS_DJANGO) {
        return Outcome::NotApplicable(
            "no version of allauth for this Django has a middleware".to_owned(),
        );
    }
    let middleware = value_of(
        deployment,
        "MIDDLEWARE",
        "Django",
        Value::List(tightship_model::Items::default()),
    );
    match middleware.ask(&|value| holds(value, &|path| path == MIDDLEWARE)) {
        Answer::Yes(value) => pass("the middleware of allauth is listed", &value.trail),
        Answer::Doubt(doubt) => unknown("MIDDLEWARE", &doubt, &middleware.trail),
        Answer::No(value) => {
            let mut finding = finding(
                "MIDDLEWARE",
                &value.trail,
                format!(
                    "the site does not start: allauth raises an error, as {MIDDLEWARE} is not in MIDDLEWARE"
                ),
                "Add \"allauth.account.middleware.AccountMiddleware\" to MIDDLEWARE.",
            );
            if release.is_none() {
                finding.confidence = Confidence::Medium;
            }
            Outcome::Fail(vec![finding])
        }
    }
}
