use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Label, Mention, Module, Need, Outcome,
    Reference, SettingsMention, Severity, Trail, Variable,
};

use crate::setting::beside;

pub(super) static CHECK: Check = Check {
    id: "django/settings-module-disagrees",
    title: "Parts of the deployment start with different settings",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["A1.1", "B1.1"],
    django_ids: &[],
    references: &[Reference::Django(
        "topics/settings/#designating-the-settings",
    )],
    doc: include_str!("settings_module_disagrees.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(judged) = &deployment.project.module else {
        return Outcome::NotApplicable("no settings module was judged".to_owned());
    };
    let mentions = &deployment.project.settings_mentions;
    // A file of the environment that is not here may set it too, and where nothing names the judged
    // module the variable must.
    let is_set = mentions
        .iter()
        .any(|mention| sets_variable(mention.by) && !is_default(deployment, mention))
        || deployment.environment.incomplete.is_some()
        || deployment.environment.is_known()
            && !matches!(deployment.environment.variable(VARIABLE), Variable::Unset)
        || !mentions.iter().any(|mention| mention.module == judged.name);
    // Whatever is started in a container of the image has the variable; another service of Compose
    // need not have it.
    let is_in_image = mentions
        .iter()
        .any(|mention| mention.module == judged.name && mention.by == Mention::Dockerfile);
    let mut others: Vec<&SettingsMention> = mentions
        .iter()
        .filter(|mention| mention.module != judged.name && runs_in_production(mention.by))
        .filter(|mention| !(is_in_image && mention.by == Mention::ManagePy))
        .filter(|mention| !is_written_there(deployment, mention))
        .collect();
    others.dedup_by(|a, b| a.module == b.module && a.by == b.by);
    // Nothing names the judged module: what the other places name is not here, and production may well
    // run that.
    if let Some(other) = others.first()
        && judged.trail.first_span().is_none()
        && !mentions.iter().any(|mention| mention.module == judged.name)
    {
        return Outcome::Unknown {
            reason: format!(
                "which settings production runs is not known: {} names {}, which is not here",
                other.by.name(),
                other.module
            ),
            remedy: "run tightship where that module is".to_owned(),
            trail: Trail::at(other.span, format!("names {}", other.module)),
        };
    }
    if others.is_empty() {
        return Outcome::Pass(vec![Evidence {
            text: format!(
                "everything that runs in production starts with {}",
                judged.name
            ),
            trail: Trail::clone(&judged.trail),
        }]);
    }
    Outcome::Fail(
        others
            .into_iter()
            .map(|other| finding(deployment, other, judged, is_set))
            .collect(),
    )
}

