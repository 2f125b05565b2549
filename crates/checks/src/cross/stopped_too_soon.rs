use tightship_model::{Check, Deployment, Outcome, Program, Reference, Severity};
use tightship_predict::ways::service_of;

use super::front::Tally;
use super::{between, label};

pub(super) static CHECK: Check = Check {
    id: "cross/stopped-too-soon",
    title: "Docker kills workers that were given time to finish",
    severity: Severity::Low,
    needs: &[],
    items: &["X34"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/reference/compose-file/services/#stop_grace_period",
        ),
        Reference::Url("https://docs.gunicorn.org/en/stable/settings.html#graceful-timeout"),
    ],
    doc: include_str!("stopped_too_soon.md"),
    run,
};

/// Seconds between SIGTERM and SIGKILL where nothing is said (Compose specification).
const GRACE: u64 = 10;

fn run(deployment: &Deployment) -> Outcome {
    let mut tally = Tally::default();
    for process in &deployment.processes {
        let (Some(service), Some(name)) =
            (service_of(deployment, process), patience(&process.program))
        else {
            continue;
        };
        let Some(option) = process.option(name) else {
            continue;
        };
        let grace = service.stop_grace_period.as_ref();
        // With neither set nobody has thought about it, and few requests take ten seconds.
        let Some(place) = option
            .value
            .trail
            .first_span()
            .or(grace.and_then(|grace| grace.span()))
        else {
            continue;
        };
        let program = process.program.name();
        let Some(works) = option
            .value
            .value
            .as_int()
            .and_then(|it| u64::try_from(it).ok())
        else {
            if option.is_set {
                tally.unseen(format!("{name} of {program} is not known"), place);
            }
            continue;
        };
        let waits = match grace {
            None => GRACE,
            Some(grace) => match grace.known().and(grace.as_nanoseconds()) {
                Some(nanoseconds) => nanoseconds / 1_000_000_000,
                None => {
                    tally.unseen("stop_grace_period is not known", place);
                    continue;
                }
            },
        };
        if works <= waits {
            tally.holds(
                format!("{program} has {works} s, Docker waits {waits} s"),
                place,
            );
            continue;
        }
        let compose = grace.and_then(|grace| grace.span()).or(service.span);
        let by = match grace {
            Some(_) => "stop_grace_period",
            None => "Docker's default, as stop_grace_period is not set",
        };
        let own = option
            .value
            .trail
            .first_span()
            .or(process.trail.first_span());
        let mut finding = between(
            format!("service:{} stop_grace_period", service.name),
            format!(
                "each deployment cuts off orders and uploads under way: {program} lets workers \
                 finish for {works} s, and Docker kills them after {waits} s ({by})"
            ),
            label(
                compose.unwrap_or(place),
                format!("{waits} s until the kill"),
            ),
            &tightship_model::Trail::default(),
            "Set stop_grace_period of the service a few seconds above the server's own patience.",
        );
        finding
            .labels
            .extend(own.map(|span| label(span, format!("{works} s to finish"))));
        tally.fails(finding);
    }
    tally.outcome("nothing says how long a server of the Compose file may take to end")
}

/// The option by which a server gives its workers time to finish.
fn patience(program: &Program) -> Option<&'static str> {
    match program {
        Program::Gunicorn | Program::Hypercorn => Some("graceful_timeout"),
        Program::Uvicorn => Some("timeout_graceful_shutdown"),
        _ => None,
    }
}
