use std::net::IpAddr;

use tightship_model::nginx::Configuration;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/resolver-external",
    title: "nginx asks a name server of strangers where its upstreams are",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver"),
        Reference::Cwe(350),
    ],
    doc: include_str!("resolver_external.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no resolver is set",
        |configuration, judgement| {
            let is_for_stapling = is_for_stapling(configuration);
            for (context, resolver) in places(configuration, &["resolver"]) {
                let external = resolver.texts().find(|text| is_external(text));
                match external {
                Some(_) if is_for_stapling => judgement.holds(
                    "the resolver finds nothing but responders of OCSP, whose answers are signed",
                    resolver,
                ),
                Some(server) => judgement.fails(finding(
                    &context,
                    resolver,
                    format!(
                        "answers of {server} come over the open network in clear and decide where \
                         nginx sends requests: whoever forges one gets the visitors' requests"
                    ),
                    "Ask a resolver of this machine or network: 127.0.0.53, or 127.0.0.11 in \
                     Docker.",
                )),
                None => judgement.holds("the resolver is one of the own network", resolver),
            }
            }
        },
    )
}

/// Whether nginx asks the resolver for nothing but the responders of OCSP: it staples, and no request
/// goes to a name that a variable holds or that an upstream looks up again.
fn is_for_stapling(configuration: &Configuration) -> bool {
    let staples = places(configuration, &["ssl_stapling"])
        .iter()
        .any(|(_, stapling)| stapling.argument(0) == Some("on"));
    let is_asked = places(configuration, &PASSES)
        .iter()
        .any(|(_, pass)| pass.texts().any(|text| text.contains('$')));
    let is_looked_up = places(configuration, &["server"])
        .iter()
        .any(|(_, server)| server.texts().any(|text| text == "resolve"));
    staples && !is_asked && !is_looked_up
}

/// Directives that name a server, resolved at each request where a variable is in the name.
const PASSES: [&str; 6] = [
    "proxy_pass",
    "uwsgi_pass",
    "fastcgi_pass",
    "scgi_pass",
    "grpc_pass",
    "memcached_pass",
];

/// Whether a parameter names a server by a public address, or by a public name.
fn is_external(text: &str) -> bool {
    if text.contains('=') {
        return false;
    }
    let host = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None if text.matches(':').count() > 1 => text,
        None => text.split(':').next().unwrap_or(text),
    };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            let octets = ip.octets();
            let is_shared = octets[0] == 100 && (64..128).contains(&octets[1]);
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || is_shared)
        }
        Ok(IpAddr::V6(ip)) => {
            let first = ip.segments()[0];
            // fc00::/7 is unique local, fe80::/10 link local, fec0::/10 the site local of old.
            let is_own = first & 0xfe00 == 0xfc00 || first & 0xff80 == 0xfe80;
            !(ip.is_loopback() || is_own)
        }
        // A name is resolved when nginx starts, by the machine's own resolver.
        Err(_) => false,
    }
}