fn finding(
    deployment: &Deployment,
    other: &SettingsMention,
    judged: &Module,
    is_set: bool,
) -> Finding {
    let SettingsMention { module, by, span } = other;
    let production = judged;
    let judged = judged.name.as_str();
    let is_here = is_here(deployment, module);
    let (severity, loss) = match by {
        Mention::StartScript if !is_here => (Severity::Low, "what it runs with it fails"),
        Mention::ManagePy if !is_here => (
            Severity::Low,
            "without the variable no command of manage.py runs",
        ),
        Mention::ManagePy => (
            Severity::Low,
            "migrations and superusers made without the variable go to another database",
        ),
        Mention::DevelopmentCompose => (
            Severity::Low,
            "a site that is deployed with this file runs with a developer's protection",
        ),
        Mention::Wsgi | Mention::Asgi | Mention::Celery if !is_here => (
            Severity::Low,
            "a server that is started without the variable does not start",
        ),
        Mention::Wsgi | Mention::Asgi | Mention::Celery if is_set => (
            Severity::Low,
            "a server that is started without the variable runs with other protection",
        ),
        Mention::StartScript if is_default(deployment, other) => (
            Severity::Low,
            "what it runs without the variable goes to another database",
        ),
        // A second project beside this one, such as that of a worker, may well build upon it.
        Mention::Wsgi | Mention::Asgi | Mention::Celery if package(module) != package(judged) => (
            Severity::Low,
            "keys, hosts and protection are set in a second place and may differ",
        ),
        Mention::Wsgi | Mention::Asgi | Mention::Celery if !deployment.environment.is_known() => (
            Severity::Medium,
            "that part of the site runs with other keys, hosts and protection, unless \
             DJANGO_SETTINGS_MODULE is set where it is started, of which no file tells",
        ),
        _ => (
            Severity::High,
            "that part of the site runs with other keys, hosts and protection",
        ),
    };
    let named = match is_here {
        true => module.clone(),
        false => format!("{module}, which is not here"),
    };
    let finding = Finding {
        subject: format!("settings-module:{} {module}", by.name()),
        message: format!(
            "{} names {named}; production runs {judged}: {loss}",
            by.name()
        ),
        severity: Some(severity),
        confidence: Confidence::High,
        labels: vec![Label {
            span: *span,
            text: format!("names {module}"),
        }],
        trail: Trail::at(*span, format!("{} names {module}", by.name())),
        django_id: None,
        advice: format!("Name {judged} everywhere, and override it on developers' machines."),
        fix: None,
    };
    let text = format!("production's {judged} comes from here");
    beside(finding, production.trail.first_span(), text)
}

/// The variable that names the settings module (Django, topics/settings).
const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";

/// Whether a script gives the variable a value only where it has none.
fn is_default(deployment: &Deployment, mention: &SettingsMention) -> bool {
    let text = deployment.sources[mention.span.source].raw();
    let before = text.get(..mention.span.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    mention.by == Mention::StartScript && line.contains("setdefault")
}

/// Whether a script writes the module itself before it names it: `cat > temporary.py`.
fn is_written_there(deployment: &Deployment, mention: &SettingsMention) -> bool {
    let text = deployment.sources[mention.span.source].raw();
    let file = format!("{}.py", mention.module.replace('.', "/"));
    let mut lines = text.lines().filter(|line| line.contains(&file));
    mention.by == Mention::StartScript
        && lines
            .any(|line| line.contains(&format!("> {file}")) || line.contains(&format!(">{file}")))
}

/// Whether a file of the project is this module, and more than the empty file of a package.
fn is_here(deployment: &Deployment, module: &str) -> bool {
    let path = module.replace('.', "/");
    let is_named = |file: &str, ending: &str| {
        let around = file.strip_suffix(ending);
        around.is_some_and(|around| around.is_empty() || around.ends_with('/'))
    };
    let (file, package) = (format!("{path}.py"), format!("{path}/__init__.py"));
    let mut files = deployment.files.below("");
    files.any(|found| {
        is_named(found, &file) || is_named(found, &package) && !sets_nothing(deployment, found)
    })
}

/// Whether a file was read and assigns and imports nothing.
fn sets_nothing(deployment: &Deployment, path: &str) -> bool {
    let mut sources = deployment.sources.iter();
    let source = sources.find(|(_, source)| source.path == path);
    source.is_some_and(|(_, source)| {
        let mut lines = source.raw().lines().map(str::trim);
        !lines
            .any(|line| !line.starts_with('#') && (line.contains('=') || line.contains("import ")))
    })
}

/// The package that a module is in.
fn package(module: &str) -> &str {
    module.split('.').next().unwrap_or(module)
}

/// Whether a place sets DJANGO_SETTINGS_MODULE, rather than its default.
fn sets_variable(by: Mention) -> bool {
    matches!(
        by,
        Mention::Compose
            | Mention::EnvFile
            | Mention::Dockerfile
            | Mention::Systemd
            | Mention::Procfile
            | Mention::StartScript
    )
}

fn runs_in_production(by: Mention) -> bool {
    !matches!(by, Mention::Workflow | Mention::Pytest)
}
