//! Files for the host that lie in the repository: facts only.

mod bans;
mod cron;
mod firewall;
mod rotation;
mod supervisor;
#[cfg(test)]
mod tests;
mod units;

use std::collections::BTreeMap;

use tightship_model::{
    DockerDaemon, EnvOrigin, Environment, Gap, Host, Keys, SourceId, Span, Starter, Traced, Trail,
    Value,
};

pub(crate) use units::environment_file;

use crate::files::Tree;
use crate::ini::Key;
use crate::interpolate::text_value;
use crate::start::HostStart;

/// Files of one kind that are read, those nearest to the root first.
const MOST_FILES: usize = 200;

/// Reads everything for the host.
pub(crate) fn read(tree: &mut Tree) -> Host {
    let mut host = Host::default();
    each(
        tree,
        &|path| path.ends_with(".service"),
        &mut |path, source, text| {
            host.services.push(units::service(path, source, text));
        },
    );
    each(
        tree,
        &|path| path.ends_with(".timer"),
        &mut |path, source, text| {
            host.timers.push(units::timer(path, source, text));
        },
    );
    each(tree, &is_supervisor, &mut |path, source, text| {
        host.programs.extend(supervisor::parse(path, source, text));
    });
    each(tree, &cron::is_crontab, &mut |path, source, text| {
        host.cron.extend(cron::parse(path, source, text));
    });
    each(tree, &is_rotation, &mut |path, source, text| {
        host.rotations.extend(rotation::parse(path, source, text));
    });
    each(tree, &bans::is_jails, &mut |path, source, text| {
        host.jails.extend(bans::parse(path, source, text));
    });
    each(tree, &firewall::is_script, &mut |path, source, text| {
        host.firewall.extend(firewall::parse(path, source, text));
    });
    host.docker_daemon = daemon(tree);
    host
}

/// What units and supervisor programs start.
pub(crate) fn starts(host: &Host) -> Vec<HostStart> {
    let units = host.services.iter().flat_map(|unit| {
        unit.exec_start.iter().map(|argv| HostStart {
            starter: Starter::Unit(unit.path.clone()),
            line: argv.words.join(" "),
            is_shell: false,
            environment: unit.environment.clone(),
            folder: unit
                .key("WorkingDirectory")
                .map(|folder| folder.value.trim_start_matches('-').to_owned()),
            user: unit
                .key("User")
                .map(|user| Traced::new(Value::Str(user.value.clone()), user.trail.clone())),
            span: argv.span,
        })
    });
    let programs = host.programs.iter().filter_map(|program| {
        let argv = program.command.as_ref()?;
        let key = |wanted: &str| {
            let mut keys = program.keys.iter().filter(|(name, _)| name == wanted);
            keys.next().map(|(_, value)| value)
        };
        Some(HostStart {
            starter: Starter::Supervisor(program.name.clone()),
            line: argv.words.join(" "),
            is_shell: false,
            environment: program.environment.clone(),
            folder: key("directory").map(|folder| folder.value.clone()),
            user: key("user")
                .map(|user| Traced::new(Value::Str(user.value.clone()), user.trail.clone())),
            span: argv.span,
        })
    });
    units.chain(programs).collect()
}

fn each(
    tree: &mut Tree,
    is_wanted: &dyn Fn(&str) -> bool,
    take: &mut dyn FnMut(&str, SourceId, &str),
) {
    let mut paths: Vec<String> = tree
        .files()
        .filter(|path| is_wanted(path))
        .map(str::to_owned)
        .collect();
    paths.sort_by_key(|path| path.matches('/').count());
    for path in paths.into_iter().take(MOST_FILES) {
        if let Some(source) = tree.read(&path) {
            take(&path, source, tree.text(source));
        }
    }
}

fn is_supervisor(path: &str) -> bool {
    path.ends_with(".conf") && path.contains("supervisor")
}

/// Files of logrotate.d, and those whose name says so.
fn is_rotation(path: &str) -> bool {
    let is_code = matches!(
        path.rsplit_once('.'),
        Some((_, "py" | "md" | "sh" | "txt" | "rst"))
    );
    path.contains("logrotate") && !is_code
}

/// The first daemon.json that is Docker's.
fn daemon(tree: &mut Tree) -> Option<DockerDaemon> {
    let path = tree
        .files()
        .find(|path| name(path) == "daemon.json")?
        .to_owned();
    let source = tree.read(&path)?;
    let text = tree.text(source);
    let value: serde_json::Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            tree.add_gap(Gap {
                place: format!("{path}:{}", error.line()),
                reason: "is no JSON".to_owned(),
                lost: "what it tells Docker is not judged".to_owned(),
            });
            return None;
        }
    };
    let mut settings = BTreeMap::new();
    for (key, value) in value.as_object()? {
        let quoted = format!("\"{key}\"");
        let at = text.find(&quoted).unwrap_or(0) as u32;
        let span = Span::new(source, at, at + quoted.len() as u32);
        let trail = Trail::at(span, format!("sets {key}"));
        settings.insert(key.clone(), Traced::new(json(value, &trail), trail));
    }
    Some(DockerDaemon { path, settings })
}

/// A value of JSON; serde_json bounds its depth.
fn json(value: &serde_json::Value, trail: &Trail) -> Value {
    let traced = |value: &serde_json::Value| Traced::new(json(value, trail), trail.clone());
    match value {
        serde_json::Value::Null => Value::None,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(i128::from(number)),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::Str(text.clone()),
        serde_json::Value::Array(items) => Value::List(tightship_model::Items {
            items: items.iter().map(traced).collect(),
            rest: None,
        }),
        serde_json::Value::Object(entries) => Value::Dict(tightship_model::Dict {
            entries: entries
                .iter()
                .map(|(key, value)| (Value::Str(key.clone()), traced(value)))
                .collect(),
            rest: None,
        }),
    }
}

/// The keys of a section with their places.
fn keys<'a>(found: impl Iterator<Item = &'a Key>) -> Keys {
    found.map(|key| (key.name.clone(), traced(key))).collect()
}

fn traced(key: &Key) -> Traced<String> {
    let trail = Trail::at(key.span, format!("sets {}", key.name));
    Traced::new(key.value.clone(), trail)
}

/// Variables that a unit or program sets, as an environment of which more may be known outside.
fn environment(origin: EnvOrigin, found: Vec<(String, String, Span)>) -> Environment {
    let variables = found.into_iter().map(|(name, value, span)| {
        let trail = Trail::at(span, format!("sets {name}"));
        let value = text_value(&name, value);
        (name, Traced::new(value, trail))
    });
    Environment {
        origin,
        variables: variables.collect(),
        ..Environment::default()
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
