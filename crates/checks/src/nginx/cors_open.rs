use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::Handler;

use super::judgement::{With, finding};
use super::site::{answering_leaves, judge_sites, place};

pub(super) static CHECK: Check = Check {
    id: "nginx/cors-open",
    title: "nginx lets every site read answers of the application",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["B3.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://fetch.spec.whatwg.org/#http-access-control-allow-origin"),
        Reference::Cwe(942),
    ],
    doc: include_str!("cors_open.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let otherwise = "nginx allows no origin for what the application answers";
    judge_sites(deployment, otherwise, |http, judgement| {
        for leaf in http.servers().flat_map(answering_leaves) {
            let Handler::Upstream(pass) = leaf.handler else {
                continue;
            };
            let headers = leaf.scope.effective("add_header").directives;
            let header = |name: &str| headers.iter().copied().find(|one| is(one, name));
            let Some(origin) = header("access-control-allow-origin") else {
                continue;
            };
            if origin.argument(1) != Some("*") {
                judgement.holds("not every origin is allowed", origin);
                continue;
            }
            let context = place(http, &leaf);
            let credentials = header("access-control-allow-credentials");
            let found = finding(
                &context,
                origin,
                match credentials {
                    Some(_) => format!(
                        "every site may read what {} answers, and is told to send credentials: \
                         tokens in scripts' hands work from any origin, and browsers refuse the \
                         cookies of honest ones",
                        context.name()
                    ),
                    None => format!(
                        "every site may read what {} answers, also from inside a visitor's own \
                         network",
                        context.name()
                    ),
                },
                "Let Django answer CORS (django-cors-headers), with the origins that are yours.",
            )
            .beside(pass, "the application answers here");
            judgement.fails(match credentials {
                Some(credentials) => found.beside(credentials, "with credentials"),
                None => found.with_severity(Severity::Medium),
            });
        }
    })
}

fn is(directive: &Directive, name: &str) -> bool {
    directive
        .argument(0)
        .is_some_and(|own| own.eq_ignore_ascii_case(name))
}
