use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Handler, Http, Scope, Server};

use super::hsts_missing::told_by_others;
use super::judgement::{Judgement, With, finding, without_nginx_itself};
use super::site::{judge_sites, place, public_leaves, public_servers};

pub(super) static CHECK: Check = Check {
    id: "nginx/nosniff-missing",
    title: "Browsers guess the type of files that nginx sends",
    severity: Severity::Low,
    needs: &[Need::Nginx],
    items: &["B6.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Content-Type-Options",
        ),
        Reference::Cwe(430),
    ],
    doc: include_str!("nosniff_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_sites(deployment, "nginx serves no files", |http, judgement| {
        let servers = public_servers(http, true)
            .into_iter()
            .chain(public_servers(http, false));
        for server in servers {
            judge_server(http, server, judgement);
        }
    });
    let outcome = without_nginx_itself(deployment, outcome);
    told_by_others(deployment, outcome, "X-Content-Type-Options")
}

fn judge_server(http: &Http<'_>, server: Server<'_, '_>, judgement: &mut Judgement) {
    for leaf in public_leaves(server) {
        let Handler::Files(Some(_)) = leaf.handler else {
            continue;
        };
        let context = place(http, &leaf);
        let Some(block) = leaf.scope.block() else {
            continue;
        };
        if is_challenge(leaf.scope) {
            continue;
        }
        let headers = leaf.scope.effective("add_header");
        let has = headers.directives.iter().any(|one| is_nosniff(one));
        if has {
            judgement.holds("files are sent with X-Content-Type-Options", block);
        } else if context.has_gap() {
            judgement.hidden(&context, "whether files have X-Content-Type-Options");
        } else {
            let found = finding(
                &context,
                block,
                format!(
                    "a file from {} runs as a script where a browser guesses its type: \
                     X-Content-Type-Options is not sent",
                    context.name()
                ),
                "Add `add_header X-Content-Type-Options nosniff always;` there.",
            );
            let dropped = headers.dropped.iter().find(|one| is_nosniff(one));
            judgement.fails(match dropped {
                Some(dropped) => found.beside(dropped, "does not reach this place"),
                None => found,
            });
        }
    }
}

fn is_nosniff(header: &Directive) -> bool {
    let name = header.argument(0);
    name.is_some_and(|name| name.eq_ignore_ascii_case("x-content-type-options"))
}

/// Whether a place answers challenges of ACME only, which no browser reads.
pub(super) fn is_challenge(scope: Scope<'_, '_>) -> bool {
    let path = scope.location().and_then(Scope::matcher);
    path.is_some_and(|matcher| matcher.text().contains(".well-known"))
}
