use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::package::{finding, pass, setting_value};

pub(super) static CHECK: Check = Check {
    id: "axes/renamed-setting",
    title: "A setting of axes has an older name",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("axes")],
    items: &[],
    django_ids: &["axes.W004"],
    references: &[Reference::Url(
        "https://django-axes.readthedocs.io/en/latest/4_configuration.html",
    )],
    doc: include_str!("renamed_setting.md"),
    run,
};

/// The names that `axes.checks.axes_deprecation_check` reports; with the new name, and whether axes
/// 8.3.1 still reads the old one where the new one is missing.
pub(super) const RENAMED: [(&str, &str, bool); 10] = [
    (
        "AXES_DISABLE_SUCCESS_ACCESS_LOG",
        "AXES_DISABLE_ACCESS_LOG",
        false,
    ),
    ("AXES_LOGGER", "LOGGING", false),
    ("AXES_PROXY_ORDER", "AXES_IPWARE_PROXY_ORDER", true),
    ("AXES_PROXY_COUNT", "AXES_IPWARE_PROXY_COUNT", true),
    (
        "AXES_PROXY_TRUSTED_IPS",
        "AXES_IPWARE_PROXY_TRUSTED_IPS",
        true,
    ),
    (
        "AXES_META_PRECEDENCE_ORDER",
        "AXES_IPWARE_META_PRECEDENCE_ORDER",
        true,
    ),
    ("AXES_ONLY_USER_FAILURES", "AXES_LOCKOUT_PARAMETERS", true),
    (
        "AXES_LOCK_OUT_BY_USER_OR_IP",
        "AXES_LOCKOUT_PARAMETERS",
        true,
    ),
    (
        "AXES_LOCK_OUT_BY_COMBINATION_USER_AND_IP",
        "AXES_LOCKOUT_PARAMETERS",
        true,
    ),
    ("AXES_USE_USER_AGENT", "AXES_LOCKOUT_PARAMETERS", true),
];

fn run(deployment: &Deployment) -> Outcome {
    let overrides = |name: &str| {
        let settings = deployment.settings.as_ref();
        settings.is_some_and(|settings| settings.overrides(name))
    };
    let findings: Vec<_> = RENAMED
        .into_iter()
        .filter(|(old, _, _)| overrides(old))
        .filter_map(|(old, new, fallback)| {
            let value = setting_value(deployment, old)?;
            let effect = match (fallback, overrides(new)) {
                (false, _) => "axes no longer reads it, so the line protects nothing",
                (true, true) => "the new name is set too and wins, so the line does nothing",
                (true, false) => "axes 8 still reads it and calls it deprecated",
            };
            let mut finding = finding(
                old,
                &value.trail,
                format!("{old} is the older name of {new}: {effect}"),
                "Write the new name, or remove the line.",
            );
            finding.django_id = Some("axes.W004");
            Some(finding)
        })
        .collect();
    match findings.is_empty() {
        true => pass(
            "no older name of a setting of axes is in use",
            &Trail::default(),
        ),
        false => Outcome::Fail(findings),
    }
}
