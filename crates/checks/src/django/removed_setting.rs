use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::package::{finding, pass, project_reads};

pub(super) static CHECK: Check = Check {
    id: "django/removed-setting",
    title: "A setting is no longer read by this Django",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A9.5"],
    django_ids: &[],
    references: &[
        Reference::Django("internals/deprecation/"),
        Reference::Cwe(1109),
    ],
    doc: include_str!("removed_setting.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let (major, minor) = settings.django;
    let findings: Vec<_> = REMOVED
        .iter()
        .filter(|removed| settings.django >= removed.in_django)
        .filter_map(|removed| Some((removed, settings.overridden.get(removed.name)?)))
        .filter(|(removed, _)| !project_reads(deployment, removed.name))
        .map(|(removed, value)| {
            let (since_major, since_minor) = removed.in_django;
            let mut finding = finding(
                removed.name,
                &value.trail,
                format!(
                    "{} has no effect: Django {major}.{minor} is in use, which no longer reads it \
                     (since {since_major}.{since_minor}), so {}",
                    removed.name, removed.loss
                ),
                removed.instead,
            );
            finding.severity = Some(removed.severity);
            finding
        })
        .collect();
    match findings.first() {
        None => pass("no setting of an older Django is left", &Trail::default()),
        Some(first) if settings.django_is_assumed => Outcome::Unknown {
            reason: format!(
                "no requirement or lock file says which Django runs; {}",
                first.message
            ),
            remedy: "pin Django in the requirements".to_owned(),
            trail: first.trail.clone(),
        },
        Some(_) => Outcome::Fail(findings),
    }
}

/// A setting that Django dropped.
struct Removed {
    name: &'static str,
    /// The first version that does not read it.
    in_django: (u32, u32),
    severity: Severity,
    loss: &'static str,
    instead: &'static str,
}

/// From the release notes of each version, "Features removed in".
const REMOVED: [Removed; 14] = [
    Removed {
        name: "TEMPLATE_DEBUG",
        in_django: (1, 10),
        severity: Severity::Low,
        loss: "templates follow DEBUG",
        instead: "Remove the line; TEMPLATES has an option debug.",
    },
    Removed {
        name: "MIDDLEWARE_CLASSES",
        in_django: (2, 0),
        severity: Severity::Medium,
        loss: "none of the middleware in it runs, protection against forged requests included",
        instead: "Move the list to MIDDLEWARE.",
    },
    Removed {
        name: "DEFAULT_CONTENT_TYPE",
        in_django: (3, 0),
        severity: Severity::Low,
        loss: "responses are text/html",
        instead: "Remove the line.",
    },
    Removed {
        name: "FILE_CHARSET",
        in_django: (3, 1),
        severity: Severity::Low,
        loss: "files are read as UTF-8",
        instead: "Remove the line.",
    },
    Removed {
        name: "PASSWORD_RESET_TIMEOUT_DAYS",
        in_django: (4, 0),
        severity: Severity::Medium,
        loss: "reset links live for Django's default of three days",
        instead: "Write PASSWORD_RESET_TIMEOUT, in seconds.",
    },
    Removed {
        name: "SECURE_BROWSER_XSS_FILTER",
        in_django: (4, 0),
        severity: Severity::Low,
        loss: "no header of it is sent; browsers dropped that filter",
        instead: "Remove the line, and use a content security policy against injected scripts.",
    },
    Removed {
        name: "DEFAULT_HASHING_ALGORITHM",
        in_django: (4, 0),
        severity: Severity::Low,
        loss: "signatures are made with SHA-256",
        instead: "Remove the line.",
    },
    Removed {
        name: "USE_L10N",
        in_django: (5, 0),
        severity: Severity::Low,
        loss: "formats are always localised",
        instead: "Remove the line.",
    },
    Removed {
        name: "USE_DEPRECATED_PYTZ",
        in_django: (5, 0),
        severity: Severity::Low,
        loss: "time zones come from zoneinfo",
        instead: "Remove the line.",
    },
    Removed {
        name: "CSRF_COOKIE_MASKED",
        in_django: (5, 0),
        severity: Severity::Low,
        loss: "the cookie's secret is not masked",
        instead: "Remove the line.",
    },
    Removed {
        name: "DEFAULT_FILE_STORAGE",
        in_django: (5, 1),
        severity: Severity::Medium,
        loss: "uploads go to the local disk, where the next deployment may delete them",
        instead: "Write STORAGES[\"default\"].",
    },
    Removed {
        name: "STATICFILES_STORAGE",
        in_django: (5, 1),
        severity: Severity::Medium,
        loss: "static files are served without the hashes and compression that it should bring",
        instead: "Write STORAGES[\"staticfiles\"].",
    },
    Removed {
        name: "FORMS_URLFIELD_ASSUME_HTTPS",
        in_django: (6, 0),
        severity: Severity::Low,
        loss: "URL fields always assume https",
        instead: "Remove the line.",
    },
    Removed {
        name: "SIGNED_COOKIE_LEGACY_SALT_FALLBACK",
        in_django: (6, 2),
        severity: Severity::Low,
        loss: "cookies signed with the older salt are refused",
        instead: "Remove the line.",
    },
];
