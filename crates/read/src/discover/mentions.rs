//! Every place that names the settings module.

use tightship_model::compose::{Compose, Service};
use tightship_model::{Environment, Mention, SettingsMention, Span, Traced, Trail, Value};

use super::{python, text};
use crate::command::is_dotted;
use crate::compose::{is_development_name, is_production_name};
use crate::dockerfile::Stage;
use crate::environment::is_environment_file;
use crate::files::{Tree, parent};
use crate::process::{Process, Starters, own_commands};

pub(super) const SETTINGS: &str = "DJANGO_SETTINGS_MODULE";
const CONFIGURATION: &str = "DJANGO_CONFIGURATION";

/// Files of one kind that are read for mentions at most.
const MOST_FILES: usize = 200;

/// All places, those that decide what production runs first.
#[derive(Debug, Default)]
pub(crate) struct Mentions {
    pub(crate) all: Vec<SettingsMention>,
    /// How many of them decide; the rest are those of developers, tests and workflows.
    pub(crate) deciding: usize,
    /// The class of django-configurations that production uses.
    pub(crate) configuration: Option<Traced<String>>,
}

impl Mentions {
    pub(crate) fn collect(
        tree: &mut Tree,
        starters: &Starters,
        process: &Process,
        environment: &Environment,
        folder: &str,
    ) -> Self {
        let python = python_mentions(tree, environment, folder, SETTINGS);
        let mut all = Vec::new();
        // An outright assignment in wsgi.py or asgi.py wins over the environment.
        let serves_wsgi = process.serves_production();
        all.extend(
            python
                .iter()
                .filter(|found| found.is_forced && serves_wsgi)
                .map(|found| found.mention.clone()),
        );
        let kind = Kinds { tree, starters };
        for command in process.commands.iter() {
            if let Some(module) = command.settings() {
                all.push(SettingsMention {
                    module: module.to_owned(),
                    by: kind.of(command.span),
                    span: command.span,
                });
            }
        }
        all.extend(kind.of_environment(environment, SETTINGS));
        let mut others = of_starters(starters);
        // Nobody deploys the developers' server, so that its module is no word on production.
        let aside = starters.set_aside.as_ref();
        if let Some(aside) = aside.filter(|aside| !aside.is_served_by_django) {
            others.extend(of_compose(&aside.compose, Mention::DevelopmentCompose));
        }
        others.extend(of_scripts(tree, process));
        others.extend(python.into_iter().map(|found| found.mention));
        others.sort_by_key(|mention| mention.by);
        let (deciding, tests): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|mention| mention.by < Mention::DevelopmentCompose);
        all.extend(deciding);
        without_repetition(&mut all);
        let deciding = all.len();
        all.extend(of_dotenv_files(tree));
        all.extend(tests);
        all.extend(of_tests(tree));
        without_repetition(&mut all);
        Self {
            all,
            deciding,
            configuration: configuration(tree, starters, environment, folder),
        }
    }

    /// Leaves out what another project of the repository is told: `names` gives the modules that are
    /// its own.
    pub(crate) fn without(mut self, names: &dyn Fn(&str) -> bool) -> Self {
        let (deciding, others) = self.all.split_at(self.deciding);
        let keep = |mention: &&SettingsMention| !names(&mention.module);
        let deciding: Vec<_> = deciding.iter().filter(keep).cloned().collect();
        let others = others.iter().filter(keep).cloned();
        self.deciding = deciding.len();
        self.all = deciding.into_iter().chain(others).collect();
        self
    }
}

fn without_repetition(mentions: &mut Vec<SettingsMention>) {
    let mut seen: Vec<Span> = Vec::new();
    mentions.retain(|mention| {
        let is_new = !seen.iter().any(|span| {
            span.source == mention.span.source
                && span.start <= mention.span.end
                && mention.span.start <= span.end
        });
        seen.push(mention.span);
        is_new
    });
}

/// Tells what kind of file a place is in.
struct Kinds<'a> {
    tree: &'a Tree,
    starters: &'a Starters,
}

impl Kinds<'_> {
    fn of(&self, span: Span) -> Mention {
        let path = self.tree.sources()[span.source].path.as_str();
        let starters = self.starters;
        if starters.compose.as_ref().is_some_and(|compose| {
            let mut files = compose.files.iter().chain(&compose.taken_in);
            files.any(|file| *file == span.source)
        }) {
            Mention::Compose
        } else if starters.dockerfiles.iter().any(|file| file.path == path) {
            Mention::Dockerfile
        } else if starters.units.iter().any(|unit| unit.path == path) {
            Mention::Systemd
        } else if path.ends_with("Procfile") {
            Mention::Procfile
        } else if path.contains(".env") || path.ends_with("env") {
            Mention::EnvFile
        } else {
            Mention::StartScript
        }
    }

    /// What the environment of production says, open variables taken as unset.
    fn of_environment(&self, environment: &Environment, name: &str) -> Option<SettingsMention> {
        let known = environment.variables.get(name)?;
        let text = while_unset(&known.value)?;
        let own: Vec<_> = known.trail.own_links().collect();
        let span = own.iter().rev().find_map(|link| link.span)?;
        let nearest = known.trail.first_span()?;
        is_dotted(text).then(|| SettingsMention {
            module: text.to_owned(),
            by: self.of(nearest),
            span,
        })
    }
}

