use tightship_model::site::http::{Mark, Purpose};
use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::look::{Answered, LOOK_AGAIN, answer, http, is_refusal, page, shown, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/security-contact-missing",
    title: "Whoever finds a hole has nobody to tell",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["X29"],
    django_ids: &[],
    references: &[
        Reference::Rfc(9116, "2.5"),
        Reference::Url("https://securitytxt.org/"),
        Reference::Cwe(1059),
    ],
    doc: include_str!("security_contact_missing.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const ADVICE: &str = "Serve /.well-known/security.txt with `Contact: mailto:…` and an `Expires:` within \
                      a year, and look at it again before that day.";

/// Seconds of a day.
const DAY: i64 = 86_400;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    // A host that shows no page is nobody's first address.
    page(deployment)?;
    let seen = answer(http(deployment)?, Purpose::SecurityText)?;
    let status = seen.answer.status;
    let url = &seen.exchange.request.url;
    if is_refusal(status) {
        return Err(unseen(format!("{url} answers {status}"), LOOK_AGAIN));
    }
    if seen.answer.is_redirect() {
        let target = shown(seen.answer.value("location").unwrap_or_default());
        return Err(unseen(
            format!("{url} leads to {target}, which was not asked"),
            "open it and look whether it is current (RFC 9116)",
        ));
    }
    let mut marks = seen.answer.content.marks.iter();
    let said = marks.find_map(|mark| match mark {
        Mark::SecurityText { contacts, expires } if seen.answer.is_success() => {
            Some((*contacts, *expires))
        }
        _ => None,
    });
    Ok(match said {
        None => fails(&seen, "there is no /.well-known/security.txt".to_owned()),
        Some((0, _)) => fails(
            &seen,
            "/.well-known/security.txt names no Contact".to_owned(),
        ),
        Some((_, None)) => fails(
            &seen,
            "/.well-known/security.txt has no Expires that can be read, and counts as stale"
                .to_owned(),
        ),
        Some((_, Some(end))) if end <= deployment.now => fails(
            &seen,
            format!(
                "/.well-known/security.txt expired {}",
                days((deployment.now - end) / DAY, "ago")
            ),
        ),
        Some((_, Some(end))) => seen.passes(format!(
            "security.txt names a contact and holds for {}",
            days((end - deployment.now) / DAY, "more")
        )),
    })
}

fn fails(seen: &Answered<'_>, what: String) -> Outcome {
    let message = format!(
        "a hole that a friendly stranger finds is told to nobody, or to everybody at once: {what}"
    );
    let finding: Finding = seen.finding("security.txt", message, ADVICE);
    Outcome::Fail(vec![finding])
}

fn days(days: i64, then: &str) -> String {
    match days {
        1 => format!("1 day {then}"),
        days => format!("{days} days {then}"),
    }
}
