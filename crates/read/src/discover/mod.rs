//! Finds the Django project, and every place that names its settings module.

mod absent;
mod development;
mod mentions;
mod names;
mod python;
mod signs;
mod text;

use tightship_model::{Environment, Gap, Mention, Module, Project, SettingsMention, Span, Trail};

use crate::Options;
use crate::compose::is_production_name;
use crate::files::{Tree, join, parent};
use crate::process::{Process, Starters};
use absent::{Absent, placed_by_image, production_inside, sets_nothing};

pub(crate) use absent::{example_of, is_ignored};
pub(crate) use development::set_aside;
use development::{is_developers, is_development_module};
pub(crate) use mentions::Mentions;
use names::{Use, is_aside, stem, use_of, words_of};

/// The folders that hold a manage.py of Django, best first: the folder that `process` runs, then
/// those that are not named like an example, then those near the root.
pub(crate) fn projects(tree: &mut Tree) -> Vec<String> {
    let paths: Vec<String> = tree
        .files()
        .filter(|path| path.rsplit('/').next() == Some("manage.py"))
        .map(str::to_owned)
        .collect();
    tree.read_all(&paths);
    let mut folders: Vec<String> = paths
        .iter()
        .filter(|path| {
            tree.read(path)
                .is_some_and(|id| tree.text(id).to_lowercase().contains("django"))
        })
        .map(|path| parent(path).to_owned())
        .collect();
    folders.sort_by_key(|folder| {
        let depth = if folder.is_empty() {
            0
        } else {
            folder.matches('/').count() + 1
        };
        (is_aside(folder), depth, folder.clone())
    });
    folders
}

/// The folder to judge: the one that the web process runs, else the best.
pub(crate) fn choose(
    projects: &[String],
    starters: &Starters,
    process: &Process,
) -> Option<String> {
    let context = process
        .service
        .and_then(|at| {
            starters.compose.as_ref()?.services[at]
                .build
                .as_ref()?
                .folder
                .clone()
        })
        .or_else(|| {
            let file = process.dockerfile.map(|at| &starters.dockerfiles[at])?;
            Some(parent(&file.path).to_owned())
        });
    let inside = |folder: &&String| {
        context.as_ref().is_some_and(|context| {
            context.is_empty() || *folder == context || folder.starts_with(&format!("{context}/"))
        })
    };
    // A Dockerfile in a folder of its own takes the project in from beside.
    let taken = || {
        let file = process.dockerfile.map(|at| &starters.dockerfiles[at])?;
        projects
            .iter()
            .find(|folder| file.taken().any(|taken| taken == *folder))
    };
    projects
        .iter()
        .find(inside)
        .or_else(taken)
        .or_else(|| projects.first())
        .cloned()
}

/// States the project: its folder, what names its settings, and the module to judge.
pub(crate) fn project(
    tree: &mut Tree,
    options: &Options,
    starters: &Starters,
    process: &Process,
    environment: &Environment,
    projects: &[String],
) -> Project {
    let folder = choose(projects, starters, process).or_else(|| settings_folder(tree));
    let Some(folder) = folder else {
        return Project {
            no_settings: Some(why_not_django(tree)),
            ..Project::default()
        };
    };
    let others = projects.iter().filter(|other| **other != folder);
    let others: Vec<String> = others.cloned().collect();
    let mentions = Mentions::collect(tree, starters, process, environment, &folder);
    let is_in = |folder: &String, name: &str| module_path(tree, folder, name).is_some();
    let mentions = mentions.without(&|name| {
        let mut own = search_folders(&folder);
        own.retain(|folder| !others.contains(folder));
        !own.iter().any(|folder| is_in(folder, name))
            && others.iter().any(|other| is_in(other, name))
    });
    let mut project = Project {
        others,
        ..Project::default()
    };
    match &options.settings {
        Some(name) => {
            project.module = module(
                tree,
                &folder,
                name,
                Trail::outside(format!("--settings {name}")),
            );
            if project.module.is_none() {
                project.no_settings = Some(match unread(tree, &folder, name) {
                    Some(reason) => format!("--settings {name}: {reason}"),
                    None => format!("--settings {name}: no such module is here"),
                });
            }
        }
        None => {
            let found = match given(tree, &folder, environment) {
                Some(given) => Ok(given),
                None => named(tree, &folder, starters, &mentions),
            };
            match found {
                Ok(module) => project.module = Some(module),
                Err(reason) => project.no_settings = Some(reason),
            }
        }
    }
    if let Some(module) = &project.module
        && options.settings.is_none()
        && let Some(gap) = doubt(tree, module, &mentions)
    {
        tree.add_gap(gap);
    }
    if let (Some(module), Some(aside)) = (&mut project.module, &starters.set_aside) {
        let links = module.trail.links().iter().cloned();
        module.trail = Trail::new(links.chain([aside.reason.clone()]).collect());
    }
    project.settings_mentions = mentions.all;
    project.configuration = mentions.configuration;
    project.folder = Some(folder);
    project
}