/// Services beside the web process, images, units and other lines of a Procfile.
fn of_starters(starters: &Starters) -> Vec<SettingsMention> {
    let mut found = match &starters.compose {
        Some(model) => of_compose(model, Mention::Compose),
        None => Vec::new(),
    };
    let mut add = |module: &str, by, span| {
        if is_dotted(module) {
            let module = module.to_owned();
            found.push(SettingsMention { module, by, span });
        }
    };
    for file in &starters.dockerfiles {
        let is_for_production =
            |stage: &&Stage| !stage.name.as_deref().is_some_and(is_development_name);
        for stage in file.stages.iter().filter(is_for_production) {
            let declarations = stage.declarations.iter().enumerate();
            for (at, declaration) in declarations.filter(|(_, found)| found.name == SETTINGS) {
                if let Some(value) = file.expanded(stage, at) {
                    add(&value, Mention::Dockerfile, declaration.span);
                }
            }
            // A RUN builds; only what it starts later counts.
            for command in stage.entrypoint.iter().chain(&stage.command) {
                if let Some(module) = command.settings() {
                    add(module, Mention::Dockerfile, command.span);
                }
            }
        }
    }
    for unit in &starters.units {
        for (_, value, span) in unit
            .environment
            .iter()
            .filter(|(name, ..)| name == SETTINGS)
        {
            add(value, Mention::Systemd, *span);
        }
        if let Some(start) = &unit.start
            && let Some(module) = start.settings()
        {
            add(module, Mention::Systemd, start.span);
        }
    }
    for (_, command) in &starters.procfile {
        if let Some(module) = command.settings() {
            add(module, Mention::Procfile, command.span);
        }
    }
    found
}

fn of_compose(compose: &Compose, by: Mention) -> Vec<SettingsMention> {
    let services = compose.services.iter();
    services
        .flat_map(|service| of_service(service, by))
        .collect()
}

/// The modules that a service's own variables and commands name.
pub(super) fn of_service(service: &Service, by: Mention) -> Vec<SettingsMention> {
    let variable = service.own_variables.get(SETTINGS).and_then(|_| {
        let known = service.environment.variables.get(SETTINGS)?;
        let text = while_unset(&known.value)?.to_owned();
        Some((text, known.trail.first_span()?))
    });
    let options = own_commands(service)
        .filter_map(|command| Some((command.settings()?.to_owned(), command.span)));
    variable
        .into_iter()
        .chain(options)
        .filter(|(module, _)| is_dotted(module))
        .map(|(module, span)| SettingsMention { module, by, span })
        .collect()
}

/// A text, open variables in it taken as unset.
pub(super) fn while_unset(value: &Value) -> Option<&str> {
    match value {
        Value::Environment(dependent) => dependent.unset.as_ref()?.value.as_str(),
        value => value.as_str(),
    }
}

/// Scripts that the process starts, those beside them by name, and manifests of platforms.
fn of_scripts(tree: &mut Tree, process: &Process) -> Vec<SettingsMention> {
    const MANIFESTS: [&str; 10] = [
        "fly.toml",
        "app.yaml",
        "render.yaml",
        "app.json",
        "railway.toml",
        "railway.json",
        "zappa_settings.json",
        "uwsgi.ini",
        "heroku.yml",
        // DigitalOcean's, in the folder `.do`: a template by its name only.
        "deploy.template.yaml",
    ];
    let mut paths = process.scripts.clone();
    paths.extend(
        tree.files()
            .filter(|path| {
                let name = path.rsplit('/').next().unwrap_or(path);
                let is_near = path.matches('/').count() <= 4 && !is_development_name(parent(path));
                let is_script = name.ends_with(".sh")
                    || matches!(name, "entrypoint" | "start" | "run" | "docker-entrypoint");
                let is_script = is_script && !is_development_name(name);
                is_near && (is_script || MANIFESTS.contains(&name))
            })
            .take(MOST_FILES)
            .map(str::to_owned),
    );
    in_texts(tree, &paths, Mention::StartScript)
}

/// `.env` files that no process was seen to take, but for those of a name of their own
/// (`.env_ganache`), which nothing tells of.
fn of_dotenv_files(tree: &mut Tree) -> Vec<SettingsMention> {
    let may_count = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == ".env" || is_production_name(path)
    };
    let paths: Vec<String> = tree
        .files()
        .filter(|path| is_environment_file(path) && may_count(path))
        .take(MOST_FILES)
        .map(str::to_owned)
        .collect();
    in_texts(tree, &paths, Mention::EnvFile)
}

