use std::collections::BTreeSet;

use tightship_model::documents::{Pointer, PointerKind};
use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Outcome, Reference, Severity, Trail,
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
    let mut missing: Vec<Vec<&Pointer>> = Vec::new();
    let named = pointers
        .iter()
        .filter(|pointer| !pointer.is_there && !is_formal(&pointer.target))
        .filter(|pointer| !is_own_name(deployment, pointer));
    for pointer in named {
        let same = |known: &&mut Vec<&Pointer>| {
            known[0].kind == pointer.kind
                && file_name(&known[0].target) == file_name(&pointer.target)
        };
        match missing.iter_mut().find(same) {
            Some(known) => known.push(pointer),
            None => missing.push(vec![pointer]),
        }
    }
    let findings: Vec<Finding> = missing
        .iter()
        .map(|pointers| finding(deployment, pointers))
        .collect();
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
    let name = file_name(target).to_lowercase();
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

/// Whether a document means itself by the name, which it has with a date or a number before it.
fn is_own_name(deployment: &Deployment, pointer: &Pointer) -> bool {
    let document = &deployment.sources[pointer.span.source].path;
    document.ends_with(file_name(&pointer.target))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// One file that these pointers name; the first stands for all.
fn finding(deployment: &Deployment, pointers: &[&Pointer]) -> Finding {
    let pointer = pointers[0];
    let document = |pointer: &Pointer| deployment.sources[pointer.span.source].path.clone();
    let documents: BTreeSet<String> = pointers.iter().map(|one| document(one)).collect();
    let first = document(pointer);
    let target = &pointer.target;
    let loss = match pointer.kind {
        PointerKind::Guide => "what it explains is known to nobody",
        PointerKind::Script => "who deploys by this document stops there, and improvises",
        PointerKind::File => "the command fails for who follows the document",
    };
    let send = match documents.len() {
        1 => format!("{first} sends its reader"),
        2 => format!("{first} and one more document send their readers"),
        number => format!(
            "{first} and {} more documents send their readers",
            number - 1
        ),
    };
    let nearest = pointer.nearest.as_ref();
    let mut finding = super::at(
        format!("file:{first} {target}"),
        pointer.span,
        &format!("names {target}"),
    );
    let others = pointers.iter().skip(1);
    finding.labels.extend(others.map(|other| Label {
        span: other.span,
        text: format!("names {}", other.target),
    }));
    Finding {
        message: format!("{send} to {target}, which is not there: {loss}"),
        confidence: Confidence::Medium,
        advice: match nearest {
            Some(path) => format!("Name {path}, if that is meant."),
            None => "Bring the file back, or take the line out.".to_owned(),
        },
        ..finding
    }
}
