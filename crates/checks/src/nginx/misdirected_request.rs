use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::Matcher;

use super::context::{Context, blocks};
use super::judgement::{finding, judge};
use super::listen::listens;

pub(super) static CHECK: Check = Check {
    id: "nginx/misdirected-request",
    title: "A server that refuses handshakes answers over a connection made for another name",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_reject_handshake",
        ),
        Reference::Rfc(9110, "15.5.20"),
    ],
    doc: include_str!("misdirected_request.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let otherwise = "no default server refuses handshakes and speaks HTTP/2";
    judge(deployment, otherwise, |configuration, judgement| {
        for server in blocks(configuration, "server") {
            if !refuses_others(&server) {
                continue;
            }
            let Some(block) = server.block() else {
                continue;
            };
            if answers_nothing(&server) {
                judgement.holds(format!("{} answers no request", server.name()), block);
            } else {
                judgement.fails(finding(
                    &server,
                    block,
                    "a client that connected under another name sends its request here over the \
                     same HTTP/2 connection, and gets pages of this server: the refused \
                     handshake does not refuse it",
                    "Answer every request with `return 421;` or `return 444;`.",
                ));
            }
        }
    })
}

/// A default server of a TLS socket that rejects every handshake of its own and speaks HTTP/2.
fn refuses_others(server: &Context<'_>) -> bool {
    let rejects = server.switch("ssl_reject_handshake") == Some(true);
    rejects
        && listens(server).iter().any(|listen| {
            let speaks = listen.http2 || server.switch("http2") == Some(true);
            listen.ssl && listen.default_server && speaks
        })
}

fn answers_nothing(server: &Context<'_>) -> bool {
    let refuses = |context: &Context<'_>| {
        context
            .own("return")
            .any(|answer| matches!(answer.argument(0), Some("421" | "444")))
    };
    let takes_all = |context: &Context<'_>| match context
        .block()
        .filter(|block| block.is("location"))
        .map(Matcher::of)
    {
        Some(Matcher::Prefix { path, .. } | Matcher::Exact(path)) => path == "/",
        _ => false,
    };
    refuses(server)
        || server
            .inner()
            .any(|inner| takes_all(&inner) && refuses(&inner))
}
