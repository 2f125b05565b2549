use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Leaf};

use super::content::{Part, parts};
use super::context::Context;
use super::judgement::{With, finding};
use super::site::{answering_leaves, is_behind_another, judge_sites, place};
use super::variables::Variables;

pub(super) static CHECK: Check = Check {
    id: "nginx/forwarded-from-client",
    title: "A client writes the headers by which the application knows it",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#secure-proxy-ssl-header"),
        Reference::Cwe(348),
    ],
    doc: include_str!("forwarded_from_client.md"),
    run,
};

/// Headers that applications believe of their proxy.
const BELIEVED: [&str; 7] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-ssl",
    "x-real-ip",
];

fn run(deployment: &Deployment) -> Outcome {
    let otherwise = "no header of the proxy is handed on";
    judge_sites(deployment, otherwise, |http, judgement| {
        let variables = Variables::of(http.configuration);
        for leaf in http.servers().flat_map(answering_leaves) {
            let Handler::Upstream(_) = leaf.handler else {
                continue;
            };
            let context = place(http, &leaf);
            for header in leaf.scope.effective("proxy_set_header").directives {
                let name = header.argument(0).unwrap_or_default().to_ascii_lowercase();
                if !BELIEVED.contains(&name.as_str()) {
                    continue;
                }
                let Some((source, by)) = clients(&variables, &context, header) else {
                    judgement.holds("nginx itself writes what the application believes", header);
                    continue;
                };
                if trusts_a_proxy(&leaf) || is_behind_another(deployment, http) {
                    judgement.unseen(
                        format!(
                            "who writes {name} is not known: another proxy stands in front, whose \
                             configuration is not here"
                        ),
                        "add the configuration of the proxy in front",
                        Some(header.heading_span()),
                    );
                    continue;
                }
                let found = finding(
                    &context,
                    header,
                    format!(
                        "a client decides by itself what {} is, by sending {source}: its address \
                         escapes limits and lockouts, or plain HTTP passes for HTTPS",
                        header.argument(0).unwrap_or_default()
                    ),
                    "Write $remote_addr, $scheme or $host; behind another proxy, set \
                     set_real_ip_from to its address.",
                );
                judgement.fails(match by {
                    Some(table) => found.beside(table, "is decided by the client's header"),
                    None => found,
                });
            }
        }
    })
}

/// The client's header that decides a value: as it is, or by a map over it.
fn clients<'a>(
    variables: &Variables<'a>,
    context: &Context<'a>,
    header: &'a Directive,
) -> Option<(String, Option<&'a Directive>)> {
    let value = header.argument(1)?;
    for part in parts(value) {
        let Part::Variable(name) = part else { continue };
        let content = variables.part(part, context, header);
        let from = content.made_of.iter().find(|one| is_believed(one));
        if let Some(from) = from {
            return Some((shown(from), None));
        }
        for (_, table) in variables.sources(name, context) {
            let subject = table
                .argument(0)
                .unwrap_or_default()
                .trim_start_matches('$');
            let subject = subject.to_ascii_lowercase();
            if table.is("map") && is_believed(&subject) {
                return Some((shown(&subject), Some(table)));
            }
        }
    }
    None
}

fn is_believed(variable: &str) -> bool {
    let header = variable
        .strip_prefix("http_")
        .map(|name| name.replace('_', "-"));
    header.is_some_and(|name| BELIEVED.contains(&name.as_str()))
}

fn shown(variable: &str) -> String {
    variable.trim_start_matches("http_").replace('_', "-")
}

/// Whether the place takes addresses from a proxy in front.
fn trusts_a_proxy(leaf: &Leaf<'_, '_>) -> bool {
    leaf.scope.one("set_real_ip_from").is_some()
        || leaf
            .server
            .listens()
            .iter()
            .any(|listen| listen.proxy_protocol)
}
