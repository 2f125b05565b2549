use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use crate::package::{setting_value, strings};
use crate::setting::{Demand, judge_value};

pub(super) static CHECK: Check = Check {
    id: "axes/backend-not-first",
    title: "Another backend logs in before axes is asked",
    severity: Severity::High,
    needs: &[Need::Settings, Need::App("axes")],
    items: &["A3.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://django-axes.readthedocs.io/en/latest/2_installation.html"),
        Reference::Django("topics/auth/customizing/#specifying-authentication-backends"),
        Reference::Cwe(307),
    ],
    doc: include_str!("backend_not_first.md"),
    run,
};

/// Backends that never log anyone in: they decide on permissions only.
const PERMISSIONS_ONLY: [&str; 2] = [
    "guardian.backends.ObjectPermissionBackend",
    "rules.permissions.ObjectPermissionBackend",
];

fn run(deployment: &Deployment) -> Outcome {
    let Some(backends) = setting_value(deployment, "AUTHENTICATION_BACKENDS") else {
        return Outcome::NotApplicable("AUTHENTICATION_BACKENDS has no value".to_owned());
    };
    let before = |names: &[&str]| -> Option<Vec<String>> {
        let place = names
            .iter()
            .position(|name| super::extends_backend(deployment, name))?;
        let names = names[..place]
            .iter()
            .filter(|name| !PERMISSIONS_ONLY.contains(name));
        Some(names.map(|name| (*name).to_owned()).collect())
    };
    judge_value(
        deployment,
        &backends,
        &Demand {
            setting: "AUTHENTICATION_BACKENDS",
            refuses: &|value| {
                let names = strings(value)?;
                Some(before(&names).is_some_and(|before| !before.is_empty()))
            },
            message: &|value| {
                let names = strings(value)
                    .and_then(|names| before(&names))
                    .unwrap_or_default();
                format!(
                    "a locked-out attacker guesses on and gets in with the right password: Django \
                     asks {} before axes",
                    names.join(", ")
                )
            },
            advice: "Move the backend of axes to the first place in AUTHENTICATION_BACKENDS.",
            django_id: None,
            mend: None,
        },
    )
}
