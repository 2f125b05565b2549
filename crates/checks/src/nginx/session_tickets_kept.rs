use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::judgement::finding;
use super::site::{judge_sites, place_of, public_servers};

pub(super) static CHECK: Check = Check {
    id: "nginx/session-tickets-kept",
    title: "One key protects the TLS sessions of months",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["X49"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_session_tickets",
        ),
        Reference::Url("https://wiki.mozilla.org/Security/Server_Side_TLS"),
        Reference::Cwe(324),
    ],
    doc: include_str!("session_tickets_kept.md"),
    run,
};

/// The first release that makes a new key by itself, where a shared cache is set.
const ROTATES: (u32, u32, u32) = (1, 23, 2);

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(deployment, "no socket speaks TLS", |http, judgement| {
        for server in public_servers(http, true) {
            let context = place_of(http, server);
            if server.scope.flag("ssl_reject_handshake") == Some(true) {
                continue;
            }
            let Some(block) = server.directive() else {
                continue;
            };
            let tickets = server.scope.one("ssl_session_tickets");
            let is_shared = server
                .scope
                .one("ssl_session_cache")
                .is_some_and(|cache| cache.texts().any(|text| text.starts_with("shared:")));
            let is_new = http
                .configuration
                .version
                .is_none_or(|version| version >= ROTATES);
            if server.scope.flag("ssl_session_tickets") == Some(false) {
                judgement.holds("no session tickets are given out", tickets.unwrap_or(block));
            } else if is_shared && is_new {
                judgement.holds("a shared cache changes the key of tickets", block);
            } else if context.has_gap() {
                judgement.hidden(&context, "whether session tickets are given out");
            } else {
                judgement.fails(finding(
                    &context,
                    tickets.unwrap_or(block),
                    "tickets are sealed with one key until nginx is started anew: who gets it \
                     reads every TLS 1.2 session that was recorded since",
                    "Set `ssl_session_tickets off;`, or a shared ssl_session_cache (nginx 1.23.2), \
                     which changes the key.",
                ));
            }
        }
    })
}
