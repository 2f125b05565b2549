use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::package::{finding, pass, project_reads};

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
    let known = || settings.defaults.keys().map(String::as_str);
    let findings: Vec<_> = settings
        .overridden
        .iter()
        .filter(|(name, _)| name.len() >= LEAST_LENGTH && !settings.defaults.contains_key(*name))
        .filter_map(|(name, value)| {
            let meant = known()
                .filter(|known| !settings.overrides(known) && is_slip(name, known))
                .min_by_key(|known| strsim::osa_distance(name, known))?;
            Some((name, value, meant))
        })
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

/// Whether a name is a known one with a slip or two, its digits aside: `EMAIL_HOST_2` is meant.
fn is_slip(name: &str, known: &str) -> bool {
    let digits = |name: &'_ str| name.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    // The lengths first: they rule out most pairs, and the distance costs the most by far.
    known.len() >= LEAST_LENGTH
        && name.len().abs_diff(known.len()) <= MOST_SLIPS
        && digits(name) == digits(known)
        && strsim::osa_distance(name, known) <= MOST_SLIPS
}

/// Shorter names are too easily near to each other by chance.
const LEAST_LENGTH: usize = 12;
const MOST_SLIPS: usize = 2;
