//! A place for what is not there: a setting that nobody sets.

use tightship_model::{Deployment, Finding, Label, Link, Span};

/// Gives a finding about a setting that nobody sets the place where it belongs: the end of the
/// settings module that production runs.
pub(crate) fn with_places(deployment: &Deployment, mut findings: Vec<Finding>) -> Vec<Finding> {
    let Some(end) = end_of_settings(deployment) else {
        return findings;
    };
    for finding in &mut findings {
        let unset = finding.trail.links().iter().find(|link| is_unset(link));
        if let Some(link) = unset
            && !finding.labels.iter().any(|label| label.span == end)
        {
            finding.labels.push(Label {
                span: end,
                text: link.text.clone(),
            });
        }
    }
    findings
}

/// The last line of the settings module that holds anything.
fn end_of_settings(deployment: &Deployment) -> Option<Span> {
    let source = deployment.settings.as_ref()?.module.source;
    let file = &deployment.sources[source];
    let lines = (1..=file.line_count()).rev();
    let last = lines
        .filter_map(|line| file.line_range(line))
        .find(|range| {
            let text = file.raw().get(range.clone());
            text.is_some_and(|text| !text.trim().is_empty())
        });
    let range = last.unwrap_or(0..0);
    Some(Span::new(source, range.start as u32, range.end as u32))
}

/// `ALLOWED_HOSTS is not set; Django 5.2's default`: names in capitals are settings.
fn is_unset(link: &Link) -> bool {
    let is_setting = link
        .text
        .starts_with(|first: char| first.is_ascii_uppercase());
    link.span.is_none() && is_setting && link.text.contains(" is not set; ")
}
