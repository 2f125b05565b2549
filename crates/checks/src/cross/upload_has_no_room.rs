use tightship_model::compose::{Mount, Service};
use tightship_model::nginx::bytes;
use tightship_model::{
    Check, Confidence, Deployment, Need, Outcome, Place, Reference, Severity, Span, Value,
};

use super::form_larger_than_proxy::{Limit, largest};
use super::front::Tally;
use super::{between, edges_to_django, label, ways_to_django};
use crate::package::value_of;
use crate::paths::{Relation, relation};
use crate::setting::overridden;

pub(super) static CHECK: Check = Check {
    id: "cross/upload-has-no-room",
    title: "Uploads that nginx lets through find no place to lie",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Nginx],
    items: &["B6.8"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#file-upload-temp-dir"),
        Reference::Django("topics/http/file-uploads/#where-uploaded-data-is-stored"),
        Reference::Url("https://docs.python.org/3/library/tempfile.html#tempfile.gettempdir"),
    ],
    doc: include_str!("upload_has_no_room.md"),
    run,
};

/// Where Python looks for a folder, in its order (`tempfile._candidate_tempdir_list`).
const PYTHONS: [&str; 3] = ["/tmp", "/var/tmp", "/usr/tmp"];

fn run(deployment: &Deployment) -> Outcome {
    if overridden(deployment, "MEDIA_ROOT").is_none() {
        return Outcome::NotApplicable("the site keeps no uploads in a folder".to_owned());
    }
    let in_memory = value_of(
        deployment,
        "FILE_UPLOAD_MAX_MEMORY_SIZE",
        "Django",
        Value::None,
    );
    let Some(in_memory) = in_memory.value.as_int() else {
        return Outcome::NotApplicable("FILE_UPLOAD_MAX_MEMORY_SIZE is not known".to_owned());
    };
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let limit = match largest(deployment, &edges) {
        Ok(Some(limit)) => limit,
        Ok(None) => return Outcome::NotApplicable("nginx hands nothing to Django".to_owned()),
        Err(outcome) => return outcome,
    };
    let mut tally = Tally::default();
    if limit.bytes != 0 && i128::from(limit.bytes) <= in_memory {
        let text = format!(
            "{} bytes at most pass nginx and stay in memory",
            limit.bytes
        );
        tally.holds(text, limit.span);
        return tally.outcome("");
    }
    let mut services: Vec<&Service> = Vec::new();
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            let found = way.targets.iter().filter_map(|target| target.service);
            services.extend(found);
        }
    }
    services.dedup_by(|a, b| a.name == b.name);
    for service in services {
        judge(deployment, service, &limit, in_memory, &mut tally);
    }
    tally.outcome("no container serves Django")
}

fn judge(
    deployment: &Deployment,
    service: &Service,
    limit: &Limit,
    in_memory: i128,
    tally: &mut Tally,
) {
    let own = overridden(deployment, "FILE_UPLOAD_TEMP_DIR");
    let own = own.filter(|own| own.value != Value::None);
    let folders: Vec<&str> = match own {
        Some(own) => match own.value.as_path() {
            Some(path) => vec![path],
            None => return tally.unseen("FILE_UPLOAD_TEMP_DIR is not known", limit.span),
        },
        None => PYTHONS.to_vec(),
    };
    let is_fixed = service
        .read_only
        .as_ref()
        .is_some_and(|text| text.as_bool() == Some(true));
    let places: Vec<_> = folders
        .iter()
        .filter_map(|folder| Some((*folder, deployment.locate(&service.name, folder)?)))
        .collect();
    let writable = places.iter().find(|(_, location)| {
        let is_of_image = matches!(location.place, Place::Image | Place::Copied(_));
        !(location.read_only || is_of_image && is_fixed)
    });
    // What Python takes last is the folder in which the server starts.
    let starts_in_mount = own.is_none()
        && service
            .mounts
            .iter()
            .any(|mount| is_workplace(service, mount));
    let subject = format!("service:{} uploads", service.name);
    let Some((folder, location)) = writable else {
        let place = service.read_only.as_ref().and_then(|text| text.span());
        let Some(place) = place.or(service.span).filter(|_| !starts_in_mount) else {
            return;
        };
        let message = format!(
            "each upload of more than {in_memory} bytes ends in an error of status 500: Django lays \
             it into {}, the container of {} is read-only, and nothing is mounted there",
            folders[0], service.name
        );
        return tally.fails(found(
            subject,
            message,
            place,
            "the container is read-only",
            limit,
            own,
        ));
    };
    let size = size_of(service, folder);
    match size.filter(|(size, _)| limit.bytes == 0 || *size < limit.bytes) {
        Some((size, span)) if matches!(location.place, Place::Tmpfs) => {
            let message = format!(
                "an upload of more than {size} bytes ends in an error of status 500: Django lays it \
                 into {folder} of {}, which holds no more",
                service.name
            );
            tally.fails(found(subject, message, span, "holds so much", limit, own));
        }
        _ => tally.holds(
            format!("uploads have room in {folder} of {}", service.name),
            limit.span,
        ),
    }
}

fn found(
    subject: String,
    message: String,
    span: Span,
    text: &str,
    limit: &Limit,
    own: Option<&tightship_model::Traced<Value>>,
) -> tightship_model::Finding {
    let trail = own.map(|own| own.trail.clone()).unwrap_or_default();
    let mut finding = between(
        subject,
        message,
        label(span, text),
        &trail,
        "Mount a tmpfs or a volume at FILE_UPLOAD_TEMP_DIR (/tmp where it is not set) that holds \
         the largest upload, or lower client_max_body_size.",
    );
    let lets = match limit.bytes {
        0 => "nginx takes requests of any size".to_owned(),
        bytes => format!("nginx takes requests of {bytes} bytes"),
    };
    finding.labels.push(label(limit.span, lets));
    // Whether the site really takes files of that size is not known.
    finding.confidence = Confidence::Medium;
    finding
}

/// The size of a tmpfs, where one is given.
fn size_of(service: &Service, folder: &str) -> Option<(u64, Span)> {
    let mut mounts = service.mounts.iter();
    let mount = mounts.find(|mount| mount.target.value.trim_end_matches('/') == folder)?;
    let mut options = mount.options.iter();
    let size = options.find(|option| option.key == "tmpfs.size")?;
    let size = size.value.known()?;
    Some((bytes(size).or_else(|| size.parse().ok())?, mount.span))
}

/// Whether the server starts in a writable mount, or may: where nothing names the folder, in one of
/// the project's own.
fn is_workplace(service: &Service, mount: &Mount) -> bool {
    let folder = service.working_dir.as_ref().map(|text| text.value.as_str());
    let is_there = match folder {
        Some(folder) => relation(folder, &mount.target.value)
            .is_some_and(|relation| relation != Relation::Contains),
        None => mount.path.is_some(),
    };
    is_there && !mount.read_only
}
