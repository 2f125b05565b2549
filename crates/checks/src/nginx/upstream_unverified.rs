use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{finding, judge};
use super::target::{Target, has_variables, host, is_public, upstreams};

pub(super) static CHECK: Check = Check {
    id: "nginx/upstream-unverified",
    title: "nginx does not look at the certificate of a server in another network",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_verify",
        ),
        Reference::Cwe(295),
    ],
    doc: include_str!("upstream_unverified.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "nothing is handed on over TLS",
        |configuration, judgement| {
            let blocks = upstreams(configuration);
            for (context, pass) in places(configuration, &["proxy_pass"]) {
                let target = Target::of(pass.argument(0).unwrap_or_default());
                let name = target.host().filter(|host| !has_variables(host));
                let (Some(name), Some("https")) = (name, target.scheme) else {
                    continue;
                };
                let is_far = match blocks.get(name) {
                    Some(block) => block
                        .children("server")
                        .filter_map(|server| host(server.argument(0)?))
                        .any(is_public),
                    None => is_public(name),
                };
                if !is_far || context.switch("proxy_ssl_verify") == Some(true) {
                    judgement.holds("certificates of far servers are looked at", pass);
                } else if context.has_gap() {
                    judgement.hidden(&context, "proxy_ssl_verify");
                } else {
                    judgement.fails(finding(
                    &context,
                    pass,
                    format!(
                        "whoever stands between nginx and {name} reads and changes what is sent: \
                         nginx takes any certificate, unless proxy_ssl_verify is on"
                    ),
                    "Set proxy_ssl_verify on, proxy_ssl_trusted_certificate and \
                     proxy_ssl_server_name on.",
                ));
                }
            }
        },
    )
}
