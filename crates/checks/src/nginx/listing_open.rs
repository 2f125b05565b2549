use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::access::{is_internal, is_open};
use super::context::{Context, places};
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/listing-open",
    title: "Everyone sees the list of files in a folder",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3", "X47"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_autoindex_module.html"),
        Reference::Cwe(548),
    ],
    doc: include_str!("listing_open.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no folder is listed",
        |configuration, judgement| {
            for (context, index) in places(configuration, &["autoindex"]) {
                let is_on = index
                    .argument(0)
                    .is_some_and(|text| text.eq_ignore_ascii_case("on"));
                let is_challenge = || leads_to(&context, "acme-challenge");
                if !is_on || is_internal(&context) || !is_open(&context) || is_challenge() {
                    judgement.holds("no folder is listed for strangers", index);
                    continue;
                }
                let is_static = leads_to(&context, "static");
                let seen = match is_static {
                    true => "which programs serve the site, and in which versions",
                    false => "uploads of others, backups and whatever is not linked",
                };
                let message = format!("visitors see every file below {}: {seen}", context.name());
                judgement.fails(Finding {
                    severity: is_static.then_some(Severity::Low),
                    ..finding(&context, index, message, "Remove autoindex.")
                });
            }
        },
    )
}

/// Whether a location around the place has this word for a part of its path.
fn leads_to(context: &Context<'_>, word: &str) -> bool {
    let location = |block: &Directive| block.is("location");
    context.levels().any(|level| {
        let block = level.block().filter(|block| location(block));
        let path = block.and_then(|block| block.texts().last());
        path.is_some_and(|path| path.split('/').any(|part| part == word))
    })
}
