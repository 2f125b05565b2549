use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::header::added;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/header-over-lines",
    title: "An added header runs over several lines",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B6.3"],
    django_ids: &[],
    references: &[Reference::Rfc(9112, "5.2")],
    doc: include_str!("header_over_lines.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no header is added",
        |configuration, judgement| {
            for (context, directive) in places(configuration, &["add_header", "more_set_headers"]) {
                let broken = added(directive).find(|header| header.value.contains(['\n', '\r']));
                match broken {
                Some(header) => judgement.fails(finding(
                    &context,
                    directive,
                    format!(
                        "{} is sent with a line break inside: HTTP/2 clients drop the response, \
                         others read the rest as another header",
                        header.name
                    ),
                    "Write the value on one line, or put its parts together with set.",
                )),
                None => judgement.holds("every added header stands on one line", directive),
            }
            }
        },
    )
}
