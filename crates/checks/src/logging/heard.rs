//! Who hears a warning, by the LOGGING setting.

use tightship_model::{Dict, Value};

use crate::partly::any;
use crate::setting::holds;

/// What becomes of a warning when no logger on its way has a handler.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nobody {
    Silence,
    /// Python writes it to standard error (`logging.lastResort`).
    LastResort,
}

/// Whether a warning reaches a handler that keeps it: one of the loggers of this name and of its
/// parents, nearest first, then of the root, as long as each passes it on.
pub(crate) fn hears(logging: &Value, names: &[&str], nobody: Nobody) -> Option<bool> {
    let logging = logging.as_dict()?;
    let loggers = match logging.get("loggers") {
        Some(loggers) => Some(loggers.value.as_dict()?),
        None if logging.rest.is_some() => return None,
        None => None,
    };
    let named = |name: &str| -> Option<&Value> { Some(&loggers?.get(name)?.value) };
    let root = logging.get("root").map(|root| &root.value);
    let mut level_decided = false;
    let mut has_handler = false;
    let own = names.iter().map(|name| named(name));
    for logger in own.chain([named("").or(root)]).flatten() {
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
        if let Some(handlers) = logger.get("handlers") {
            has_handler |= handlers.value.truthy()?;
        }
        if let Some(propagate) = logger.get("propagate")
            && !propagate.value.truthy()?
        {
            break;
        }
    }
    if nobody == Nobody::LastResort && !has_handler {
        return Some(true);
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
            Some(filters) => holds(&filters.value, &|filter| filter == "require_debug_true")?,
            None => false,
        };
        let lasts = class != "logging.NullHandler" && class != "django.utils.log.AdminEmailHandler";
        Some(lasts && !only_debugging && !above_warning(level))
    })
}

fn above_warning(level: &str) -> bool {
    matches!(level, "ERROR" | "CRITICAL" | "FATAL")
}
