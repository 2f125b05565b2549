//! django-csp, which writes the Content-Security-Policy header. Read from version 4.0.

mod middleware_missing;
mod no_policy;
mod prefixes_as_text;
mod renamed_setting;
mod weak_policy;

use tightship_model::{Check, Deployment, Traced, Value};

use crate::package::setting_value;

pub(crate) const CHECKS: &[&Check] = &[
    &renamed_setting::CHECK,
    &no_policy::CHECK,
    &weak_policy::CHECK,
    &middleware_missing::CHECK,
    &prefixes_as_text::CHECK,
];

const APP: &str = "csp";
const PACKAGE: &str = "django-csp";
const MIDDLEWARE: &str = "csp.middleware.CSPMiddleware";
const POLICY: &str = "CONTENT_SECURITY_POLICY";
const REPORT_ONLY: &str = "CONTENT_SECURITY_POLICY_REPORT_ONLY";

/// The settings of version 3: a directive each (`OUTDATED_SETTINGS` in `csp/checks.py`), and three
/// that steer the header.
const OLDER_DIRECTIVES: [&str; 30] = [
    "CSP_CHILD_SRC",
    "CSP_CONNECT_SRC",
    "CSP_DEFAULT_SRC",
    "CSP_SCRIPT_SRC",
    "CSP_SCRIPT_SRC_ATTR",
    "CSP_SCRIPT_SRC_ELEM",
    "CSP_OBJECT_SRC",
    "CSP_STYLE_SRC",
    "CSP_STYLE_SRC_ATTR",
    "CSP_STYLE_SRC_ELEM",
    "CSP_FONT_SRC",
    "CSP_FRAME_SRC",
    "CSP_IMG_SRC",
    "CSP_MANIFEST_SRC",
    "CSP_MEDIA_SRC",
    "CSP_PREFETCH_SRC",
    "CSP_WORKER_SRC",
    "CSP_BASE_URI",
    "CSP_PLUGIN_TYPES",
    "CSP_SANDBOX",
    "CSP_FORM_ACTION",
    "CSP_FRAME_ANCESTORS",
    "CSP_NAVIGATE_TO",
    "CSP_REQUIRE_SRI_FOR",
    "CSP_REQUIRE_TRUSTED_TYPES_FOR",
    "CSP_TRUSTED_TYPES",
    "CSP_UPGRADE_INSECURE_REQUESTS",
    "CSP_BLOCK_ALL_MIXED_CONTENT",
    "CSP_REPORT_URI",
    "CSP_REPORT_TO",
];
const OLDER_SWITCHES: [&str; 3] = [
    "CSP_REPORT_ONLY",
    "CSP_EXCLUDE_URL_PREFIXES",
    "CSP_REPORT_PERCENTAGE",
];

/// The names of version 3 that the project sets.
fn older_names(deployment: &Deployment) -> Vec<(&'static str, Traced<Value>)> {
    let Some(settings) = &deployment.settings else {
        return Vec::new();
    };
    OLDER_DIRECTIVES
        .into_iter()
        .chain(OLDER_SWITCHES)
        .filter(|name| settings.overrides(name))
        .filter_map(|name| Some((name, setting_value(deployment, name)?)))
        .collect()
}

/// Whether the installed version reads the names of version 3; `None` where neither a pin nor the
/// requirement tells.
fn reads_older_names(deployment: &Deployment) -> Option<bool> {
    let package = deployment.packages.get(PACKAGE)?;
    if let Some((major, _, _)) = package.release() {
        return Some(major < 4);
    }
    let asked: String = package.requirement.split_whitespace().collect();
    let stays_below_4 = asked.split(',').any(|clause| {
        let below = clause.split_once('<').map(|(_, bound)| bound);
        clause.contains("~=3")
            || clause.contains("==3")
            || matches!(below, Some("4" | "4.0" | "4.0.0"))
    });
    stays_below_4.then_some(true)
}
