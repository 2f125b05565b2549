use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::context::places;
use super::judgement::{finding, judge};

pub(super) static CHECK: Check = Check {
    id: "nginx/error-log-lost",
    title: "Errors of nginx are written nowhere",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B8.1"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/ngx_core_module.html#error_log"),
        Reference::Cwe(778),
    ],
    doc: include_str!("error_log_lost.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let otherwise = "error_log is not set, and nginx keeps its log at its usual place";
    judge(deployment, otherwise, |configuration, judgement| {
        for (context, log) in places(configuration, &["error_log"]) {
            let message = match log.argument(0) {
                Some("off") => {
                    "`off` is the name of a file here: what goes wrong in nginx is written where \
                     nobody looks for it"
                }
                Some("/dev/null") => "what goes wrong in nginx, attacks among it, is seen nowhere",
                _ if matches!(log.argument(1), Some("crit" | "alert" | "emerg")) => {
                    "failed upstreams and refused clients are of level error: nginx does not \
                     write them down"
                }
                _ => {
                    judgement.holds("errors of nginx are written down", log);
                    continue;
                }
            };
            judgement.fails(finding(
                &context,
                log,
                message,
                "Name a file, or /dev/stderr in a container, with the level warn.",
            ));
        }
    })
}
