use tightship_model::{
    Answer, Check, Deployment, Need, Outcome, Reference, Severity, Trail, Value,
};

use crate::package::{finding, pass, value_of};
use crate::setting::unknown;

pub(super) static CHECK: Check = Check {
    id: "axes/switched-off",
    title: "axes is installed and switched off",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/4_configuration.html"),
        Reference::Cwe(307),
    ],
    doc: include_str!("switched_off.md"),
    run,
};

const SWITCHES: [(&str, &str); 2] = [
    ("AXES_ENABLED", "counts no failed login"),
    (
        "AXES_LOCK_OUT_AT_FAILURE",
        "counts failed logins and locks nobody out",
    ),
];

fn run(deployment: &Deployment) -> Outcome {
    let mut findings = Vec::new();
    for (name, effect) in SWITCHES {
        let value = value_of(deployment, name, super::PACKAGE, Value::Bool(true));
        match value.ask(&Value::truthy) {
            Answer::Yes(_) => {}
            Answer::No(value) => findings.push(finding(
                name,
                &value.trail,
                format!(
                    "an attacker guesses passwords without end: {name} is off, so axes {effect}"
                ),
                "Remove the line, or switch axes off only in development and tests.",
            )),
            Answer::Doubt(doubt) => return unknown(name, &doubt, &value.trail),
        }
    }
    if findings.is_empty() {
        return pass("axes is on", &Trail::default());
    }
    Outcome::Fail(findings)
}
