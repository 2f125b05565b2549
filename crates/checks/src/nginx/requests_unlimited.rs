use tightship_model::nginx::Directive;
use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Http, Leaf, Matcher, Server};

use super::judgement::{Judgement, With, finding};
use super::site::{answering_leaves, is_of_others, judge_sites, place};
use crate::cross::login_unlimited;
use crate::told::{leave_out, places_of};

pub(super) static CHECK: Check = Check {
    id: "nginx/requests-unlimited",
    title: "nginx lets a client ask as often as it likes",
    severity: Severity::Medium,
    needs: &[Need::Nginx],
    items: &["B6.4", "A14.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_limit_req_module.html"),
        Reference::Cwe(307),
        Reference::Cwe(770),
    ],
    doc: include_str!("requests_unlimited.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_sites(
        deployment,
        "nothing is handed on to an application",
        |http, judgement| {
            for server in http.servers() {
                look(deployment, http, server, judgement);
            }
        },
    );
    let told = places_of(deployment, &login_unlimited::CHECK);
    leave_out(outcome, &told, &login_unlimited::CHECK)
}

/// One finding for a server that limits nothing; else one for each place of logins without limit.
fn look<'a>(
    deployment: &'a Deployment,
    http: &'a Http<'a>,
    server: Server<'_, 'a>,
    judgement: &mut Judgement,
) {
    if server
        .listens()
        .iter()
        .all(|listen| listen.address.is_local())
    {
        return;
    }
    let mut leaves = answering_leaves(server);
    // A limit before `try_files` holds for the named location behind it, too.
    let limited = leaves.iter().find_map(limit);
    leaves.retain(|leaf| match leaf.handler {
        Handler::Upstream(pass) => !is_of_others(deployment, http, leaf.scope, pass),
        _ => false,
    });
    for leaf in &leaves {
        let Handler::Upstream(pass) = leaf.handler else {
            continue;
        };
        let context = place(http, leaf);
        let before = limited.filter(|_| matches!(leaf.scope.matcher(), Some(Matcher::Named(_))));
        if let Some(limit) = limit(leaf).or(before) {
            judgement.holds("requests to the application are limited", limit);
        } else if context.has_gap() {
            judgement.hidden(&context, "whether requests are limited");
        } else if limited.is_none() {
            let message = format!(
                "passwords are tried and pages are fetched as fast as the line allows: {} limits \
                 no request",
                context.name()
            );
            judgement.fails(finding(&context, pass, message, ADVICE));
            return;
        } else if is_login(leaf) {
            let message = format!(
                "passwords are tried as fast as the line allows at {}, which has no limit where \
                 other places have one",
                context.name()
            );
            judgement.fails(
                finding(&context, pass, message, ADVICE).with_confidence(Confidence::Medium),
            );
        }
    }
}

const ADVICE: &str = "Set limit_req_zone $binary_remote_addr in http, and limit_req where the \
                      application answers; a stricter one for logins.";

fn limit<'a>(leaf: &Leaf<'_, 'a>) -> Option<&'a Directive> {
    let is_trial = || leaf.scope.flag("limit_req_dry_run") == Some(true);
    leaf.scope.one("limit_req").filter(|_| !is_trial())
}

fn is_login(leaf: &Leaf<'_, '_>) -> bool {
    const SIGNS: [&str; 8] = [
        "account", "admin", "auth", "login", "password", "register", "signup", "token",
    ];
    let path = leaf
        .scope
        .location()
        .and_then(|location| location.matcher());
    path.is_some_and(|matcher| {
        let path = matcher.text().to_ascii_lowercase();
        SIGNS.iter().any(|sign| path.contains(sign))
    })
}
