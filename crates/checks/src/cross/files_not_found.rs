use tightship_model::compose::{MountKind, Service};
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Place, Reference, Severity,
    Trail,
};
use tightship_predict::ways::edges;

use super::served::{Folder, url_path};
use super::{between, label};
use crate::certbot::{are_same, in_words};
use crate::inside::{Inside, of_setting};
use crate::setting::{setting, together, told_once};

pub(super) static CHECK: Check = Check {
    id: "cross/files-not-found",
    title: "nginx looks for files where Django does not put them",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A5.1", "A5.2", "A5.3"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/static-files/deployment/"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#alias"),
    ],
    doc: include_str!("files_not_found.md"),
    run,
};

/// The settings of one kind of files, and what is lost without them.
struct Kind {
    url: &'static str,
    root: &'static str,
    loss: &'static str,
    does: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind {
        url: "STATIC_URL",
        root: "STATIC_ROOT",
        loss: "pages come without style and scripts",
        does: "collectstatic writes to",
    },
    Kind {
        url: "MEDIA_URL",
        root: "MEDIA_ROOT",
        loss: "what users upload is never found again",
        does: "uploads are written to",
    },
];

fn run(deployment: &Deployment) -> Outcome {
    let mut outcomes = Vec::new();
    for kind in &KINDS {
        let Some(url) = url_path(deployment, kind.url) else {
            continue;
        };
        let written = of_setting(deployment, kind.root);
        for edge in &edges(deployment) {
            let folders = Folder::all(edge);
            for folder in folders
                .iter()
                .filter(|folder| folder.answers(&url, &folders))
            {
                if folder.is_beside_django(deployment) {
                    outcomes.extend(judge(deployment, kind, folder, &url, &written));
                }
            }
        }
    }
    outcomes.push(Outcome::NotApplicable(
        "nginx serves neither STATIC_URL nor MEDIA_URL from a folder".to_owned(),
    ));
    told_once(together(outcomes), |one, other| {
        one.labels.first() == other.labels.first()
    })
}

fn judge<'a>(
    deployment: &'a Deployment,
    kind: &Kind,
    folder: &Folder<'_, 'a>,
    url: &str,
    written: &[Inside<'_>],
) -> Option<Outcome> {
    let service = folder.edge.service(deployment)?;
    // Where the file is not there, something else is asked.
    if !folder
        .leaf
        .scope
        .effective("try_files")
        .directives
        .is_empty()
    {
        return None;
    }
    let path = folder.file(url)?;
    let found = deployment.locate(&service.name, &path)?;
    let span = folder.directive.heading_span();
    let unknown = |reason: String| Outcome::Unknown {
        trail: Trail::at(span, reason.clone()),
        reason,
        remedy: format!("give nginx and Django one volume for {}", kind.root),
    };
    let Some(first) = written.first() else {
        return Some(unknown(format!(
            "where {} lies in a container is not told",
            kind.root
        )));
    };
    let same: Vec<Option<bool>> = written
        .iter()
        .map(|inside| are_same(deployment, &found.place, &inside.location.place))
        .collect();
    if same.contains(&Some(true)) {
        return Some(Outcome::Pass(vec![Evidence {
            text: format!("{url} is served from where {} is", kind.root),
            trail: Trail::at(span, "serves these files"),
        }]));
    }
    if same.contains(&None) || !is_told(deployment, service, &found.place) {
        return Some(unknown(format!(
            "whether {path} of nginx holds what is written to {} is not told",
            kind.root
        )));
    }
    if kind.root == "STATIC_ROOT" && may_be_copied(first, &found.place) {
        return Some(unknown(format!(
            "whether a step of the deployment copies what collectstatic made into the volume, which \
             {} has too, is not told",
            first.service.name
        )));
    }
    let setting = setting(deployment, kind.root)?.value.trail.clone();
    let mut finding = between(
        format!("nginx:{} {}", folder.leaf.scope.heading(), kind.root),
        format!(
            "{}: nginx looks for {url} in {}, and {} {} of {}",
            kind.loss,
            in_words(&found.place),
            kind.does,
            in_words(&first.location.place),
            first.service.name
        ),
        label(span, "nginx looks for the files here"),
        &setting,
        "Mount one volume at the folder that nginx serves and at the one that the setting names.",
    );
    for (location, text) in [
        (&found, "which is this"),
        (&first.location, "which is this for Django"),
    ] {
        finding
            .labels
            .extend(location.trail.first_span().map(|span| label(span, text)));
    }
    Some(Outcome::Fail(vec![Finding {
        confidence: Confidence::Medium,
        ..finding
    }]))
}

/// Whether the service that has the files has nginx's volume too, in another folder: people who mount
/// it there copy them by `docker compose exec` in a workflow or a guide.
fn may_be_copied(written: &Inside<'_>, place: &Place) -> bool {
    let Place::Volume {
        name: Some(volume), ..
    } = place
    else {
        return false;
    };
    // Where collectstatic writes into that volume itself, nothing needs to be copied.
    let writes_there = matches!(
        &written.location.place,
        Place::Volume { name: Some(own), .. } if own == volume
    );
    let mut mounts = written.service.mounts.iter();
    !writes_there
        && mounts.any(|mount| {
            let source = mount.source.as_ref().map(|source| &source.value);
            mount.kind == MountKind::Volume && !mount.read_only && source == Some(volume)
        })
}

/// Whether what nginx finds is told by files: an image of its own may hold the files from its build,
/// and a folder of the project those of a frontend, or of a collectstatic on the host.
fn is_told(deployment: &Deployment, service: &Service, place: &Place) -> bool {
    match place {
        Place::Image | Place::Copied(_) => {
            let stock = service
                .reference()
                .is_some_and(|image| image.short_name() == "nginx");
            stock && service.build.is_none()
        }
        Place::Repository(path) => {
            deployment.files.below(path).next().is_none() && !deployment.files.has_folder(path)
        }
        Place::Volume { name, .. } => name.is_some(),
        Place::Host(_) | Place::Tmpfs | Place::Unknown(_) => false,
    }
}
