use tightship_model::{
    Administrator, Check, Confidence, Deployment, Finding, MadeBy, Outcome, Program, Reference,
    Severity, SourceId, StepKind, Trail,
};

use super::at;
use crate::cross::label;
use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "env/admin-password-default",
    title: "A start script makes an administrator with a known password",
    severity: Severity::Critical,
    needs: &[],
    items: &["A4.3", "B4.6"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/django-admin/#createsuperuser"),
        Reference::Cwe(1392),
    ],
    doc: include_str!("admin_password_default.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut makers = deployment
        .facts
        .administrators
        .iter()
        .filter(|maker| is_run(deployment, maker))
        .peekable();
    if makers.peek().is_none() {
        return Outcome::NotApplicable("no start of the project makes an administrator".to_owned());
    }
    let findings: Vec<_> = makers.flat_map(|maker| judge(deployment, maker)).collect();
    if findings.is_empty() {
        return pass(
            "what makes an administrator has no password of its own",
            &Trail::default(),
        );
    }
    Outcome::Fail(findings)
}

/// A command of manage.py that no start names is a person's to run, and so is a script that only
/// files of developers name.
fn is_run(deployment: &Deployment, maker: &Administrator) -> bool {
    let command = match &maker.by {
        MadeBy::Command(command) => command,
        MadeBy::Script => return is_named(deployment, maker.span.source),
        MadeBy::Migration => return true,
    };
    let manages = |name: &str| name == command;
    deployment.processes.iter().any(|process| {
        matches!(&process.program, Program::Manage(name) if manages(name))
            || process
                .steps
                .iter()
                .any(|step| matches!(&step.kind, StepKind::Manage(name) if manages(name)))
    })
}

/// Whether a file of production names a script; true where none is known.
fn is_named(deployment: &Deployment, script: SourceId) -> bool {
    let is_image = |file: SourceId| deployment.images.iter().any(|image| image.file == file);
    let compose = deployment.compose.as_ref();
    if compose.is_none() && deployment.images.is_empty() {
        return true;
    }
    let path = &deployment.sources[script].path;
    let name = path.rsplit('/').next().unwrap_or(path);
    let starts = |id: SourceId, path: &str| {
        let file = path.rsplit('/').next().unwrap_or(path);
        let is_compose = file.ends_with(".yml") || file.ends_with(".yaml");
        id != script
            && match file.to_lowercase().contains("dockerfile") {
                true => is_image(id),
                false if is_compose => compose.is_some_and(|compose| {
                    compose.files.contains(&id) || compose.taken_in.contains(&id)
                }),
                false => ![".md", ".rst", ".txt"]
                    .iter()
                    .any(|end| file.ends_with(end)),
            }
    };
    let mut sources = deployment.sources.iter();
    sources.any(|(id, source)| {
        let is_joined = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
        let text = source.raw();
        starts(id, &source.path)
            && text.match_indices(name).any(|(at, _)| {
                !text[..at].ends_with(is_joined) && !text[at + name.len()..].starts_with(is_joined)
            })
    })
}

fn judge(deployment: &Deployment, maker: &Administrator) -> Vec<Finding> {
    let path = &deployment.sources[maker.span.source].path;
    maker
        .passwords
        .iter()
        .map(|password| {
            let variable = password.variable.as_deref();
            let mut finding = at(
                format!("script:{path} {}", variable.unwrap_or("create_superuser")),
                Some(password.span),
                "holds the password",
            );
            if maker.span != password.span {
                finding
                    .labels
                    .push(label(maker.span, "makes the administrator"));
            }
            let (how, advice) = match variable {
                Some(variable) => (
                    format!(
                        "{variable} has a value there, and the start makes an administrator with it \
                         where nobody sets another"
                    ),
                    format!(
                        "Let the start stop without it (`: \"${{{variable}:?}}\"`), or make the \
                         administrator by hand; change the password of the one that is there."
                    ),
                ),
                None => (
                    format!(
                        "{} makes an administrator with a password that stands in it",
                        maker_in_words(&maker.by)
                    ),
                    "Take the password from the environment and stop without it, or make the \
                     administrator by hand; change the password of the one that is there."
                        .to_owned(),
                ),
            };
            Finding {
                message: format!("whoever has read {path} logs in as administrator: {how}"),
                confidence: Confidence::Medium,
                advice,
                ..finding
            }
        })
        .collect()
}

fn maker_in_words(by: &MadeBy) -> &'static str {
    match by {
        MadeBy::Script => "the start",
        MadeBy::Migration => "`migrate`",
        MadeBy::Command(_) => "a command that the start runs",
    }
}
