//! The environment of the production process, each variable with its trail.

mod scripts;

use std::collections::BTreeMap;
use std::path::Path;

use tightship_model::compose::{Build, EnvFile, Service};
use tightship_model::{EnvOrigin, Environment, Link, Span, Traced, Trail, Value};

use crate::compose::is_development_name;
use crate::dockerfile::Dockerfile;
use crate::dotenv::Text;
use crate::env_file::{self, Entry, Reader};
use crate::files::{Tree, join};
use crate::interpolate::{Found, interpolate, is_secret, text_value};
use crate::process::{Process, Starters};
use crate::systemd::Unit;
use crate::{Error, Options};

/// Variables that a container, an init system or a login sets without being asked.
const AMBIENT: [&str; 14] = [
    "HOME",
    "HOSTNAME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PATH",
    "PORT",
    "PWD",
    "PYTHONPATH",
    "SHELL",
    "TERM",
    "TZ",
    "USER",
    "VIRTUAL_ENV",
];

/// Names of files that say that they are production's.
const PRODUCTION_FILES: [&str; 10] = [
    ".env.prod",
    ".env.production",
    "prod.env",
    "production.env",
    ".prod.env",
    ".production.env",
    ".env_prod",
    ".env_production",
    ".env.live",
    ".env-prod",
];

/// Chooses the environment: what is given, else the web service of Compose, else systemd, else a
/// file that names production, else nothing. `--env` goes on top, and leaves the rest as it was:
/// where nothing was found, any other variable may be set or not.
pub(crate) fn choose(
    tree: &mut Tree,
    options: &Options,
    starters: &Starters,
    process: &Process,
    folder: &str,
) -> Result<Environment, Error> {
    let mut environment = match &options.env_file {
        Some(path) => given(tree, path)?,
        None => found(tree, starters, process, folder),
    };
    for (name, value) in &options.env {
        let trail = Trail::outside(format!("--env {name}"));
        let value = Traced::new(text_value(name, value.clone()), trail);
        environment.passed.remove(name);
        environment.variables.insert(name.clone(), value);
    }
    if environment.origin != EnvOrigin::Nothing {
        for name in AMBIENT {
            if !environment.variables.contains_key(name) {
                environment.passed.entry(name.to_owned()).or_default();
            }
        }
    }
    Ok(environment)
}

fn given(tree: &mut Tree, path: &Path) -> Result<Environment, Error> {
    let name = tree.read_given(path).map_err(|source| Error::EnvFile {
        path: path.into(),
        source,
    })?;
    let mut environment = Environment {
        origin: EnvOrigin::Given(name.clone()),
        ..Environment::default()
    };
    add_file(tree, &mut environment, &name, Reader::Compose, &[], &|_| {
        Found::Open
    });
    Ok(environment)
}

fn found(tree: &mut Tree, starters: &Starters, process: &Process, folder: &str) -> Environment {
    let mut environment = Environment::default();
    let service = starters
        .compose
        .as_ref()
        .and_then(|compose| Some(&compose.services[process.service?]));
    let build = service.and_then(|service| service.build.as_ref());
    if let Some(at) = process.dockerfile {
        let file = &starters.dockerfiles[at];
        let target = process.target.as_deref();
        add_image(tree, &mut environment, file, target, build);
        // What an image leaves empty, whoever starts it fills in, and nothing tells who does.
        if service.is_none() && process.unit.is_none() {
            let variables = &mut environment.variables;
            variables.retain(|_, value| value.value.as_str() != Some(""));
        }
    }
    if let Some(service) = service {
        add_service(&mut environment, service);
    } else if let Some(at) = process.unit {
        let unit = &starters.units[at];
        environment.origin = EnvOrigin::Systemd(unit.path.clone());
        add_unit(tree, &mut environment, unit, folder);
    } else if let Some(path) = dotenv_of_production(tree, process, folder) {
        environment.origin = EnvOrigin::DotEnv(path.clone());
        add_file(tree, &mut environment, &path, Reader::Compose, &[], &|_| {
            Found::Open
        });
    }
    scripts::add(tree, &mut environment, process);
    environment
}

