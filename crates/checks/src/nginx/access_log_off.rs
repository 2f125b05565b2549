use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Leaf};

use super::judgement::finding;
use super::site::{judge_sites, place, public_leaves, public_servers};

pub(super) static CHECK: Check = Check {
    id: "nginx/access-log-off",
    title: "Nobody writes down who used the application",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["X48"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_log_module.html#access_log"),
        Reference::Cwe(778),
    ],
    doc: include_str!("access_log_off.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(
        deployment,
        "nothing is handed on to an application",
        |http, judgement| {
            let servers = public_servers(http, true)
                .into_iter()
                .chain(public_servers(http, false));
            for leaf in servers.flat_map(public_leaves) {
                let Handler::Upstream(pass) = leaf.handler else {
                    continue;
                };
                let log = leaf.scope.one("access_log");
                let off = log.filter(|log| matches!(log.argument(0), Some("off" | "/dev/null")));
                match off.filter(|_| !is_noise(&leaf)) {
                    Some(off) => judgement.fails(finding(
                        &place(http, &leaf),
                        off,
                        "after a break-in nothing tells who came, from where and to which page",
                        "Leave the log on for what the application answers; turn it off for health \
                     checks only.",
                    )),
                    None => judgement.holds(
                        "requests to the application are written down",
                        log.unwrap_or(pass),
                    ),
                }
            }
        },
    )
}

/// Places whose requests tell nothing.
fn is_noise(leaf: &Leaf<'_, '_>) -> bool {
    const SIGNS: [&str; 8] = [
        "alive", "favicon", "health", "ping", "ready", "robots", "static", "status",
    ];
    let path = leaf
        .scope
        .location()
        .and_then(|location| location.matcher());
    path.is_some_and(|matcher| SIGNS.iter().any(|sign| matcher.text().contains(sign)))
}
