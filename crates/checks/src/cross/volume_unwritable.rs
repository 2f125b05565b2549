use tightship_model::image::Image;
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Place, Reference, Severity,
    Span, Trail, Value,
};

use super::{between, label};
use crate::compose::image_of;
use crate::inside::{Inside, of_setting};
use crate::setting::{setting, together, told_once};

pub(super) static CHECK: Check = Check {
    id: "cross/volume-unwritable",
    title: "The site may not write to its own volume",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A5.1", "A5.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/engine/storage/volumes/#populate-a-volume-using-a-container",
        ),
        Reference::Url("https://docs.docker.com/reference/dockerfile/#user"),
    ],
    doc: include_str!("volume_unwritable.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcomes = ["STATIC_ROOT", "MEDIA_ROOT"].into_iter().flat_map(|name| {
        let insides = of_setting(deployment, name);
        insides
            .into_iter()
            .filter_map(|inside| judge(deployment, name, &inside))
            .collect::<Vec<_>>()
    });
    let none = Outcome::NotApplicable(
        "no service writes static files or uploads to a volume as a user that its image names"
            .to_owned(),
    );
    told_once(together(outcomes.chain([none])), |one, other| {
        one.subject == other.subject
    })
}

fn judge(deployment: &Deployment, name: &str, inside: &Inside<'_>) -> Option<Outcome> {
    let Place::Volume {
        name: Some(volume), ..
    } = &inside.location.place
    else {
        return None;
    };
    let image = image_of(deployment, inside.service)?;
    let (user, said) = user(inside, image)?;
    let mount = inside.location.trail.first_span()?;
    if matches!(user, "root" | "0" | "0:0" | "root:root") {
        return None;
    }
    if gives_away(image) {
        return Some(Outcome::Pass(vec![Evidence {
            text: format!(
                "the image of {} gives folders to its user",
                inside.service.name
            ),
            trail: Trail::at(mount, "mounts the volume"),
        }]));
    }
    let root = setting(deployment, name)?.value.trail.clone();
    let mut finding = between(
        format!("settings:{name} {volume}"),
        format!(
            "{} fails with \"Permission denied\": {} runs as {user}, and Docker makes the volume \
             {volume} at {} for root, as nothing in the image gives a folder away",
            if name == "STATIC_ROOT" {
                "collectstatic"
            } else {
                "each upload"
            },
            inside.service.name,
            inside.path
        ),
        label(mount, "mounts the volume"),
        &root,
        "Make the folder in the image before USER and give it to the user (`install -d -o shop \
         /srv/media`): an empty volume takes over its owner.",
    );
    finding
        .labels
        .extend(said.map(|span| label(span, format!("runs as {user}"))));
    Some(Outcome::Fail(vec![Finding {
        confidence: Confidence::Medium,
        ..finding
    }]))
}

/// Who runs the service: Compose's word, or the image's.
fn user<'a>(inside: &Inside<'a>, image: &'a Image) -> Option<(&'a str, Option<Span>)> {
    if let Some(user) = &inside.service.user {
        return Some((user.known()?, user.span()));
    }
    let user = image.config.user.as_ref()?;
    match &user.value {
        Value::Str(name) => Some((name, user.trail.first_span())),
        _ => None,
    }
}

/// Whether an instruction gives something away to a user: it may be this folder. What a script or a
/// heredoc does is not followed.
fn gives_away(image: &Image) -> bool {
    let by_run = image.runs().any(|run| {
        let words = run.argv.words.join(" ");
        let is_followed = run.heredocs.is_empty() && !words.contains(".sh");
        !is_followed
            || ["chown", "chmod", "install -", "tmpfiles"]
                .iter()
                .any(|word| words.contains(word))
    });
    by_run
        || image
            .copies()
            .any(|copy| copy.chown.is_some() || copy.chmod.is_some())
}
