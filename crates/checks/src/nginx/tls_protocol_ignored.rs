use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::judgement::{With, finding};
use super::site::{judge_sites, place_of, public_sockets};

pub(super) static CHECK: Check = Check {
    id: "nginx/tls-protocol-ignored",
    title: "A server's ssl_protocols has no effect",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B6.1"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols",
    )],
    doc: include_str!("tls_protocol_ignored.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let otherwise = "no two servers share a socket with TLS";
    judge_sites(deployment, otherwise, |http, judgement| {
        for socket in public_sockets(http).filter(|socket| socket.ssl) {
            let Some(default) = http.server(socket.default) else {
                continue;
            };
            let decides = default.scope.one("ssl_protocols");
            for number in socket
                .servers
                .iter()
                .filter(|number| **number != socket.default)
            {
                let Some(server) = http.server(*number) else {
                    continue;
                };
                let Some(own) = server.scope.one("ssl_protocols") else {
                    continue;
                };
                let decided = decides.map_or_else(|| DEFAULT.to_vec(), names);
                if decided == names(own) {
                    judgement.holds("the servers of a socket name the same protocols", own);
                    continue;
                }
                let default = place_of(http, default);
                let found = finding(
                    &place_of(http, server),
                    own,
                    format!(
                        "visitors get the protocols of {}, the default of the socket: nginx \
                         chooses the protocol before it knows the name",
                        default.name()
                    ),
                    "Set ssl_protocols once, in http.",
                );
                judgement.fails(match decides.or(default.block()) {
                    Some(decides) => found.beside(decides, "decides for the whole socket"),
                    None => found,
                });
            }
        }
    })
}

/// What nginx speaks from 1.27.3 on where nothing is set; before, `nginx/tls-protocol-old` asks.
const DEFAULT: [&str; 2] = ["TLSv1.2", "TLSv1.3"];

fn names(directive: &Directive) -> Vec<&str> {
    let mut names: Vec<_> = directive.texts().collect();
    names.sort_unstable();
    names
}
