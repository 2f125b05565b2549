use tightship_model::compose::{ImageReference, Service};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::seen::{Seer, certbot, is_same};
use super::{evidence, finding, served};
use crate::compose::{image_of, start_words};
use crate::cross::label;
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "certbot/certificates-writable",
    title: "nginx may write the keys and the account of certbot",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B4.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.docker.com/engine/storage/volumes/#use-a-read-only-volume"),
        Reference::Cwe(732),
    ],
    doc: include_str!("certificates_writable.md"),
    run,
};

/// certbot's `--config-dir` by default.
const FOLDER: &str = "/etc/letsencrypt";

fn run(deployment: &Deployment) -> Outcome {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen = Vec::new();
    let Some((certbot @ Seer::Service(writer), _)) = certbot(deployment) else {
        return Outcome::NotApplicable("no service of Compose runs certbot".to_owned());
    };
    let compose = deployment.compose.as_ref();
    for one in served(deployment) {
        let Some(nginx @ Seer::Service(name)) = one.seer.filter(|seer| *seer != certbot) else {
            continue;
        };
        let Some(service) = compose.and_then(|compose| compose.service(name)) else {
            continue;
        };
        if is_same(deployment, (nginx, one.folder), (certbot, FOLDER)) != Some(true)
            || may_write(deployment, service)
        {
            continue;
        }
        let location = nginx.locate(deployment, one.folder);
        let Some(mount) = location.trail.first_span() else {
            continue;
        };
        if location.read_only {
            seen.push(evidence(
                format!("{name} can only read {}", one.folder),
                mount,
            ));
            continue;
        }
        let subject = format!("service:{name} {}", one.folder);
        if findings.iter().any(|known| known.subject == subject) {
            continue;
        }
        let mut labels = vec![label(mount, format!("{name} may write here"))];
        let writes = certbot.locate(deployment, FOLDER).trail.first_span();
        labels.extend(writes.map(|span| label(span, format!("what {writer} keeps here"))));
        labels.push(label(one.directive.heading_span(), "nginx reads alone"));
        findings.push(finding(
            subject,
            format!(
                "whoever breaks into {name} changes what {writer} runs: renewal/*.conf holds \
                 commands that certbot starts as root after a renewal, and nginx only needs to read \
                 the certificates"
            ),
            labels,
            "Add `:ro` to the mount of nginx.",
        ));
    }
    let otherwise = "nginx and certbot share no folder, or one that nginx writes itself";
    settled(findings, seen, Outcome::NotApplicable(otherwise.to_owned()))
}

/// Whether the container of nginx may lay certificates there itself, as far as its start and its
/// image tell: by scripts of the project, by openssl or by an ACME client.
fn may_write(deployment: &Deployment, service: &Service) -> bool {
    const WRITERS: [&str; 5] = ["openssl", "certbot", "acme", "lego", "dehydrated"];
    let is_writer =
        |word: &str| word.ends_with(".sh") || WRITERS.iter().any(|writer| word.contains(writer));
    let runs_at_start = |target: &str| target.starts_with("/docker-entrypoint.d");
    let is_stock = |image: &ImageReference| {
        matches!(image.short_name(), "nginx" | "nginxinc/nginx-unprivileged")
    };
    let is_unseen = match image_of(deployment, service) {
        Some(image) => {
            let has_script = image.copies().any(|copy| {
                let target = copy.destination.as_deref();
                copy.sources.iter().any(|word| is_writer(word)) || target.is_some_and(runs_at_start)
            });
            let base = image.base().and_then(|base| base.image());
            has_script || image.config.entrypoint.is_some() || !base.as_ref().is_some_and(is_stock)
        }
        None => service.build.is_some() || !service.reference().as_ref().is_some_and(is_stock),
    };
    let mut targets = service.mounts.iter().map(|mount| &mount.target.value);
    is_unseen
        || start_words(deployment, service).into_iter().any(is_writer)
        || targets.any(|target| runs_at_start(target))
}
