use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::access::{is_internal, is_open};
use super::context::places;
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
                if !is_on || is_internal(&context) || !is_open(&context) {
                    judgement.holds("no folder is listed for strangers", index);
                } else {
                    judgement.fails(finding(
                    &context,
                    index,
                    format!(
                        "visitors see every file below {}: uploads of others, backups and whatever \
                         is not linked",
                        context.name()
                    ),
                    "Remove autoindex.",
                ));
                }
            }
        },
    )
}
