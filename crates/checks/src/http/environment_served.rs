use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{Answered, answered, http, unseen};
use crate::setting::settled;
use tightship_model::site::http::{Mark, Purpose};

pub(super) static CHECK: Check = Check {
    id: "http/environment-served",
    title: "The site hands out its environment file",
    severity: Severity::Critical,
    needs: &[Need::Site],
    items: &["A1.2"],
    django_ids: &[],
    references: &[
        Reference::Cwe(538),
        Reference::Url("https://12factor.net/config"),
    ],
    doc: include_str!("environment_served.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let asked = http
        .all(Purpose::Environment)
        .chain(http.all(Purpose::Backup));
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for seen in asked.filter_map(|exchange| answered(exchange).ok()) {
        match names(&seen) {
            Some(names) => {
                let path = path(&seen);
                let shown: Vec<_> = names.iter().take(4).map(String::as_str).collect();
                findings.push(seen.finding(
                    path,
                    format!(
                        "everybody reads {path}: {} variables, among them {}",
                        names.len(),
                        shown.join(", ")
                    ),
                    "Keep the file out of the folder that is served, refuse `location ~ /\\.` in \
                     nginx, and change every secret in it.",
                ));
            }
            None if seen.exchange.purpose == Purpose::Environment => {
                evidence.push(seen.evidence("/.env is not served"));
            }
            None => {}
        }
    }
    Ok(settled(
        findings,
        evidence,
        unseen(
            "/.env gave no answer",
            "raise --max-requests, or look again",
        ),
    ))
}

fn names<'a>(seen: &Answered<'a>) -> Option<&'a [String]> {
    seen.answer
        .content
        .marks
        .iter()
        .find_map(|mark| match mark {
            Mark::Variables(names) if seen.answer.is_success() => Some(names.as_slice()),
            _ => None,
        })
}

fn path<'a>(seen: &Answered<'a>) -> &'a str {
    let url = seen.exchange.request.url.as_str();
    url.splitn(4, '/')
        .nth(3)
        .map_or(url, |rest| &url[url.len() - rest.len() - 1..])
}
