use tightship_model::Value;
use tightship_model::{Check, Deployment, Dict, Finding, Need, Outcome, Reference, Severity};

use crate::partly::any;
use crate::setting::{Judged, about, consider, setting, shows, unless};

pub(super) static CHECK: Check = Check {
    id: "logging/security-unheard",
    title: "Django's security events are not recorded",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A7.2"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/logging/#django-security"),
        Reference::Cwe(778),
    ],
    doc: include_str!("security_unheard.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = unless(
        deployment,
        "LOGGING",
        &Value::truthy,
        "logging is not configured at all",
    ) {
        return outcome;
    }
    let Some(setting) = setting(deployment, "LOGGING") else {
        return crate::setting::not_set("LOGGING");
    };
    match consider(&setting, &|logging| hears(logging).map(|hears| !hears)) {
        Judged::Good(value) => Outcome::Pass(vec![shows("LOGGING", value)]),
        Judged::Open(outcome) => outcome,
        Judged::Bad(bad) => Outcome::Fail(vec![Finding {
            message: bad.worded(
                "no handler of LOGGING takes warnings of django.security: refused hosts, forged \
                 forms and tampered cookies leave no trace"
                    .to_owned(),
            ),
            confidence: bad.confidence,
            advice: "Give the root logger or django.security a handler at WARNING or below."
                .to_owned(),
            ..about("LOGGING", &bad.value.trail)
        }]),
    }
}

/// Whether a warning of `django.security` reaches a handler that keeps it: its own logger's, then
/// those of `django` and of the root as long as each passes it on.
fn hears(logging: &Value) -> Option<bool> {
    let logging = logging.as_dict()?;
    let loggers = match logging.get("loggers") {
        Some(loggers) => Some(loggers.value.as_dict()?),
        None if logging.rest.is_some() => return None,
        None => None,
    };
    let named = |name: &str| -> Option<&Value> { Some(&loggers?.get(name)?.value) };
    let root = logging.get("root").map(|root| &root.value);
    let mut level_decided = false;
    for logger in [
        named("django.security"),
        named("django"),
        named("").or(root),
    ] {
        let Some(logger) = logger else { continue };
        let logger = logger.as_dict()?;
        if !level_decided && let Some(level) = logger.get("level") {
            level_decided = true;
            if above_warning(level.value.as_str()?) {
                return Some(false);
            }
        }
        if keeps(logging, logger)? {
            return Some(true);
        }
        if let Some(propagate) = logger.get("propagate")
            && !propagate.value.truthy()?
        {
            return Some(false);
        }
    }
    (logging.rest.is_none() && loggers.is_none_or(|loggers| loggers.rest.is_none()))
        .then_some(false)
}

/// Whether one of a logger's handlers keeps a warning in production.
fn keeps(logging: &Dict, logger: &Dict) -> Option<bool> {
    let Some(names) = logger.get("handlers") else {
        return Some(false);
    };
    let names = names.value.as_items()?;
    any(names.rest.is_some(), names.items.iter(), |name| {
        let handler = logging.get("handlers")?.value.as_dict()?;
        let handler = handler.get(name.value.as_str()?)?.value.as_dict()?;
        let class = match handler.get("class") {
            Some(class) => class.value.as_str()?,
            None => "",
        };
        let level = match handler.get("level") {
            Some(level) => level.value.as_str()?,
            None => "NOTSET",
        };
        let only_debugging = match handler.get("filters") {
            Some(filters) => {
                crate::setting::holds(&filters.value, &|filter| filter == "require_debug_true")?
            }
            None => false,
        };
        let lasts = class != "logging.NullHandler" && class != "django.utils.log.AdminEmailHandler";
        Some(lasts && !only_debugging && !above_warning(level))
    })
}

fn above_warning(level: &str) -> bool {
    matches!(level, "ERROR" | "CRITICAL" | "FATAL")
}
