use tightship_model::{Check, Deployment, Evidence, Need, Outcome, Reference, Severity};

use super::look::{Answered, page, unseen};
use super::observatory::{ALGORITHM, Score, score};

pub(super) static CHECK: Check = Check {
    id: "http/observatory-grade-low",
    title: "The HTTP Observatory would give less than an A",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B16.3"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring",
    )],
    doc: include_str!("observatory_grade_low.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = page(deployment)?;
    if !seen.exchange.is_secure() {
        return Err(Outcome::NotApplicable(
            "the Observatory scores sites that speak HTTPS".to_owned(),
        ));
    }
    let site = deployment.site.as_ref();
    let scored = match site.map(score) {
        Some(Ok(scored)) => scored,
        Some(Err(reason)) => return Err(unseen(reason, "look at the page that visitors see")),
        None => return Err(unseen("the site was not looked at", "name it with --url")),
    };
    Ok(
        match scored.grade.starts_with('A') && scored.grade != "A-" {
            true => Outcome::Pass(vec![Evidence {
                text: worded(&scored),
                trail: seen.trail(""),
            }]),
            false => Outcome::Fail(vec![low(&seen, &scored)]),
        },
    )
}

fn low(seen: &Answered<'_>, scored: &Score) -> tightship_model::Finding {
    let losses: Vec<_> = scored
        .tests
        .iter()
        .filter(|test| test.modifier < 0)
        .map(|test| format!("{} ({})", test.result, test.modifier))
        .collect();
    seen.finding(
        "observatory",
        format!("{}: {}", worded(scored), losses.join(", ")),
        "Mend what costs most first; the findings about headers and cookies say how.",
    )
}

fn worded(scored: &Score) -> String {
    format!(
        "grade {}, score {}, by algorithm {ALGORITHM} of MDN's HTTP Observatory",
        scored.grade, scored.score
    )
}
