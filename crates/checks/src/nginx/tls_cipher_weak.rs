use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Http, Server};

use super::ciphers::{Suite, Weakness, let_in};
use super::judgement::{Judgement, With, finding};
use super::site::{judge_sites, place_of, public_servers};

pub(super) static CHECK: Check = Check {
    id: "nginx/tls-cipher-weak",
    title: "nginx lets in weak ciphers",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B6.2", "X27"],
    django_ids: &[],
    references: &[
        Reference::Url("https://wiki.mozilla.org/Security/Server_Side_TLS"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_ciphers"),
        Reference::Cwe(327),
    ],
    doc: include_str!("tls_cipher_weak.md"),
    run,
};

const ADVICE: &str = "Take the six suites of Mozilla's intermediate profile, or TLS 1.3 alone.";

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(deployment, "no socket speaks TLS 1.2", |http, judgement| {
        for server in public_servers(http, true) {
            let protocols = server.scope.one("ssl_protocols");
            let is_modern = protocols.is_some_and(|one| one.texts().all(|text| text == "TLSv1.3"));
            if !is_modern && server.scope.flag("ssl_reject_handshake") != Some(true) {
                look(http, server, judgement);
            }
        }
    })
}

fn look(http: &Http<'_>, server: Server<'_, '_>, judgement: &mut Judgement) {
    let context = place_of(http, server);
    let Some(directive) = server.scope.one("ssl_ciphers") else {
        if context.has_gap() {
            judgement.hidden(&context, "the list of ciphers");
        } else if let Some(block) = server.directive() {
            // OpenSSL of today's distributions refuses the worst of nginx's default by itself.
            judgement.fails(
                finding(
                    &context,
                    block,
                    "ssl_ciphers is not set: nginx's default (HIGH:!aNULL:!MD5) lets in suites \
                     without forward secrecy, so that who gets the key later reads what was \
                     recorded",
                    ADVICE,
                )
                .with_severity(Severity::Low),
            );
        }
        return;
    };
    let list = directive.argument(0).unwrap_or_default();
    let Some(suites) = let_in(list) else {
        judgement.unseen(
            "which ciphers the list lets in is not known: it has a word that is no keyword of \
             OpenSSL 3.0",
            "see `openssl ciphers -v` for the list",
            Some(directive.heading_span()),
        );
        return;
    };
    match worst(&suites) {
        None => judgement.holds(
            "every cipher has forward secrecy and proves what it carries",
            directive,
        ),
        Some(weakness) => judgement.fails(told(&context, directive, &suites, weakness)),
    }
}

fn worst(suites: &[&Suite]) -> Option<Weakness> {
    suites.iter().filter_map(|suite| suite.weakness()).max()
}

fn told(
    context: &super::context::Context<'_>,
    directive: &Directive,
    suites: &[&Suite],
    weakness: Weakness,
) -> tightship_model::Finding {
    let of_it: Vec<_> = suites
        .iter()
        .filter(|suite| suite.weakness() == Some(weakness))
        .map(|suite| suite.name)
        .collect();
    let first = of_it.first().copied().unwrap_or_default();
    let (gain, severity) = match weakness {
        Weakness::Broken => (
            "whoever listens reads or changes what is sent, where the OpenSSL still has it",
            Severity::High,
        ),
        Weakness::Weak => (
            "blocks of 64 bits or a cipher that nobody keeps up: long connections leak",
            Severity::Medium,
        ),
        Weakness::Dated => (
            "without forward secrecy or in CBC mode: who gets the key later reads what was \
             recorded",
            Severity::Low,
        ),
    };
    finding(
        context,
        directive,
        format!(
            "the list lets in {first} and {} more of its kind: {gain}",
            of_it.len() - 1
        ),
        ADVICE,
    )
    .with_severity(severity)
}
