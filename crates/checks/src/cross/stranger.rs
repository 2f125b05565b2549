//! What a stranger reaches through nginx, and what limits him there.

use std::net::{IpAddr, Ipv4Addr};

use tightship_model::nginx::Directive;
use tightship_model::{Deployment, Outcome, Route, Span, Trail};
use tightship_predict::nginx::{Body, Entry, Request, Scope, Server, World};
use tightship_predict::ways::Edge;

use super::front::Tally;
use super::{between, edges_to_django, label, ways_to_django};

/// A path of the site with the route that makes it.
pub(super) type Path<'a> = (&'a Route, String);

/// Judges paths that must not be asked without limit: a finding for each that a stranger reaches
/// through a place of nginx without `limit_req`.
pub(super) fn judge_limits(
    deployment: &Deployment,
    paths: &[Path<'_>],
    what: &str,
    message: &dyn Fn(&str, &str) -> String,
    advice: &str,
) -> Outcome {
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut tally = Tally::default();
    let mut told: Vec<&str> = Vec::new();
    for (route, path) in paths {
        for edge in &edges {
            for (scope, pass) in reached(edge, deployment, path) {
                match limit(scope) {
                    Ok(Some(limit)) => {
                        tally.holds(format!("nginx limits {path}"), limit.heading_span());
                    }
                    Err(gap) => tally.unseen(
                        "whether nginx limits it is said in a file that is not here",
                        gap,
                    ),
                    Ok(None) if told.contains(&path.as_str()) => {}
                    Ok(None) => {
                        told.push(path);
                        tally.fails(between(
                            format!("route:{path}"),
                            message(path, &scope.heading()),
                            label(pass, "handed on without limit_req"),
                            &Trail::at(route.span, format!("{what} at {path}")),
                            advice,
                        ));
                    }
                }
            }
        }
    }
    tally.outcome(&format!("nginx lets no stranger through to {what}"))
}

/// Whether nginx hands on to Django what a stranger sends to a path; `None` where none is seen to.
pub(crate) fn lets_strangers_through(deployment: &Deployment, path: &str) -> Option<bool> {
    let edges = edges_to_django(deployment).ok()?;
    Some(
        edges
            .iter()
            .any(|edge| !reached(edge, deployment, path).is_empty()),
    )
}

/// The limit that holds in a place; `Err` where it may stand in a file that is not here.
fn limit<'a>(scope: Scope<'_, 'a>) -> Result<Option<&'a Directive>, Span> {
    let limit = scope.effective("limit_req");
    let is_trial = scope.flag("limit_req_dry_run") == Some(true);
    match (limit.directives.first().filter(|_| !is_trial), limit.gap) {
        (None, Some(gap)) => Err(gap),
        (directive, _) => Ok(directive.copied()),
    }
}

/// The places of nginx that hand a stranger's form on to Django, and where they do.
pub(super) fn reached<'h, 'a>(
    edge: &'h Edge<'a>,
    deployment: &'a Deployment,
    path: &str,
) -> Vec<(Scope<'h, 'a>, Span)> {
    let ways = ways_to_django(edge, deployment);
    let mut found = Vec::new();
    for server in edge.http.servers() {
        let leads = ways
            .iter()
            .any(|way| way.leaf.server.number == server.number);
        let Some(request) = leads.then(|| request(server, path)).flatten() else {
            continue;
        };
        // A page of Django's is no file.
        let world = World {
            entry: &|_| Some(Entry::Missing),
            respond: &|_| None,
        };
        let answer = edge.http.answer(&request, world);
        if let (Body::Upstream(upstream), Some(scope)) = (&answer.body, answer.leaf()) {
            found.push((scope, upstream.span));
        }
    }
    found
}

/// A form of a stranger at this server.
fn request(server: Server<'_, '_>, path: &str) -> Option<Request> {
    const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
    let listens = server.listens();
    let mut public: Vec<_> = listens
        .iter()
        .filter(|listen| !listen.address.is_local())
        .collect();
    public.sort_by_key(|listen| !listen.ssl);
    let listen = public.first()?;
    let name = server.names().iter().find_map(|name| name.word);
    let host = name.map_or("localhost", |word| word.text.as_str());
    Some(Request {
        tls: listen.ssl,
        address: None,
        port: *listen.ports.start(),
        client: Some(STRANGER),
        method: "POST".to_owned(),
        target: path.to_owned(),
        host: Some(host.to_owned()),
        headers: Vec::new(),
    })
}
