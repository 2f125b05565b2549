use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::Handler;

use super::judgement::{With, finding};
use super::site::{judge_sites, place, public_leaves};

pub(super) static CHECK: Check = Check {
    id: "nginx/cache-keeps-cookies",
    title: "nginx hands one visitor's cookies to the next",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ignore_headers",
        ),
        Reference::Cwe(524),
    ],
    doc: include_str!("cache_keeps_cookies.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    judge_sites(
        deployment,
        "nothing of the application is cached",
        |http, judgement| {
            for leaf in http.servers().flat_map(public_leaves) {
                let Handler::Upstream(_) = leaf.handler else {
                    continue;
                };
                let Some(cache) = leaf.scope.one("proxy_cache") else {
                    continue;
                };
                if cache.argument(0) == Some("off") {
                    continue;
                }
                let names_cookie = |text: &str| text.eq_ignore_ascii_case("set-cookie");
                let ignored = leaf.scope.effective("proxy_ignore_headers").directives;
                let ignores = ignored
                    .into_iter()
                    .find(|one| one.texts().any(names_cookie));
                let hidden = leaf.scope.effective("proxy_hide_header").directives;
                let hides = hidden.iter().any(|one| one.texts().any(names_cookie));
                match ignores.filter(|_| !hides) {
                Some(ignores) => judgement.fails(
                    finding(
                        &place(http, &leaf),
                        ignores,
                        "an answer with a session cookie is kept and sent to the next visitors, \
                         who are then logged in as somebody else",
                        "Remove Set-Cookie from proxy_ignore_headers, or hide it as well.",
                    )
                    .beside(cache, "keeps the answer"),
                ),
                None => judgement.holds("answers that set cookies are not kept", cache),
            }
            }
        },
    )
}
