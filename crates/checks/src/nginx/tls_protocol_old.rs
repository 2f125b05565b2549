use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Http, Socket};

use super::judgement::{Judgement, With, finding};
use super::site::{judge_sites, place_of, public_sockets};

pub(super) static CHECK: Check = Check {
    id: "nginx/tls-protocol-old",
    title: "nginx speaks versions of TLS that are broken",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B6.1", "X27"],
    django_ids: &[],
    references: &[
        Reference::Rfc(8996, "1"),
        Reference::Url("https://wiki.mozilla.org/Security/Server_Side_TLS"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols"),
        Reference::Cwe(327),
    ],
    doc: include_str!("tls_protocol_old.md"),
    run,
};

/// Mozilla's guideline 6.0: TLS 1.2 and 1.3 (intermediate), or 1.3 alone (modern).
const OLD: [&str; 4] = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"];

/// The first release that leaves TLS 1.0 and 1.1 out unless it is told otherwise.
const WITHOUT_OLD: (u32, u32, u32) = (1, 27, 3);

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(deployment, "no socket speaks TLS", |http, judgement| {
        for socket in public_sockets(http).filter(|socket| socket.ssl) {
            look(http, socket, judgement);
        }
    })
}

/// The default server of a socket decides for all: the protocol is chosen before the name is known.
fn look(http: &Http<'_>, socket: &Socket, judgement: &mut Judgement) {
    let Some(server) = http.server(socket.default) else {
        return;
    };
    let context = place_of(http, server);
    let Some(protocols) = server.scope.one("ssl_protocols") else {
        let is_new = http
            .configuration
            .version
            .is_some_and(|version| version >= WITHOUT_OLD);
        match server.directive() {
            Some(block) if is_new => {
                judgement.holds(
                    "nginx from 1.27.3 on speaks TLS 1.2 and 1.3 by default",
                    block,
                );
            }
            block => judgement.unseen(
                format!(
                    "which versions of TLS {} speaks is not known: ssl_protocols is not set, and \
                     nginx before 1.27.3 speaks TLS 1.0 and 1.1 then",
                    context.name()
                ),
                "set `ssl_protocols TLSv1.2 TLSv1.3;` in http",
                block.map(|block| block.name.span),
            ),
        }
        return;
    };
    let old: Vec<_> = protocols
        .texts()
        .filter(|name| OLD.contains(name))
        .collect();
    if old.is_empty() {
        judgement.holds("only TLS 1.2 and 1.3 are spoken", protocols);
        return;
    }
    let is_broken = old.iter().any(|name| name.starts_with("SSL"));
    judgement.fails(
        finding(
            &context,
            protocols,
            format!(
                "an attacker on the way makes browsers fall back to {} and uses their known \
                 faults to read or change what is sent",
                old.join(" and ")
            ),
            "Write `ssl_protocols TLSv1.2 TLSv1.3;`.",
        )
        .with_severity(if is_broken {
            Severity::High
        } else {
            Severity::Medium
        }),
    );
}
