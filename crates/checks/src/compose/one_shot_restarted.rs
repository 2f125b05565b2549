use tightship_model::compose::Service;
use tightship_model::{
    Check, Deployment, Finding, Label, Outcome, Program, Reference, Severity, Starter,
};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/one-shot-restarted",
    title: "A job that should run once is started again and again",
    severity: Severity::Low,
    needs: &[],
    items: &["B4.7"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://docs.docker.com/engine/containers/start-containers-automatically/",
    )],
    doc: include_str!("one_shot_restarted.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(deployment, "no job of one run is restarted", &|service| {
        judge(deployment, service).into_iter().collect()
    })
}

fn judge(deployment: &Deployment, service: &Service) -> Option<Finding> {
    let restart = service.restart.as_ref()?;
    let policy = restart.known()?;
    if !matches!(policy, "always" | "unless-stopped") {
        return None;
    }
    let starter = Starter::Service(service.name.clone());
    let mut processes = deployment.processes_of(&starter);
    let first = processes.next()?;
    let Program::Manage(command) = &first.program else {
        return None;
    };
    if processes.next().is_some() || !ENDS.contains(&command.as_str()) {
        return None;
    }
    let mut finding = Finding {
        message: format!(
            "{} runs `manage.py {command}` anew each time that it has ended, for ever, as `restart: \
             {policy}` makes of an end a start: the log is full of it, and what waits for its end \
             may wait in vain",
            service.name
        ),
        advice: "Set `restart: \"no\"`, or `on-failure`, for a job that ends.".to_owned(),
        ..about(service, "restart", &restart.trail)
    };
    finding
        .labels
        .extend(first.trail.first_span().map(|span| Label {
            span,
            text: "which ends".to_owned(),
        }));
    Some(finding)
}

/// Commands of Django that do one thing and end.
const ENDS: [&str; 8] = [
    "check",
    "collectstatic",
    "compilemessages",
    "createcachetable",
    "createsuperuser",
    "loaddata",
    "makemigrations",
    "migrate",
];