/// ENV of the image, with the arguments that Compose builds it with.
fn add_image(
    tree: &mut Tree,
    environment: &mut Environment,
    file: &Dockerfile,
    target: Option<&str>,
    build: Option<&Build>,
) {
    let chain = file.chain(target);
    if let Some(base) = chain.first().map(|stage| stage.base.as_str())
        && !is_public_base(base)
    {
        environment.incomplete = Some(format!("the base image {base} is not built here"));
    }
    let mut arguments: BTreeMap<String, (String, Trail)> = BTreeMap::new();
    let given = |name: &str| {
        let argument = build?.args.get(name)?;
        let value = argument.value.as_str()?.to_owned();
        Some((value, argument.trail.clone()))
    };
    for declaration in file
        .globals
        .iter()
        .chain(chain.iter().flat_map(|stage| &stage.declarations))
    {
        let name = &declaration.name;
        if declaration.is_arg {
            let text = match &declaration.value {
                Some(default) => interpolate(default, &scope(environment, &arguments)).text,
                None => None,
            };
            let default = text.map(|text| {
                let trail = Trail::at(declaration.span, format!("gives {name} a default"));
                (text, trail)
            });
            if let Some(value) = given(name).or(default) {
                arguments.insert(name.clone(), value);
            }
            continue;
        }
        let written = declaration.value.clone().unwrap_or_default();
        let value = interpolate(&written, &scope(environment, &arguments));
        let link = link(declaration.span, format!("sets {name}"));
        let value = value.into_value(name, link);
        hide(tree, declaration.span, &value.value);
        environment.variables.insert(name.clone(), value);
    }
}

/// Whether everyone knows the base image and it sets nothing that an application reads.
fn is_public_base(base: &str) -> bool {
    const PUBLIC: [&str; 9] = [
        "docker.io/library/",
        "library/",
        "ghcr.io/astral-sh/uv",
        "public.ecr.aws/docker/library/",
        "mcr.microsoft.com/",
        "nikolaik/python-nodejs",
        "nvidia/cuda",
        "cgr.dev/chainguard/",
        "gcr.io/distroless/",
    ];
    let base = base.strip_prefix("docker.io/").unwrap_or(base);
    !base.contains('/') || PUBLIC.iter().any(|public| base.starts_with(public))
}

/// What Compose gives the container, over what the image sets.
fn add_service(environment: &mut Environment, service: &Service) {
    let given = &service.environment;
    environment.origin = given.origin.clone();
    if service.build.is_none() {
        let image = service.image.as_ref();
        let image = image.map_or("of the service", |image| image.value.as_str());
        environment.incomplete = Some(format!("the image {image} is not built here"));
    }
    let is_missing = |file: &EnvFile| file.is_required && !file.is_here;
    if service.env_files.iter().any(is_missing) || environment.incomplete.is_none() {
        environment.incomplete.clone_from(&given.incomplete);
    }
    for (name, value) in &given.variables {
        environment.variables.insert(name.clone(), value.clone());
    }
    for (name, trail) in &given.passed {
        environment.variables.remove(name);
        environment.passed.insert(name.clone(), trail.clone());
    }
}

fn add_unit(tree: &mut Tree, environment: &mut Environment, unit: &Unit, folder: &str) {
    for (name, value, span) in &unit.environment {
        let trail = Trail::at(*span, format!("sets {name}"));
        let value = text_value(name, value.clone());
        hide(tree, *span, &value);
        environment
            .variables
            .insert(name.clone(), Traced::new(value, trail));
    }
    for file in &unit.environment_files {
        let named = tree.place(file.span);
        let inner = unit
            .working_directory
            .as_deref()
            .and_then(|working| file.path.strip_prefix(working.trim_end_matches('/')))
            .unwrap_or(&file.path)
            .trim_start_matches('/');
        let path = [join(folder, inner), inner.to_owned()]
            .into_iter()
            .find(|path| tree.has_file(path));
        match path {
            Some(path) => {
                let links = [link(file.span, format!("takes it from {}", file.path))];
                add_file(tree, environment, &path, Reader::Systemd, &links, &|_| {
                    Found::Unset
                });
            }
            None => {
                let reason = format!("{}, which {named} names, is not here", file.path);
                environment.incomplete = Some(reason);
            }
        }
    }
}

