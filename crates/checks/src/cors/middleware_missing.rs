use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, is_or_extends, pass, value_of};
use crate::setting::{holds, unknown};

pub(super) static CHECK: Check = Check {
    id: "cors/middleware-missing",
    title: "The CORS settings have no middleware that reads them",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("corsheaders")],
    items: &["B3.1"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://github.com/adamchainz/django-cors-headers#setup",
    )],
    doc: include_str!("middleware_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let middleware = value_of(
        deployment,
        "MIDDLEWARE",
        "Django",
        Value::List(tightship_model::Items::default()),
    );
    let ours = |path: &str| is_or_extends(deployment, path, super::MIDDLEWARE);
    match middleware.ask(&|value| holds(value, &ours)) {
        Answer::Yes(value) => pass("the CORS middleware is listed", &value.trail),
        Answer::No(value) => Outcome::Fail(vec![finding(
            "MIDDLEWARE",
            &value.trail,
            "the frontend's requests fail in the browser, and the CORS settings decide nothing: \
             corsheaders.middleware.CorsMiddleware is not in MIDDLEWARE"
                .to_owned(),
            "Add the middleware, or remove the app and its settings.",
        )]),
        Answer::Doubt(doubt) => unknown("MIDDLEWARE", &doubt, &middleware.trail),
    }
}
