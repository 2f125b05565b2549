use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{Answered, answered, http, is_of_django, unseen};
use tightship_model::site::http::{FailureKind, Purpose};

pub(super) static CHECK: Check = Check {
    id: "http/host-forged",
    title: "Django answers under any name",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A1.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#allowed-hosts"),
        Reference::Cwe(644),
    ],
    doc: include_str!("host_forged.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const ADVICE: &str = "Name the domains in ALLOWED_HOSTS, and give nginx a default server that answers \
                      444.";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let mut evidence = Vec::new();
    let mut open = None;
    for exchange in http.all(Purpose::ForgedHost) {
        if exchange
            .failure()
            .is_some_and(|failure| failure.kind == FailureKind::Closed)
        {
            return Ok(Outcome::Pass(vec![tightship_model::Evidence {
                text: "a request with another Host is cut off".to_owned(),
                trail: tightship_model::Trail::outside(format!(
                    "GET {} with another Host",
                    exchange.request.url
                )),
            }]));
        }
        let seen = match answered(exchange) {
            Ok(seen) => seen,
            Err(outcome) => {
                open = Some(outcome);
                continue;
            }
        };
        match judge(&seen) {
            Verdict::Accepted(message) => {
                return Ok(Outcome::Fail(vec![seen.finding("Host", message, ADVICE)]));
            }
            Verdict::Refused => {
                evidence.push(seen.evidence("a Host that is not the site's is refused"))
            }
            Verdict::Open(reason) => open = Some(unseen(reason, LOOK)),
        }
    }
    match (evidence.is_empty(), open) {
        (false, _) => Ok(Outcome::Pass(evidence)),
        (true, Some(open)) => Ok(open),
        (true, None) => Err(unseen(
            "no request was sent with another Host",
            "raise --max-requests",
        )),
    }
}

const LOOK: &str = "ask ALLOWED_HOSTS in the project's files: `tightship check PATH`";

enum Verdict {
    Accepted(String),
    Refused,
    Open(String),
}

fn judge(seen: &Answered<'_>) -> Verdict {
    let forged = seen
        .exchange
        .request
        .headers
        .iter()
        .find(|header| header.name == "Host");
    let forged = forged.map_or("", |header| header.value.as_str());
    let answer = seen.answer;
    let location = answer.value("location").unwrap_or_default();
    match answer.status {
        // nginx's own redirect of another server name says nothing about Django.
        300..400 if !location.contains(forged) => Verdict::Refused,
        300..400 => Verdict::Open(format!("it redirects to the forged name: {location}")),
        200..300 if is_of_django(answer) => Verdict::Accepted(format!(
            "Django answers {} to Host: {forged}: links in mails and caches can be made to lead to \
             a site of the attacker's",
            answer.status
        )),
        200..300 => Verdict::Open(format!(
            "a request with Host: {forged} is answered {}, and nothing tells whether Django did",
            answer.status
        )),
        429 | 500.. => Verdict::Open(format!("it answers {}", answer.status)),
        _ => Verdict::Refused,
    }
}
