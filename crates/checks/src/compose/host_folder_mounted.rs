use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::{about, judge_each, placed};

pub(super) static CHECK: Check = Check {
    id: "compose/host-folder-mounted",
    title: "A container reaches the server's own folders",
    severity: Severity::High,
    needs: &[],
    items: &["A13.4", "X38"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/engine/storage/bind-mounts/"),
        Reference::Cwe(552),
    ],
    doc: include_str!("host_folder_mounted.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "no folder of the server's system is mounted",
        &judge,
    )
}

fn judge(service: &Service) -> Vec<Finding> {
    service
        .mounts
        .iter()
        .filter_map(|mount| {
            let source = &mount.source.as_ref()?.value;
            let bare = source.trim_end_matches('/');
            let folder = if bare.is_empty() { "/" } else { bare };
            let (_, gain) = FOLDERS.iter().find(|(known, _)| *known == folder)?;
            // Monitors read these, and reading them gives little.
            let is_harmless = mount.read_only && matches!(folder, "/proc" | "/sys" | "/dev");
            (!is_harmless).then(|| {
                let access = if mount.read_only {
                    "reads"
                } else {
                    "reads and writes"
                };
                Finding {
                    message: format!(
                        "{} {access} {folder} of the server: who breaks into it {gain}",
                        service.name
                    ),
                    severity: Some(match (folder, mount.read_only) {
                        ("/", _) | (_, false) => Severity::Critical,
                        _ => Severity::High,
                    }),
                    advice: "Mount the one file or folder that is needed, read-only.".to_owned(),
                    ..about(
                        service,
                        &format!("mount {folder}"),
                        &placed(Some(mount.span), "is mounted"),
                    )
                }
            })
        })
        .collect()
}

/// Folders of a Linux system whose content is the system's or its users' own.
const FOLDERS: [(&str, &str); 16] = [
    ("/", "has every file of it, keys and passwords too"),
    ("/etc", "has its password hashes, keys and configuration"),
    ("/root", "has root's keys and history"),
    ("/home", "has the users' keys and files"),
    ("/boot", "has its kernel"),
    ("/dev", "has its disks"),
    ("/proc", "has the memory and secrets of its programs"),
    ("/sys", "changes its devices and kernel"),
    ("/run", "has the sockets of Docker and systemd"),
    ("/var/run", "has the sockets of Docker and systemd"),
    ("/var/lib", "has the data of everything that runs on it"),
    (
        "/var/lib/docker",
        "has the files of every container and volume",
    ),
    ("/usr", "has its programs"),
    ("/lib", "has its libraries"),
    ("/bin", "has its programs"),
    ("/etc/ssh", "has its keys and may add others"),
];