/// The module that `--env DJANGO_SETTINGS_MODULE=…` names: it stands in no file.
fn given(tree: &mut Tree, folder: &str, environment: &Environment) -> Option<Module> {
    let given = environment.variables.get(mentions::SETTINGS)?;
    if given.trail.first_span().is_some() {
        return None;
    }
    module(tree, folder, given.value.as_str()?, given.trail.clone())
}

/// The first module that a deciding place names and that is here, a gap for each that is not; else one
/// that its name tells. The error says why none can be production's.
fn named(
    tree: &mut Tree,
    folder: &str,
    starters: &Starters,
    mentions: &Mentions,
) -> Result<Module, String> {
    let mut absent = Absent::default();
    for mention in &mentions.all[..mentions.deciding] {
        let text = format!("{} names {}", mention.by.name(), mention.module);
        let trail = Trail::at(mention.span, text);
        if let Some(found) = module(tree, folder, &mention.module, trail.clone()) {
            if sets_nothing(tree, &found) && production_inside(tree, folder, &found).is_none() {
                // Django does not start with it: the environment, or another place, names the one.
                continue;
            }
            return production_instead(tree, folder, found, mention, &absent);
        }
        if let Some(path) = placed_by_image(tree, starters, folder, &mention.module)
            && let Some(source) = tree.read(&path)
        {
            return Ok(Module {
                name: mention.module.clone(),
                source,
                trail,
            });
        }
        let place = tree.place(mention.span);
        tree.add_gap(Gap {
            place,
            reason: match unread(tree, folder, &mention.module) {
                Some(reason) => format!("names the settings module {}: {reason}", mention.module),
                None => format!(
                    "names the settings module {}, which is not here",
                    mention.module
                ),
            },
            lost: "the settings that this place means are not judged".to_owned(),
        });
        absent.add(tree, folder, mention);
    }
    let found = conventional(tree, folder);
    if let Some(reason) = absent.reason()
        && found
            .as_ref()
            .is_none_or(|found| use_of_module(tree, found) != Use::Production)
    {
        return Err(reason);
    }
    match found {
        Some(found) if is_development_module(&found.name) => Err(format!(
            "nothing names a settings module, and {} is the developers' by its name",
            found.name
        )),
        Some(found) => Ok(found),
        None => Err(no_module(tree, folder, mentions)),
    }
}

/// The module that `mention` names and that is here, or production's where that is another.
fn production_instead(
    tree: &mut Tree,
    folder: &str,
    found: Module,
    mention: &SettingsMention,
    absent: &Absent,
) -> Result<Module, String> {
    if let Some(inside) = production_inside(tree, folder, &found) {
        return Ok(inside);
    }
    let meant = absent.meant(tree, &found);
    if let Some(meant) = meant.and_then(|(name, trail)| module(tree, folder, &name, trail)) {
        return Ok(meant);
    }
    if let Some(reason) = absent.instead_of(tree, &found) {
        return Err(reason.to_owned());
    }
    // What a program falls back upon on a developer's machine tells nothing of production, where the
    // environment names another module.
    let falls_back = matches!(
        mention.by,
        Mention::Celery | Mention::Wsgi | Mention::Asgi | Mention::ManagePy
    );
    // A name that is computed is the one that the given environment chooses.
    let is_written = tree.text(mention.span.source).contains(&mention.module);
    if !falls_back
        || !is_written
        || !is_fallback(tree, mention.span)
        || use_of_module(tree, &found) != Use::Development
    {
        return Ok(found);
    }
    let named = format!(
        "{} names {}, the developers' by its name",
        mention.by.name(),
        mention.module
    );
    let Some(other) = production_beside(tree, &found) else {
        return Err(format!("{named}, and production's is not here"));
    };
    let trail = Trail::at(mention.span, format!("{named}; {other} lies beside it"));
    module(tree, folder, &other, trail)
        .ok_or_else(|| format!("the settings module {other} cannot be read"))
}

