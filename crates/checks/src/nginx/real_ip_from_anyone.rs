use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{With, finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/real-ip-from-anyone",
    title: "Every client may say which address it has",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3", "X48"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_realip_module.html"),
        Reference::Cwe(348),
    ],
    doc: include_str!("real_ip_from_anyone.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no proxy is trusted with addresses",
        |configuration, judgement| {
            for (context, from) in places(configuration, &["set_real_ip_from"]) {
                let everyone = from
                    .texts()
                    .find(|text| matches!(*text, "0.0.0.0/0" | "::/0"));
                let Some(everyone) = everyone else {
                    judgement.holds("only named proxies are trusted with addresses", from);
                    continue;
                };
                let found = finding(
                    &context,
                    from,
                    format!(
                        "limits, allow lists and lockouts count for nothing: {everyone} trusts every \
                     client's own header with its address"
                    ),
                    "Name the networks of the proxies that really stand in front.",
                );
                judgement.fails(match context.value("real_ip_header") {
                    Some(header) => found.beside(header, "the header that is believed"),
                    None => found,
                });
            }
        },
    )
}
