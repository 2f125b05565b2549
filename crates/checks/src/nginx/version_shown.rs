use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::{blocks, places};
use super::judgement::{finding, judge};
use super::listen::is_local;

pub(super) static CHECK: Check = Check {
    id: "nginx/version-shown",
    title: "nginx tells its version",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B6.5"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#server_tokens"),
        Reference::Cwe(200),
    ],
    doc: include_str!("version_shown.md"),
    run,
};

const MESSAGE: &str = "every answer and error page names the version of nginx: an attacker picks \
                       the exploits that fit";
const ADVICE: &str = "Set `server_tokens off;` in http.";

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no server of nginx is known",
        |configuration, judgement| {
            for (context, tokens) in places(configuration, &["server_tokens"]) {
                // An empty text (commercial) sends no Server header at all.
                if matches!(tokens.argument(0), Some("on" | "build")) {
                    judgement.fails(finding(&context, tokens, MESSAGE, ADVICE));
                } else {
                    judgement.holds("server_tokens is off", tokens);
                }
            }
            let mut servers = blocks(configuration, "server").into_iter();
            let untold = servers.find(|server| {
                server.is_within("http")
                    && server.value("server_tokens").is_none()
                    && !is_local(server)
            });
            let Some(server) = untold else { return };
            let Some(block) = server.around("http").and_then(|http| http.block()) else {
                return;
            };
            if server.has_gap() {
                judgement.hidden(&server, "server_tokens");
            } else {
                judgement.fails(finding(&server, block, MESSAGE, ADVICE));
            }
        },
    )
}
