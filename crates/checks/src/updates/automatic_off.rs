use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Outcome, Patching, Reference,
    Severity, Trail,
};

use crate::setting::finding_about;

pub(super) static CHECK: Check = Check {
    id: "updates/automatic-off",
    title: "The server is kept from installing security updates by itself",
    severity: Severity::Low,
    needs: &[],
    items: &["B9.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://wiki.debian.org/UnattendedUpgrades"),
        Reference::Url("https://dnf.readthedocs.io/en/latest/automatic.html"),
        Reference::Cwe(1329),
    ],
    doc: include_str!("automatic_off.md"),
    run,
};

const WHERE_TO_LOOK: &str = "look on the server whether unattended-upgrades or dnf-automatic runs, \
                             or sign the row";

fn run(deployment: &Deployment) -> Outcome {
    let (on, off): (Vec<&Patching>, Vec<_>) = deployment
        .documents
        .patching
        .iter()
        .partition(|patching| patching.is_on);
    match (on.first(), off.is_empty()) {
        (None, true) => Outcome::Unknown {
            reason: "no file of the repository says how the server gets its security updates"
                .to_owned(),
            remedy: WHERE_TO_LOOK.to_owned(),
            trail: Trail::default(),
        },
        (Some(on), true) => Outcome::Pass(vec![Evidence {
            text: "the server is told to install security updates by itself".to_owned(),
            trail: Trail::at(on.span, "has it do so"),
        }]),
        (Some(on), false) => Outcome::Unknown {
            reason: "one place has the server install security updates by itself, and another one \
                     switches that off"
                .to_owned(),
            remedy: WHERE_TO_LOOK.to_owned(),
            trail: Trail::at(on.span, "has it do so"),
        },
        (None, false) => Outcome::Fail(off.into_iter().map(finding).collect()),
    }
}

fn finding(off: &Patching) -> Finding {
    Finding {
        message:
            "a hole in the kernel, OpenSSH or OpenSSL that is known and mended stays open on the \
                  server until somebody remembers it: this switches its own security updates off"
                .to_owned(),
        confidence: Confidence::Medium,
        labels: vec![Label {
            span: off.span,
            text: "switches them off".to_owned(),
        }],
        advice:
            "Leave unattended-upgrades on, and choose the hour of its restarts; where images take \
                 its place, build them anew every week."
                .to_owned(),
        ..finding_about(
            "updates:system".to_owned(),
            &Trail::at(off.span, "switches them off"),
        )
    }
}
