use tightship_model::{Check, Deployment, Finding, Need, Outcome, Reference, Severity};

use super::sites::{issued, lineage, sites};
use super::{evidence, finding};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/archive-served",
    title: "nginx reads one issue of the certificate and never the next",
    severity: Severity::High,
    needs: &[Need::Nginx],
    items: &["A8.4", "B4.2"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://eff-certbot.readthedocs.io/en/stable/using.html#where-are-my-certificates",
    )],
    doc: include_str!("archive_served.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen = Vec::new();
    for read in sites(deployment).iter().flat_map(|site| &site.certificates) {
        if lineage(read.path).is_some() {
            let text = format!("{} is the newest issue", read.path);
            seen.push(evidence(text, read.span));
        }
        let Some((folder, file)) = read.path.split_once("/archive/") else {
            continue;
        };
        let subject = format!("nginx:{}", read.path);
        if findings.iter().any(|known| known.subject == subject) {
            continue;
        }
        let renewed = deployment.certbot.renewers.first().map(|one| one.span);
        let mut labels = vec![label(read.span, "nginx reads this issue")];
        labels.extend(
            renewed
                .or_else(|| issued(deployment))
                .map(|span| label(span, "certbot writes the next one beside it")),
        );
        let (name, issue) = file.split_once('/').unwrap_or(("NAME", file));
        let link: String = issue.chars().filter(|c| !c.is_ascii_digit()).collect();
        findings.push(finding(
            subject,
            format!(
                "visitors meet an expired certificate within 90 days, though certbot renews it: \
                 archive/{file} is one issue, and each renewal writes a file with another number"
            ),
            labels,
            &format!("Read the link that certbot moves on: {folder}/live/{name}/{link}."),
        ));
    }
    match (findings.is_empty(), seen.is_empty()) {
        (false, _) => Outcome::Fail(findings),
        (true, true) => {
            Outcome::NotApplicable("nginx reads no certificate of certbot's".to_owned())
        }
        (true, false) => Outcome::Pass(seen),
    }
}
