use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Trail,
};

use crate::package::pass;
use crate::setting::overridden;
use crate::told::findings_of;

pub(crate) static CHECK: Check = Check {
    id: "django/unsafe-default",
    title: "A setting is unsafe as soon as its variable is missing",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A1.1", "B1.1", "A1.2", "B1.2"],
    django_ids: &[],
    references: &[Reference::Cwe(1188), Reference::Cwe(636)],
    doc: include_str!("unsafe_default.md"),
    run,
};

/// Asks checks that find nothing today once more, of the settings as they are without any variable.
fn run(deployment: &Deployment) -> Outcome {
    if deployment.settings_unset.is_none() {
        return Outcome::NotApplicable("no variable decides a setting".to_owned());
    }
    let forgotten = Deployment {
        now: deployment.now,
        sources: deployment.sources.clone(),
        project: deployment.project.clone(),
        settings: deployment.settings_unset.clone(),
        ..Deployment::default()
    };
    // That a default is a password which can be guessed says more than that it stands in the code.
    let mut guessed = findings_of(deployment, &super::database_password_weak::CHECK);
    // So does that a default in the code is a key which can be guessed, where it may be what production
    // runs with.
    let is_of_code = |finding: &Finding| {
        let mut files = finding.labels.iter().map(|label| label.span.source);
        let first = files.next();
        finding.confidence != Confidence::High && files.all(|file| Some(file) == first)
    };
    for check in [
        &super::secret_key_placeholder::CHECK,
        &super::secret_key_weak::CHECK,
    ] {
        let defaults = findings_of(deployment, check).into_iter();
        guessed.extend(defaults.filter(is_of_code));
    }
    let shares = |told: &Finding, finding: &Finding| {
        let place = finding.labels.first().map(|label| label.span);
        let mut places = told.labels.iter().map(|label| Some(label.span));
        told.subject == finding.subject || place.is_some() && places.any(|told| told == place)
    };
    let is_told = |finding: &Finding| guessed.iter().any(|told| shares(told, finding));
    let findings: Vec<_> = ASKED
        .into_iter()
        .filter(|check| !fails(check, deployment))
        .flat_map(|check| findings(check, &forgotten))
        .filter(|finding| !is_told(finding) && is_assigned(deployment, finding))
        .collect();
    if findings.is_empty() {
        return pass(
            "without its variables no setting is less safe than with them",
            &Trail::default(),
        );
    }
    Outcome::Fail(findings)
}

/// Whether the project assigns the setting at all. Where only something unseen may, as in
/// `vars().update(…)`, no variable is missing.
fn is_assigned(deployment: &Deployment, finding: &Finding) -> bool {
    setting_of(finding).is_none_or(|name| overridden(deployment, name).is_some())
}

/// The setting that a finding is about.
fn setting_of(finding: &Finding) -> Option<&str> {
    let rest = finding.subject.strip_prefix("settings:")?;
    rest.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
}

fn fails(check: &Check, deployment: &Deployment) -> bool {
    matches!(asked(check, deployment), Outcome::Fail(_))
}

/// What a check says; of a key in the code, whether it is weak as well is not asked here.
fn asked(check: &Check, deployment: &Deployment) -> Outcome {
    match std::ptr::eq(check, &super::secret_key_in_code::CHECK) {
        true => super::secret_key_in_code::judge(deployment),
        false => crate::run(check, deployment),
    }
}

fn findings(check: &Check, forgotten: &Deployment) -> Vec<Finding> {
    let Outcome::Fail(findings) = asked(check, forgotten) else {
        return Vec::new();
    };
    findings
        .into_iter()
        .map(|finding| Finding {
            message: format!("with its variable missing, {}", finding.message),
            severity: Some(finding.severity(check).min(Severity::High)),
            django_id: None,
            fix: None,
            advice: "Make the safe value the default, or let the start fail without the variable."
                .to_owned(),
            ..finding
        })
        .collect()
}

/// Checks whose fault a forgotten variable brings silently: the site starts and seems to work.
const ASKED: [&Check; 9] = [
    &super::debug_on::CHECK,
    &super::secret_key_in_code::CHECK,
    &super::secret_key_random::CHECK,
    &super::allowed_hosts_wildcard::CHECK,
    &super::session_cookie_insecure::CHECK,
    &super::csrf_cookie_insecure::CHECK,
    &super::database_sqlite::CHECK,
    &crate::mail::BACKEND_SENDS_NOTHING,
    &crate::secrets::LITERAL_IN_SETTINGS,
];
