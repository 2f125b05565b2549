use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::{Context, places};
use super::header::added;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/content-type-by-add-header",
    title: "add_header sends a second Content-Type",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B6.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header"),
        Reference::Rfc(9110, "8.3"),
    ],
    doc: include_str!("content_type_by_add_header.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no header is added",
        |configuration, judgement| {
            for (context, directive) in places(configuration, &["add_header", "more_set_headers"]) {
                let mut headers = added(directive);
                if headers.any(|header| header.is("content-type")) && !hides_upstreams(&context) {
                    judgement.fails(finding(
                        &context,
                        directive,
                        "the response has two Content-Type headers: the browser picks one of them, \
                     and may run as a page what was meant as text",
                        "Set default_type for files of nginx's own, or hide the upstream's header \
                     with proxy_hide_header Content-Type.",
                    ));
                } else {
                    judgement.holds("no added header is a Content-Type", directive);
                }
            }
        },
    )
}

/// Whether the upstream's own header is taken away first.
fn hides_upstreams(context: &Context<'_>) -> bool {
    const HIDE: [&str; 5] = [
        "proxy_hide_header",
        "fastcgi_hide_header",
        "uwsgi_hide_header",
        "scgi_hide_header",
        "grpc_hide_header",
    ];
    HIDE.iter().flat_map(|name| context.held(name)).any(|hide| {
        hide.texts()
            .any(|text| text.eq_ignore_ascii_case("content-type"))
    })
}
