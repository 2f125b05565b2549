use std::collections::HashMap;

use tightship_model::compose::Service;
use tightship_model::{
    Check, Deployment, Finding, Outcome, Reference, Severity, Traced, Value, names_a_secret,
};

use super::strength::{password, weakness};
use super::what::{What, what};
use super::{about, services};
use crate::guessing::Known;
use crate::package::pass;

pub(super) static CHECK: Check = Check {
    id: "compose/password-weak",
    title: "A password of a service is guessed in no time",
    severity: Severity::High,
    needs: &[],
    items: &["B5.1"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://www.usenix.org/conference/usenixsecurity16/technical-sessions/presentation/wheeler",
        ),
        Reference::Cwe(521),
    ],
    doc: include_str!("password_weak.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let findings = weak(deployment, &services);
    if !findings.is_empty() {
        return Outcome::Fail(findings.into_iter().map(|(_, finding)| finding).collect());
    }
    let missing = services
        .iter()
        .find_map(|service| service.environment.incomplete.as_ref());
    match missing {
        Some(reason) => Outcome::Unknown {
            reason: format!("not every password is known: {reason}"),
            remedy: "run tightship where the file is".to_owned(),
            trail: tightship_model::Trail::default(),
        },
        None => pass(
            "no password of a service is a weak one",
            &tightship_model::Trail::default(),
        ),
    }
}

/// Whether a finding of this check is about that password.
pub(crate) fn tells_of(deployment: &Deployment, password: &str) -> bool {
    let services = services(deployment).unwrap_or_default();
    let weak = weak(deployment, &services);
    weak.iter().any(|(secret, _)| *secret == password)
}

/// Each weak password with the finding about it.
fn weak<'a>(deployment: &Deployment, services: &[&'a Service]) -> Vec<(&'a str, Finding)> {
    let words = services.iter().flat_map(|service| words_of(service));
    let known = Known::new(words, deployment.now);
    let mut findings: Vec<(&str, Finding)> = Vec::new();
    // Where the finding about each secret stands; `None` for a good one.
    let mut judged: HashMap<&str, Option<usize>> = HashMap::new();
    // Whose a secret is, the service that it is made for tells best: a store gets its own last.
    let mut by_use = services.to_vec();
    by_use.sort_by_cached_key(|service| matches!(what(service), What::Store(_) | What::Proxy));
    let has_settings = deployment.settings.is_some();
    for service in by_use {
        for (name, value) in &service.environment.variables {
            let Some(secret) = given(name, value, has_settings) else {
                continue;
            };
            if let Some(before) = judged.get(secret) {
                if let Some((_, finding)) = before.and_then(|at| findings.get_mut(at)) {
                    finding.labels.extend(crate::setting::labels(&value.trail));
                }
                continue;
            }
            let weakness = weakness(secret, &known);
            judged.insert(secret, weakness.as_ref().map(|_| findings.len()));
            let finding = weakness.map(|weakness| finding(service, name, value, &weakness));
            findings.extend(finding.map(|finding| (secret, finding)));
        }
    }
    findings
}

fn finding(service: &Service, name: &str, value: &Traced<Value>, weakness: &str) -> Finding {
    Finding {
        message: format!(
            "{name} of {} {weakness}: who reaches what it protects, from a container beside it or \
             through a port that is published by mistake, gets in",
            service.name
        ),
        advice:
            "Make a random one (`openssl rand -hex 24`), change it where it is valid, and give \
                 it by a secret file."
                .to_owned(),
        ..about(service, name, &value.trail)
    }
}

/// The password in a variable. The keys of Django itself are judged as settings.
fn given<'a>(name: &str, value: &'a Traced<Value>, has_settings: bool) -> Option<&'a str> {
    let text = value.value.as_str()?;
    let is_address = text.contains("://");
    let is_key = name.ends_with("SECRET_KEY");
    let is_password = names_a_secret(name) && !name.ends_with("DSN") && !(is_key && has_settings);
    let secret = match (is_address, is_password) {
        (true, _) => password(text),
        (false, true) => text,
        (false, false) => return None,
    };
    let is_flag =
        ["true", "false", "yes", "no", "0", "1"].contains(&secret.to_ascii_lowercase().as_str());
    (!secret.is_empty() && !is_flag && !secret.starts_with('/')).then_some(secret)
}

/// Names that an attacker tries first: of the services, users and databases.
fn words_of(service: &Service) -> impl Iterator<Item = &str> {
    let variables = service.environment.variables.iter();
    let named = variables.filter(|(name, _)| {
        ["_USER", "_DB", "_DATABASE", "_NAME"]
            .iter()
            .any(|end| name.ends_with(end))
    });
    named
        .filter_map(|(_, value)| value.value.as_str())
        .chain([service.name.as_str()])
}
