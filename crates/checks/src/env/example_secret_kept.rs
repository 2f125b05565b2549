use tightship_model::{
    Check, Confidence, Deployment, Finding, Outcome, Reference, Severity, Span, Traced, Trail,
    Value, names_a_secret,
};

use super::{at, listed};
use crate::compose::{is_placeholder, services};
use crate::cross::label;
use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "env/example-secret-kept",
    title: "Production runs with a secret of the example file",
    severity: Severity::High,
    needs: &[],
    items: &["A1.2", "B1.2", "B1.9", "B5.1"],
    django_ids: &[],
    references: &[Reference::Cwe(1392), Reference::Cwe(798)],
    doc: include_str!("example_secret_kept.md"),
    run,
};

/// A line of an example file.
struct Example<'a> {
    path: &'a str,
    name: &'a str,
    value: &'a str,
    span: Span,
}

fn run(deployment: &Deployment) -> Outcome {
    let examples = examples(deployment);
    if examples.is_empty() {
        return Outcome::NotApplicable("no example file holds a secret".to_owned());
    }
    // What stands in the Compose file itself is in the repository with or without an example.
    let is_filed = |value: &Traced<Value>| {
        let span = value.trail.links().iter().rev().find_map(|link| link.span);
        span.is_some_and(|span| deployment.sources[span.source].path.contains("env"))
    };
    // One file may be given to many services: what it holds is said once.
    let mut kept: Vec<Kept<'_>> = Vec::new();
    for (owner, name, value) in given(deployment) {
        let text = match &value.value {
            Value::Str(text) => text,
            Value::Secret(secret) => secret.expose(),
            _ => continue,
        };
        let mut known = examples.iter();
        let example = known.find(|example| example.name == name && example.value == text);
        let Some(example) = example.filter(|_| is_filed(value)) else {
            continue;
        };
        let place = value.trail.links().iter().rev().find_map(|link| link.span);
        let same = |one: &&mut Kept<'_>| one.example.name == name && one.place == place;
        match kept.iter_mut().find(same) {
            Some(one) => one.owners.push(owner),
            None => kept.push(Kept {
                example,
                place,
                owners: vec![owner],
            }),
        }
    }
    match kept.is_empty() {
        false => Outcome::Fail(kept.iter().map(finding).collect()),
        true => pass("no secret is that of an example", &Trail::default()),
    }
}

/// A secret of an example that production runs with.
struct Kept<'a> {
    example: &'a Example<'a>,
    /// Where production takes it from.
    place: Option<Span>,
    owners: Vec<String>,
}

fn finding(kept: &Kept<'_>) -> Finding {
    let Example {
        path, name, span, ..
    } = kept.example;
    // The site is one of the services where these are known.
    let services = kept.owners.iter().map(String::as_str);
    let mut owners: Vec<&str> = services.filter(|owner| *owner != THE_SITE).collect();
    if owners.is_empty() {
        owners.push(THE_SITE);
    }
    let mut finding = at(
        format!("variable:{name}"),
        kept.place,
        &format!("gives {name}"),
    );
    let same = label(*span, format!("{path} has the same text"));
    finding.labels.push(same);
    Finding {
        message: format!(
            "everyone who has the repository has {name} of {}: it is the text that {path} gives as \
             an example",
            listed(&owners)
        ),
        confidence: Confidence::High,
        advice: "Make a secret of its own, and leave the value in the example empty.".to_owned(),
        ..finding
    }
}

const THE_SITE: &str = "the site";

/// The secrets that examples of environment files hold, but for placeholders.
fn examples(deployment: &Deployment) -> Vec<Example<'_>> {
    let mut found = Vec::new();
    for (id, source) in deployment.sources.iter() {
        let file = source.path.rsplit('/').next().unwrap_or(&source.path);
        let is_example = file.contains("env")
            && ["example", "sample", "template", "dist"]
                .iter()
                .any(|word| file.contains(word));
        if !is_example {
            continue;
        }
        let text = source.raw();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let (name, value) = line.split_once('=').unwrap_or_default();
            let name = name.trim().trim_start_matches("export ");
            let value = value.trim().trim_matches(['"', '\'']);
            if names_a_secret(name) && value.len() > 3 && !is_placeholder(value) {
                let end = start + name.len();
                found.push(Example {
                    path: &source.path,
                    name,
                    value,
                    span: Span::new(id, start as u32, end as u32),
                });
            }
            start += line.len();
        }
    }
    found
}

/// Every variable that production is given, with whom it is given to.
fn given(deployment: &Deployment) -> Vec<(String, &str, &Traced<Value>)> {
    let services = services(deployment).unwrap_or_default();
    let by_service = services.into_iter().flat_map(|service| {
        let variables = service.environment.variables.iter();
        variables.map(|(name, value)| (service.name.clone(), name.as_str(), value))
    });
    let own = deployment.environment.variables.iter();
    let own = own.map(|(name, value)| (THE_SITE.to_owned(), name.as_str(), value));
    by_service.chain(own).collect()
}
