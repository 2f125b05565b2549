use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Scope};

use super::judgement::{With, finding};
use super::site::{answering_leaves, is_of_others, judge_sites, place_of, public_sockets};
use crate::cross::unknown_host_answered;
use crate::told::{leave_out, places_of};

pub(super) static CHECK: Check = Check {
    id: "nginx/unknown-host-answered",
    title: "The application answers for any name that a client asks for",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["A10.3", "X44"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/request_processing.html"),
        Reference::Cwe(350),
    ],
    doc: include_str!("unknown_host_answered.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_sites(
        deployment,
        "no socket is open to others",
        |http, judgement| {
            for socket in public_sockets(http) {
                let Some(server) = http.server(socket.default) else {
                    continue;
                };
                let Some(block) = server.directive() else {
                    continue;
                };
                let refuses = socket.ssl && server.scope.flag("ssl_reject_handshake") == Some(true);
                let pass =
                    answering_leaves(server)
                        .into_iter()
                        .find_map(|leaf| match leaf.handler {
                            Handler::Upstream(pass)
                                if !sends_own_host(leaf.scope)
                                    && !is_of_others(deployment, http, leaf.scope, pass) =>
                            {
                                Some(pass)
                            }
                            _ => None,
                        });
                match pass.filter(|_| !refuses) {
                    Some(pass) => {
                        let context = place_of(http, server);
                        let name = context.name();
                        // The name tells the first port that the server listens on.
                        let of = match name.ends_with(&format!(" on {}", socket.port)) {
                            true => "its socket".to_owned(),
                            false => format!("port {}", socket.port),
                        };
                        judgement.fails(
                            finding(
                                &context,
                                block,
                                format!(
                                    "requests for any name reach the application through {name}, \
                                     the default of {of}: only ALLOWED_HOSTS stands between a forged \
                                     Host and the links in mails"
                                ),
                                "Add a server with default_server that only says `return 444;`.",
                            )
                            .beside(pass, "the application"),
                        );
                    }
                    None => judgement.holds("unknown names do not reach the application", block),
                }
            }
        },
    );
    let told = places_of(deployment, &unknown_host_answered::CHECK);
    leave_out(outcome, &told, &unknown_host_answered::CHECK)
}

/// Whether the application gets a Host that no client chooses: one written out, as in
/// `proxy_set_header Host app;`.
fn sends_own_host(scope: Scope<'_, '_>) -> bool {
    let set = scope.effective("proxy_set_header").directives;
    set.iter().any(|header| {
        let is_host = header
            .argument(0)
            .is_some_and(|name| name.eq_ignore_ascii_case("host"));
        is_host && header.argument(1).is_some_and(|value| !value.contains('$'))
    })
}
