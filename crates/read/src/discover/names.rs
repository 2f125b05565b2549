//! What names of files and modules say of their use.

use crate::command::is_dotted;
use crate::compose::{is_development_name, is_production_name};

/// What a settings module is for, by its name; that of production first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    Production,
    Open,
    Base,
    Development,
}

pub(super) fn use_of(path: &str) -> Use {
    match stem(path) {
        _ if is_development_name(path) => Use::Development,
        Some(stem) if is_of_step(stem) => Use::Development,
        _ if is_production_name(path) => Use::Production,
        Some("base" | "common" | "defaults" | "default" | "shared" | "core") => Use::Base,
        _ => Use::Open,
    }
}

/// Whether a module is called after a step of a build or a release, `compress_production`: no server
/// runs with it.
pub(super) fn is_of_step(stem: &str) -> bool {
    const STEPS: [&str; 6] = [
        "build",
        "compress",
        "collectstatic",
        "assets",
        "migrate",
        "migrations",
    ];
    stem.to_ascii_lowercase()
        .split('_')
        .any(|word| STEPS.contains(&word))
}

/// The name of the module in a file; `None` where it cannot be imported by a name.
pub(super) fn stem(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?.strip_suffix(".py")?;
    (is_dotted(name) && !name.contains('.')).then_some(name)
}

/// How many words the name of a module has: `production` says more than `docker_production`.
pub(super) fn words_of(path: &str) -> usize {
    stem(path).unwrap_or(path).matches('_').count()
}

/// Whether a path is one of examples, tests or documents rather than of what is deployed.
pub(super) fn is_aside(path: &str) -> bool {
    is_development_name(path)
        || path.split(['/', '-', '_']).any(|part| {
            matches!(
                part,
                "example"
                    | "examples"
                    | "demo"
                    | "demos"
                    | "testproject"
                    | "docs"
                    | "fixtures"
                    | "templates"
                    | "template"
            )
        })
}
