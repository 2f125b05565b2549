use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::header::is_protective;
use super::judgement::{With, finding};
use super::site::{judge_sites, place, public_leaves};

pub(super) static CHECK: Check = Check {
    id: "nginx/header-twice",
    title: "nginx sends a protective header twice, with two values",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B6.3"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "8.1"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header"),
    ],
    doc: include_str!("header_twice.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(
        deployment,
        "nginx adds no protective header",
        |http, judgement| {
            for leaf in http.servers().flat_map(public_leaves) {
                let mut headers = leaf.scope.effective("add_header").directives;
                headers.retain(|one| one.argument(0).is_some_and(is_protective) && is_one(one));
                for (at, second) in headers.iter().enumerate() {
                    let first = headers[..at].iter().find(|one| is_same(one, second));
                    match first.filter(|first| first.argument(1) != second.argument(1)) {
                        Some(first) => judgement.fails(
                            finding(
                                &place(http, &leaf),
                                second,
                                format!(
                                    "browsers take one of the two {} or drop both, and which one \
                                     differs: this value is not the one that counts everywhere",
                                    second.argument(0).unwrap_or_default()
                                ),
                                "Keep one of the two; add_header never replaces.",
                            )
                            .beside(first, "adds it, too"),
                        ),
                        None => judgement.holds("no protective header is sent twice", second),
                    }
                }
            }
        },
    )
}

/// Whether a header may stand once only: several policies of content are all in force.
fn is_one(directive: &Directive) -> bool {
    let name = directive.argument(0).unwrap_or_default();
    !name
        .to_ascii_lowercase()
        .starts_with("content-security-policy")
}

fn is_same(one: &Directive, other: &Directive) -> bool {
    let name = |directive: &Directive| directive.argument(0).map(str::to_ascii_lowercase);
    name(one) == name(other)
}
