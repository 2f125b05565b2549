use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Need, Outcome, Place, Reference,
    Severity, Trail,
};
use tightship_predict::nginx::Body;
use tightship_predict::visit::first_hop;
use tightship_predict::ways::{Edge, edges};

use super::front::{origin, public_ports};
use super::label;
use super::served::Folder;
use crate::secret_files::{holds_secrets, is_known_to_be_harmless};
use crate::setting::{together, told_once};

pub(super) static CHECK: Check = Check {
    id: "cross/project-served",
    title: "nginx hands out the project's own files",
    severity: Severity::Critical,
    needs: &[Need::Nginx],
    items: &["A10.3", "A5.3", "B1.10"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#root"),
        Reference::Cwe(538),
        Reference::Cwe(540),
    ],
    doc: include_str!("project_served.md"),
    run,
};

/// Files that are named in one finding.
const MOST_NAMED: usize = 3;

/// Files that are tried.
const MOST_TRIED: usize = 64;

fn run(deployment: &Deployment) -> Outcome {
    let edges = edges(deployment);
    let mut outcomes = Vec::new();
    for edge in &edges {
        for folder in Folder::all(edge) {
            outcomes.extend(judge(deployment, &edges, edge, &folder));
        }
    }
    outcomes.push(Outcome::NotApplicable(
        "nginx serves no folder of the project".to_owned(),
    ));
    // A server for HTTP and one for HTTPS may take in the same lines.
    told_once(together(outcomes), |one, other| {
        one.labels.first() == other.labels.first()
    })
}

fn judge<'a>(
    deployment: &'a Deployment,
    edges: &[Edge<'a>],
    edge: &Edge<'a>,
    folder: &Folder<'_, 'a>,
) -> Option<Outcome> {
    if folder.is_internal {
        return None;
    }
    let service = edge.service(deployment)?;
    let base = folder.file(folder.prefix)?;
    let located = deployment.locate(&service.name, &base)?;
    let (Place::Repository(place) | Place::Copied(place)) = &located.place else {
        return None;
    };
    let site = site_of(deployment, edge, folder)?;
    let module = deployment.project.module.as_ref();
    let settings = module.map(|module| deployment.sources[module.source].path.as_str());
    let is_private = |path: &str| {
        Some(path) == settings || holds_secrets(path) && !is_known_to_be_harmless(deployment, path)
    };
    let mut handed_out = Vec::new();
    for path in deployment
        .files
        .below(place)
        .filter(|path| is_private(path))
        .take(MOST_TRIED)
    {
        let rest = path.strip_prefix(place.as_str())?.trim_start_matches('/');
        let url = format!("{site}{}/{rest}", folder.prefix.trim_end_matches('/'));
        let answer = first_hop(deployment, edges, &url).and_then(|hop| hop.nginx);
        let is_sent = answer.is_some_and(|answer| {
            answer.status == Some(200)
                && matches!(answer.body, Body::File(_))
                && answer.doubts.is_empty()
        });
        if is_sent {
            handed_out.push((path, url));
        }
    }
    let span = folder.directive.heading_span();
    let Some((first, url)) = handed_out.first() else {
        return Some(Outcome::Pass(vec![Evidence {
            text: format!("of ./{place} nothing is served that should stay private"),
            trail: Trail::at(span, "serves this folder"),
        }]));
    };
    let named: Vec<&str> = handed_out
        .iter()
        .take(MOST_NAMED)
        .map(|(path, _)| *path)
        .collect();
    let more = match handed_out.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let mut labels: Vec<Label> = vec![label(span, "serves this folder")];
    let mounted = located.trail.first_span();
    labels.extend(mounted.map(|span| label(span, format!("which is ./{place} of the project"))));
    Some(Outcome::Fail(vec![Finding {
        subject: format!("nginx:{} {first}", folder.leaf.scope.heading()),
        message: format!(
            "anybody downloads {}{more}: {url} is answered with the file, as nginx serves ./{place} \
             of the project",
            named.join(", ")
        ),
        severity: named
            .iter()
            .all(|path| Some(*path) == settings)
            .then_some(Severity::High),
        confidence: Confidence::High,
        labels,
        trail: Trail::at(span, "serves this folder"),
        django_id: None,
        advice: "Mount and name the folders of static files and uploads alone, and keep code, \
                 settings and databases elsewhere."
            .to_owned(),
        fix: None,
    }]))
}

/// Scheme, name and port under which strangers reach the server of a folder.
fn site_of(deployment: &Deployment, edge: &Edge<'_>, folder: &Folder<'_, '_>) -> Option<String> {
    let server = folder.leaf.server;
    let name = server.names().iter().find_map(|name| name.word);
    let name = name.map_or("localhost", |word| word.text.as_str());
    let is_plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let host = if is_plain { name } else { "localhost" };
    edge.http.sockets().iter().find_map(|socket| {
        let port = *public_ports(deployment, edge, socket).first()?;
        socket
            .servers
            .contains(&server.number)
            .then(|| origin(socket.ssl, host, port))
    })
}
