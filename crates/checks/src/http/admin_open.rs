use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{answered, http, unseen};
use tightship_model::site::http::{Mark, Purpose};

pub(super) static CHECK: Check = Check {
    id: "http/admin-open",
    title: "Everyone reaches the login of the administrators",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["A13.1", "B7.5", "X12"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/deployment/checklist/"),
        Reference::Cwe(284),
    ],
    doc: include_str!("admin_open.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let mut evidence = Vec::new();
    for seen in http
        .all(Purpose::Admin)
        .filter_map(|exchange| answered(exchange).ok())
    {
        let is_login = seen.answer.content.marks.contains(&Mark::AdminLogin);
        if is_login && seen.answer.is_success() {
            return Ok(Outcome::Fail(vec![seen.finding(
                "admin",
                format!("everybody tries passwords at {}", seen.exchange.request.url),
                "Let in known addresses only (`allow`, `deny` in nginx), or put the admin behind a VPN.",
            )]));
        }
        if matches!(seen.answer.status, 401 | 403 | 404 | 410 | 444) {
            evidence.push(seen.evidence("the admin is not shown to strangers"));
        }
    }
    match evidence.is_empty() {
        false => Ok(Outcome::Pass(evidence)),
        true => Err(unseen(
            "what answers at the admin's address is not Django's login",
            "tell where the admin is: check the project together with --url",
        )),
    }
}
