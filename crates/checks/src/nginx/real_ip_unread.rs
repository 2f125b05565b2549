use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/real-ip-unread",
    title: "nginx is told the header with the visitor's address and no proxy to believe",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://nginx.org/en/docs/http/ngx_http_realip_module.html",
    )],
    doc: include_str!("real_ip_unread.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nginx reads no address from a header",
        |configuration, judgement| {
            for (context, header) in places(configuration, &["real_ip_header"]) {
                // The proxies may be named further in or further out.
                let is_believed = !configuration.find("set_real_ip_from").is_empty();
                if is_believed {
                    judgement.holds("proxies are named whose header is believed", header);
                } else if context.has_gap() {
                    judgement.hidden(&context, "which proxies are believed");
                } else {
                    judgement.fails(finding(
                        &context,
                        header,
                        format!(
                            "all visitors count as one: limits, allow lists and logs see the address \
                             of the proxy in front, as {} does nothing without set_real_ip_from",
                            header.heading()
                        ),
                        "Name the networks of the proxies in front with set_real_ip_from.",
                    ));
                }
            }
        },
    )
}
