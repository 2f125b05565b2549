use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Outcome, Reference, Severity, Trail,
};

use crate::secret_files::{holds_secrets, is_known_to_be_harmless};
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "secrets/file-open-to-all",
    title: "Every user of the machine may read a file with secrets",
    severity: Severity::Low,
    needs: &[],
    items: &["A13.4", "B1.10"],
    django_ids: &[],
    references: &[
        Reference::Url("https://man7.org/linux/man-pages/man7/inode.7.html"),
        Reference::Cwe(732),
    ],
    doc: include_str!("file_open_to_all.md"),
    run,
};

/// `S_IROTH` and `S_IWOTH` of inode(7).
const OTHERS_READ: u32 = 0o004;
const OTHERS_WRITE: u32 = 0o002;

fn run(deployment: &Deployment) -> Outcome {
    let Some(git) = &deployment.git else {
        return Outcome::NotApplicable(
            "without a checkout of git nothing tells a server's own files from copied ones"
                .to_owned(),
        );
    };
    // What git keeps has the mode that it was checked out with, here and now.
    let own = deployment.files.modes.iter().filter(|(path, _)| {
        holds_secrets(path)
            && !git.tracked.contains(*path)
            && !is_known_to_be_harmless(deployment, path)
    });
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    for (path, mode) in own {
        match who(*mode) {
            Some(who) => findings.push(finding(path, *mode, who)),
            None => evidence.push(Evidence {
                text: format!("{path} has the mode {mode:03o}"),
                trail: Trail::default(),
            }),
        }
    }
    settled(
        findings,
        evidence,
        Outcome::NotApplicable("no file with secrets lies here that git does not keep".to_owned()),
    )
}

/// What a mode lets users do who are neither the owner nor of the group.
fn who(mode: u32) -> Option<&'static str> {
    match (mode & OTHERS_READ != 0, mode & OTHERS_WRITE != 0) {
        (_, true) => Some("changes"),
        (true, false) => Some("reads"),
        (false, false) => None,
    }
}

fn finding(path: &str, mode: u32, does: &str) -> Finding {
    Finding {
        subject: format!("file:{path}"),
        message: format!(
            "every user of this machine, and every program that breaks out of its account, {does} \
             the secrets in {path}: its mode is {:03o}",
            mode & 0o777
        ),
        severity: (does == "changes").then_some(Severity::High),
        confidence: Confidence::Medium,
        labels: Vec::new(),
        trail: Trail::default(),
        django_id: None,
        advice: format!("`chmod 600 {path}`, or 640 with a group of its own."),
        fix: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_others_count() {
        for (mode, expected) in [
            (0o600, None),
            (0o640, None),
            (0o660, None),
            (0o644, Some("reads")),
            (0o666, Some("changes")),
            (0o602, Some("changes")),
            (0o100_600, None),
        ] {
            assert_eq!(who(mode), expected, "{mode:o}");
        }
    }
}
