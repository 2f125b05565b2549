use tightship_model::compose::Service;
use tightship_model::image::Healthcheck;
use tightship_model::{Check, Deployment, Outcome, Reference, Severity};

use super::what::{What, what};
use super::{image_of, is_one_shot, judge_together, serves_django};

pub(super) static CHECK: Check = Check {
    id: "compose/healthcheck-missing",
    title: "Nothing notices that a service hangs",
    severity: Severity::Low,
    needs: &[],
    items: &["X35"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://docs.docker.com/reference/compose-file/services/#healthcheck",
    )],
    doc: include_str!("healthcheck_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_together(
        deployment,
        "healthcheck",
        "these services are asked whether they work, or need not be",
        &|service| {
            let matters =
                matches!(what(service), What::Store(_)) || serves_django(deployment, service);
            matters && !is_one_shot(deployment, service) && !is_checked(deployment, service)
        },
        &|names| {
            format!(
                "{names} may hang and count as running: no health check is set, so nothing waits \
                 until it is ready and no monitor of Docker sees that it is not"
            )
        },
        "Set `healthcheck` in Compose, or HEALTHCHECK in the image.",
    )
}

fn is_checked(deployment: &Deployment, service: &Service) -> bool {
    if let Some(own) = &service.healthcheck {
        return own.is_disabled || own.test.is_some() || service.build.is_none();
    }
    match image_of(deployment, service) {
        Some(image) => {
            let check = image.config.healthcheck.as_ref();
            check.is_some_and(|check| matches!(check.value, Healthcheck::Test(_)))
        }
        // Docker's own images of databases bring none; those of others may.
        None => !matches!(what(service), What::Store(_)),
    }
}
