use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Leaf};

use crate::cross::admin_exposed;
use crate::told::{leave_out, places_of};

use super::access::is_open;
use super::judgement::{With, finding};
use super::site::{judge_sites, place, public_leaves};

pub(super) static CHECK: Check = Check {
    id: "nginx/admin-open",
    title: "Everyone reaches the login of the administrators",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["A13.1", "B7.5", "X12"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_access_module.html"),
        Reference::Cwe(284),
    ],
    doc: include_str!("admin_open.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let otherwise = "no location is for administrators by its path";
    let outcome = judge_sites(deployment, otherwise, |http, judgement| {
        for leaf in http.servers().flat_map(public_leaves) {
            let (Handler::Upstream(pass), true) = (leaf.handler, is_admin(&leaf)) else {
                continue;
            };
            let context = place(http, &leaf);
            let Some(block) = leaf.scope.block() else {
                continue;
            };
            if !is_open(&context) {
                judgement.holds("the administrators' pages are guarded", block);
            } else if context.has_gap() {
                judgement.hidden(&context, "who reaches the administrators' pages");
            } else {
                judgement.fails(
                    finding(
                        &context,
                        block,
                        format!(
                            "one password found out, and a stranger is in: {} takes visitors from \
                             every address",
                            context.name()
                        ),
                        "Allow the addresses of the team and deny all others, or ask for a client \
                         certificate.",
                    )
                    .beside(pass, "the pages")
                    .with_confidence(Confidence::Medium),
                );
            }
        }
    });
    let told = places_of(deployment, &admin_exposed::CHECK);
    leave_out(outcome, &told, &admin_exposed::CHECK)
}

fn is_admin(leaf: &Leaf<'_, '_>) -> bool {
    const NAMES: [&str; 7] = [
        "admin",
        "adminer",
        "flower",
        "grafana",
        "pgadmin",
        "phpmyadmin",
        "rabbitmq",
    ];
    let path = leaf
        .scope
        .location()
        .and_then(|location| location.matcher());
    path.is_some_and(|matcher| {
        let is_part = |c: char| c.is_ascii_alphanumeric();
        matcher
            .text()
            .split(|c| !is_part(c))
            .any(|part| NAMES.contains(&part))
    })
}
