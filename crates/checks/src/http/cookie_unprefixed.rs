use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::cookie::{Use, secure_cookies};
use super::look::http;
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "http/cookie-unprefixed",
    title: "A neighbour may put its own session cookie over the site's",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["X25"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes",
        ),
        Reference::Django("ref/settings/#session-cookie-name"),
        Reference::Cwe(565),
    ],
    doc: include_str!("cookie_unprefixed.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Browsers compare them without regard to case (RFC 6265bis, section 4.1.3).
const PREFIXES: [&str; 2] = ["__host-", "__secure-"];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for (cookie, seen) in secure_cookies(http(deployment)?) {
        let name = cookie.name;
        let gain = match cookie.purpose() {
            Use::Session => "logs visitors into an account of its own",
            Use::Csrf => "forges forms",
            Use::Other => continue,
        };
        let small = name.to_ascii_lowercase();
        if PREFIXES.iter().any(|prefix| small.starts_with(prefix)) {
            evidence.push(seen.evidence(format!("the cookie {name} has a prefix")));
        } else if cookie.secure {
            let prefix = match cookie.domain {
                Some(_) => "__Secure-",
                None => "__Host-",
            };
            findings.push(seen.finding(
                &format!("cookie {name}"),
                format!(
                    "whoever holds a subdomain, or sits on the way of one plain request, sets the \
                     cookie {name} too and {gain}: its name has no prefix that browsers refuse then"
                ),
                &format!(
                    "Name it {prefix}{name} (SESSION_COOKIE_NAME, CSRF_COOKIE_NAME); everybody is \
                     logged out once."
                ),
            ));
        }
    }
    Ok(settled(
        findings,
        evidence,
        Outcome::NotApplicable(
            "no session or CSRF cookie that is Secure is set for a visitor who is not logged in"
                .to_owned(),
        ),
    ))
}
