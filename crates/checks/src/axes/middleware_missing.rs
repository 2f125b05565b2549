use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{finding, is_or_extends, pass, strings, value_of};
use crate::setting::{holds, unknown};

pub(super) static CHECK: Check = Check {
    id: "axes/middleware-missing",
    title: "axes has no middleware",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3"],
    django_ids: &["axes.W002"],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/2_installation.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("middleware_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let middleware = value_of(deployment, "MIDDLEWARE", "Django", super::empty());
    let ours = |path: &str| is_or_extends(deployment, path, super::MIDDLEWARE);
    match middleware.ask(&|value| holds(value, &ours)) {
        Answer::Yes(value) => {
            let own =
                strings(&value.value).is_some_and(|names| !names.contains(&super::MIDDLEWARE));
            let text = match own {
                true => {
                    "a middleware of the project extends that of axes (axes.W002 asks for \
                         axes' own and reports this)"
                }
                false => "the middleware of axes is listed",
            };
            pass(text, &value.trail)
        }
        Answer::No(value) => {
            let mut finding = finding(
                "MIDDLEWARE",
                &value.trail,
                "a locked-out visitor gets the login form's usual answer and goes on guessing \
                 through views that do not ask axes, as those of REST framework: \
                 axes.middleware.AxesMiddleware is not in MIDDLEWARE"
                    .to_owned(),
                "Put \"axes.middleware.AxesMiddleware\" at the end of MIDDLEWARE.",
            );
            finding.django_id = Some("axes.W002");
            Outcome::Fail(vec![finding])
        }
        Answer::Doubt(doubt) => unknown("MIDDLEWARE", &doubt, &middleware.trail),
    }
}
