use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity, Value};

use crate::package::{finding, pass, value_of};
use crate::setting::{shown, unknown};

pub(super) static CHECK: Check = Check {
    id: "axes/counter-reset-by-login",
    title: "A login with an own account clears the count of failures",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/4_configuration.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("counter_reset_by_login.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let reset = value_of(
        deployment,
        "AXES_RESET_ON_SUCCESS",
        super::PACKAGE,
        Value::Bool(false),
    );
    match reset.ask(&Value::truthy) {
        Answer::No(value) => return pass("a login clears no failures", &value.trail),
        Answer::Doubt(doubt) => return unknown("AXES_RESET_ON_SUCCESS", &doubt, &reset.trail),
        Answer::Yes(_) => {}
    }
    let parameters = super::lockout_parameters(deployment);
    let nameless = parameters.ask(&|value| {
        let combinations = super::combinations(value)?;
        Some(
            combinations
                .iter()
                .any(|names| !names.contains(&"username")),
        )
    });
    match nameless {
        Answer::No(value) => pass("a login clears the failures of its own name", &value.trail),
        Answer::Yes(value) => Outcome::Fail(vec![finding(
            "AXES_RESET_ON_SUCCESS",
            &reset.trail,
            format!(
                "an attacker with an account guesses other passwords without end by logging in \
                 between the guesses: axes counts by {} and a login clears that count",
                shown(&value.value)
            ),
            "Count by [[\"username\", \"ip_address\"]], or leave AXES_RESET_ON_SUCCESS off.",
        )]),
        Answer::Doubt(doubt) => unknown("AXES_LOCKOUT_PARAMETERS", &doubt, &parameters.trail),
    }
}
