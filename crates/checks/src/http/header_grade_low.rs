use tightship_model::site::http::Answer;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::csp;
use super::look::page;

pub(super) static CHECK: Check = Check {
    id: "http/header-grade-low",
    title: "securityheaders.com would give less than an A, by our estimate",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B2.10", "B6.3", "B10.8", "B16.2"],
    django_ids: &[],
    references: &[Reference::Url("https://securityheaders.com/")],
    doc: include_str!("header_grade_low.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// The headers that are graded, each with the grade that a page has which lacks it and none of those
/// before it. The service is closed and tells no table: this is the ladder that those describe who
/// use it.
const LADDER: [(&str, &str); 6] = [
    ("X-Content-Type-Options", "F"),
    ("X-Frame-Options", "F"),
    ("Strict-Transport-Security", "C"),
    ("Referrer-Policy", "C"),
    ("Content-Security-Policy", "B"),
    ("Permissions-Policy", "B"),
];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = page(deployment)?;
    if !seen.exchange.is_secure() {
        return Err(Outcome::NotApplicable(
            "the page comes over plain HTTP, where half of the headers mean nothing".to_owned(),
        ));
    }
    let missing: Vec<_> = LADDER
        .iter()
        .filter(|(name, _)| !sends(seen.answer, name))
        .collect();
    Ok(match missing.first() {
        None => {
            let grade = if is_strict(seen.answer) { "A+" } else { "A" };
            seen.passes(format!(
                "all six headers are sent: {grade}, by our estimate"
            ))
        }
        Some((_, grade)) => {
            let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
            Outcome::Fail(vec![seen.finding(
                "header-grade",
                format!("{grade}, by our estimate: {} is not sent", names.join(", ")),
                "Send what is missing: from Django's middleware where it can, else with add_header … \
                 always in nginx.",
            )])
        }
    })
}

fn sends(answer: &Answer, name: &str) -> bool {
    let framed_by_policy = name == "X-Frame-Options"
        && csp::enforced(answer)
            .iter()
            .any(|policy| policy.has("frame-ancestors"));
    framed_by_policy || answer.value(name).is_some_and(|value| !value.is_empty())
}

/// Whether no policy lets in scripts that stand in the page or are made of text.
fn is_strict(answer: &Answer) -> bool {
    csp::enforced(answer).iter().all(|policy| {
        let sources = policy.directives.iter().flat_map(|(_, sources)| sources);
        sources
            .into_iter()
            .all(|one| !matches!(one.as_str(), "'unsafe-inline'" | "'unsafe-eval'"))
    })
}
