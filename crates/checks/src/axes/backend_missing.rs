use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{finding, pass, setting_value};
use crate::setting::{holds, unknown};

pub(super) static CHECK: Check = Check {
    id: "axes/backend-missing",
    title: "axes has no authentication backend",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3"],
    django_ids: &["axes.W003"],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/2_installation.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("backend_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(backends) = setting_value(deployment, "AUTHENTICATION_BACKENDS") else {
        return Outcome::NotApplicable("AUTHENTICATION_BACKENDS has no value".to_owned());
    };
    let ours = |path: &str| super::extends_backend(deployment, path);
    match backends.ask(&|value| holds(value, &ours)) {
        Answer::Yes(value) => pass("the backend of axes is listed", &value.trail),
        Answer::No(value) => {
            let mut finding = finding(
                "AUTHENTICATION_BACKENDS",
                &value.trail,
                "an attacker guesses passwords without end: axes counts the failures, and no \
                 backend in AUTHENTICATION_BACKENDS refuses the login"
                    .to_owned(),
                "Put \"axes.backends.AxesStandaloneBackend\" first in AUTHENTICATION_BACKENDS.",
            );
            finding.django_id = Some("axes.W003");
            Outcome::Fail(vec![finding])
        }
        Answer::Doubt(doubt) => unknown("AUTHENTICATION_BACKENDS", &doubt, &backends.trail),
    }
}
