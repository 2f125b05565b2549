//! The sites of a configuration that strangers can reach.

use std::collections::BTreeSet;

use tightship_model::{Deployment, Outcome};
use tightship_predict::nginx::{Http, Leaf, Matcher, Scope, Server, Socket, http_blocks};

use super::context::Context;
use super::judgement::Judgement;

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
