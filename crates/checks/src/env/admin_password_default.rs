use tightship_model::{
    Check, Confidence, Deployment, Finding, Outcome, Reference, Severity, Source, SourceId, Span,
    Trail,
};

use super::{at, label};
use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "env/admin-password-default",
    title: "A start script makes an administrator with a known password",
    severity: Severity::Critical,
    needs: &[],
    items: &["A4.3", "B4.6"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/django-admin/#createsuperuser"),
        Reference::Cwe(1392),
    ],
    doc: include_str!("admin_password_default.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let scripts: Vec<(SourceId, &Source)> = deployment
        .sources
        .iter()
        .filter(|(_, source)| is_script(source) && makes_administrator(source.raw()))
        .collect();
    if scripts.is_empty() {
        return Outcome::NotApplicable("no start script makes an administrator".to_owned());
    }
    let findings: Vec<_> = scripts
        .iter()
        .flat_map(|(id, source)| judge(*id, source))
        .collect();
    if findings.is_empty() {
        return pass(
            "the scripts that make an administrator have no password of their own",
            &Trail::default(),
        );
    }
    Outcome::Fail(findings)
}

fn judge(id: SourceId, source: &Source) -> Vec<Finding> {
    let text = source.raw();
    let creation = creation(text).map(|at| Span::new(id, at.0 as u32, at.1 as u32));
    passwords(text)
        .into_iter()
        .map(|(start, end, name)| {
            let mut finding = at(
                format!("script:{} {name}", source.path),
                Some(Span::new(id, start as u32, end as u32)),
                "holds the password",
            );
            finding
                .labels
                .extend(creation.map(|span| label(span, "makes the administrator")));
            Finding {
                message: format!(
                    "whoever has read {} logs in as administrator: {name} has a value there, and \
                     the start makes an administrator with it where nobody sets another",
                    source.path
                ),
                confidence: Confidence::Medium,
                advice: format!(
                    "Let the start stop without it (`: \"${{{name}:?}}\"`), or make the \
                     administrator by hand; change the password of the one that is there."
                ),
                ..finding
            }
        })
        .collect()
}

fn is_script(source: &Source) -> bool {
    const DEVELOPERS: [&str; 5] = ["dev", "local", "test", "seed", "example"];
    let name = source.path.rsplit('/').next().unwrap_or_default();
    let is_shell = name.ends_with(".sh") || source.raw().starts_with("#!/bin/");
    let lower = source.path.to_ascii_lowercase();
    is_shell && !DEVELOPERS.iter().any(|word| lower.contains(word))
}

fn makes_administrator(text: &str) -> bool {
    creation(text).is_some()
}

/// Where a line that is no comment makes an administrator.
fn creation(text: &str) -> Option<(usize, usize)> {
    lines(text).find_map(|(start, line)| {
        ["createsuperuser", "create_superuser"]
            .iter()
            .find_map(|word| {
                line.find(word)
                    .map(|at| (start + at, start + at + word.len()))
            })
    })
}

/// The passwords that a script has a text for: `NAME=text`, `${NAME:-text}`; where each stands, and
/// its variable.
fn passwords(text: &str) -> Vec<(usize, usize, String)> {
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    for (start, line) in lines(text) {
        let words = line
            .match_indices(|c: char| !is_word(c))
            .map(|(at, _)| at + 1)
            .chain([0]);
        for at in words {
            let name: String = line[at..].chars().take_while(|c| is_word(*c)).collect();
            if !is_password_of_administrator(&name) {
                continue;
            }
            let rest = &line[at + name.len()..];
            let Some(value) = [":-", ":=", "="]
                .iter()
                .find_map(|sign| rest.strip_prefix(sign))
            else {
                continue;
            };
            let value = value.trim_start_matches(['"', '\'']);
            let literal: &str = value
                .split(|c: char| c.is_whitespace() || "\"'$}`;()".contains(c))
                .next()
                .unwrap_or_default();
            if !literal.is_empty() && found.iter().all(|(_, _, known)| *known != name) {
                found.push((start + at, start + at + name.len(), name));
            }
        }
    }
    found
}

/// `ADMIN_PASSWORD`, `DJANGO_SUPERUSER_PASSWORD`.
fn is_password_of_administrator(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split('_').collect();
    let is_password = words
        .last()
        .is_some_and(|last| matches!(*last, "PASSWORD" | "PASS" | "PASSWD"));
    is_password
        && words
            .iter()
            .any(|word| matches!(*word, "ADMIN" | "SUPERUSER" | "SU" | "ROOT"))
}

/// The lines that are no comments, with where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        (!line.trim_start().starts_with('#')).then_some((at, line))
    })
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}
