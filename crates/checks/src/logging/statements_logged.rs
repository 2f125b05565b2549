use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Outcome, Reference, Severity, Trail,
};

use crate::compose::{What, services, what};
use crate::setting::{labels, overridden, setting};

pub(super) static CHECK: Check = Check {
    id: "logging/statements-logged",
    title: "Statements are logged with the values in them",
    severity: Severity::Medium,
    needs: &[],
    items: &["B8.1"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/logging/#django-db-backends"),
        Reference::Url(
            "https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-STATEMENT",
        ),
        Reference::Cwe(532),
    ],
    doc: include_str!("statements_logged.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let findings: Vec<Finding> = by_django(deployment)
        .into_iter()
        .chain(by_server(deployment))
        .collect();
    if !findings.is_empty() {
        return Outcome::Fail(findings);
    }
    match deployment.settings.is_some() || deployment.compose.is_some() {
        true => crate::package::pass("no statement is logged with its values", &Trail::default()),
        false => Outcome::NotApplicable("there are neither settings nor a Compose file".to_owned()),
    }
}

/// Django hands statements to `django.db.backends` only while DEBUG is on (its documentation,
/// "Logging").
fn by_django(deployment: &Deployment) -> Option<Finding> {
    let debug = setting(deployment, "DEBUG")?;
    if debug.value.value.truthy() != Some(true) {
        return None;
    }
    let logging = overridden(deployment, "LOGGING")?;
    let loggers = logging.value.as_dict()?.get("loggers")?.value.as_dict()?;
    let (name, logger) = ["django.db.backends", "django.db"]
        .into_iter()
        .find_map(|name| Some((name, loggers.get(name)?)))?;
    let logger_dict = logger.value.as_dict()?;
    let level = logger_dict.get("level")?.value.as_str()?;
    let has_handler = logger_dict
        .get("handlers")
        .is_some_and(|handlers| handlers.value.truthy() == Some(true));
    if !level.eq_ignore_ascii_case("DEBUG") || !has_handler {
        return None;
    }
    let mut places = labels(&logging.trail);
    places.extend(labels(&debug.value.trail));
    Some(Finding {
        subject: format!("settings:LOGGING {name}"),
        message: "whoever reads the log reads names, addresses, password hashes and session keys: \
                  DEBUG is on, and LOGGING keeps each statement with its values"
            .to_owned(),
        severity: None,
        confidence: Confidence::High,
        labels: places,
        trail: logging.trail.clone(),
        django_id: None,
        advice: format!("Set the level of {name} to \"WARNING\", and DEBUG to False."),
        fix: None,
    })
}

/// PostgreSQL started with `log_statement`, or with every duration.
fn by_server(deployment: &Deployment) -> Vec<Finding> {
    let services = services(deployment).unwrap_or_default();
    let databases = services
        .into_iter()
        .filter(|service| what(service) == What::Store("PostgreSQL"));
    databases
        .filter_map(|service| {
            let command = service.command.as_ref()?;
            let words = command
                .words
                .iter()
                .flat_map(|word| word.split_whitespace());
            let option = words
                .map(|word| word.trim_start_matches('-'))
                .find(|word| KEEPS_ALL.contains(word))?;
            Some(Finding {
                subject: format!("service:{} {option}", service.name),
                message: format!(
                    "whoever reads the log of {} reads what users sent: {option} keeps each \
                     statement with the values in it, password hashes and session keys among them",
                    service.name
                ),
                severity: None,
                confidence: Confidence::High,
                labels: vec![Label {
                    span: command.span,
                    text: format!("starts with {option}"),
                }],
                trail: command.trail.clone(),
                django_id: None,
                advice:
                    "Log statements that take long only (`log_min_duration_statement=500`), and \
                         set log_parameter_max_length=0."
                        .to_owned(),
                fix: None,
            })
        })
        .collect()
}

const KEEPS_ALL: [&str; 3] = [
    "log_statement=all",
    "log_statement=mod",
    "log_min_duration_statement=0",
];
