use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/profile-off",
    title: "A container runs without the filter of system calls",
    severity: Severity::High,
    needs: &[],
    items: &["A13.4", "X37"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/engine/security/seccomp/"),
        Reference::Cwe(693),
    ],
    doc: include_str!("profile_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "every service keeps Docker's profiles", &judge)
}

fn judge(service: &Service) -> Vec<Finding> {
    service
        .security_opt
        .iter()
        .filter_map(|text| {
            let option: String = text.value.replace('=', ":");
            let (key, value) = option.split_once(':')?;
            let is_off = match key {
                "seccomp" | "apparmor" => value == "unconfined",
                "label" => value == "disable",
                "systempaths" => value == "unconfined",
                _ => false,
            };
            is_off.then_some((text, key.to_owned()))
        })
        .map(|(text, key)| Finding {
            message: format!(
                "{} runs without Docker's {key} profile: a hole in the kernel that the profile \
                 shuts leads from it to the server",
                service.name
            ),
            advice: format!(
                "Take the option out, or give a {key} profile that allows the one call more."
            ),
            ..about(service, &format!("profile {key}"), &text.trail)
        })
        .collect()
}
