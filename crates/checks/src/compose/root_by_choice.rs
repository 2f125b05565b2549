use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/root-by-choice",
    title: "Compose starts a container as root on purpose",
    severity: Severity::Medium,
    needs: &[],
    items: &["A13.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/reference/compose-file/services/#user"),
        Reference::Cwe(250),
    ],
    doc: include_str!("root_by_choice.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "no service is told to run as root", &judge)
}

fn judge(service: &Service) -> Vec<Finding> {
    let user = service.user.iter().filter(|user| {
        let name = user.value.split(':').next().unwrap_or_default().trim();
        user.open.is_empty() && matches!(name, "root" | "0")
    });
    user.map(|user| Finding {
        message: format!(
            "{} is started as root, whatever its image says: who breaks into it writes to every \
             volume and uses every hole of the kernel that needs root",
            service.name
        ),
        advice: "Delete `user`, or name a user of the image; give volumes to that user instead."
            .to_owned(),
        ..about(service, "user", &user.trail)
    })
    .collect()
}
