use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Span,
    Trail, Value,
};

use super::guards::Guarded;
use super::proof::has_effect;
use crate::cross::label;
use crate::setting::{answers, finding_about, settled};

pub(super) static CHECK: Check = Check {
    id: "code/exempt-view-forged",
    title: "A page of another site acts with the visitor's session",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["B7.6"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/csrf/#django.views.decorators.csrf.csrf_exempt"),
        Reference::Django("ref/settings/#session-cookie-samesite"),
        Reference::Cwe(352),
    ],
    doc: include_str!("exempt_view_forged.md"),
    run,
};

const SAMESITE: &str = "SESSION_COOKIE_SAMESITE";

fn run(deployment: &Deployment) -> Outcome {
    let none = || {
        Outcome::NotApplicable(
            "no view that is exempt from CSRF asks for a login and changes something".to_owned(),
        )
    };
    let Some(routes) = &deployment.routes else {
        return none();
    };
    let certain = routes.routes.iter().filter(|route| route.when.is_none());
    let exempt: Vec<_> = certain
        .filter_map(|route| Guarded::of(deployment, route))
        .filter(|view| acts_by_session(deployment, view))
        .collect();
    if exempt.is_empty() {
        return none();
    }
    // Without the attribute browsers decide, and most send the cookie as with Lax.
    let travels = answers(deployment, SAMESITE, &|value| match value {
        Value::Str(text) => Some(text.eq_ignore_ascii_case("none")),
        _ => Some(false),
    });
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for view in &exempt {
        let Some(own) = view.own() else { continue };
        let path = format!("/{}", view.route.path().unwrap_or_default());
        match travels {
            Some(true) => findings.push(finding(view, &path, own.span)),
            Some(false) => {
                let text =
                    format!("{path} is exempt, and browsers send other sites' requests bare");
                let trail = Trail::at(own.span, text.clone());
                evidence.push(Evidence { text, trail });
            }
            None => {
                return Outcome::Unknown {
                    reason: format!(
                        "whether the session goes along with other sites' requests to {path} is not known"
                    ),
                    remedy: format!("see `tightship inspect settings --only {SAMESITE}`"),
                    trail: Trail::at(own.span, "is exempt from CSRF"),
                };
            }
        }
    }
    settled(findings, evidence, none())
}

/// Whether a view that anyone's page can post to does what only an account may, by the session.
fn acts_by_session(deployment: &Deployment, view: &Guarded<'_>) -> bool {
    let by_other_means = view.code.iter().any(|code| code.headers.is_some());
    view.is_exempt_by_choice()
        && view.is_open(deployment) == Some(false)
        && !by_other_means
        && view.calls().any(has_effect)
}

fn finding(view: &Guarded<'_>, path: &str, own: Span) -> Finding {
    let labels = [
        (own, "is exempt from CSRF and acts for who is logged in"),
        (view.route.span, "answers here"),
    ];
    Finding {
        message: format!(
            "any page on the web that a customer opens does what {path} does in that customer's \
             name: the view is exempt from CSRF, and {SAMESITE} \"None\" sends the session along"
        ),
        confidence: Confidence::Medium,
        labels: labels.map(|(span, text)| label(span, text)).into(),
        advice:
            "Take csrf_exempt away and send the token with the request (`X-CSRFToken`), or let \
                 the view take a token of its own in place of the session."
                .to_owned(),
        ..finding_about(format!("route:{path}"), &Trail::default())
    }
}