/// That the judged module may not be production's: one beside it is called so and nothing names
/// it, or its own name says that it is the developers'.
fn doubt(tree: &Tree, module: &Module, mentions: &Mentions) -> Option<Gap> {
    let path = &tree.sources()[module.source].path;
    if use_of(path) == Use::Production {
        return None;
    }
    let other = production_beside(tree, module);
    let (reason, lost) = match &other {
        Some(other) if mentions.all.iter().any(|mention| mention.module == *other) => return None,
        Some(other) => (
            format!("names {}, and nothing names {other}", module.name),
            format!("if production runs that one, judge it with --settings {other}"),
        ),
        None if is_development_module(&module.name) => (
            format!(
                "names {}, the developers' by its name, and nothing names another",
                module.name
            ),
            "if production runs another module, judge that with --settings".to_owned(),
        ),
        None => return None,
    };
    let place = match module.trail.first_span() {
        Some(span) => tree.place(span),
        None => path.clone(),
    };
    Some(Gap {
        place,
        reason,
        lost,
    })
}

/// Whether a mention stands in `os.environ.setdefault(…)`, so that the environment wins over it.
fn is_fallback(tree: &Tree, span: Span) -> bool {
    let text = tree.text(span.source);
    let before = text.get(..span.start as usize).unwrap_or_default();
    let call = before.rsplit("os.environ").next().unwrap_or_default();
    call.trim_start().starts_with(".setdefault")
}

/// A module beside `module` that is called production's and that `module` does not take in.
fn production_beside(tree: &Tree, module: &Module) -> Option<String> {
    let path = &tree.sources()[module.source].path;
    let text = tree.text(module.source);
    let beside = tree.files().filter(|other| {
        let is_taken_in = |stem: &&str| {
            text.contains(&format!(".{stem}")) || text.contains(&format!("{stem}.py"))
        };
        let stem = stem(other).filter(|stem| !is_taken_in(stem));
        parent(other) == parent(path)
            && stem.is_some_and(|stem| is_production_name(stem) && use_of(other) == Use::Production)
            && tree
                .load(other)
                .is_ok_and(|text| text.contains("import *") || text.contains("INSTALLED_APPS"))
    });
    let beside = beside.min_by_key(|other| words_of(other))?;
    dotted(import_folder(path, &module.name)?, beside)
}

fn no_module(tree: &Tree, folder: &str, mentions: &Mentions) -> String {
    match mentions.all.first() {
        Some(SettingsMention { module, .. }) => match unread(tree, folder, module) {
            Some(reason) => format!("the settings module {module} cannot be judged: {reason}"),
            None => format!("the settings module {module} is not here"),
        },
        None => {
            "nothing names a settings module, and none with INSTALLED_APPS was found".to_owned()
        }
    }
}

/// The module under a dotted name.
fn module(tree: &mut Tree, folder: &str, name: &str, trail: Trail) -> Option<Module> {
    let path = search_folders(folder)
        .into_iter()
        .find_map(|folder| module_path(tree, &folder, name))?;
    let source = tree.read(&path)?;
    Some(Module {
        name: name.to_owned(),
        source,
        trail,
    })
}

/// Why the file of a module could not be read, where there is one.
fn unread(tree: &Tree, folder: &str, name: &str) -> Option<String> {
    search_folders(folder)
        .iter()
        .flat_map(|folder| module_paths(folder, name))
        .find_map(|path| Some(format!("{path} {}", tree.gap_of(&path)?)))
}

/// The file of a module as Python finds it from `folder`.
pub(crate) fn module_path(tree: &Tree, folder: &str, name: &str) -> Option<String> {
    module_paths(folder, name)
        .into_iter()
        .find(|path| tree.has_file(path))
}

/// Where the file of a module may be: a package wins over a module of the same name.
fn module_paths(folder: &str, name: &str) -> [String; 2] {
    let path = join(folder, &name.replace('.', "/"));
    [format!("{path}/__init__.py"), format!("{path}.py")]
}

/// The folder that the module is imported from; `None` where its file has another name.
pub(crate) fn import_folder<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let inner = name.replace('.', "/");
    let path = path
        .trim_end_matches("/__init__.py")
        .trim_end_matches(".py");
    let folder = path.strip_suffix(inner.as_str())?;
    Some(folder.trim_end_matches('/'))
}

