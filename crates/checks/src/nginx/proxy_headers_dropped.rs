use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::context::{Context, holders};
use super::header::added;
use super::judgement::{With, finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/proxy-headers-dropped",
    title: "A block with a proxy_set_header of its own drops those of the outer blocks",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        ),
        Reference::Cwe(348),
    ],
    doc: include_str!("proxy_headers_dropped.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no header is handed on",
        |configuration, judgement| {
            for context in holders(configuration, &["proxy_set_header"]) {
                let own: Vec<_> = context.own("proxy_set_header").collect();
                let Some(first) = own.first() else { continue };
                let outer = context
                    .parent()
                    .map_or_else(Vec::new, |outer| outer.held("proxy_set_header"));
                let lost: Vec<_> = outer
                    .into_iter()
                    .filter(|one| !is_default(one) && !sets(&own, one))
                    .collect();
                if lost.is_empty() {
                    judgement.holds(
                        "no block drops a request header of the blocks around it",
                        first,
                    );
                } else {
                    judgement.fails(dropped(&context, first, &lost));
                }
            }
        },
    )
}

fn sets(own: &[&Directive], header: &Directive) -> bool {
    let name = header.argument(0).unwrap_or_default();
    own.iter()
        .any(|one| added(one).any(|header| header.is(name)))
}

/// What nginx does anyway: losing it changes nothing.
fn is_default(directive: &Directive) -> bool {
    let name = directive
        .argument(0)
        .unwrap_or_default()
        .to_ascii_lowercase();
    match (name.as_str(), directive.argument(1).unwrap_or_default()) {
        ("host", value) => value == "$proxy_host",
        ("connection", value) => matches!(value, "" | "close"),
        // Headers of one hop, which nginx never hands on.
        ("upgrade" | "te" | "keep-alive" | "expect" | "trailer", "") => true,
        _ => false,
    }
}

fn dropped(context: &Context<'_>, first: &Directive, lost: &[&Directive]) -> Finding {
    let mut names: Vec<_> = lost.iter().filter_map(|one| one.argument(0)).collect();
    names.dedup();
    let guards = lost.iter().any(|one| is_trusted(one));
    let gain = if guards {
        "the application believes what the client itself writes there"
    } else {
        "the application does not get them"
    };
    let found = finding(
        context,
        first,
        format!(
            "{} hands requests on without setting {}: {gain}",
            context.name(),
            names.join(", ")
        ),
        "Repeat all proxy_set_header lines here, best by an include that every such block has.",
    )
    .with_severity(if guards {
        Severity::Medium
    } else {
        Severity::Low
    });
    lost.iter().take(4).fold(found, |found, lost| {
        found.beside(lost, "does not reach this block")
    })
}

/// Headers that applications believe, and headers that are emptied so that no client sends them.
fn is_trusted(directive: &Directive) -> bool {
    const TRUSTED: [&str; 9] = [
        "host",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-forwarded-ssl",
        "x-real-ip",
        "forwarded",
        "remote-user",
    ];
    let name = directive
        .argument(0)
        .unwrap_or_default()
        .to_ascii_lowercase();
    TRUSTED.contains(&name.as_str()) || directive.argument(1) == Some("")
}
