use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::cookie::{Use, secure_cookies};
use super::look::http;
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "http/session-cookie-readable",
    title: "Scripts can read the session cookie",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A2.5"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6265, "4.1.2.6"),
        Reference::Django("ref/settings/#session-cookie-httponly"),
        Reference::Cwe(1004),
    ],
    doc: include_str!("session_cookie_readable.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let cookies = secure_cookies(http(deployment)?);
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for (cookie, seen) in cookies {
        let name = cookie.name;
        if cookie.purpose() != Use::Session {
            continue;
        }
        if cookie.http_only {
            evidence.push(seen.evidence(format!("the cookie {name} is HttpOnly")));
        } else {
            findings.push(seen.finding(
                &format!("cookie {name}"),
                format!(
                    "a script that an attacker gets into a page reads the cookie {name} and sends \
                     the login away"
                ),
                "Set SESSION_COOKIE_HTTPONLY to True; for SimpleJWT's cookies, httponly=True.",
            ));
        }
    }
    Ok(settled(
        findings,
        evidence,
        Outcome::NotApplicable(
            "no session cookie is set over HTTPS for a visitor who is not logged in".to_owned(),
        ),
    ))
}