/// Workflows and the configuration of test runners.
fn of_tests(tree: &mut Tree) -> Vec<SettingsMention> {
    const RUNNERS: [&str; 6] = [
        "pytest.ini",
        "pyproject.toml",
        "setup.cfg",
        "tox.ini",
        ".pytest.ini",
        "conftest.py",
    ];
    const WORKFLOWS: [&str; 4] = [
        ".gitlab-ci.yml",
        "bitbucket-pipelines.yml",
        "azure-pipelines.yml",
        ".travis.yml",
    ];
    let chosen = |is_wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
        tree.files()
            .filter(|path| is_wanted(path))
            .take(MOST_FILES)
            .map(str::to_owned)
            .collect()
    };
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let runners = chosen(&|path| RUNNERS.contains(&name(path).as_str()));
    let workflows = chosen(&|path| {
        path.starts_with(".github/workflows/")
            || path.starts_with(".circleci/")
            || WORKFLOWS.contains(&name(path).as_str())
    });
    let mut found = in_texts(tree, &workflows, Mention::Workflow);
    found.extend(in_texts(tree, &runners, Mention::Pytest));
    found
}

fn in_texts(tree: &mut Tree, paths: &[String], by: Mention) -> Vec<SettingsMention> {
    // Most of these files name nothing: they are read without becoming sources.
    let named: Vec<String> = paths
        .iter()
        .filter(|path| {
            tree.known(path).is_some()
                || tree.load(path).is_ok_and(|text| {
                    text.contains(SETTINGS) || text.contains("--settings") || text.contains("--ds")
                })
        })
        .cloned()
        .collect();
    let mut found = Vec::new();
    for path in named {
        let Some(source) = tree.read(&path) else {
            continue;
        };
        let text = tree.text(source);
        for (range, module) in text::assignments(text, SETTINGS)
            .into_iter()
            .chain(text::options(text))
        {
            if by == Mention::StartScript && text::is_of_step(text, &range, &module) {
                continue;
            }
            let span = Span::new(source, range.start as u32, range.end as u32);
            // Heroku's app.json has environments of tests and reviews behind that of production.
            let is_of_tests =
                path.ends_with("app.json") && text[..range.start].contains("\"environments\"");
            let by = if is_of_tests { Mention::Workflow } else { by };
            found.push(SettingsMention { module, by, span });
        }
    }
    found
}

struct PythonMention {
    mention: SettingsMention,
    is_forced: bool,
}

/// manage.py of the project, and the wsgi, asgi and Celery modules below its folder.
fn python_mentions(
    tree: &mut Tree,
    environment: &Environment,
    folder: &str,
    variable: &str,
) -> Vec<PythonMention> {
    let paths: Vec<(String, Mention)> = tree
        .files()
        .filter_map(|path| {
            let inside = folder.is_empty() || path.strip_prefix(folder)?.starts_with('/');
            // A package `wsgi/__init__.py` counts as the module.
            let module = path.strip_suffix("/__init__.py").unwrap_or(path);
            let by = match module.rsplit('/').next()? {
                _ if !path.ends_with(".py") => return None,
                "manage.py" if parent(path) == folder => Mention::ManagePy,
                "manage.py" => return None,
                name if name.contains("wsgi") => Mention::Wsgi,
                name if name.contains("asgi") => Mention::Asgi,
                name if name.contains("celery") => Mention::Celery,
                _ => return None,
            };
            let is_aside = is_development_name(parent(path));
            (inside && !is_aside).then(|| (path.to_owned(), by))
        })
        .take(MOST_FILES)
        .collect();
    let mut found = Vec::new();
    for (path, by) in paths {
        if tree.known(&path).is_none()
            && !tree.load(&path).is_ok_and(|text| text.contains(variable))
        {
            continue;
        }
        let Some((source, parsed)) = tree.parse(&path) else {
            continue;
        };
        let assignments = python::assignments(source, &parsed.module, variable);
        let is_computed = assignments.iter().any(|found| found.module.is_none());
        let computed = is_computed
            .then(|| crate::python::written_variable(tree, &path, environment, variable))
            .flatten()
            .filter(|module| is_dotted(module));
        for assignment in assignments {
            let Some(module) = assignment.module.or_else(|| computed.clone()) else {
                continue;
            };
            let by = if assignment.is_for_tests {
                Mention::Pytest
            } else {
                by
            };
            found.push(PythonMention {
                is_forced: assignment.is_forced && matches!(by, Mention::Wsgi | Mention::Asgi),
                mention: SettingsMention {
                    module,
                    by,
                    span: assignment.span,
                },
            });
        }
    }
    found
}

/// DJANGO_CONFIGURATION: as the environment says, else as wsgi.py, asgi.py or manage.py does.
fn configuration(
    tree: &mut Tree,
    starters: &Starters,
    environment: &Environment,
    folder: &str,
) -> Option<Traced<String>> {
    let kinds = Kinds { tree, starters };
    let mut named: Vec<SettingsMention> = kinds
        .of_environment(environment, CONFIGURATION)
        .into_iter()
        .collect();
    let mut python = python_mentions(tree, environment, folder, CONFIGURATION);
    python.sort_by_key(|found| found.mention.by);
    named.extend(python.into_iter().map(|found| found.mention));
    let mention = named.into_iter().next()?;
    let text = format!(
        "{} names the configuration {}",
        mention.by.name(),
        mention.module
    );
    Some(Traced::new(mention.module, Trail::at(mention.span, text)))
}
