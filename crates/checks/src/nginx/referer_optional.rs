use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/referer-optional",
    title: "A request without Referer passes as one of the site's own",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_referer_module.html"),
        Reference::Cwe(346),
    ],
    doc: include_str!("referer_optional.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no referer is judged",
        |configuration, judgement| {
            for (context, referers) in places(configuration, &["valid_referers"]) {
                let lets_in = referers
                    .texts()
                    .find(|text| matches!(*text, "none" | "blocked"));
                match lets_in {
                Some(word) => judgement.fails(finding(
                    &context,
                    referers,
                    format!(
                        "`{word}` counts a request {} as valid: another site embeds the files, \
                         or posts from its page, with Referrer-Policy: no-referrer",
                        if word == "none" {
                            "without a Referer"
                        } else {
                            "whose Referer has no scheme"
                        }
                    ),
                    "Remove none and blocked, and do not let the Referer guard anything of worth.",
                )),
                None => judgement.holds("only named referers are valid", referers),
            }
            }
        },
    )
}
