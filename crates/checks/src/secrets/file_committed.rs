use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Outcome, Reference, Severity, Trail,
    names_a_secret,
};

use crate::compose::is_placeholder;
use crate::package::pass;
use crate::secret_files::{holds_secrets, is_data, is_known_to_be_harmless, is_of_shell};

pub(super) static CHECK: Check = Check {
    id: "secrets/file-committed",
    title: "A file with secrets is in the repository",
    severity: Severity::High,
    needs: &[],
    items: &["B1.10", "A1.2"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository",
        ),
        Reference::Cwe(538),
    ],
    doc: include_str!("file_committed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let suspects: Vec<&String> = deployment
        .files
        .paths
        .iter()
        .filter(|path| holds_secrets(path) && !is_for_development(path))
        .filter(|path| !is_known_to_be_harmless(deployment, path) && tells(deployment, path))
        .collect();
    let Some(first) = suspects.first() else {
        return Outcome::NotApplicable("no file with secrets lies in the folder".to_owned());
    };
    let Some(git) = &deployment.git else {
        return Outcome::Unknown {
            reason: format!(
                "whether {first} is committed is not known: the folder is no checkout of git"
            ),
            remedy: "run tightship in the checkout".to_owned(),
            trail: Trail::default(),
        };
    };
    let findings: Vec<Finding> = suspects
        .iter()
        .filter(|path| git.tracked.contains(**path))
        .map(|path| finding(deployment, path))
        .collect();
    match findings.is_empty() {
        true => pass("git keeps no file with secrets", &Trail::default()),
        false => Outcome::Fail(findings),
    }
}

fn finding(deployment: &Deployment, path: &str) -> Finding {
    let has = match is_data(path) {
        true => "the accounts and data of people",
        false => "the secrets",
    };
    let key = deployment.certbot.keys.iter().find(|key| key.path == path);
    let source = deployment.sources.by_path(path);
    let span = key.map(|key| key.span).or_else(|| {
        // The place of a file is its beginning: a line of it would show what it keeps.
        source.map(|source| tightship_model::Span::new(source, 0, 0))
    });
    Finding {
        subject: format!("file:{path}"),
        message: format!(
            "everyone who ever had the repository, a copy of it or an old laptop has {has} in \
             {path}, and taking the file out later leaves it in the history"
        ),
        severity: None,
        confidence: match is_data(path) {
            true => Confidence::Medium,
            false => Confidence::High,
        },
        labels: span
            .map(|span| Label {
                span,
                text: "git keeps this file".to_owned(),
            })
            .into_iter()
            .collect(),
        trail: Trail::default(),
        django_id: None,
        advice: format!(
            "Change every secret in it, `git rm --cached {path}`, and name it in .gitignore."
        ),
        fix: None,
    }
}

/// Whether a name says that the file is for developers' machines.
fn is_for_development(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let mut parts = path
        .split('/')
        .chain(name.split(['.', '-', '_']))
        .map(str::to_ascii_lowercase);
    parts.any(|part| {
        matches!(
            part.as_str(),
            "dev"
                | "development"
                | "local"
                | ".local"
                | "localhost"
                | "ci"
                | "demo"
                | "sandbox"
                | "snakeoil"
                | "testdata"
                | "testing"
        )
    })
}

/// Whether the content, as far as it was read, bears the name out: an environment file has a secret
/// that is no placeholder, a key is one without a passphrase.
fn tells(deployment: &Deployment, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    if is_data(path) {
        return true;
    }
    if name.ends_with(".key") || name.ends_with(".pem") {
        let mut keys = deployment.certbot.keys.iter();
        return keys.any(|key| key.path == path && !key.is_encrypted);
    }
    let Some(source) = deployment.sources.by_path(path) else {
        return !name.contains("env");
    };
    let text = deployment.sources[source].raw();
    text.lines().any(|line| {
        let (name, value) = line.split_once('=').unwrap_or_default();
        let value = value.trim().trim_matches(['"', '\'']);
        let name = name.trim().trim_start_matches("export ");
        names_a_secret(name) && !value.is_empty() && !is_placeholder(value) && !is_of_shell(value)
    })
}
