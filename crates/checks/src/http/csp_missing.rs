use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::csp;
use super::look::page;

pub(super) static CHECK: Check = Check {
    id: "http/csp-missing",
    title: "The page comes without a content security policy",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A2.8", "B6.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.w3.org/TR/CSP3/"),
        Reference::Django("ref/csp/"),
        Reference::Cwe(693),
    ],
    doc: include_str!("csp_missing.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const NAME: &str = "Content-Security-Policy";
const REPORT_ONLY: &str = "Content-Security-Policy-Report-Only";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = page(deployment)?;
    if seen.answer.content.page.is_none() {
        return Err(Outcome::NotApplicable(
            "the answer is no HTML page".to_owned(),
        ));
    }
    if !csp::enforced(seen.answer).is_empty() {
        return Ok(seen.holds("browsers hold the page to a policy", NAME));
    }
    if !csp::in_page(seen.answer).is_empty() {
        return Ok(seen.passes("a <meta> of the page gives a policy"));
    }
    let (message, advice, name) = match csp::sent(seen.answer, REPORT_ONLY).is_empty() {
        false => (
            "an injected script runs in every visitor's browser and is only reported: the policy is \
             sent as report-only",
            "Send the policy as Content-Security-Policy once its reports are quiet.",
            REPORT_ONLY,
        ),
        true => (
            "an injected script runs in every visitor's browser: no policy says where scripts may \
             come from",
            "Install ContentSecurityPolicyMiddleware (Django 6.0) or django-csp and set a policy; begin \
             with report-only.",
            NAME,
        ),
    };
    Ok(Outcome::Fail(vec![tightship_model::Finding {
        subject: format!("site:{NAME}"),
        ..seen.on_header(name, message.to_owned(), advice)
    }]))
}
