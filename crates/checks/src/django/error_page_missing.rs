use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Reference, Severity, Trail,
    Value,
};

use crate::setting::{about, setting, unless};

pub(super) static CHECK: Check = Check {
    id: "django/error-page-missing",
    title: "Errors are answered by Django's bare page",
    severity: Severity::Low,
    needs: &[Need::Settings],
    items: &["X7"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/deployment/checklist/#customize-the-default-error-views"),
        Reference::Cwe(756),
    ],
    doc: include_str!("error_page_missing.md"),
    run,
};

/// What visitors meet most: a wrong address, a refusal and a failure (django/views/defaults.py).
const PAGES: [(&str, &str); 3] = [
    ("403.html", "handler403"),
    ("404.html", "handler404"),
    ("500.html", "handler500"),
];

fn run(deployment: &Deployment) -> Outcome {
    const NO_TEMPLATES: &str = "the project has no pages of its own";
    if let Some(outcome) = unless(deployment, "TEMPLATES", &Value::truthy, NO_TEMPLATES) {
        return outcome;
    }
    if !has_pages(deployment) {
        return Outcome::NotApplicable(NO_TEMPLATES.to_owned());
    }
    let missing: Vec<_> = PAGES
        .into_iter()
        .filter(|(page, _)| !has_file(deployment, page))
        .collect();
    if missing.is_empty() {
        return passes("the project has pages for errors of its own");
    }
    if replaces_errors(deployment) {
        return passes("nginx sends its own pages in place of Django's errors");
    }
    let views = deployment.routes.as_ref();
    let Some(views) = views.and_then(|routes| routes.error_views.as_ref()) else {
        return Outcome::Unknown {
            reason: "whether ROOT_URLCONF names views for errors is not known".to_owned(),
            remedy: "look for handler404 and handler500 in the URL configuration".to_owned(),
            trail: Trail::default(),
        };
    };
    let missing: Vec<_> = missing
        .into_iter()
        .filter(|(_, view)| !views.contains(*view))
        .map(|(page, _)| page)
        .collect();
    if missing.is_empty() {
        return passes("views of the project's own answer errors");
    }
    let templates = setting(deployment, "TEMPLATES");
    let trail = templates.map_or_else(Trail::default, |templates| templates.value.trail.clone());
    Outcome::Fail(vec![Finding {
        message: format!(
            "a wrong address or a failure ends on Django's bare page, which tells strangers what the \
             site is made with, and visitors not how to go on: there is no {}",
            missing.join(" and no ")
        ),
        // A package may bring them.
        confidence: Confidence::Medium,
        advice: "Write them into a folder of templates; 500.html must stand alone, as it gets no \
                 context."
            .to_owned(),
        ..about("TEMPLATES error pages", &trail)
    }])
}

fn passes(text: &str) -> Outcome {
    Outcome::Pass(vec![Evidence {
        text: text.to_owned(),
        trail: Trail::default(),
    }])
}

fn has_pages(deployment: &Deployment) -> bool {
    let mut paths = deployment.files.paths.iter();
    paths.any(|path| {
        let is_template = path.starts_with("templates/") || path.contains("/templates/");
        let is_mail = path.contains("mail");
        is_template && !is_mail && path.ends_with(".html")
    })
}

/// Wherever it lies: folders of templates may have any name.
fn has_file(deployment: &Deployment, name: &str) -> bool {
    let mut paths = deployment.files.paths.iter();
    paths.any(|path| path.rsplit('/').next() == Some(name))
}

fn replaces_errors(deployment: &Deployment) -> bool {
    const SWITCHES: [&str; 2] = ["proxy_intercept_errors", "uwsgi_intercept_errors"];
    let mut configurations = deployment.nginx.configurations.iter();
    configurations.any(|configuration| {
        let switches = configuration.find_any(&SWITCHES);
        switches
            .iter()
            .any(|(_, switch)| switch.argument(0) == Some("on"))
    })
}
