use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::cookie::{Use, secure_cookies};
use super::look::http;
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "http/session-cookie-cross-site",
    title: "The session cookie goes along with requests of other sites",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A2.6"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#session-cookie-samesite"),
        Reference::Url(
            "https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-5.6.7",
        ),
        Reference::Cwe(1275),
    ],
    doc: include_str!("session_cookie_cross_site.md"),
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
        let given = cookie.same_site.map(str::to_ascii_lowercase);
        let (message, severity) = match given.as_deref() {
            Some("lax" | "strict") => {
                evidence.push(seen.evidence(format!("the cookie {name} stays on the site")));
                continue;
            }
            Some("none") => (
                format!(
                    "the cookie {name} says SameSite=None: forms on any other site act with the \
                     login of their visitors"
                ),
                Severity::Medium,
            ),
            _ => (
                format!(
                    "the cookie {name} has no SameSite: in browsers that do not take that for Lax, \
                     forms on any other site act with the login of their visitors"
                ),
                Severity::Low,
            ),
        };
        let mut finding = seen.finding(
            &format!("cookie {name}"),
            message,
            "Set SESSION_COOKIE_SAMESITE to \"Lax\".",
        );
        finding.severity = Some(severity);
        findings.push(finding);
    }
    Ok(settled(
        findings,
        evidence,
        Outcome::NotApplicable(
            "no session cookie is set over HTTPS for a visitor who is not logged in".to_owned(),
        ),
    ))
}
