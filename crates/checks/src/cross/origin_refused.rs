use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::django::OriginCheck;

use super::front::judge_pages;
use super::proto_header_untold;
use super::{between, label, place};
use crate::setting::{has_middleware, lists};
use crate::told::places_of;

pub(super) static CHECK: Check = Check {
    id: "cross/origin-refused",
    title: "Django refuses the forms of the site's own address",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A10.3", "B1.4", "B17.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#csrf-trusted-origins"),
        Reference::Django("ref/csrf/#how-it-works"),
    ],
    doc: include_str!("origin_refused.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if has_middleware(deployment, "django.middleware.csrf.CsrfViewMiddleware") == Some(false) {
        return Outcome::NotApplicable("no middleware checks where forms come from".to_owned());
    }
    let untold = places_of(deployment, &proto_header_untold::CHECK);
    // An entry with http:// is a fault of its own: it fits nothing once the scheme is told.
    let is_listed = |origin: &str| {
        lists(deployment, "CSRF_TRUSTED_ORIGINS", &|listed| {
            listed == origin
        }) == Some(true)
    };
    let otherwise = match untold.is_empty() {
        true => "no page of Django is served over TLS by this nginx",
        false => {
            "Django takes HTTPS for HTTP, as cross/proto-header-untold says, and with it forms"
        }
    };
    judge_pages(deployment, otherwise, |front, way, asked, tally| {
        let pass = way.pass.heading_span();
        if !front.is_tls {
            return;
        }
        match &asked.form {
            Ok(OriginCheck::Passes) => {
                tally.holds(format!("forms of {} pass", front.origin), pass);
            }
            Ok(OriginCheck::Refused {
                origin,
                expected: Some(expected),
                ..
            }) if untold.contains(&pass)
                && is_other_scheme(origin, expected)
                && !is_listed(expected) => {}
            // Every page is refused there: that is said elsewhere.
            Ok(OriginCheck::Refused { expected: None, .. }) => {}
            Ok(OriginCheck::Refused {
                origin,
                expected: Some(expected),
                trail,
            }) => tally.fails(between(
                format!("{} {origin}", place(way)),
                format!(
                    "nobody can log in, order or save at {origin}: each form post gets 403, as \
                         the browser names {origin} as its origin, Django expects {expected}, and \
                         CSRF_TRUSTED_ORIGINS does not hold it"
                ),
                label(pass, format!("Django takes the site for {expected}")),
                trail,
                "Tell Django the scheme and host that visitors use (`proxy_set_header \
                     X-Forwarded-Proto $scheme;` with SECURE_PROXY_SSL_HEADER, `Host $host`, with \
                     the port where it is not 443), or add the origin to CSRF_TRUSTED_ORIGINS.",
            )),
            Err(unknown) => tally.unseen(unknown.reason.clone(), pass),
        }
    })
}

/// Whether the two differ by their scheme alone.
fn is_other_scheme(origin: &str, expected: &str) -> bool {
    origin.strip_prefix("https://") == expected.strip_prefix("http://")
}
