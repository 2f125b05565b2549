use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::package::{finding, pass, project_reads};
use crate::slip::ReadNames;

pub(super) static CHECK: Check = Check {
    id: "django/misspelt-setting",
    title: "A setting is misspelt and does nothing",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A9.5"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/"), Reference::Cwe(1109)],
    doc: include_str!("misspelt_setting.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let known = settings.defaults.keys().map(String::as_str);
    let unset = ReadNames::of(known.filter(|known| !settings.overrides(known)));
    let findings: Vec<_> = settings
        .overridden
        .iter()
        .filter(|(name, _)| !settings.defaults.contains_key(*name) && *name != OF_DAPHNE)
        .filter_map(|(name, value)| Some((name, value, unset.setting_meant(name)?)))
        .filter(|(name, ..)| !project_reads(deployment, name))
        .map(|(name, value, meant)| {
            finding(
                name,
                &value.trail,
                format!(
                    "{name} does nothing: Django reads {meant}, which stays at its default however \
                     this line looks"
                ),
                "Correct the name, or delete the line.",
            )
        })
        .collect();
    if findings.is_empty() {
        return pass(
            "no setting is a slip of a name that Django reads",
            &Trail::default(),
        );
    }
    Outcome::Fail(findings)
}

/// What the runserver of daphne and channels reads, one letter away from WSGI_APPLICATION.
const OF_DAPHNE: &str = "ASGI_APPLICATION";
