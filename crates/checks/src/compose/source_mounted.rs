use tightship_model::compose::{MountKind, Service};
use tightship_model::image::CopyFrom;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::{about, beside, image_of, judge_each, placed, runs_django};

pub(super) static CHECK: Check = Check {
    id: "compose/source-mounted",
    title: "The developers' source lies over the image in production",
    severity: Severity::Medium,
    needs: &[],
    items: &["B4.1"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/compose/how-tos/production/#modify-your-compose-file-for-production",
        ),
        Reference::Cwe(353),
    ],
    doc: include_str!("source_mounted.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_each(
        deployment,
        "every service runs the code of its image",
        &|service| judge(deployment, service),
    )
}

fn judge(deployment: &Deployment, service: &Service) -> Vec<Finding> {
    if service.build.is_none() && !runs_django(deployment, service) {
        return Vec::new();
    }
    let binds = service
        .mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Bind);
    binds
        .filter_map(|mount| Some((mount, mount.path.as_deref()?)))
        .filter(|(_, path)| holds_code(deployment, path))
        // A second mount of it says nothing new.
        .take(1)
        .map(|(mount, path)| {
            let shown = if path.is_empty() { "the whole repository" } else { path };
            let access = match mount.read_only {
                true => "what is deployed is whatever lies on the server, not the image that was tested",
                false => "what is deployed is whatever lies on the server, and who breaks in changes it for good",
            };
            let finding = Finding {
                message: format!(
                    "{} runs {shown} from the server over {} of the image: {access}",
                    service.name, mount.target.value
                ),
                advice: "Take the mount out; a change is a new image.".to_owned(),
                ..about(service, &format!("mount {}", mount.target.value), &placed(Some(mount.span), "mounts the source"))
            };
            let image = image_of(deployment, service);
            let copy = image.and_then(|image| {
                let mut copies = image.copies();
                copies.find(|copy| copy.from == CopyFrom::Context && copy.heredocs.is_empty())
            });
            beside(finding, copy.map(|copy| copy.span), "the image brings code of its own")
        })
        .collect()
}

/// Whether a folder of the repository holds Python code of the site.
fn holds_code(deployment: &Deployment, path: &str) -> bool {
    deployment.files.has_folder(path)
        && deployment.files.below(path).any(|file| {
            file.ends_with("manage.py") || file.ends_with("wsgi.py") || file.ends_with("/models.py")
        })
}
