use tightship_model::nginx::Directive;
use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};

use super::context::blocks;
use super::judgement::{With, finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/if-in-location",
    title: "An if inside a location does more than return",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if"),
        Reference::Url(
            "https://github.com/nginxinc/nginx-wiki/blob/master/source/start/topics/depth/ifisevil.rst",
        ),
    ],
    doc: include_str!("if_in_location.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no location has an if",
        |configuration, judgement| {
            for context in blocks(configuration, "if") {
                let Some(block) = context.block() else {
                    continue;
                };
                if !context.is_within("location") {
                    continue;
                }
                match context.directives().iter().find(|one| !is_safe(one)) {
                    Some(odd) => judgement.fails(
                        finding(
                            &context,
                            block,
                            format!(
                                "when the condition holds, the request leaves its location for the \
                             inside of the if: {} takes effect there, and what the location or \
                             another if says beside it is lost",
                                odd.name.text
                            ),
                            "Let the if only return, or decide with map.",
                        )
                        .beside(odd, "belongs to the inner location that the if makes")
                        .with_confidence(Confidence::Medium),
                    ),
                    None => {
                        judgement.holds("every if in a location only returns or rewrites", block)
                    }
                }
            }
        },
    )
}

/// What the rewrite module runs itself: `return`, `set` and a `rewrite` that leaves the location.
fn is_safe(directive: &Directive) -> bool {
    match directive.name.text.as_str() {
        "return" | "set" | "if" => true,
        "rewrite" => directive.argument(2) != Some("break"),
        _ => false,
    }
}
