use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, judge_each};

pub(super) static CHECK: Check = Check {
    id: "docker/development-server",
    title: "The image starts a developer's server",
    severity: Severity::High,
    needs: &[],
    items: &["A10.1", "B4.1"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/django-admin/#runserver"),
        Reference::Cwe(489),
    ],
    doc: include_str!("development_server.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if deployment.compose.is_some() || deployment.developers_compose.is_some() {
        return Outcome::NotApplicable(
            "what Compose starts is judged service by service".to_owned(),
        );
    }
    judge_each(
        deployment,
        "no image starts a developer's server",
        &|image| judge(deployment, image).into_iter().collect(),
    )
}

fn judge(deployment: &Deployment, image: &Image) -> Option<Finding> {
    let argv = image
        .config
        .cmd
        .iter()
        .chain(&image.config.entrypoint)
        .find(|argv| {
            let mut words = argv
                .value
                .words
                .iter()
                .flat_map(|word| word.split_whitespace());
            words.any(|word| matches!(word, "runserver" | "runserver_plus"))
        })?;
    Some(Finding {
        message: format!(
            "{} runs Django's own server: it was never audited, answers few requests at once and shows \
             code on errors",
            super::name(deployment, image)
        ),
        advice: "Start gunicorn, uvicorn or another server that was made for production."
            .to_owned(),
        ..about(deployment, image, "command", &argv.trail)
    })
}
