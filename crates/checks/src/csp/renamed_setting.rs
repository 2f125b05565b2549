use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::package::{absent, finding, pass, setting_value};

pub(super) static CHECK: Check = Check {
    id: "csp/renamed-setting",
    title: "The content security policy is written in names that django-csp 4 does not read",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.8"],
    django_ids: &["csp.E001"],
    references: &[
        Reference::Url("https://django-csp.readthedocs.io/en/latest/migration-guide.html"),
        Reference::Cwe(693),
    ],
    doc: include_str!("renamed_setting.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, super::APP) {
        return outcome;
    }
    let older = super::older_names(deployment);
    let Some((name, value)) = older.first() else {
        return pass("no setting of django-csp 3 is in use", &Trail::default());
    };
    let confidence = match super::reads_older_names(deployment) {
        Some(true) => {
            return pass(
                "the installed version is older than 4 and reads them",
                &value.trail,
            );
        }
        Some(false) => Confidence::High,
        None => Confidence::Medium,
    };
    let names: Vec<_> = older.iter().map(|(name, _)| *name).collect();
    let message = match setting_value(deployment, super::POLICY) {
        Some(_) => format!(
            "a part of the policy that was written down is not sent: django-csp 4 reads {} and \
             passes over {}",
            super::POLICY,
            names.join(", ")
        ),
        None => format!(
            "an injected script runs in every visitor's browser: django-csp 4 does not read {} and \
             sends no policy at all",
            names.join(", ")
        ),
    };
    let mut finding = finding(
        name,
        &value.trail,
        message,
        "Move the directives into CONTENT_SECURITY_POLICY = {\"DIRECTIVES\": {...}}.",
    );
    finding.subject = format!("settings:{}", super::POLICY);
    finding.confidence = confidence;
    finding.django_id = Some("csp.E001");
    Outcome::Fail(vec![finding])
}
