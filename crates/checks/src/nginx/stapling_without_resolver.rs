use std::net::IpAddr;

use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::Context;
use super::judgement::{finding, judge};
use super::stapling::{lets_encrypt, stapling};

pub(super) static CHECK: Check = Check {
    id: "nginx/stapling-without-resolver",
    title: "nginx cannot find the responder whose answers it should staple",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B6.6"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_stapling",
    )],
    doc: include_str!("stapling_without_resolver.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no server staples",
        |configuration, judgement| {
            for (server, switch) in stapling(configuration) {
                let needs_none = server.value("ssl_stapling_file").is_some()
                    || has_responder_by_address(&server)
                    || lets_encrypt(&server).is_some();
                if needs_none || server.value("resolver").is_some() {
                    judgement.holds("the responder can be found", switch);
                } else if server.has_gap() {
                    judgement.hidden(&server, "the resolver");
                } else {
                    judgement.fails(finding(
                    &server,
                    switch,
                    format!(
                        "{} never staples: without a resolver nginx cannot look up the responder, \
                         and each browser asks the authority itself, which learns who visits",
                        server.name()
                    ),
                    "Set `resolver` to a name server of the own network.",
                ));
                }
            }
        },
    )
}

fn has_responder_by_address(server: &Context<'_>) -> bool {
    let responder = server.value("ssl_stapling_responder");
    let Some(url) = responder.and_then(|one| one.argument(0)) else {
        return false;
    };
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        _ => host,
    };
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}