/// The project's folder, those of its usual source folders, and those around it.
fn search_folders(folder: &str) -> Vec<String> {
    let mut folders = vec![folder.to_owned()];
    folders.extend(["src", "app", "apps"].map(|name| join(folder, name)));
    let mut current = folder;
    while !current.is_empty() {
        current = parent(current);
        folders.push(current.to_owned());
    }
    folders
}

/// A settings module that nothing names: one with INSTALLED_APPS, production before others.
fn conventional(tree: &mut Tree, folder: &str) -> Option<Module> {
    let path = settings_files(tree)
        .into_iter()
        .find(|path| folder.is_empty() || path.starts_with(&format!("{folder}/")))?;
    let name = dotted(folder, &path)?;
    let source = tree.read(&path)?;
    Some(Module {
        name,
        source,
        trail: Trail::outside("found by its name; nothing names a settings module"),
    })
}

/// The name under which `path` is imported from `folder`.
fn dotted(folder: &str, path: &str) -> Option<String> {
    let inner = path.strip_prefix(folder)?.trim_start_matches('/');
    let name = inner.trim_end_matches(".py").trim_end_matches("/__init__");
    Some(name.replace('/', "."))
}

/// The folder from which the best settings module is imported.
fn settings_folder(tree: &Tree) -> Option<String> {
    let path = settings_files(tree).into_iter().next()?;
    let mut folder = parent(&path).to_owned();
    while !folder.is_empty() && tree.has_file(&join(&folder, "__init__.py")) {
        folder = parent(&folder).to_owned();
    }
    Some(folder)
}

/// Files that are settings modules by name and content: production's first, those that others
/// build upon and those of developers last; then near the root.
fn settings_files(tree: &Tree) -> Vec<String> {
    let named = tree.files().filter(|path| {
        let is_in_settings = matches!(
            parent(path).rsplit('/').next(),
            Some("settings" | "conf" | "config")
        );
        stem(path).is_some_and(|stem| stem.contains("settings") || is_in_settings)
    });
    let mut found = Vec::new();
    let mut others = Vec::new();
    for path in named {
        let text = tree.load(path).unwrap_or_default();
        if text.contains("INSTALLED_APPS") || text.contains("ROOT_URLCONF") {
            found.push(path.to_owned());
        } else if text.contains("import *") {
            others.push(path.to_owned());
        }
    }
    // A module that says little itself may take all from the one beside it.
    others.retain(|path| found.iter().any(|base| parent(base) == parent(path)));
    found.append(&mut others);
    found.sort_by_key(|path| {
        (
            is_aside(parent(path)),
            use_of(path),
            path.matches('/').count(),
            words_of(path),
            path.clone(),
        )
    });
    found
}

fn use_of_module(tree: &Tree, module: &Module) -> Use {
    use_of(&tree.sources()[module.source].path)
}

/// The folder whose requirements are those of the project when there is no Django: the one
/// nearest to the root that names any.
pub(crate) fn requirements_folder(tree: &Tree) -> String {
    let named = tree.files().filter(|path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        matches!(
            name,
            "pyproject.toml" | "requirements.txt" | "Pipfile" | "setup.py"
        )
    });
    named
        .map(parent)
        .min_by_key(|folder| {
            (
                if folder.is_empty() {
                    0
                } else {
                    folder.matches('/').count() + 1
                },
                *folder,
            )
        })
        .unwrap_or_default()
        .to_owned()
}

/// Why there is nothing of Django to judge.
fn why_not_django(tree: &mut Tree) -> String {
    const FRAMEWORKS: [(&str, &str); 7] = [
        ("fastapi", "FastAPI"),
        ("flask", "Flask"),
        ("litestar", "Litestar"),
        ("sanic", "Sanic"),
        ("falcon", "Falcon"),
        ("pyramid", "Pyramid"),
        ("bottle", "Bottle"),
    ];
    if let Some(folder) = tree.template() {
        return format!(
            "this is a template of projects ({folder}): make a project from it and give that one"
        );
    }
    if !tree.files().any(|path| path.ends_with(".py")) {
        return "no Python file is here".to_owned();
    }
    let folder = requirements_folder(tree);
    let packages = crate::lockfiles::read(tree, &folder, &[]);
    let framework = FRAMEWORKS
        .iter()
        .find(|(package, _)| packages.get(package).is_some());
    match framework {
        Some((_, name)) if packages.get("django").is_none() => format!(
            "this is a {name} project, not a Django one: there is no manage.py and no settings module"
        ),
        _ => "there is no manage.py and no settings module with INSTALLED_APPS".to_owned(),
    }
}
