use std::collections::HashSet;

use tightship_model::nginx::{Configuration, Directive};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{With, finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/definition-unused",
    title: "A limit or log format is defined and never used",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B6.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_limit_req_module.html"),
        Reference::Cwe(1164),
    ],
    doc: include_str!("definition_unused.md"),
    run,
};

/// What defines a name, what uses it, and what is lost where nothing does.
const KINDS: [(&str, &[&str], &str, Severity); 5] = [
    (
        "limit_req_zone",
        &["limit_req"],
        "limits no request: no limit_req uses it",
        Severity::Medium,
    ),
    (
        "limit_conn_zone",
        &["limit_conn"],
        "limits no connection: no limit_conn uses it",
        Severity::Medium,
    ),
    (
        "log_format",
        &["access_log"],
        "writes nothing: no access_log uses it",
        Severity::Low,
    ),
    (
        "proxy_cache_path",
        &["proxy_cache"],
        "keeps nothing: no proxy_cache uses it",
        Severity::Low,
    ),
    (
        "upstream",
        &[
            "proxy_pass",
            "uwsgi_pass",
            "fastcgi_pass",
            "grpc_pass",
            "scgi_pass",
            "map",
            "set",
        ],
        "gets no request: nothing hands one on to it",
        Severity::Low,
    ),
];

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nothing is defined by a name",
        |configuration, judgement| {
            for (kind, users, lost, severity) in KINDS {
                let defined = places(configuration, &[kind]);
                if defined.is_empty() {
                    continue;
                }
                let used = named(configuration, users);
                for (context, directive) in defined {
                    let Some(name) = name_of(directive) else {
                        continue;
                    };
                    if used.contains(name) {
                        judgement.holds("what is defined is used", directive);
                    } else if configuration.gaps.is_empty() {
                        judgement.fails(
                            finding(
                                &context,
                                directive,
                                format!("{name} {lost}"),
                                "Use it where it was meant, or remove it.",
                            )
                            .with_severity(severity),
                        );
                    } else {
                        judgement.hidden(&context, &format!("whether {name} is used"));
                    }
                }
            }
        },
    )
}

fn name_of(directive: &Directive) -> Option<&str> {
    match directive.name.text.as_str() {
        "limit_req_zone" | "limit_conn_zone" => directive.option("zone")?.split(':').next(),
        "proxy_cache_path" => directive.option("keys_zone")?.split(':').next(),
        _ => directive.argument(0),
    }
}

/// The words in the parameters of these directives, and in the values of their tables.
fn named<'a>(configuration: &'a Configuration, users: &[&str]) -> HashSet<&'a str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut found = HashSet::new();
    configuration.walk(&mut |_, directive| {
        if users.contains(&directive.name.text.as_str()) {
            let keys = directive.directives().iter().flat_map(Directive::texts);
            for text in directive.texts().chain(keys) {
                found.insert(text);
                found.extend(text.split(|c| !is_part(c)));
            }
        }
    });
    found
}
