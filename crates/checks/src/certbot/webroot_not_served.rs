use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Span};
use tightship_predict::nginx::{Handler, Leaf, Matcher};
use tightship_predict::ways::edges;

use super::seen::{Seer, certbot, in_words, is_same};
use super::{evidence, finding, seer_of, unknown};
use crate::cross::acme_challenge_lost;
use crate::cross::label;
use crate::told::places_of;

pub(super) static CHECK: Check = Check {
    id: "certbot/webroot-not-served",
    title: "nginx does not see the files that certbot proves the domain with",
    severity: Severity::Critical,
    needs: &[Need::Nginx],
    items: &["B4.3", "B4.2", "A8.4", "B17.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://eff-certbot.readthedocs.io/en/stable/using.html#webroot"),
        Reference::Url("https://datatracker.ietf.org/doc/html/rfc8555#section-8.3"),
    ],
    doc: include_str!("webroot_not_served.md"),
    run,
};

/// Below its webroot certbot writes here (RFC 8555, section 8.3).
const CHALLENGES: &str = "/.well-known/acme-challenge";

fn run(deployment: &Deployment) -> Outcome {
    let webroots = webroots(deployment);
    if webroots.is_empty() {
        return Outcome::NotApplicable("no webroot of certbot is known".to_owned());
    }
    let edges = edges(deployment);
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    let mut open = None;
    // Where the proof is asked for elsewhere, the folder does not matter.
    let lost = places_of(deployment, &acme_challenge_lost::CHECK);
    for edge in &edges {
        for leaf in edge.http.leaves() {
            let Some((folder, span)) = folder(&leaf) else {
                continue;
            };
            let (Some(nginx), Some((certbot, starts))) = (seer_of(edge), certbot(deployment))
            else {
                open = open.or(Some((
                    "nothing tells where nginx or certbot runs".to_owned(),
                    span,
                )));
                continue;
            };
            let answers: Vec<_> = webroots
                .iter()
                .map(|(webroot, _)| {
                    let written = format!("{}{CHALLENGES}", webroot.trim_end_matches('/'));
                    is_same(deployment, (nginx, &folder), (certbot, &written))
                })
                .collect();
            let is_lost = |place: &Span| {
                let server = leaf.server.directive();
                server.is_some_and(|server| holds(server.span, *place))
            };
            if lost.iter().any(is_lost) {
                continue;
            }
            if answers.contains(&Some(true)) {
                seen.push(evidence(
                    format!("nginx answers challenges from {folder}, where certbot writes them"),
                    span,
                ));
            } else if answers.contains(&None) {
                open = open.or(Some((
                    format!("whether {folder} of nginx is where certbot writes is not told"),
                    span,
                )));
            } else {
                let (webroot, told) = &webroots[0];
                let served = nginx.locate(deployment, &folder);
                let written = certbot.locate(deployment, &format!("{webroot}{CHALLENGES}"));
                let mut labels = vec![label(span, "nginx looks for the challenges here")];
                labels.extend(
                    served
                        .trail
                        .first_span()
                        .map(|span| label(span, "which is this")),
                );
                labels.push(label(*told, format!("certbot writes them below {webroot}")));
                let mount = written.trail.first_span().or(starts);
                labels.extend(mount.map(|span| label(span, "which is this for certbot")));
                let message = format!(
                    "the certificate is not renewed and the site goes dark when it expires: certbot \
                     writes its challenges to {}, and nginx looks for them in {}",
                    in_words(&written.place),
                    in_words(&served.place)
                );
                let subject = match nginx {
                    Seer::Service(name) => format!("service:{name} {folder}"),
                    Seer::Host => format!("nginx:{folder}"),
                };
                let known = |other: &tightship_model::Finding| other.subject == subject;
                if !findings.iter().any(known) {
                    findings.push(finding(
                        subject,
                        message,
                        labels,
                        "Mount one folder or volume at certbot's webroot in both containers.",
                    ));
                }
            }
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((reason, span))) => unknown(
            reason,
            "name both sides in Compose, or renew once with --dry-run",
            Some(span),
        ),
        (true, None) if seen.is_empty() => {
            Outcome::NotApplicable("nginx answers no challenge from a folder of its own".to_owned())
        }
        (true, None) => Outcome::Pass(seen),
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.source == inner.source && outer.start <= inner.start && inner.end <= outer.end
}

/// The webroots that certbot is told, where it runs, and where that stands.
fn webroots(deployment: &Deployment) -> Vec<(String, Span)> {
    let mut found: Vec<(String, Span)> = Vec::new();
    for lineage in &deployment.certbot.lineages {
        let map = lineage.webroot_map.iter().map(|(_, path)| path);
        for path in lineage.webroot_path.iter().chain(map) {
            if let Some(span) = path.trail.first_span() {
                found.push((path.value.clone(), span));
            }
        }
    }
    for run in &deployment.certbot.runs {
        found.extend(run.webroots.iter().map(|path| (path.clone(), run.span)));
    }
    found.retain(|(path, _)| path.starts_with('/') && !path.contains('$'));
    found.dedup_by(|one, other| one.0 == other.0);
    found
}

/// The folder from which a leaf answers challenges, and the directive that names it.
fn folder(leaf: &Leaf<'_, '_>) -> Option<(String, Span)> {
    let (Matcher::Prefix { path, .. } | Matcher::Exact(path)) = leaf.scope.matcher()? else {
        return None;
    };
    let path = path.trim_end_matches('/');
    let below = CHALLENGES.strip_prefix(path)?;
    if path.is_empty() {
        return None;
    }
    let Handler::Files(Some(directive)) = leaf.handler else {
        return None;
    };
    let word = directive
        .arguments
        .first()
        .filter(|word| word.is_literal())?;
    let folder = word.text.trim_end_matches('/');
    if !folder.starts_with('/') {
        return None;
    }
    let folder = match directive.is("alias") {
        true => format!("{folder}{below}"),
        false => format!("{folder}{CHALLENGES}"),
    };
    Some((folder, directive.heading_span()))
}
