use tightship_model::{
    Check, Deployment, Finding, Items, Need, Outcome, Reference, Severity, Trail, Value,
};

use crate::package::{finding, holds_true, is_or_extends, pass, setting_value, strings, value_of};

pub(super) static CHECK: Check = Check {
    id: "debug/toolbar-miswired",
    title: "The debug toolbar is installed and does not work",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::App("debug_toolbar")],
    items: &[],
    django_ids: &[
        "debug_toolbar.W001",
        "debug_toolbar.W002",
        "debug_toolbar.W003",
        "debug_toolbar.W004",
        "debug_toolbar.W005",
        "debug_toolbar.W006",
        "debug_toolbar.W008",
    ],
    references: &[Reference::Url(
        "https://django-debug-toolbar.readthedocs.io/en/latest/installation.html",
    )],
    doc: include_str!("toolbar_miswired.md"),
    run,
};

const TOOLBAR: &str = "debug_toolbar.middleware.DebugToolbarMiddleware";
const GZIP: &str = "django.middleware.gzip.GZipMiddleware";

fn run(deployment: &Deployment) -> Outcome {
    // The order of `debug_toolbar.apps`: W004 ends the questions about the middleware.
    let middleware = match setting_value(deployment, "MIDDLEWARE_CLASSES") {
        Some(classes) => Ok(Some(Fault {
            setting: "MIDDLEWARE_CLASSES",
            id: "debug_toolbar.W004",
            trail: classes.trail,
            what: "MIDDLEWARE_CLASSES is set, which Django no longer reads",
        })),
        None => misplaced(deployment),
    };
    let answers = [
        templates(deployment),
        middleware,
        panels(deployment),
        observer(deployment),
    ];
    let mut open = None;
    let mut findings: Vec<Finding> = Vec::new();
    for answer in answers {
        match answer {
            Ok(fault) => findings.extend(fault.map(Fault::finding)),
            Err(outcome) => open = Some(outcome),
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some(open)) => open,
        (true, None) => pass("the toolbar is wired as it asks", &Trail::default()),
    }
}

struct Fault {
    setting: &'static str,
    id: &'static str,
    trail: Trail,
    what: &'static str,
}

impl Fault {
    fn finding(self) -> Finding {
        let message = format!(
            "the toolbar shows nothing or breaks pages, and its code still runs with each request: \
             {}",
            self.what
        );
        Finding {
            django_id: Some(self.id),
            ..finding(
                self.setting,
                &self.trail,
                message,
                "Install the toolbar under `if DEBUG:` only, as its documentation shows.",
            )
        }
    }
}

/// W001, W002 and W003: the middleware is missing, doubled, or before the one that compresses.
fn misplaced(deployment: &Deployment) -> Result<Option<Fault>, Outcome> {
    let middleware = value_of(
        deployment,
        "MIDDLEWARE",
        "Django",
        Value::List(Items::default()),
    );
    let Some(names) = strings(&middleware.value) else {
        return Err(unseen("MIDDLEWARE", &middleware.trail));
    };
    let places = |class: &str| -> Vec<usize> {
        let listed = names.iter().enumerate();
        listed
            .filter(|(_, name)| is_or_extends(deployment, name, class))
            .map(|(place, _)| place)
            .collect()
    };
    let gzip = places(GZIP).last().copied();
    let (id, what) = match (places(TOOLBAR).as_slice(), gzip) {
        ([], _) => ("debug_toolbar.W001", "its middleware is not in MIDDLEWARE"),
        ([place], Some(gzip)) if *place < gzip => (
            "debug_toolbar.W003",
            "its middleware stands before GZipMiddleware and gets compressed pages",
        ),
        ([_], _) => return Ok(None),
        _ => (
            "debug_toolbar.W002",
            "its middleware is in MIDDLEWARE more than once",
        ),
    };
    Ok(Some(Fault {
        setting: "MIDDLEWARE",
        id,
        trail: middleware.trail,
        what,
    }))
}

/// W006: no template engine finds the toolbar's own templates.
fn templates(deployment: &Deployment) -> Result<Option<Fault>, Outcome> {
    let templates = value_of(
        deployment,
        "TEMPLATES",
        "Django",
        Value::List(Items::default()),
    );
    let engines = templates
        .value
        .as_items()
        .filter(|engines| engines.rest.is_none());
    let found = engines.and_then(|engines| {
        let mut found = Some(false);
        for engine in &engines.items {
            match finds_apps(&engine.value) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => found = None,
            }
        }
        found
    });
    match found {
        Some(true) => Ok(None),
        None => Err(unseen("TEMPLATES", &templates.trail)),
        Some(false) => Ok(Some(Fault {
            setting: "TEMPLATES",
            id: "debug_toolbar.W006",
            trail: templates.trail,
            what: "no template engine looks into the folders of apps",
        })),
    }
}

/// Whether an engine looks into the folders of apps: APP_DIRS, no own loaders, or the loader for it.
fn finds_apps(engine: &Value) -> Option<bool> {
    const LOADER: &str = "django.template.loaders.app_directories.Loader";
    let engine = engine.as_dict().filter(|engine| engine.rest.is_none())?;
    if let Some(app_dirs) = engine.get("APP_DIRS")
        && app_dirs.value.truthy()?
    {
        return Some(true);
    }
    let Some(options) = engine.get("OPTIONS") else {
        return Some(true);
    };
    match options.value.as_dict()?.get("loaders") {
        None => Some(true),
        Some(loaders) if loaders.value == Value::None => Some(true),
        Some(loaders) => {
            let mut found = false;
            loaders
                .value
                .walk(&mut |value| found |= value.as_str() == Some(LOADER));
            (found || loaders.value.state() == tightship_model::State::Known).then_some(found)
        }
    }
}

/// W005: no panels.
fn panels(deployment: &Deployment) -> Result<Option<Fault>, Outcome> {
    let Some(panels) = setting_value(deployment, "DEBUG_TOOLBAR_PANELS") else {
        return Ok(None);
    };
    match holds_true(&panels, &Value::truthy) {
        Some(true) => Ok(None),
        None => Err(unseen("DEBUG_TOOLBAR_PANELS", &panels.trail)),
        Some(false) => Ok(Some(Fault {
            setting: "DEBUG_TOOLBAR_PANELS",
            id: "debug_toolbar.W005",
            trail: panels.trail,
            what: "DEBUG_TOOLBAR_PANELS is empty",
        })),
    }
}

/// W008: a callback that the toolbar no longer asks.
fn observer(deployment: &Deployment) -> Result<Option<Fault>, Outcome> {
    let Some(config) = setting_value(deployment, "DEBUG_TOOLBAR_CONFIG") else {
        return Ok(None);
    };
    let Some(entries) = config.value.as_dict() else {
        return Err(unseen("DEBUG_TOOLBAR_CONFIG", &config.trail));
    };
    Ok(entries
        .get("OBSERVE_REQUEST_CALLBACK")
        .map(|callback| Fault {
            setting: "DEBUG_TOOLBAR_CONFIG",
            id: "debug_toolbar.W008",
            trail: callback.trail.clone(),
            what: "OBSERVE_REQUEST_CALLBACK is no longer asked",
        }))
}

fn unseen(name: &str, trail: &Trail) -> Outcome {
    Outcome::Unknown {
        reason: format!("{name} is not known"),
        remedy: format!("see `tightship inspect settings --only {name}`"),
        trail: trail.clone(),
    }
}
