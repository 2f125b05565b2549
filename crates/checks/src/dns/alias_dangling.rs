use tightship_model::site::dns::Kind;
use tightship_model::{Check, Deployment, Evidence, Need, Outcome, Reference, Severity, Trail};

use super::look::seen;
use super::unresolved::dangling;
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "dns/alias-dangling",
    title: "A name is an alias of one that does not exist",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["X31"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/02-Configuration_and_Deployment_Management_Testing/10-Test_for_Subdomain_Takeover",
        ),
        Reference::Cwe(672),
    ],
    doc: include_str!("alias_dangling.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let seen = match seen(deployment) {
        Ok(seen) => seen,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    for name in [Some(&seen.dns.host), seen.dns.twin.as_ref()]
        .into_iter()
        .flatten()
    {
        if let Some(answer) = dangling(seen.view, name) {
            let target = answer.end(name);
            findings.push(seen.finding(
                name,
                format!(
                    "whoever gets {target} serves what they like as {name}, with its cookies and a \
                     certificate of their own: the alias is there, and its target is free"
                ),
                &format!("{name} is an alias of {target}, which does not exist"),
                "Delete the alias, or set up its target again.",
            ));
            continue;
        }
        let answer = match seen.answer(name, Kind::A) {
            Ok(answer) => answer,
            Err(outcome) if *name == seen.dns.host => return outcome,
            Err(_) => continue,
        };
        let end = answer.end(name);
        if end != name {
            evidence.push(Evidence {
                text: format!("{name} is an alias of {end}, which exists"),
                trail: Trail::outside(format!("{} says so", seen.view.resolver)),
            });
        }
    }
    let none = format!("{} is no alias", seen.dns.host);
    settled(findings, evidence, Outcome::NotApplicable(none))
}
