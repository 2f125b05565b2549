use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{answered, http, shown, unseen};
use crate::setting::settled;
use tightship_model::site::http::{Mark, Purpose};

pub(super) static CHECK: Check = Check {
    id: "http/backup-served",
    title: "The site hands out a file that somebody left behind",
    severity: Severity::Critical,
    needs: &[Need::Site],
    items: &["A1.2"],
    django_ids: &[],
    references: &[Reference::Cwe(530)],
    doc: include_str!("backup_served.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let (mut findings, mut evidence) = (Vec::new(), Vec::new());
    for seen in http
        .all(Purpose::Backup)
        .filter_map(|exchange| answered(exchange).ok())
    {
        let url = shown(&seen.exchange.request.url);
        let marks = seen.answer.content.marks.iter();
        let what = marks
            .into_iter()
            .filter(|_| seen.answer.is_success())
            .find_map(what);
        match what {
            Some((what, severity)) => {
                let mut finding = seen.finding(
                    &url,
                    format!("everybody downloads {what}: {url}"),
                    "Take the file out of the folder that is served, and change the secrets in it.",
                );
                finding.severity = Some(severity);
                findings.push(finding);
            }
            None => evidence.push(seen.evidence("it is not served")),
        }
    }
    Ok(settled(
        findings,
        evidence,
        unseen(
            "no file was asked for",
            "raise --max-requests, or look again",
        ),
    ))
}

/// Variables are told by `http/environment-served`.
fn what(mark: &Mark) -> Option<(String, Severity)> {
    match mark {
        Mark::Database(what) => Some((what.clone(), Severity::Critical)),
        Mark::Archive(what) => Some((format!("what looks like a backup, {what}"), Severity::High)),
        Mark::Python(name) => Some((format!("the settings as code, with {name}"), Severity::High)),
        Mark::Compose => Some(("the Compose file".to_owned(), Severity::High)),
        _ => None,
    }
}
