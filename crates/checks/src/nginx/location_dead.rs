use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Http, Matcher, Scope, Server};

use super::context::Context;
use super::judgement::{Judgement, With, finding};
use super::site::judge_sites;

pub(super) static CHECK: Check = Check {
    id: "nginx/location-dead",
    title: "A location is never used",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B4.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_core_module.html#location"),
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return"),
        Reference::Cwe(561),
    ],
    doc: include_str!("location_dead.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(deployment, "no server has locations", |http, judgement| {
        for server in http.servers() {
            behind_return(http, server, judgement);
            for scope in server.locations().into_iter().chain([server.scope]) {
                behind_catch_all(http, scope, judgement);
            }
        }
    })
}

/// A `return` of the server runs before any location is chosen.
fn behind_return(http: &Http<'_>, server: Server<'_, '_>, judgement: &mut Judgement) {
    let answer = server.scope.declared("return").first();
    for location in server.scope.locations() {
        let Some(block) = location.block() else {
            continue;
        };
        let is_named = matches!(location.matcher(), Some(Matcher::Named(_)));
        let Some(answer) = answer.filter(|_| !is_named) else {
            judgement.holds("every location can be reached", block);
            continue;
        };
        let is_challenge = block.heading().contains("acme-challenge");
        let found = finding(
            &Context::of(http.configuration, location),
            block,
            if is_challenge {
                "the certificate cannot be renewed by webroot: the return of the server answers \
                 the challenge before this location is looked at"
            } else {
                "nothing that stands here is used: the return of the server answers every request \
                 before a location is chosen"
            },
            "Move the return into `location / { ... }`.",
        )
        .beside(answer, "answers first");
        judgement.fails(if is_challenge {
            found.with_severity(Severity::High)
        } else {
            found
        });
    }
}

/// A regular expression that matches everything leaves nothing to those behind it.
fn behind_catch_all(http: &Http<'_>, scope: Scope<'_, '_>, judgement: &mut Judgement) {
    const EVERYTHING: [&str; 8] = ["", "/", "^/", "^", ".", ".*", "^.*$", "^/.*$"];
    let mut catch_all = None;
    for location in scope.locations() {
        let (Some(block), Some(Matcher::Regex { pattern, .. })) =
            (location.block(), location.matcher())
        else {
            continue;
        };
        if let Some(earlier) = catch_all {
            judgement.fails(
                finding(
                    &Context::of(http.configuration, location),
                    block,
                    "nothing that stands here is used: nginx takes the first regular expression \
                     that matches, and an earlier one matches every path",
                    "Move it before the one that matches everything, or make that one a prefix.",
                )
                .beside(earlier, "matches every path"),
            );
        } else if EVERYTHING.contains(&pattern.as_str()) {
            catch_all = Some(block);
        }
    }
}
