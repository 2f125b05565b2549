use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Trail,
};

use super::csp_nonce_unrendered::{has_nonce, provides_nonce};
use crate::package::pass;
use crate::setting::{about, answers, has_middleware, labels, setting};

pub(super) static CHECK: Check = Check {
    id: "django/csp-nonce-cached",
    title: "A nonce is kept in the cache and given to everybody",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Django(6, 0)],
    items: &["A5.5"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/csp/"),
        Reference::Django("topics/cache/#the-per-site-cache"),
        Reference::Url("https://www.w3.org/TR/CSP3/#security-nonces"),
        Reference::Cwe(330),
    ],
    doc: include_str!("csp_nonce_cached.md"),
    run,
};

const KEEPS: &str = "django.middleware.cache.UpdateCacheMiddleware";
const GIVES: &str = "django.middleware.cache.FetchFromCacheMiddleware";

fn run(deployment: &Deployment) -> Outcome {
    let not_applicable = |why: &str| Outcome::NotApplicable(why.to_owned());
    if has_middleware(deployment, super::CSP_MIDDLEWARE) != Some(true) {
        return not_applicable("Django sends no policy, or that is not known");
    }
    if answers(deployment, "SECURE_CSP", &has_nonce) != Some(true)
        || answers(deployment, "TEMPLATES", &provides_nonce) != Some(true)
    {
        return not_applicable(
            "no page holds a nonce that the policy asks for, as far as is known",
        );
    }
    let policy = setting(deployment, "SECURE_CSP").map(|policy| policy.value.into_owned());
    let trail = policy.map_or_else(Trail::default, |policy| policy.trail);
    let cached = [KEEPS, GIVES].map(|class| has_middleware(deployment, class));
    if cached != [Some(true), Some(true)] {
        return pass("the whole site is not kept in Django's cache", &trail);
    }
    let middleware = setting(deployment, "MIDDLEWARE").map(|list| list.value.into_owned());
    let mut finding = about(
        "MIDDLEWARE",
        &middleware.map_or_else(Trail::default, |list| list.trail),
    );
    finding.labels.extend(labels(&trail));
    Outcome::Fail(vec![Finding {
        message: "who opens a page once knows the nonce that its other visitors get, and a script \
                  that he smuggles in runs with it: Django's cache keeps whole answers, the nonce \
                  among them"
            .to_owned(),
        // Pages may all be for those who are logged in, or tell the cache to leave them.
        confidence: Confidence::Medium,
        advice:
            "Cache parts of pages or what they are made of ({% cache %}, the low-level cache), \
                 or allow the scripts by hash."
                .to_owned(),
        ..finding
    }])
}
