use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::{evidence, finding, served};
use crate::cross::label;

pub(super) static CHECK: Check = Check {
    id: "certbot/test-authority",
    title: "The certificate comes from a test authority",
    severity: Severity::High,
    needs: &[],
    items: &["B2.6", "A8.1"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://letsencrypt.org/docs/staging-environment/",
    )],
    doc: include_str!("test_authority.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let certbot = &deployment.certbot;
    let mut findings = Vec::new();
    let mut seen = Vec::new();
    for lineage in &certbot.lineages {
        let Some(server) = &lineage.server else {
            continue;
        };
        let Some(span) = server.trail.first_span() else {
            continue;
        };
        if !server.value.contains("staging") {
            seen.push(evidence(format!("{} is asked", server.value), span));
            continue;
        }
        let subject = format!("certbot:{}", lineage.name);
        findings.push(tested(deployment, subject, span, &server.value));
    }
    for run in &certbot.runs {
        let path = &deployment.sources[run.span.source].path;
        let is_issued = matches!(run.subcommand.as_str(), "certonly" | "run");
        let is_rehearsal = ["staging", "test", "dev", "local"]
            .iter()
            .any(|word| path.to_ascii_lowercase().contains(word));
        if !is_issued || run.is_dry_run || is_rehearsal {
            continue;
        }
        if !run.is_staging {
            seen.push(evidence("certbot asks the authority itself", run.span));
            continue;
        }
        findings.push(tested(
            deployment,
            format!("certbot:{path}"),
            run.span,
            "--staging",
        ));
    }
    if !findings.is_empty() {
        return Outcome::Fail(findings);
    }
    match seen.is_empty() {
        true => Outcome::NotApplicable("no run or lineage of certbot is known".to_owned()),
        false => Outcome::Pass(seen),
    }
}

fn tested(
    deployment: &Deployment,
    subject: String,
    span: tightship_model::Span,
    by: &str,
) -> Finding {
    let mut labels = vec![label(span, "asks the test authority")];
    labels.extend(
        served(deployment)
            .first()
            .map(|one| label(one.directive.heading_span(), "nginx serves what it gives")),
    );
    finding(
        subject,
        format!(
            "every browser turns visitors away: the certificate is one of Let's Encrypt's test \
             authority ({by}), which none trusts, and renewal stays with it"
        ),
        labels,
        "Set staging to 0, delete the lineage, and get the certificate again.",
    )
}
