use tightship_model::nginx::Directive;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::front::Tally;
use super::{between, edges_to_django, label, place, ways_to_django};
use crate::setting::has_middleware;

pub(super) static CHECK: Check = Check {
    id: "cross/cors-twice",
    title: "Django and nginx both say who may read the answer",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["B3.2", "B6.3", "B17.2"],
    django_ids: &[],
    references: &[
        Reference::Url("https://fetch.spec.whatwg.org/#cors-check"),
        Reference::Url("https://github.com/adamchainz/django-cors-headers"),
    ],
    doc: include_str!("cors_twice.md"),
    run,
};

const HEADER: &str = "Access-Control-Allow-Origin";
const SETTINGS: [&str; 3] = [
    "CORS_ALLOWED_ORIGINS",
    "CORS_ALLOWED_ORIGIN_REGEXES",
    "CORS_ALLOW_ALL_ORIGINS",
];

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    if has_middleware(deployment, "corsheaders.middleware.CorsMiddleware") == Some(false) {
        return Outcome::NotApplicable("Django sends no CORS headers".to_owned());
    }
    let decisive = SETTINGS
        .iter()
        .filter_map(|name| settings.get(name))
        .find(|setting| setting.value.value.truthy() == Some(true));
    let Some(decisive) = decisive else {
        return Outcome::NotApplicable("no origin is allowed in the settings".to_owned());
    };
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let is_partial = settings.overrides("CORS_URLS_REGEX");
    let mut tally = Tally::default();
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            let pass = way.pass.heading_span();
            let named = |directive: &&&Directive| {
                directive
                    .argument(0)
                    .is_some_and(|name| name.eq_ignore_ascii_case(HEADER))
            };
            let added = way.leaf.scope.effective("add_header");
            let hidden = way.leaf.scope.effective("proxy_hide_header");
            if added.gap.is_some() || hidden.gap.is_some() {
                tally.unseen("what nginx includes there is not known", pass);
                continue;
            }
            let is_hidden = hidden.directives.iter().any(|directive| named(&directive));
            match added.directives.iter().find(named).filter(|_| !is_hidden) {
                None => tally.holds("one of them alone sends the header", pass),
                Some(directive) if is_partial => tally.unseen(
                    "CORS_URLS_REGEX tells for which paths Django sends it",
                    directive.heading_span(),
                ),
                Some(directive) => tally.fails(between(
                    place(&way),
                    format!(
                        "pages of other origins that the settings allow cannot read {}: the answer \
                         has {HEADER} twice, once by {} and once by nginx, and browsers refuse it",
                        way.leaf.scope.heading(),
                        decisive.name,
                    ),
                    label(directive.heading_span(), "nginx adds its own"),
                    &decisive.value.trail,
                    "Take the add_header out of nginx: django-cors-headers answers each origin by \
                     the settings.",
                )),
            }
        }
    }
    tally.outcome("no nginx of the deployment hands requests to Django")
}
