use tightship_model::{Check, Deployment, Finding, Image, Outcome, Reference, Severity};

use super::{about, images, judge_each, start_text};

pub(super) static CHECK: Check = Check {
    id: "docker/runs-as-root",
    title: "The image runs as root",
    severity: Severity::Medium,
    needs: &[],
    items: &["A13.4", "X35"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/build/building/best-practices/#user"),
        Reference::Cwe(250),
    ],
    doc: include_str!("runs_as_root.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut own_users = Vec::new();
    if let Some(image) = images(deployment)
        .iter()
        .find(|image| base_user(image).is_none() && image.config.user.is_none())
    {
        own_users.push(*image);
    }
    let outcome = judge_each(
        deployment,
        "every image runs as a user of its own",
        &|image| judge(deployment, image).into_iter().collect(),
    );
    match (outcome, own_users.first()) {
        (Outcome::Pass(_), Some(image)) => Outcome::Unknown {
            reason: format!(
                "which user {} runs as is not known: its base image decides",
                super::name(deployment, image)
            ),
            remedy: "name a USER in the Dockerfile".to_owned(),
            trail: tightship_model::Trail::default(),
        },
        (outcome, _) => outcome,
    }
}

fn judge(deployment: &Deployment, image: &Image) -> Option<Finding> {
    let is_root = match &image.config.user {
        // nginx and its like begin as root and go down, whether a USER says so or not.
        Some(user) => is_root_name(user.value.as_str()?) && base_user(image) != Some(false),
        None => base_user(image)?,
    };
    if !is_root || drops_rights(deployment, image) || compose_changes_it(deployment, image) {
        return None;
    }
    let trail = match &image.config.user {
        Some(user) => user.trail.clone(),
        None => {
            tightship_model::Trail::at(image.base()?.span, "begins as root, and no USER follows")
        }
    };
    Some(Finding {
        message: format!(
            "{} runs as root: who breaks in changes the program, writes to every volume and \
             uses holes of the kernel that only root can",
            super::name(deployment, image)
        ),
        advice: "Make a user with a fixed number and end the Dockerfile with USER.".to_owned(),
        ..about(deployment, image, "user", &trail)
    })
}

fn is_root_name(user: &str) -> bool {
    matches!(user.split(':').next(), Some("root" | "0"))
}

/// Whether the base begins as root; `None` for images of others, which may have a user of theirs.
fn base_user(image: &Image) -> Option<bool> {
    let base = image.base()?;
    if base.is_scratch() {
        return Some(true);
    }
    let reference = base.image()?;
    // Their entry points or masters go down to a user of their own.
    const GO_DOWN: [&str; 9] = [
        "nginx",
        "postgres",
        "redis",
        "mysql",
        "mariadb",
        "mongo",
        "rabbitmq",
        "memcached",
        "httpd",
    ];
    let name = reference.short_name();
    match reference.repository.starts_with("library/") {
        true => Some(!GO_DOWN.contains(&name)),
        false => None,
    }
}

/// Whether what the image starts goes down to another user by itself.
fn drops_rights(deployment: &Deployment, image: &Image) -> bool {
    let text = start_text(deployment, image);
    DROPPERS.iter().any(|word| text.contains(word))
}

/// Whether every service that runs the image has a user of its own in Compose.
fn compose_changes_it(deployment: &Deployment, image: &Image) -> bool {
    let services: Vec<_> = super::services_of(deployment, image).collect();
    !services.is_empty()
        && services.iter().all(|service| {
            let user = service.user.as_ref();
            user.is_some_and(|user| !user.value.is_empty() && !is_root_name(&user.value))
        })
}

/// Programs and options that change the user at the start.
const DROPPERS: [&str; 14] = [
    "gosu",
    "su-exec",
    "setpriv",
    "runuser",
    "su -",
    "su - ",
    "su ${",
    "chroot --userspec",
    "s6-setuidgid",
    "setuidgid",
    "--user=",
    "--user ",
    "--uid",
    "supervisord",
];
