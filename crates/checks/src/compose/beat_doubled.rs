use tightship_model::compose::Service;
use tightship_model::{
    Check, Deployment, Finding, Outcome, Process, Program, Reference, Severity, Starter, Trail,
    Value,
};

use super::{about, beside, replicas, replicas_place, services};
use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "compose/beat-doubled",
    title: "Celery's schedule runs more than once",
    severity: Severity::Medium,
    needs: &[],
    items: &["A10.2"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html#introduction",
    )],
    doc: include_str!("beat_doubled.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let beats: Vec<(&Service, &Process, u64)> = services
        .iter()
        .flat_map(|service| {
            let starter = Starter::Service(service.name.clone());
            let mut beats = deployment.processes_of(&starter).filter(|it| has_beat(it));
            // The branches of one script start one of them: a beat ends when its container does.
            let first = beats.next();
            let others =
                beats.filter(|other| Some(&other.program) != first.map(|one| &one.program));
            first
                .into_iter()
                .chain(others)
                .map(|process| (*service, process, replicas(service).unwrap_or(1)))
                .collect::<Vec<_>>()
        })
        .collect();
    let Some((service, process, _)) = beats.first() else {
        return Outcome::NotApplicable("Compose starts no celery beat".to_owned());
    };
    let count: u64 = beats.iter().map(|(.., replicas)| replicas).sum();
    if beats
        .iter()
        .any(|(_, process, _)| locks(deployment, process))
    {
        return pass("the scheduler keeps a lock of its own", &process.trail);
    }
    if count < 2 || !is_one_schedule(&beats) {
        return pass("one celery beat runs", &process.trail);
    }
    let mut finding = Finding {
        message: format!(
            "each task of the schedule is sent {count} times: mails go out twice and money is taken \
             twice, as {count} beats run and none knows of the other"
        ),
        advice: "Start one beat, in a service of its own with one replica, and no worker with -B."
            .to_owned(),
        ..about(service, "beat", &Trail::default())
    };
    for (service, process, replicas) in &beats {
        let text = match replicas {
            1 => format!("{} runs a beat", service.name),
            many => format!("{} runs a beat, {many} times", service.name),
        };
        let span = process.trail.first_span().or(service.span);
        finding = beside(finding, span, text);
        finding = beside(finding, replicas_place(service), "starts it so often");
    }
    Outcome::Fail(vec![finding])
}

fn has_beat(process: &Process) -> bool {
    let has_option = |name: &str| {
        let option = process.options.get(name);
        option.is_some_and(|option| option.value == Value::Bool(true))
    };
    match process.program {
        Program::CeleryBeat => true,
        Program::CeleryWorker => has_option("beat"),
        _ => false,
    }
}

/// Whether the scheduler sees to it that one beat works at a time, as redbeat does.
fn locks(deployment: &Deployment, process: &Process) -> bool {
    let scheduler = process.options.get("scheduler");
    let named = scheduler.is_some_and(|scheduler| {
        scheduler
            .value
            .as_str()
            .is_none_or(|path| path.contains("redbeat"))
    });
    named || deployment.packages.get("celery-redbeat").is_some()
}

/// Whether all beats are of one application: two projects have two schedules.
fn is_one_schedule(beats: &[(&Service, &Process, u64)]) -> bool {
    let mut applications = beats.iter().map(|(_, process, _)| {
        process
            .application
            .as_ref()
            .map(|application| &application.value)
    });
    let first = applications.next();
    applications.all(|application| Some(application) == first)
}