/// A file that names production; else `.env` where a start script, a Procfile or a unit takes it.
fn dotenv_of_production(tree: &mut Tree, process: &Process, folder: &str) -> Option<String> {
    let folders = [folder, ""];
    for folder in folders {
        for name in PRODUCTION_FILES {
            let path = join(folder, name);
            if tree.has_file(&path) {
                return Some(path);
            }
        }
    }
    let is_sourced = process.commands.iter().any(|command| {
        let words = &command.words;
        words.windows(2).any(|pair| {
            let is_env = matches!(pair[1].trim_start_matches("./"), ".env");
            is_env && matches!(pair[0].as_str(), "." | "source" | "--env-file" | "-f")
        }) || words.iter().any(|word| word == "--env-file=.env")
    });
    let path = folders.map(|folder| join(folder, ".env"));
    path.into_iter()
        .find(|path| is_sourced && tree.has_file(path))
}

fn add_file(
    tree: &mut Tree,
    environment: &mut Environment,
    path: &str,
    reader: Reader,
    links: &[Link],
    outside: &dyn Fn(&str) -> Found,
) {
    let entries = env_file::read(tree, path, reader, outside);
    insert_file(environment, path, entries, links, outside);
}

/// Puts what a file says over what is known so far; `None` where it cannot be read.
pub(crate) fn insert_file(
    environment: &mut Environment,
    path: &str,
    entries: Option<Vec<Entry>>,
    links: &[Link],
    outside: &dyn Fn(&str) -> Found,
) {
    let Some(entries) = entries else {
        environment.incomplete = Some(format!("{path} cannot be read"));
        return;
    };
    for entry in entries {
        let mut links = links.to_vec();
        links.push(link(entry.span, format!("sets {}", entry.name)));
        let trail = Trail::new(links);
        let text = match entry.value {
            Some(text) => text,
            None => match outside(&entry.name) {
                Found::Set(value, _) => Text::Known(value),
                Found::Unset => continue,
                Found::Open => {
                    environment.passed.insert(entry.name, trail);
                    continue;
                }
            },
        };
        environment.passed.remove(&entry.name);
        let value = env_file::value(&entry.name, text, trail);
        environment.variables.insert(entry.name, value);
    }
}

/// Masks a secret, also one that only holds while a variable is unset, where `span` writes it out.
pub(crate) fn hide(tree: &mut Tree, span: Span, value: &Value) {
    let secret = match value {
        Value::Secret(secret) => secret,
        Value::Environment(dependent) => match dependent.unset.as_ref().map(|unset| &unset.value) {
            Some(Value::Secret(secret)) => secret,
            _ => return,
        },
        _ => return,
    };
    let Some(written) = tree
        .text(span.source)
        .get(span.start as usize..span.end as usize)
    else {
        return;
    };
    let place = match written.rfind(secret.expose()) {
        Some(_) if secret.expose().is_empty() => return,
        Some(at) => {
            let start = span.start + at as u32;
            Span::new(span.source, start, start + secret.expose().len() as u32)
        }
        // `${NAME}` writes nothing out; an address may hold a password all the same.
        None if written.contains('$') && !is_secret("", written) => return,
        None => span,
    };
    tree.mark_secret(place);
}

/// Looks variables up in the environment so far, then in what is local to the file.
fn scope<'a>(
    environment: &'a Environment,
    locals: &'a BTreeMap<String, (String, Trail)>,
) -> impl Fn(&str) -> Found + 'a {
    |name| match environment.variables.get(name) {
        Some(known) => match known.value.as_str() {
            Some(text) => Found::Set(text.to_owned(), known.trail.clone()),
            None => Found::Open,
        },
        None => match locals.get(name) {
            Some((text, trail)) => Found::Set(text.clone(), trail.clone()),
            None => Found::Open,
        },
    }
}

fn link(span: Span, text: impl Into<String>) -> Link {
    Link::new(Some(span), text)
}

/// `.env` files that hold what some process gets: not samples, not those for development.
pub(crate) fn is_environment_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    (name.starts_with(".env") || name.ends_with(".env")) && !is_development_name(path)
}
