use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Trail, Value,
};

use crate::package::{finding, pass, project_reads};
use crate::setting::overridden;
use crate::slip::ReadNames;

pub(super) static CHECK: Check = Check {
    id: "django/setting-unread",
    title: "A setting promises protection and nothing reads it",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A9.5"],
    django_ids: &[],
    references: &[Reference::Django("ref/settings/"), Reference::Cwe(1109)],
    doc: include_str!("setting_unread.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    if deployment.packages.get("django").is_none() {
        return Outcome::NotApplicable("no file names the packages that may read them".to_owned());
    }
    let known = ReadNames::of(settings.defaults.keys().map(String::as_str));
    let findings: Vec<Finding> = settings
        .overridden
        .iter()
        .filter(|(name, value)| {
            !settings.defaults.contains_key(*name)
                && matches!(value.value, Value::Bool(true) | Value::Int(1..))
        })
        .filter_map(|(name, value)| Some((name, value, promise(name)?)))
        .filter(|(name, _, promise)| {
            known.setting_meant(name).is_none()
                && !project_reads(deployment, name)
                && !may_be_read(deployment, name, promise.0)
        })
        .map(|(name, value, (_, protection))| Finding {
            confidence: Confidence::Medium,
            ..finding(
                name,
                &value.trail,
                format!(
                    "{name} looks like {protection} and is none: neither Django, nor a package that \
                     is named like it, nor code of the project reads it"
                ),
                "Install what keeps the promise, or delete the line.",
            )
        })
        .collect();
    match findings.is_empty() {
        false => Outcome::Fail(findings),
        true => pass("no setting promises what nothing keeps", &Trail::default()),
    }
}

/// The word in the name of a setting by which it promises protection, and what it promises. Names
/// that packages with a check of their own read are left to those.
fn promise(name: &str) -> Option<(&'static str, &'static str)> {
    const OTHERS: [&str; 11] = [
        "AXES_",
        "ACCOUNT_",
        "CORS_",
        "CSP_",
        "SECURE_",
        "SESSION_",
        "CSRF_",
        "SOCIALACCOUNT_",
        // allauth.mfa, django-otp, allauth.usersessions.
        "MFA_",
        "OTP_",
        "USERSESSIONS_",
    ];
    if OTHERS.iter().any(|prefix| name.starts_with(prefix)) {
        return None;
    }
    PROMISES.into_iter().find(|(word, _)| name.contains(word))
}

const PROMISES: [(&str, &str); 14] = [
    ("TWO_FACTOR", "a second factor"),
    ("2FA", "a second factor"),
    ("MFA", "a second factor"),
    ("RATE_LIMIT", "a limit of requests"),
    ("RATELIMIT", "a limit of requests"),
    ("LOGIN_ATTEMPTS", "a limit of failed logins"),
    ("LOCKOUT", "a limit of failed logins"),
    ("BRUTE_FORCE", "a limit of failed logins"),
    ("PASSWORD_MIN", "a demand on passwords"),
    ("MIN_PASSWORD", "a demand on passwords"),
    ("PASSWORD_EXPIR", "a demand on passwords"),
    ("FORCE_HTTPS", "a redirect to HTTPS"),
    ("ENABLE_HTTPS", "a redirect to HTTPS"),
    ("REQUIRE_HTTPS", "a redirect to HTTPS"),
];

/// Whether a package or app has the promise, or the first word of the setting, in its name.
fn may_be_read(deployment: &Deployment, name: &str, promise: &str) -> bool {
    let bare = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect()
    };
    let first = name.split('_').next().unwrap_or(name);
    let words = [bare(promise), bare(first)];
    let is_general = |word: &str| {
        matches!(
            word,
            "enable" | "use" | "force" | "require" | "max" | "min" | "django"
        )
    };
    let apps = overridden(deployment, "INSTALLED_APPS");
    let apps = apps
        .and_then(|apps| apps.value.as_items())
        .into_iter()
        .flat_map(|items| items.items.iter().filter_map(|item| item.value.as_str()))
        .filter(|app| !app.starts_with("django.contrib."));
    let names = deployment.packages.by_name.keys().map(String::as_str);
    names.chain(apps).map(bare).any(|package| {
        words
            .iter()
            .any(|word| !is_general(word) && package.contains(word.as_str()))
    })
}
