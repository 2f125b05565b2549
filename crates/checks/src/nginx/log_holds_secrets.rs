use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::content::{Part, parts};
use super::context::places;
use super::judgement::{With, finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/log-holds-secrets",
    title: "The access log keeps cookies and passwords",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["X22"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format"),
        Reference::Cwe(532),
    ],
    doc: include_str!("log_holds_secrets.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge(
        deployment,
        "no log format is defined",
        |configuration, judgement| {
            let logs = places(configuration, &["access_log"]);
            for (context, format) in places(configuration, &["log_format"]) {
                let name = format.argument(0).unwrap_or_default();
                let used = logs.iter().find(|(_, log)| log.argument(1) == Some(name));
                let (Some(secret), Some((_, log))) = (secret(format), used) else {
                    judgement.holds("no log format that is used holds a secret", format);
                    continue;
                };
                judgement.fails(
                finding(
                    &context,
                    format,
                    format!(
                        "whoever reads a log or its backup is logged in as any visitor: each line \
                         has ${secret}"
                    ),
                    "Take the variable out, and delete the logs that have it.",
                )
                .beside(log, "writes with this format"),
            );
            }
        },
    )
}

/// The first variable of a format that holds what opens doors.
fn secret(format: &Directive) -> Option<&str> {
    format
        .texts()
        .skip(1)
        .flat_map(parts)
        .find_map(|part| match part {
            Part::Variable(name) => is_secret(&name.to_ascii_lowercase()).then_some(name),
            Part::Literal(_) => None,
        })
}

fn is_secret(variable: &str) -> bool {
    const WHOLE: [&str; 6] = [
        "http_authorization",
        "http_cookie",
        "http_x_api_key",
        "http_x_auth_token",
        "request_body",
        "sent_http_set_cookie",
    ];
    const WORDS: [&str; 7] = [
        "csrf", "jwt", "key", "password", "secret", "session", "token",
    ];
    let inner = ["cookie_", "arg_"]
        .iter()
        .find_map(|start| variable.strip_prefix(start));
    WHOLE.contains(&variable)
        || inner.is_some_and(|name| WORDS.iter().any(|word| name.contains(word)))
}
