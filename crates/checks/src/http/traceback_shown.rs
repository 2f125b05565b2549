use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{Answered, http, unseen};
use tightship_model::site::http::{Mark, Purpose};

pub(super) static CHECK: Check = Check {
    id: "http/traceback-shown",
    title: "An error shows the code",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B10.10"],
    django_ids: &[],
    references: &[Reference::Cwe(209)],
    doc: include_str!("traceback_shown.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let mut errors = Vec::new();
    for exchange in &http.exchanges {
        let Some(answer) = exchange.answer().filter(|answer| answer.status >= 400) else {
            continue;
        };
        let seen = Answered { exchange, answer };
        // Django's own page for developers is told by http/debug-page.
        let is_debug = answer
            .content
            .marks
            .iter()
            .any(|mark| matches!(mark, Mark::DjangoDebug(_)));
        if answer.content.marks.contains(&Mark::Traceback) && !is_debug {
            return Ok(Outcome::Fail(vec![seen.finding(
                exchange.purpose.name(),
                format!(
                    "{} answers {} with a traceback: paths, code and versions",
                    exchange.request.url, answer.status
                ),
                "Let Django or the server answer with a page of its own, and log the traceback.",
            )]));
        }
        if exchange.purpose == Purpose::NotFound {
            errors.push(seen.evidence("an error shows no traceback"));
        }
    }
    match errors.is_empty() {
        false => Ok(Outcome::Pass(errors)),
        true => Err(unseen(
            "no error was seen",
            "raise --max-requests, or look again",
        )),
    }
}
