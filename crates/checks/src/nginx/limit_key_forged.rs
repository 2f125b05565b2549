use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::content::{Part, parts};
use super::context::places;
use super::judgement::{finding, judge};
use super::variables::Variables;

pub(super) static CHECK: Check = Check {
    id: "nginx/limit-key-forged",
    title: "A client escapes the limit by sending another header",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B6.4"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_limit_req_module.html#limit_req_zone",
        ),
        Reference::Cwe(807),
    ],
    doc: include_str!("limit_key_forged.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no limit is defined",
        |configuration, judgement| {
            let variables = Variables::of(configuration);
            for (context, zone) in places(configuration, &["limit_req_zone", "limit_conn_zone"]) {
                let key = zone.argument(0).unwrap_or_default();
                let free = parts(key).into_iter().find_map(|part| match part {
                    Part::Variable(name) => {
                        let content = variables.part(part, &context, zone);
                        let is_free = content.made_of.iter().any(|one| is_free(one));
                        (content.from_client && is_free).then_some(name)
                    }
                    Part::Literal(_) => None,
                });
                match free {
                    Some(name) => judgement.fails(finding(
                        &context,
                        zone,
                        format!(
                            "${name} comes from the request: with another value in each request a \
                         client is never counted twice"
                        ),
                        "Count by $binary_remote_addr.",
                    )),
                    None => judgement.holds("limits count by what a client cannot choose", zone),
                }
            }
        },
    )
}

/// Whether a client writes it as it likes, without changing which page it asks for.
fn is_free(variable: &str) -> bool {
    const STARTS: [&str; 3] = ["http_", "arg_", "cookie_"];
    matches!(
        variable,
        "args" | "query_string" | "request_uri" | "proxy_add_x_forwarded_for"
    ) || STARTS.iter().any(|start| variable.starts_with(start)) && variable != "http_host"
}
