use tightship_model::{
    Check, Confidence, Deployment, Divergence, Finding, Label, Outcome, Reference, Severity, Trail,
};

use crate::cross::label;
use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "env/value-read-differently",
    title: "A variable holds one text for Compose and another for who reads the same file",
    severity: Severity::Medium,
    needs: &[],
    items: &["B4.5"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax",
        ),
        Reference::Url("https://saurabh-kumar.com/python-dotenv/#file-format"),
        Reference::Url("https://django-environ.readthedocs.io/en/latest/tips.html"),
    ],
    doc: include_str!("value_read_differently.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let given = deployment
        .compose
        .iter()
        .flat_map(|compose| &compose.services);
    if !given.clone().any(|service| !service.env_files.is_empty()) {
        return Outcome::NotApplicable(
            "Compose hands no file of variables to a service".to_owned(),
        );
    }
    let findings: Vec<Finding> = deployment
        .divergences
        .iter()
        .map(|it| finding(deployment, it))
        .collect();
    match findings.is_empty() {
        false => Outcome::Fail(findings),
        true => pass(
            "who else reads the files of Compose reads the same in them",
            &Trail::default(),
        ),
    }
}

fn finding(deployment: &Deployment, divergence: &Divergence) -> Finding {
    let Divergence {
        name,
        span,
        reader,
        compose,
        other,
    } = divergence;
    let handed: Option<Label> = deployment
        .compose
        .iter()
        .flat_map(|compose| &compose.services)
        .flat_map(|service| &service.env_files)
        .find(|file| file.path.as_deref() == Some(deployment.sources[span.source].path.as_str()))
        .map(|file| label(file.span, "Compose hands the file on"));
    let mut labels = vec![label(*span, format!("is not the same to {reader}"))];
    labels.extend(handed);
    Finding {
        subject: format!("variable:{name}"),
        message: format!(
            "what works in the container fails by hand, or the other way round: {name} is {compose} \
             to Compose and {other} to {reader}, which reads the same file"
        ),
        severity: None,
        confidence: Confidence::Medium,
        labels,
        trail: Trail::at(*span, format!("sets {name}")),
        django_id: None,
        advice: "Write it so that all read one text: no spaces around =, single quotes around a \
                 value with #, $ or spaces where all readers know them, or a secret without such \
                 characters."
            .to_owned(),
        fix: None,
    }
}
