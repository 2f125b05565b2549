use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, Trail};

use crate::package::{finding, pass};
use crate::setting::{has_app, lists};

pub(super) static CHECK: Check = Check {
    id: "logging/changes-unrecorded",
    title: "Nobody can tell who changed what",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("django.contrib.auth")],
    items: &["A7.4"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/contrib/admin/#logentry-objects"),
        Reference::Cwe(778),
    ],
    doc: include_str!("changes_unrecorded.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let audited = lists(deployment, "INSTALLED_APPS", &|app| {
        AUDIT_APPS
            .iter()
            .any(|audit| app == *audit || app.starts_with(&format!("{audit}.")))
    });
    match (audited, has_app(deployment, "django.contrib.admin")) {
        (Some(true), _) => pass("an app keeps a log of changes", &Trail::default()),
        (_, Some(true)) => pass(
            "the admin site keeps a log of changes, django_admin_log",
            &Trail::default(),
        ),
        (Some(false), Some(false)) => Outcome::Fail(vec![finding(
            "INSTALLED_APPS",
            &Trail::default(),
            "neither the admin site nor an audit app is installed: after a break-in nobody can tell \
             which account changed which record"
                .to_owned(),
            "Install an audit app such as django-auditlog or django-simple-history.",
        )]),
        _ => Outcome::Unknown {
            reason: "whether an audit app is installed is not known".to_owned(),
            remedy: "see `tightship inspect settings --only INSTALLED_APPS`".to_owned(),
            trail: Trail::default(),
        },
    }
}

/// Apps that record changes of models.
const AUDIT_APPS: [&str; 9] = [
    "actstream",
    "auditlog",
    "easyaudit",
    "field_audit",
    "field_history",
    "pghistory",
    "reversion",
    "simple_history",
    "wagtail",
];
