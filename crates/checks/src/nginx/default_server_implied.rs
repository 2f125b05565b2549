use std::collections::BTreeMap;

use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Span};
use tightship_predict::nginx::Listen;

use super::context::{Context, blocks};
use super::judgement::{With, finding, judge};
use super::listen::{listens, shown};

pub(super) static CHECK: Check = Check {
    id: "nginx/default-server-implied",
    title: "The order of files decides which server answers unknown names",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["A10.3", "X44"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/request_processing.html"),
        Reference::Cwe(1188),
    ],
    doc: include_str!("default_server_implied.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no two servers share a socket",
        |configuration, judgement| {
            let sockets = shared_sockets(&blocks(configuration, "server"));
            for shared in &sockets {
                let (first, socket) = &shared[0];
                if let Some(port) = shown(socket).strip_prefix("[::]:")
                    && sockets.iter().any(|other| {
                        let (server, socket) = &other[0];
                        shown(socket) == format!("0.0.0.0:{port}")
                            && span_of(server) == span_of(first)
                    })
                {
                    // The same server is the default for both families, for the same reason.
                    continue;
                }
                let (Some(block), Some((second, _))) = (first.block(), shared.get(1)) else {
                    continue;
                };
                let place = socket.directive.unwrap_or(block);
                if shared.iter().any(|(_, socket)| socket.default_server) {
                    judgement.holds(format!("{} has a default server", shown(socket)), place);
                    continue;
                }
                let found = finding(
                    first,
                    place,
                    format!(
                        "whoever asks {} for a name that no server has gets {}, only because it \
                     stands first among {}: another file before it changes who answers, and \
                     with which certificate",
                        shown(socket),
                        first.name(),
                        shared.len(),
                    ),
                    "Mark one server with default_server, best one that answers nothing: `return 444`.",
                );
                let other = second.block().unwrap_or(block);
                judgement.fails(found.beside(other, "shares the socket"));
            }
        },
    )
}

fn span_of(server: &Context<'_>) -> Option<Span> {
    server.block().map(|block| block.span)
}

/// The servers of each socket that has several, in the order of the files. HTTP and stream apart,
/// and UDP apart from TCP.
fn shared_sockets<'a>(servers: &[Context<'a>]) -> Vec<Vec<(Context<'a>, Listen<'a>)>> {
    let mut by_socket: BTreeMap<_, Vec<(Context<'a>, Listen<'a>)>> = BTreeMap::new();
    let servers = servers
        .iter()
        .filter(|server| !server.is_within("mail"))
        .filter(|server| !server.is_within("stream") || server.has("listen"));
    for server in servers {
        let mut seen = Vec::new();
        for listen in listens(server) {
            let is_udp = listen.quic
                || listen
                    .directive
                    .is_some_and(|one| one.texts().any(|text| text == "udp"));
            let key = (server.is_within("stream"), is_udp, shown(&listen));
            if !seen.contains(&key) {
                by_socket
                    .entry(key.clone())
                    .or_default()
                    .push((server.clone(), listen));
                seen.push(key);
            }
        }
    }
    by_socket
        .into_values()
        .filter(|servers| servers.len() > 1)
        .collect()
}
