//! The sites of a configuration that strangers can reach.

use std::collections::BTreeSet;

use tightship_model::nginx::{Directive, RunsIn};
use tightship_model::{Bind, Deployment, Outcome, Program};
use tightship_predict::domains::registered;
use tightship_predict::nginx::{Http, Leaf, Matcher, Scope, Server, Socket, http_blocks};
use tightship_predict::ways::{Edge, Target, shares_the_host};

use super::context::Context;
use super::judgement::Judgement;
use super::target::is_address;
use crate::compose::runs_django;

/// As [`judge`], with the servers and locations of each configuration.
pub(super) fn judge_sites(
    deployment: &Deployment,
    otherwise: &str,
    look: impl Fn(&Http<'_>, &mut Judgement),
) -> Outcome {
    let mut judgement = Judgement::default();
    for http in http_blocks(&deployment.nginx) {
        look(http, &mut judgement);
    }
    judgement.outcome(otherwise)
}

/// The sockets that other machines can connect to.
pub(super) fn public_sockets<'h>(http: &'h Http<'_>) -> impl Iterator<Item = &'h Socket> {
    http.sockets()
        .iter()
        .filter(|socket| !socket.address.is_local())
}

/// The servers that strangers reach, with or without TLS.
pub(super) fn public_servers<'h, 'a>(http: &'h Http<'a>, tls: bool) -> Vec<Server<'h, 'a>> {
    let sockets = public_sockets(http).filter(|socket| socket.ssl == tls);
    let reached: BTreeSet<usize> = sockets
        .flat_map(|socket| socket.servers.iter().copied())
        .collect();
    let server = |number| http.server(number);
    reached.into_iter().filter_map(server).collect()
}

/// The places of a server at which a request of a stranger can end, by its path.
pub(super) fn public_leaves<'h, 'a>(server: Server<'h, 'a>) -> Vec<Leaf<'h, 'a>> {
    let mut leaves = answering_leaves(server);
    leaves.retain(|leaf| !leaf.scope.chain().any(is_named));
    leaves
}

/// The same with the named locations, which `try_files` and `error_page` lead to.
pub(super) fn answering_leaves<'h, 'a>(server: Server<'h, 'a>) -> Vec<Leaf<'h, 'a>> {
    let is_internal = |scope: Scope<'_, '_>| !scope.declared("internal").is_empty();
    let mut leaves = server.leaves();
    if server.http.has("internal") {
        leaves.retain(|leaf| !leaf.scope.chain().any(is_internal));
    }
    leaves
}

/// Whether nobody reaches this nginx but through something in front of it: it runs in a service of
/// Compose that publishes no port.
pub(super) fn is_behind_another(deployment: &Deployment, http: &Http<'_>) -> bool {
    let RunsIn::Service(name) = &http.configuration.runs_in else {
        return false;
    };
    let compose = deployment.compose.as_ref();
    let service = compose.and_then(|compose| compose.service(name));
    service.is_some_and(|service| service.ports.is_empty() && !shares_the_host(service))
}

/// Whether requests go to what is not the site, where the site is a service of Compose: a service that
/// runs another program, or a server elsewhere.
pub(super) fn is_of_others<'a>(
    deployment: &'a Deployment,
    http: &'a Http<'a>,
    scope: Scope<'_, 'a>,
    pass: &'a Directive,
) -> bool {
    let mut services = deployment.compose.iter().flat_map(|all| &all.services);
    if !services.any(|service| runs_django(deployment, service)) {
        return false;
    }
    let edge = Edge {
        configuration: http.configuration,
        http,
    };
    let targets = edge.targets(deployment, scope, pass);
    !targets.is_empty() && targets.iter().all(|target| is_other(deployment, target))
}

fn is_other(deployment: &Deployment, target: &Target<'_>) -> bool {
    let Some(service) = target.service else {
        return match &target.address {
            Bind::Tcp { host, .. } => is_elsewhere(host),
            _ => false,
        };
    };
    let program = target.process.map(|process| &process.program);
    let is_known = program.is_some_and(|program| *program != Program::Unknown);
    !runs_django(deployment, service) && (service.build.is_none() || is_known)
}

/// Whether a host is a name on the internet, not one of a container or of this machine.
fn is_elsewhere(host: &str) -> bool {
    const LOCAL: [&str; 5] = [".internal", ".local", ".localhost", ".localdomain", ".lan"];
    let is_local = LOCAL.iter().any(|end| host.ends_with(end));
    !is_local && !is_address(host) && registered(host).is_some()
}

fn is_named(scope: Scope<'_, '_>) -> bool {
    matches!(scope.matcher(), Some(Matcher::Named(_)))
}

/// The place of a leaf.
pub(super) fn place<'a>(http: &Http<'a>, leaf: &Leaf<'_, 'a>) -> Context<'a> {
    Context::of(http.configuration, leaf.scope)
}

/// The place of a server.
pub(super) fn place_of<'a>(http: &Http<'a>, server: Server<'_, 'a>) -> Context<'a> {
    Context::of(http.configuration, server.scope)
}
