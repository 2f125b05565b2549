use tightship_model::{
    Check, Deployment, Finding, Label, Outcome, Reference, Severity, Span, Trail,
};

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
    let untold: Vec<_> = deployment
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
            Some((name.as_str(), read.span))
        })
        .collect();
    match untold.split_first() {
        Some((first, rest)) => Outcome::Fail(vec![finding(*first, rest)]),
        None => pass(
            "every variable that the code cannot do without is named beside the code",
            &Trail::default(),
        ),
    }
}

/// One finding for all: what is missing is one list of them.
fn finding(first: (&str, Span), rest: &[(&str, Span)]) -> Finding {
    const MOST: usize = 4;
    let label = |(name, span): &(&str, Span)| Label {
        span: *span,
        text: format!("{name} is read without a default"),
    };
    let named: Vec<&str> = rest.iter().take(MOST).map(|(name, _)| *name).collect();
    let also = match rest.len() - named.len() {
        0 if named.is_empty() => String::new(),
        0 => format!(" (also {})", named.join(", ")),
        more => format!(" (also {} and {more} more)", named.join(", ")),
    };
    let mut finding = super::at(
        format!("variable:{}", first.0),
        first.1,
        &label(&first).text,
    );
    finding.labels.extend(rest.iter().map(label));
    Finding {
        message: format!(
            "the program stops without {}{also}, and no document, example or configuration names it: \
             a new server fails until somebody reads this line",
            first.0
        ),
        advice: "Name what the code needs in .env.example and in the guide.".to_owned(),
        ..finding
    }
}
