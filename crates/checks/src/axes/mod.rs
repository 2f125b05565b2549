//! django-axes, which locks out whoever fails to log in too often. Read from version 8.3.1.

mod address_forged;
mod address_of_proxy;
mod backend_missing;
mod backend_not_first;
mod cache_not_shared;
mod callable_missing;
mod cooloff_in_hours;
mod cooloff_short;
mod counter_reset_by_login;
mod failure_limit_high;
mod lockout_by_name_alone;
mod lockout_without_address;
mod lockouts_unheard;
mod middleware_missing;
mod middleware_not_last;
mod not_installed;
mod renamed_setting;
mod switched_off;
mod unknown_setting;

use tightship_model::{Check, Deployment, Items, Traced, Trail, Value};

use crate::package::{holds_true, setting_value, value_of};

pub(crate) const CHECKS: &[&Check] = &[
    &not_installed::CHECK,
    &switched_off::CHECK,
    &middleware_missing::CHECK,
    &middleware_not_last::CHECK,
    &backend_missing::CHECK,
    &backend_not_first::CHECK,
    &failure_limit_high::CHECK,
    &cooloff_short::CHECK,
    &cooloff_in_hours::CHECK,
    &counter_reset_by_login::CHECK,
    &lockout_without_address::CHECK,
    &lockouts_unheard::CHECK,
    &lockout_by_name_alone::CHECK,
    &address_of_proxy::CHECK,
    &address_forged::CHECK,
    &cache_not_shared::CHECK,
    &callable_missing::CHECK,
    &renamed_setting::CHECK,
    &unknown_setting::CHECK,
];

/// What names the headers to read, in the order in which axes asks (`axes/conf.py`).
pub(crate) const HEADER_ORDERS: [&str; 3] = [
    "AXES_IPWARE_META_PRECEDENCE_ORDER",
    "AXES_META_PRECEDENCE_ORDER",
    "IPWARE_META_PRECEDENCE_ORDER",
];

const PACKAGE: &str = "django-axes";
const MIDDLEWARE: &str = "axes.middleware.AxesMiddleware";
const BACKEND: &str = "axes.backends.AxesStandaloneBackend";
/// Backends of axes itself that are [`BACKEND`] or extend it.
const BACKENDS: [&str; 2] = [BACKEND, "axes.backends.AxesBackend"];

fn extends_backend(deployment: &Deployment, path: &str) -> bool {
    BACKENDS
        .iter()
        .any(|class| crate::package::is_or_extends(deployment, path, class))
}

/// The switches of version 5 and what each counts by, in the order in which axes asks.
const OLDER_SWITCHES: [(&str, Combinations); 3] = [
    ("AXES_ONLY_USER_FAILURES", &[&["username"]]),
    (
        "AXES_LOCK_OUT_BY_USER_OR_IP",
        &[&["username"], &["ip_address"]],
    ),
    (
        "AXES_LOCK_OUT_BY_COMBINATION_USER_AND_IP",
        &[&["username", "ip_address"]],
    ),
];
const COUNTED_BY_DEFAULT: Combinations = &[&["ip_address"]];

/// Lists of parameters that are counted together.
type Combinations = &'static [&'static [&'static str]];

/// What axes counts failures by, after its own fallback to the switches of version 5
/// (`axes/conf.py`). AXES_USE_USER_AGENT, which narrows the first of them, is left to
/// `axes/renamed-setting`.
pub(crate) fn lockout_parameters(deployment: &Deployment) -> Traced<Value> {
    let chosen = setting_value(deployment, "AXES_LOCKOUT_PARAMETERS");
    if let Some(value) = chosen.filter(|value| value.value != Value::None) {
        return value;
    }
    for (name, combinations) in OLDER_SWITCHES {
        let switch = value_of(deployment, name, PACKAGE, Value::Bool(false));
        match holds_true(&switch, &Value::truthy) {
            Some(true) => return listed(combinations, &switch.trail),
            Some(false) => {}
            None => return switch,
        }
    }
    let trail = Trail::outside("AXES_LOCKOUT_PARAMETERS is not set; the default of django-axes");
    listed(COUNTED_BY_DEFAULT, &trail)
}

/// Combinations as the setting would hold them: one parameter bare, several in a list.
fn listed(combinations: Combinations, trail: &Trail) -> Traced<Value> {
    let list = |items: Vec<Value>| {
        let items = items
            .into_iter()
            .map(|item| Traced::new(item, trail.clone()))
            .collect();
        Value::List(Items { items, rest: None })
    };
    let text = |name: &&str| Value::Str((*name).to_owned());
    let combinations = combinations
        .iter()
        .map(|names| match names {
            [name] => text(name),
            names => list(names.iter().map(text).collect()),
        })
        .collect();
    Traced::new(list(combinations), trail.clone())
}

/// The combinations of parameters that are counted; `None` where a function decides.
pub(crate) fn combinations(value: &Value) -> Option<Vec<Vec<&str>>> {
    let items = value.as_items().filter(|items| items.rest.is_none())?;
    items
        .items
        .iter()
        .map(|item| match item.value.as_str() {
            Some(name) => Some(vec![name]),
            None => crate::package::strings(&item.value),
        })
        .collect()
}

/// A list without elements: what Django takes for MIDDLEWARE where it is not set.
fn empty() -> Value {
    Value::List(Items::default())
}
