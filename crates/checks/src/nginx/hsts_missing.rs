use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::Handler;

use super::headers_dropped;
use super::judgement::{With, finding};
use super::site::{judge_sites, place, public_leaves, public_servers};
use crate::cross::headers_only_from_django;
use crate::told::{leave_out, places_naming};

pub(super) static CHECK: Check = Check {
    id: "nginx/hsts-missing",
    title: "What nginx itself answers over HTTPS has no Strict Transport Security",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["A2.4", "B1.8", "B6.3"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6797, "7.2"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header"),
        Reference::Cwe(319),
    ],
    doc: include_str!("hsts_missing.md"),
    run,
};

pub(super) const HSTS: &str = "strict-transport-security";

fn run(deployment: &Deployment) -> Outcome {
    let otherwise = "nginx answers nothing over HTTPS from its own files";
    let outcome = judge_sites(deployment, otherwise, |http, judgement| {
        for server in public_servers(http, true) {
            for leaf in public_leaves(server) {
                let Handler::Files(folder) = leaf.handler else {
                    continue;
                };
                let context = place(http, &leaf);
                let (Some(block), false) = (leaf.scope.block(), folder.is_none()) else {
                    continue;
                };
                let headers = leaf.scope.effective("add_header");
                let has = headers.directives.iter().any(|one| is_hsts(one));
                if has {
                    judgement.holds("files are sent with Strict-Transport-Security", block);
                    continue;
                }
                if context.has_gap() {
                    judgement.hidden(&context, "whether files have Strict-Transport-Security");
                    continue;
                }
                let found = finding(
                    &context,
                    block,
                    format!(
                        "a browser that has only fetched files of {} does not learn that the site \
                         is for HTTPS only: its next visit can be taken over in clear",
                        context.name()
                    ),
                    "Add Strict-Transport-Security with `always` to the server, and to each \
                     location that has an add_header of its own.",
                );
                let dropped = headers.dropped.iter().find(|one| is_hsts(one));
                judgement.fails(match dropped {
                    Some(dropped) => found.beside(dropped, "does not reach this place"),
                    None => found,
                });
            }
        }
    });
    told_by_others(deployment, outcome, "Strict-Transport-Security")
}

/// Leaves out the places of which the block that drops the header is told, or the page of Django that
/// has it.
pub(super) fn told_by_others(deployment: &Deployment, outcome: Outcome, header: &str) -> Outcome {
    [&headers_dropped::CHECK, &headers_only_from_django::CHECK]
        .into_iter()
        .fold(outcome, |outcome, check| {
            let told = places_naming(deployment, check, header);
            leave_out(outcome, &told, check)
        })
}

fn is_hsts(directive: &tightship_model::nginx::Directive) -> bool {
    directive
        .argument(0)
        .is_some_and(|name| name.eq_ignore_ascii_case(HSTS))
}
