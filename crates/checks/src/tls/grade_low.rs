use tightship_model::site::tls::Letter;
use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Trail,
};

use super::cure;
use super::grade::grade;
use super::look::seen;
use crate::http::hsts_of;

pub(super) static CHECK: Check = Check {
    id: "tls/grade-low",
    title: "SSL Labs would give less than an A",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A8.5", "B2.9", "B10.7", "B16.1"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://github.com/ssllabs/research/wiki/SSL-Server-Rating-Guide",
    )],
    doc: include_str!("grade_low.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let grade = match grade(seen.tls, hsts_of(deployment), deployment.now) {
        Ok(grade) => grade,
        Err(reason) => {
            return Outcome::Unknown {
                reason: format!("a grade stands on everything: {reason}"),
                remedy: "look at the site again".to_owned(),
                trail: Trail::default(),
            };
        }
    };
    let scores = grade.scores;
    let letter = grade.letter.name();
    let summary = format!(
        "gets {letter} by the {}: protocols {}, key exchange {}, ciphers {}, together {}",
        grade.guide, scores.protocol, scores.key_exchange, scores.cipher, scores.total
    );
    let reasons: Vec<_> = grade
        .reasons
        .iter()
        .map(|reason| {
            format!(
                "{} ({}: {})",
                reason.at_best.name(),
                reason.clause,
                reason.seen
            )
        })
        .collect();
    if grade.letter <= Letter::A {
        let better = match reasons.first() {
            Some(reason) => format!("; for more: {reason}"),
            None => String::new(),
        };
        return Outcome::Pass(vec![Evidence {
            text: format!(
                "the grade is {}{better}{}",
                grade.letter_as_far_as_known(),
                cure::words(deployment, &grade.reasons)
            ),
            trail: Trail::outside(format!("{} {summary}", seen.place())),
        }]);
    }
    let without = match grade.untried.as_slice() {
        [] => String::new(),
        untried => format!("; not known, and perhaps worse: {}", untried.join(", ")),
    };
    let ignoring = match grade.if_trusted {
        Some(trusted) => format!(", and {} if trust is ignored", trusted.name()),
        None => String::new(),
    };
    let why = match reasons.is_empty() {
        true => format!("the scores together are {}", scores.total),
        false => reasons.join("; "),
    };
    let finding: Finding = seen.finding(
        "grade",
        format!("whoever asks SSL Labs about the site reads {letter}{ignoring}: {why}{without}"),
        &summary,
        &format!(
            "Mend the first reason first: no other change raises the grade before{}.",
            cure::words(deployment, &grade.reasons)
        ),
    );
    Outcome::Fail(vec![Finding {
        severity: match grade.letter {
            Letter::F | Letter::M | Letter::T => Some(Severity::High),
            Letter::AMinus => Some(Severity::Low),
            _ => None,
        },
        confidence: Confidence::High,
        labels: cure::labels(seen, deployment, &grade.reasons),
        ..finding
    }])
}
