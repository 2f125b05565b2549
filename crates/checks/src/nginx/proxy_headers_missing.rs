use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::Handler;

use super::judgement::{With, finding};
use super::site::{answering_leaves, is_of_others, judge_sites, place, public_servers};
use crate::cross::{proto_header_forgeable, proto_header_untold};
use crate::told::places_of;

pub(super) static CHECK: Check = Check {
    id: "nginx/proxy-headers-missing",
    title: "The application does not learn how the visitor came",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#secure-proxy-ssl-header"),
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        ),
        Reference::Cwe(348),
    ],
    doc: include_str!("proxy_headers_missing.md"),
    run,
};

/// What an application behind a proxy asks for, and what goes wrong without.
const WANTED: [(&[&str], &str, Severity); 3] = [
    (
        &[
            "x-forwarded-proto",
            "x-forwarded-protocol",
            "x-forwarded-ssl",
            "forwarded",
            "x-scheme",
        ],
        "X-Forwarded-Proto (the application takes HTTPS for HTTP, and believes a client that \
         sends the header itself)",
        Severity::Medium,
    ),
    (
        &["host"],
        "Host (it is the upstream's name: links and redirects lead there)",
        Severity::Medium,
    ),
    (
        &["x-forwarded-for", "x-real-ip", "forwarded"],
        "X-Forwarded-For (logs and lockouts see the address of nginx only)",
        Severity::Low,
    ),
];

fn run(deployment: &Deployment) -> Outcome {
    let told: Vec<_> = [&proto_header_untold::CHECK, &proto_header_forgeable::CHECK]
        .into_iter()
        .flat_map(|check| places_of(deployment, check))
        .collect();
    judge_sites(
        deployment,
        "nothing is handed on from HTTPS",
        |http, judgement| {
            for leaf in public_servers(http, true)
                .into_iter()
                .flat_map(answering_leaves)
            {
                let Handler::Upstream(pass) = leaf.handler else {
                    continue;
                };
                let is_http = pass
                    .argument(0)
                    .is_some_and(|target| target.starts_with("http"));
                if !pass.is("proxy_pass")
                    || !is_http
                    || is_of_others(deployment, http, leaf.scope, pass)
                {
                    continue;
                }
                let context = place(http, &leaf);
                let set = leaf.scope.effective("proxy_set_header").directives;
                let sets = |names: &[&str]| {
                    set.iter().any(|one| {
                        let name = one.argument(0).unwrap_or_default().to_ascii_lowercase();
                        names.contains(&name.as_str())
                    })
                };
                let mut missing: Vec<_> =
                    WANTED.iter().filter(|(names, ..)| !sets(names)).collect();
                // What Django makes of a scheme that it is not told says more.
                if told.contains(&pass.heading_span()) {
                    missing.retain(|(names, ..)| !names.contains(&"x-forwarded-proto"));
                    if missing.is_empty() {
                        continue;
                    }
                }
                let Some(worst) = missing.iter().map(|(_, _, severity)| *severity).max() else {
                    judgement.holds("Host, scheme and address are handed on", pass);
                    continue;
                };
                if context.has_gap() {
                    judgement.hidden(&context, "which headers are handed on");
                    continue;
                }
                let names: Vec<_> = missing.iter().map(|(_, name, _)| *name).collect();
                judgement.fails(
                finding(
                    &context,
                    pass,
                    format!("{} hands on no {}", context.name(), names.join(", no ")),
                    "Set Host $host, X-Forwarded-Proto $scheme and X-Forwarded-For $remote_addr.",
                )
                .with_severity(worst),
            );
            }
        },
    )
}
