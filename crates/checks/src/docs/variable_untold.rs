use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity, Trail};

use super::known_readers;
use crate::package::pass;
use crate::paths::is_auxiliary;

pub(super) static CHECK: Check = Check {
    id: "docs/variable-untold",
    title: "The site needs a variable that is told nowhere",
    severity: Severity::Low,
    needs: &[],
    items: &["B4.5", "X59", "X60"],
    django_ids: &[],
    references: &[Reference::Url("https://12factor.net/config")],
    doc: include_str!("variable_untold.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let reads = &deployment.facts.env_reads;
    let sources = &deployment.sources;
    if !reads.iter().any(|read| read.is_required) {
        return Outcome::NotApplicable("the code does without every variable".to_owned());
    }
    let findings: Vec<_> = deployment
        .documents
        .untold
        .iter()
        .filter(|name| !known_readers::reads(name))
        .filter_map(|name| {
            let mut needs = reads
                .iter()
                .filter(|read| read.name == *name && read.is_required);
            let read = needs.find(|read| {
                let path = &sources[read.span.source].path;
                !is_auxiliary(path) && !path.contains("example")
            })?;
            Some(Finding {
                message: format!(
                    "the program stops without {name}, and no document, example or configuration \
                     names it: a new server fails until somebody reads this line"
                ),
                advice: format!("Name {name} in .env.example and in the guide."),
                ..super::at(
                    format!("variable:{name}"),
                    read.span,
                    &format!("{name} is read without a default"),
                )
            })
        })
        .collect();
    if findings.is_empty() {
        return pass(
            "every variable that the code cannot do without is named beside the code",
            &Trail::default(),
        );
    }
    Outcome::Fail(findings)
}
