use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{finding, judge};
use super::target::{Target, has_variables, is_public, upstreams};

pub(super) static CHECK: Check = Check {
    id: "nginx/upstream-in-clear",
    title: "Requests leave for another network in clear",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass"),
        Reference::Cwe(319),
    ],
    doc: include_str!("upstream_in_clear.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nothing is handed on",
        |configuration, judgement| {
            let blocks = upstreams(configuration);
            for (context, pass) in places(configuration, &["proxy_pass"]) {
                let text = pass.argument(0).unwrap_or_default();
                let target = Target::of(text);
                let host = target.host().filter(|host| !has_variables(host));
                let (Some(host), true) = (host, context.is_http()) else {
                    continue;
                };
                let is_far = is_public(host) && !blocks.contains_key(host);
                if target.scheme == Some("http") && is_far {
                    judgement.fails(finding(
                    &context,
                    pass,
                    format!(
                        "what visitors send over HTTPS goes on to {host} in clear: passwords and \
                         cookies are read on the way"
                    ),
                    "Write https:// and set proxy_ssl_verify on.",
                ));
                } else {
                    judgement.holds("nothing leaves the own network in clear", pass);
                }
            }
        },
    )
}
