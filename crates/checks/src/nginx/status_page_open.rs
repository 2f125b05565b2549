use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::access::{is_internal, is_open};
use super::context::places;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/status-page-open",
    title: "Everyone reads nginx's status page",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_stub_status_module.html"),
        Reference::Cwe(497),
    ],
    doc: include_str!("status_page_open.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nginx has no status page",
        |configuration, judgement| {
            for (context, page) in places(configuration, &["stub_status", "status", "api"]) {
                let is_extra = !page.is("stub_status");
                if is_extra && !context.is("location") {
                    continue;
                }
                if is_internal(&context) || !is_open(&context) {
                    judgement.holds("the status page is guarded", page);
                } else if context.has_gap() {
                    judgement.hidden(&context, "who reads the status page");
                } else {
                    judgement.fails(finding(
                        &context,
                        page,
                        format!(
                            "{} tells every visitor how many connections and requests the server \
                         has: an attacker sees at once whether a flood works",
                            context.name()
                        ),
                        "Allow the addresses that watch it and deny all others, or listen on \
                     127.0.0.1 for it.",
                    ));
                }
            }
        },
    )
}
