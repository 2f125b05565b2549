//! One cause, one report: what another check says of the same place with more to go by.

use tightship_model::{Check, Deployment, Finding, Outcome, Span};

/// The findings of another check.
pub(crate) fn findings_of(deployment: &Deployment, check: &Check) -> Vec<Finding> {
    match crate::run(check, deployment) {
        Outcome::Fail(findings) => findings,
        _ => Vec::new(),
    }
}

/// The places that the findings of another check show.
pub(crate) fn places_of(deployment: &Deployment, check: &Check) -> Vec<Span> {
    let findings = findings_of(deployment, check);
    let labels = findings.iter().flat_map(|finding| &finding.labels);
    labels.map(|label| label.span).collect()
}

/// The places of those findings of another check that name something: a header, say.
pub(crate) fn places_naming(deployment: &Deployment, check: &Check, name: &str) -> Vec<Span> {
    let mut findings = findings_of(deployment, check);
    findings.retain(|finding| finding.message.contains(name));
    let labels = findings.iter().flat_map(|finding| &finding.labels);
    labels.map(|label| label.span).collect()
}

/// The places that another check has seen to be right.
pub(crate) fn places_held_by(deployment: &Deployment, check: &Check) -> Vec<Span> {
    let Outcome::Pass(evidence) = crate::run(check, deployment) else {
        return Vec::new();
    };
    let links = evidence.iter().flat_map(|one| one.trail.links());
    links.filter_map(|link| link.span).collect()
}

/// Leaves out the findings that show one of these places, for what `check` says there is enough.
pub(crate) fn leave_out(outcome: Outcome, places: &[Span], check: &Check) -> Outcome {
    let Outcome::Fail(mut findings) = outcome else {
        return outcome;
    };
    findings.retain(|finding| {
        let mut labels = finding.labels.iter();
        !labels.any(|label| places.iter().any(|place| begins_with(*place, label.span)))
    });
    match findings.is_empty() {
        true => Outcome::NotApplicable(format!("{} judges the same places by more", check.id)),
        false => Outcome::Fail(findings),
    }
}

/// Whether two places are one directive: with its end, or up to its last parameter.
fn begins_with(one: Span, other: Span) -> bool {
    one.source == other.source && one.start == other.start
}
