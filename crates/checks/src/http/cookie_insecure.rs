use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::cookie::{Use, secure_cookies};
use super::look::http;
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "http/cookie-insecure",
    title: "The site sets session cookies that travel over plain HTTP",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A2.1", "A2.2", "B1.6", "B1.7"],
    django_ids: &[],
    references: &[
        Reference::Rfc(6265, "4.1.2.5"),
        Reference::Django("ref/settings/#session-cookie-secure"),
        Reference::Cwe(614),
    ],
    doc: include_str!("cookie_insecure.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const ADVICE: &str = "Set SESSION_COOKIE_SECURE and CSRF_COOKIE_SECURE to True.";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let cookies = secure_cookies(http(deployment)?);
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for (cookie, seen) in cookies {
        let name = cookie.name;
        let (loss, severity) = match cookie.purpose() {
            Use::Session => (
                "whoever sits on the way takes over the login",
                Severity::High,
            ),
            Use::Csrf => ("whoever sits on the way forges forms", Severity::Medium),
            Use::Other => continue,
        };
        if cookie.secure {
            evidence.push(seen.evidence(format!("the cookie {name} is Secure")));
            continue;
        }
        let mut finding = seen.finding(
            &format!("cookie {name}"),
            format!("{loss}: the cookie {name} is not Secure, and one plain request sends it"),
            ADVICE,
        );
        finding.severity = Some(severity);
        findings.push(finding);
    }
    Ok(settled(
        findings,
        evidence,
        Outcome::NotApplicable(
            "no session or CSRF cookie is set over HTTPS for a visitor who is not logged in"
                .to_owned(),
        ),
    ))
}
