use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::header::is_protective;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/header-lost-on-errors",
    title: "Error pages go out without a protective header",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B6.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header"),
        Reference::Cwe(693),
    ],
    doc: include_str!("header_lost_on_errors.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nginx adds no protective header",
        |configuration, judgement| {
            for (context, header) in places(configuration, &["add_header"]) {
                let name = header.argument(0).unwrap_or_default();
                if !is_protective(name) {
                    continue;
                }
                if header.argument(2) == Some("always") {
                    judgement.holds("protective headers are sent with errors, too", header);
                } else {
                    judgement.fails(finding(
                        &context,
                        header,
                        format!(
                            "answers of status 400 and above have no {name}: an error page can be \
                         framed, sniffed or fetched in clear where a page cannot"
                        ),
                        "Write `always` behind the value.",
                    ));
                }
            }
        },
    )
}
