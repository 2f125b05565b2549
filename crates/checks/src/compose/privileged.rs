use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/privileged",
    title: "A container is the server: it runs privileged",
    severity: Severity::Critical,
    needs: &[],
    items: &["A13.4", "X37"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/reference/compose-file/services/#privileged"),
        Reference::Cwe(250),
    ],
    doc: include_str!("privileged.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "no service is privileged", &judge)
}

fn judge(service: &Service) -> Vec<Finding> {
    let own = service.privileged.iter();
    let at_build = service
        .build
        .iter()
        .filter_map(|build| build.privileged.as_ref());
    own.map(|text| (text, "runs"))
        .chain(at_build.map(|text| (text, "is built")))
        .filter(|(text, _)| text.as_bool() == Some(true))
        .map(|(text, how)| Finding {
            message: format!(
                "{} {how} with every capability and device of the server: who breaks into it, by a \
                 hole in Django or in a package, owns the machine and all containers on it",
                service.name
            ),
            advice: "Take `privileged` out; where one right is needed, name it in `cap_add`."
                .to_owned(),
            ..about(service, "privileged", &text.trail)
        })
        .collect()
}
