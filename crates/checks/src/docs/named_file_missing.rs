use tightship_model::documents::{Pointer, PointerKind};
use tightship_model::{
    Check, Confidence, Deployment, Finding, Outcome, Reference, Severity, Trail,
};

use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "docs/named-file-missing",
    title: "A guide names a file that is not there",
    severity: Severity::Low,
    needs: &[],
    items: &["B9.1", "X59"],
    django_ids: &[],
    references: &[Reference::Cwe(1059)],
    doc: include_str!("named_file_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let pointers = &deployment.documents.pointers;
    if pointers.is_empty() {
        return Outcome::NotApplicable("no document names a file of the repository".to_owned());
    }
    let mut findings: Vec<Finding> = Vec::new();
    let missing = pointers
        .iter()
        .filter(|pointer| !pointer.is_there && !is_formal(&pointer.target));
    for pointer in missing {
        let finding = finding(deployment, pointer);
        if !findings
            .iter()
            .any(|known| known.subject == finding.subject)
        {
            findings.push(finding);
        }
    }
    if findings.is_empty() {
        return pass(
            "every file that the documents name is there",
            &Trail::default(),
        );
    }
    Outcome::Fail(findings)
}

/// Whether a file of this name is about the repository, and not about the site that runs.
fn is_formal(target: &str) -> bool {
    let name = target.rsplit('/').next().unwrap_or(target).to_lowercase();
    [
        "license",
        "licence",
        "contributing",
        "code_of_conduct",
        "changelog",
        "authors",
    ]
    .iter()
    .any(|word| name.starts_with(word))
}

fn finding(deployment: &Deployment, pointer: &Pointer) -> Finding {
    let document = &deployment.sources[pointer.span.source].path;
    let target = &pointer.target;
    let loss = match pointer.kind {
        PointerKind::Guide => "what it explains is known to nobody",
        PointerKind::Script => "who deploys by this document stops there, and improvises",
        PointerKind::File => "the command fails for who follows the document",
    };
    let nearest = pointer.nearest.as_ref();
    Finding {
        message: format!("{document} sends its reader to {target}, which is not there: {loss}"),
        confidence: Confidence::Medium,
        advice: match nearest {
            Some(path) => format!("Name {path}, if that is meant."),
            None => "Bring the file back, or take the line out.".to_owned(),
        },
        ..super::at(
            format!("file:{document} {target}"),
            pointer.span,
            &format!("names {target}"),
        )
    }
}
