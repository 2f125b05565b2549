use tightship_model::documents::CommandUse;
use tightship_model::{
    Check, Confidence, Deployment, Finding, Need, Outcome, Reference, Severity, Trail,
};

use crate::package::pass;
use crate::setting::overridden;

pub(super) static CHECK: Check = Check {
    id: "docs/command-missing",
    title: "A manage.py command is named that no app has",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["B9.1", "X59"],
    django_ids: &[],
    references: &[Reference::Django("ref/django-admin/")],
    doc: include_str!("command_missing.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let documents = &deployment.documents;
    if documents.commands.is_empty() {
        return Outcome::NotApplicable("no manage.py command is named".to_owned());
    }
    let stranger = app_of_others(deployment);
    let mut findings: Vec<Finding> = Vec::new();
    let mut open = None;
    for named in &documents.commands {
        if is_known(&named.name) || documents.own_commands.contains(&named.name) {
            continue;
        }
        let meant = documents
            .own_commands
            .iter()
            .find(|own| strsim::osa_distance(own, &named.name) <= SLIPS);
        match (&stranger, meant) {
            (Some(app), None) => open = open.or(Some((named, app.clone()))),
            _ => {
                let finding = finding(deployment, named, meant);
                if !findings
                    .iter()
                    .any(|known| known.subject == finding.subject)
                {
                    findings.push(finding);
                }
            }
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((named, app))) => Outcome::Unknown {
            reason: format!(
                "whether {app} brings the command {} is not known",
                named.name
            ),
            remedy: "run `python manage.py help` in the image".to_owned(),
            trail: Trail::at(named.span, format!("runs {}", named.name)),
        },
        (true, None) => pass(
            "every manage.py command that is named exists",
            &Trail::default(),
        ),
    }
}

fn finding(deployment: &Deployment, named: &CommandUse, meant: Option<&String>) -> Finding {
    let CommandUse { name, span } = named;
    let path = &deployment.sources[span.source].path;
    let is_document = path.ends_with(".md") || path.ends_with(".rst");
    Finding {
        message: if is_document {
            format!(
                "{path} has its reader run {name}, and no app has that command: the step is left out"
            )
        } else {
            format!(
                "{path} runs {name}, and no app has that command: it ends in an error each time"
            )
        },
        severity: (!is_document).then_some(Severity::Medium),
        confidence: Confidence::Medium,
        advice: match meant {
            Some(meant) => format!("Write {meant}, if that is meant."),
            None => "Correct the name, or take the line out.".to_owned(),
        },
        ..super::at(format!("command:{name}"), *span, &format!("runs {name}"))
    }
}

/// An app of another package of which it is not known here what commands it brings.
fn app_of_others(deployment: &Deployment) -> Option<String> {
    let Some(apps) =
        overridden(deployment, "INSTALLED_APPS").and_then(|apps| apps.value.as_items())
    else {
        return Some("an app that is not known".to_owned());
    };
    if apps.rest.is_some() {
        return Some("an app that is not known".to_owned());
    }
    apps.items.iter().find_map(|app| {
        let Some(name) = app.value.as_str() else {
            return Some("an app that is not known".to_owned());
        };
        let root = name.split('.').next().unwrap_or(name);
        let is_own = deployment.files.paths.iter().any(|path| {
            path.starts_with(&format!("{root}/")) || path.contains(&format!("/{root}/"))
        });
        let is_known = root == "django" || WITHOUT_COMMANDS.contains(&root);
        (!is_own && !is_known).then(|| name.to_owned())
    })
}

/// Whether Django itself, or a package that is in wide use, has a command of this name.
fn is_known(name: &str) -> bool {
    OF_DJANGO.contains(&name) || OF_PACKAGES.contains(&name)
}

/// A name nearer than this to one of the project's is a slip.
const SLIPS: usize = 2;

/// `django-admin help` of Django 6.1 with all of its contrib apps, and commands of older releases.
const OF_DJANGO: [&str; 48] = [
    "changepassword",
    "check",
    "clearsessions",
    "cleanup",
    "collectstatic",
    "compilemessages",
    "createcachetable",
    "createsuperuser",
    "dbshell",
    "diffsettings",
    "dumpdata",
    "findstatic",
    "flush",
    "help",
    "inspectdb",
    "loaddata",
    "makemessages",
    "makemigrations",
    "migrate",
    "ogrinspect",
    "optimizemigration",
    "ping_google",
    "remove_stale_contenttypes",
    "runserver",
    "sendtestemail",
    "shell",
    "showmigrations",
    "sqlflush",
    "sqlmigrate",
    "sqlsequencereset",
    "squashmigrations",
    "startapp",
    "startproject",
    "syncdb",
    "test",
    "testserver",
    "validate",
    "version",
    "runfcgi",
    "reset",
    "sql",
    "sqlall",
    "sqlclear",
    "sqlcustom",
    "sqlindexes",
    "command",
    "cmd",
    "custom_command",
];

/// Commands of packages that are in wide use, whether or not the app is installed here.
const OF_PACKAGES: [&str; 40] = [
    "axes_reset",
    "axes_reset_username",
    "axes_reset_ip",
    "axes_list_attempts",
    "celery",
    "compilescss",
    "compress",
    "crontab",
    "create_default_site",
    "drf_create_token",
    "email_notice",
    "fixtree",
    "flushexpiredtokens",
    "generateschema",
    "generate_secret_key",
    "graph_models",
    "graphql_schema",
    "import_export",
    "livereload",
    "populate_history",
    "process_tasks",
    "procrastinate",
    "qcluster",
    "rebuild_index",
    "reset_db",
    "rqworker",
    "rqscheduler",
    "runbot",
    "run_huey",
    "runserver_plus",
    "runscript",
    "show_urls",
    "shell_plus",
    "spectacular",
    "sqlcreate",
    "tailwind",
    "update_index",
    "waffle_flag",
    "waffle_switch",
    "wait_for_database",
];

/// Apps that bring no command, or none but those above.
const WITHOUT_COMMANDS: [&str; 24] = [
    "adminsortable2",
    "anymail",
    "axes",
    "channels",
    "corsheaders",
    "crispy_bootstrap5",
    "crispy_forms",
    "csp",
    "daphne",
    "debug_toolbar",
    "django_extensions",
    "django_filters",
    "django_htmx",
    "django_recaptcha",
    "drf_spectacular",
    "rest_framework",
    "rest_framework_simplejwt",
    "dj_rest_auth",
    "simple_history",
    "storages",
    "widget_tweaks",
    "whitenoise",
    "django_celery_beat",
    "django_celery_results",
];
