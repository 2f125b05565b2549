use tightship_model::site::http::{Http, Mark, Purpose};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{Answered, answer, http, is_refusal};

pub(super) static CHECK: Check = Check {
    id: "http/debug-page",
    title: "The site shows Django's page for developers",
    severity: Severity::Critical,
    needs: &[Need::Site],
    items: &["A1.1", "B10.10"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#debug"),
        Reference::Cwe(489),
        Reference::Cwe(209),
    ],
    doc: include_str!("debug_page.md"),
    run,
};

/// Requests that make Django answer with an error.
const ERRORS: [Purpose; 2] = [Purpose::NotFound, Purpose::ForgedHost];

fn run(deployment: &Deployment) -> Outcome {
    let http = match http(deployment) {
        Ok(http) => http,
        Err(outcome) => return outcome,
    };
    let findings: Vec<_> = shown_in(http)
        .map(|(seen, words)| {
            seen.finding(
                seen.exchange.purpose.name(),
                format!(
                    "an error shows settings, paths, code and local variables to everybody: the \
                     page says {words:?}{}",
                    version(&seen)
                ),
                "Set DEBUG to False in the environment that runs, and restart the server.",
            )
        })
        .collect();
    if !findings.is_empty() {
        return Outcome::Fail(findings);
    }
    match answer(http, Purpose::NotFound) {
        Ok(seen) if is_refusal(seen.answer.status) => super::look::unseen(
            format!(
                "a path that does not exist answers {}: Django was not reached",
                seen.answer.status
            ),
            "look at the site again when it answers: --url, with a lower --rate",
        ),
        Ok(seen) => seen.passes("an address that does not exist gives a plain answer"),
        Err(outcome) => outcome,
    }
}

/// Errors that Django words for developers, and the page of a project without addresses. The words
/// on any other page are somebody's text about Django.
fn shown_in(http: &Http) -> impl Iterator<Item = (Answered<'_>, &str)> {
    http.exchanges.iter().filter_map(|exchange| {
        let answer = exchange.answer()?;
        let words = answer.content.marks.iter().find_map(|mark| match mark {
            Mark::DjangoDebug(words) => Some(words.as_str()),
            _ => None,
        })?;
        let is_welcome = words.contains("have not configured any URLs");
        let is_error = answer.status >= 400;
        let is_asked = ERRORS.contains(&exchange.purpose) || exchange.purpose == Purpose::Page;
        (is_asked && (is_error || is_welcome)).then_some((Answered { exchange, answer }, words))
    })
}

fn version(seen: &Answered<'_>) -> String {
    let marks = &seen.answer.content.marks;
    let version = marks.iter().find_map(|mark| match mark {
        Mark::DjangoVersion(version) => Some(version),
        _ => None,
    });
    version.map_or_else(String::new, |version| format!(", Django {version}"))
}
