use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{answered, http, unseen};
use crate::setting::settled;
use tightship_model::site::http::{Mark, Purpose};

pub(super) static CHECK: Check = Check {
    id: "http/folder-listed",
    title: "The site lists the files of a folder",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["A5.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_autoindex_module.html"),
        Reference::Cwe(548),
    ],
    doc: include_str!("folder_listed.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// The folders that are asked for, and what a list of them tells.
const FOLDERS: [(Purpose, &str, Severity); 2] = [
    (
        Purpose::MediaFolder,
        "everybody browses what users have uploaded",
        Severity::High,
    ),
    (
        Purpose::StaticFolder,
        "everybody browses the files that no page names",
        Severity::Low,
    ),
];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for (purpose, loss, severity) in FOLDERS {
        for seen in http
            .all(purpose)
            .filter_map(|exchange| answered(exchange).ok())
        {
            let title = seen
                .answer
                .content
                .marks
                .iter()
                .find_map(|mark| match mark {
                    Mark::Listing(title) if seen.answer.is_success() => Some(title),
                    _ => None,
                });
            match title {
                Some(title) => {
                    let mut finding = seen.finding(
                        purpose.name(),
                        format!("{loss}: {} is {title:?}", seen.exchange.request.url),
                        "Take `autoindex on;` away, or show_indexes in Django's static view.",
                    );
                    finding.severity = Some(severity);
                    findings.push(finding);
                }
                None => evidence.push(seen.evidence("no list of files is given")),
            }
        }
    }
    Ok(settled(
        findings,
        evidence,
        unseen(
            "no folder was asked for",
            "raise --max-requests, or look again",
        ),
    ))
}
