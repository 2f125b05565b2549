use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Trail,
};
use tightship_predict::nginx::Scope;

use super::{edges_to_django, label, place, ways_to_django};
use crate::setting::together;

pub(super) static CHECK: Check = Check {
    id: "cross/pages-cached",
    title: "nginx shows one visitor the page of another",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3", "A5.5"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ignore_headers",
        ),
        Reference::Django("topics/cache/#using-vary-headers"),
        Reference::Cwe(524),
    ],
    doc: include_str!("pages_cached.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut outcomes = Vec::new();
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            let scope = way.leaf.scope;
            let Some(cache) = scope
                .one("proxy_cache")
                .filter(|one| one.argument(0) != Some("off"))
            else {
                continue;
            };
            let span = cache.heading_span();
            let ignored = scope.effective("proxy_ignore_headers").directives;
            let ignores = ignored.iter().find(|one| {
                one.texts()
                    .any(|header| header.eq_ignore_ascii_case("Vary"))
            });
            let Some(ignores) = ignores.filter(|_| !tells_visitors_apart(scope)) else {
                outcomes.push(Outcome::Pass(vec![Evidence {
                    text: "kept answers are told apart by their visitors".to_owned(),
                    trail: Trail::at(span, "keeps answers"),
                }]));
                continue;
            };
            outcomes.push(Outcome::Fail(vec![Finding {
                subject: format!("{} proxy_cache", place(&way)),
                message: format!(
                    "an account page that one visitor has opened is shown to the next who asks for \
                     that address: nginx keeps Django's answers in {}, forgets that they vary with \
                     the cookie, and its key does not hold the cookie",
                    scope.heading()
                ),
                severity: None,
                confidence: Confidence::High,
                labels: vec![
                    label(ignores.heading_span(), "forgets `Vary: Cookie`"),
                    label(span, "keeps the answers"),
                    label(way.pass.heading_span(), "of Django"),
                ],
                trail: Trail::at(span, "keeps answers"),
                django_id: None,
                advice: "Take Vary out of proxy_ignore_headers, or pass by the cache for whoever \
                         has a session: `proxy_cache_bypass $cookie_sessionid; proxy_no_cache \
                         $cookie_sessionid;`."
                    .to_owned(),
                fix: None,
            }]));
        }
    }
    outcomes.push(Outcome::NotApplicable(
        "nothing that Django answers is kept".to_owned(),
    ));
    together(outcomes)
}

/// Whether visitors with a session get none of the kept answers, or ones of their own.
fn tells_visitors_apart(scope: Scope<'_, '_>) -> bool {
    let names_visitor = |text: &str| {
        [
            "$cookie_",
            "$http_cookie",
            "$http_authorization",
            "$remote_user",
        ]
        .iter()
        .any(|variable| text.contains(variable))
    };
    let by = |name: &str| {
        let directives = scope.effective(name).directives;
        directives.iter().any(|one| {
            one.texts()
                .any(|text| names_visitor(text) || text.contains('$') && name != "proxy_cache_key")
        })
    };
    by("proxy_cache_key") || by("proxy_cache_bypass") && by("proxy_no_cache")
}
