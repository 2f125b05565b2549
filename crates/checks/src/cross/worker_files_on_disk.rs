use tightship_model::compose::MountKind;
use tightship_model::{
    Check, Deployment, Evidence, Finding, Outcome, Place, Process, Program, Reference, Severity,
    Starter, Value,
};

use crate::compose::{about, services};
use crate::setting::{beside, together};

pub(super) static CHECK: Check = Check {
    id: "cross/worker-files-on-disk",
    title: "gunicorn keeps its heartbeats in a folder that is slow or not there",
    severity: Severity::Low,
    needs: &[],
    items: &["A10.1"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://docs.gunicorn.org/en/stable/settings.html#worker-tmp-dir",
    )],
    doc: include_str!("worker_files_on_disk.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let outcomes = services.into_iter().flat_map(|service| {
        let starter = Starter::Service(service.name.clone());
        let processes: Vec<&Process> = deployment.processes_of(&starter).collect();
        processes
            .into_iter()
            .filter(|process| process.program == Program::Gunicorn && process.rest.is_none())
            .filter_map(|process| judge(deployment, service, process))
            .collect::<Vec<_>>()
    });
    together(outcomes.chain([Outcome::NotApplicable(
        "Compose starts no gunicorn whose options are known".to_owned(),
    )]))
}

fn judge(
    deployment: &Deployment,
    service: &tightship_model::compose::Service,
    process: &Process,
) -> Option<Outcome> {
    let option = process.option("worker_tmp_dir")?;
    let folder = match &option.value.value {
        // Python's own choice: TMPDIR, or else /tmp.
        Value::None => "/tmp",
        value => value.as_str()?,
    };
    let location = deployment.locate(&service.name, folder)?;
    let in_memory = folder == "/dev/shm"
        || folder.starts_with("/dev/shm/")
        || folder == "/run"
        || location.place == Place::Tmpfs
        || service.mounts.iter().any(|mount| {
            mount.kind == MountKind::Tmpfs && mount.target.value.trim_end_matches('/') == folder
        });
    if in_memory {
        return Some(Outcome::Pass(vec![Evidence {
            text: format!("{} keeps heartbeats in memory", service.name),
            trail: option.value.trail.clone(),
        }]));
    }
    let is_read_only =
        location.read_only && matches!(location.place, Place::Image | Place::Copied(_));
    let trail = process.trail.clone();
    let finding = match is_read_only {
        true => Finding {
            message: format!(
                "{} does not start: gunicorn makes a file for each worker in {folder}, and the \
                 container's file system is read-only there",
                service.name
            ),
            severity: Some(Severity::High),
            advice: "Give it `tmpfs: [/tmp]` and `--worker-tmp-dir /dev/shm`.".to_owned(),
            ..about(service, "worker_tmp_dir", &trail)
        },
        false => Finding {
            message: format!(
                "while the disk is busy, gunicorn takes workers for dead and ends their requests: \
                 each worker of {} touches a file in {folder} again and again, which is on disk",
                service.name
            ),
            advice: "Start gunicorn with `--worker-tmp-dir /dev/shm`.".to_owned(),
            ..about(service, "worker_tmp_dir", &trail)
        },
    };
    let read_only = service.read_only.as_ref().filter(|_| is_read_only);
    let place = read_only.and_then(|flag| flag.trail.first_span());
    let finding = beside(finding, place, "makes it read-only");
    Some(Outcome::Fail(vec![finding]))
}
