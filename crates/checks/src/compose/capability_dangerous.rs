use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "compose/capability-dangerous",
    title: "A container is given rights over the server",
    severity: Severity::High,
    needs: &[],
    items: &["A13.4", "X37"],
    django_ids: &[],
    references: &[
        Reference::Url("https://man7.org/linux/man-pages/man7/capabilities.7.html"),
        Reference::Cwe(250),
    ],
    doc: include_str!("capability_dangerous.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "no service has a capability over the server",
        &judge,
    )
}

fn judge(service: &Service) -> Vec<Finding> {
    let added = service.cap_add.iter().filter_map(|text| {
        let name = text.value.trim().to_ascii_uppercase();
        let name = name.strip_prefix("CAP_").unwrap_or(&name).to_owned();
        let (_, severity, gain) = *DANGEROUS.iter().find(|(known, ..)| *known == name)?;
        Some((text, name, severity, gain))
    });
    added
        .map(|(text, name, severity, gain)| Finding {
            message: format!("{} has {name}: who breaks into it {gain}", service.name),
            severity: Some(severity),
            advice: format!(
                "Take {name} out of `cap_add`, or run what needs it in a service of its own."
            ),
            ..about(service, &format!("capability {name}"), &text.trail)
        })
        .collect()
}

/// Capabilities that lead out of a container, or let it see and change what others send
/// (capabilities(7); those that Docker gives every container are not among them).
const DANGEROUS: [(&str, Severity, &str); 12] = [
    (
        "ALL",
        Severity::Critical,
        "has every right of the server's root",
    ),
    (
        "SYS_ADMIN",
        Severity::Critical,
        "mounts the server's disks and leaves the container",
    ),
    (
        "SYS_MODULE",
        Severity::Critical,
        "loads code into the server's kernel",
    ),
    (
        "SYS_RAWIO",
        Severity::Critical,
        "writes to the server's memory and disks",
    ),
    (
        "DAC_READ_SEARCH",
        Severity::High,
        "reads every file of the server",
    ),
    (
        "SYS_PTRACE",
        Severity::High,
        "reads the memory of other programs, with their secrets",
    ),
    ("SYS_BOOT", Severity::High, "restarts the server"),
    (
        "SYS_TIME",
        Severity::Medium,
        "sets the server's clock, on which tokens and certificates stand",
    ),
    (
        "BPF",
        Severity::High,
        "watches and changes what the server's kernel does",
    ),
    (
        "NET_ADMIN",
        Severity::Medium,
        "changes routes and firewall of its network, and the server's with it where it shares that",
    ),
    (
        "MAC_ADMIN",
        Severity::High,
        "changes the server's access rules",
    ),
    (
        "SYSLOG",
        Severity::Medium,
        "reads the log of the server's kernel",
    ),
];
