use tightship_model::{Answer, Check, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{finding, pass};
use crate::setting::{shown, unknown};

pub(super) static CHECK: Check = Check {
    id: "axes/lockout-without-address",
    title: "axes counts failures without the address that made them",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3"],
    django_ids: &["axes.W006"],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/4_configuration.html"),
        Reference::Cwe(645),
    ],
    doc: include_str!("lockout_without_address.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let parameters = super::lockout_parameters(deployment);
    let answer = parameters.ask(&|value| {
        let combinations = super::combinations(value)?;
        Some(
            !combinations
                .iter()
                .flatten()
                .any(|name| *name == "ip_address"),
        )
    });
    match answer {
        Answer::No(value) => pass("the client's address is counted", &value.trail),
        Answer::Yes(value) => {
            let by_name = super::combinations(&value.value).is_some_and(|combinations| {
                combinations.iter().flatten().any(|n| *n == "username")
            });
            let gain = match by_name {
                true => "anyone who knows a user name locks its owner out, from anywhere",
                false => "an attacker starts afresh with each guess by changing a request header",
            };
            let message = format!("{gain}: axes counts failures by {}", shown(&value.value));
            let mut finding = finding(
                "AXES_LOCKOUT_PARAMETERS",
                &value.trail,
                message,
                "Count the address too: AXES_LOCKOUT_PARAMETERS = [[\"username\", \"ip_address\"]].",
            );
            finding.django_id = Some("axes.W006");
            Outcome::Fail(vec![finding])
        }
        Answer::Doubt(doubt) => unknown("AXES_LOCKOUT_PARAMETERS", &doubt, &parameters.trail),
    }
}
