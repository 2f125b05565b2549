//! The packages that the project asks for: lock files first, then requirements.

mod json;
mod pyproject;
mod requirements;
mod setup;
mod specifier;
mod toml;

use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifiers};
use tightship_model::{Package, Packages, PythonDemand, SourceId, Span, Trail};

use crate::files::Tree;

/// Reads the packages of the project in `folder`; `installed` are the requirement files that a
/// Dockerfile or a start script installs, in their order.
pub(crate) fn read(tree: &mut Tree, folder: &str, installed: &[String]) -> Packages {
    let mut packages = Collected::default();
    let folders = nearest_first(folder);
    for folder in &folders {
        for (name, reader) in LOCKS {
            with_file(tree, folder, name, &mut packages, reader);
        }
    }
    for path in requirements::choose(tree, &folders, installed) {
        requirements::read(tree, &path, &mut packages);
    }
    for folder in &folders {
        for (name, reader) in DECLARATIONS {
            with_file(tree, folder, name, &mut packages, reader);
        }
    }
    packages.packages
}

/// The Django version that the project names: the locked one, else the lowest that the requirement
/// allows, because a deployment that asks for `>=4.2` may run 4.2.
pub(crate) fn django(packages: &Packages) -> Option<(u32, u32)> {
    let package = packages.get("django")?;
    match package.release() {
        Some((major, minor, _)) => Some((major, minor)),
        None => lowest(&package.requirement),
    }
}

/// A file format: gives what it finds to `Collected`; a fault is told in words, with its line.
type Reader = fn(SourceId, &str, &mut Collected) -> Result<(), Fault>;

struct Fault {
    line: Option<usize>,
    reason: String,
}

const LOCKS: [(&str, Reader); 5] = [
    ("uv.lock", toml::lock),
    ("poetry.lock", toml::lock),
    ("pdm.lock", toml::lock),
    ("pylock.toml", toml::pylock),
    ("Pipfile.lock", json::pipfile_lock),
];

const DECLARATIONS: [(&str, Reader); 6] = [
    ("pyproject.toml", pyproject::pyproject),
    ("Pipfile", pyproject::pipfile),
    ("setup.cfg", setup::setup_cfg),
    ("setup.py", setup::setup_py),
    ("environment.yml", setup::conda),
    ("environment.yaml", setup::conda),
];

/// Packages so far. What came first counts; what comes later fills in a version that is missing.
#[derive(Default)]
pub(crate) struct Collected {
    packages: Packages,
}

impl Collected {
    fn add(&mut self, name: &str, version: Option<String>, requirement: String, span: Span) {
        let key = normalised(name);
        if key.is_empty() {
            return;
        }
        let trail = Trail::at(span, format!("asks for {requirement}"));
        match self.packages.by_name.get_mut(&key) {
            None => {
                let package = Package {
                    name: key.clone(),
                    version,
                    requirement,
                    trail,
                };
                self.packages.by_name.insert(key, package);
            }
            Some(known) if known.version.is_none() && version.is_some() => {
                known.version = version;
                known.trail = trail;
            }
            Some(_) => {}
        }
    }
}

/// Releases of Python 3 that are tried: more than there are.
const MINORS: u32 = 40;
const PATCHES: u32 = 40;

impl Collected {
    /// Which Pythons the project takes; the nearest file counts.
    fn demand(&mut self, clauses: &str, span: Span) {
        let Ok(specifiers) = VersionSpecifiers::from_str(clauses) else {
            return;
        };
        let takes = |minor: &u32| {
            let release = |patch| Version::new([3, u64::from(*minor), patch]);
            (0..u64::from(PATCHES)).any(|patch| specifiers.contains(&release(patch)))
        };
        self.packages.python.get_or_insert_with(|| PythonDemand {
            text: clauses.to_owned(),
            minors: (0..MINORS).filter(takes).collect(),
            span,
        });
    }
}

/// The name as PEP 503 normalises it.
fn normalised(name: &str) -> String {
    let mut key = String::new();
    for c in name.trim().chars() {
        match c {
            '-' | '_' | '.' if key.ends_with('-') => {}
            '-' | '_' | '.' => key.push('-'),
            c => key.push(c.to_ascii_lowercase()),
        }
    }
    key
}

/// The folder of the project, those around it, and the root.
fn nearest_first(folder: &str) -> Vec<String> {
    let mut folders = vec![folder.to_owned()];
    let mut current = folder;
    while let Some((parent, _)) = current.rsplit_once('/') {
        folders.push(parent.to_owned());
        current = parent;
    }
    if !folder.is_empty() {
        folders.push(String::new());
    }
    folders
}

fn with_file(tree: &mut Tree, folder: &str, name: &str, packages: &mut Collected, reader: Reader) {
    let path = crate::files::join(folder, name);
    let Some(source) = tree.read(&path) else {
        return;
    };
    if let Err(fault) = reader(source, tree.text(source), packages) {
        tree.add_gap(tightship_model::Gap {
            place: match fault.line {
                Some(line) => format!("{path}:{line}"),
                None => path,
            },
            reason: fault.reason,
            lost: "versions that only this file names are not known".to_owned(),
        });
    }
}

/// The lowest major and minor version that the clauses of a requirement name.
fn lowest(requirement: &str) -> Option<(u32, u32)> {
    let start = requirement.find(['=', '<', '>', '~', '!'])?;
    let clauses = requirement[start..].split(';').next()?;
    let specifiers = VersionSpecifiers::from_str(clauses.trim().trim_end_matches(')')).ok()?;
    specifiers
        .iter()
        .filter(|specifier| {
            matches!(
                specifier.operator(),
                Operator::Equal
                    | Operator::EqualStar
                    | Operator::ExactEqual
                    | Operator::TildeEqual
                    | Operator::GreaterThanEqual
                    | Operator::GreaterThan
            )
        })
        .filter_map(|specifier| {
            let release = specifier.version().release();
            let major = u32::try_from(*release.first()?).ok()?;
            let minor = u32::try_from(release.get(1).copied().unwrap_or(0)).ok()?;
            Some((major, minor))
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_version_that_clauses_allow() {
        for (requirement, version) in [
            ("Django>=4.2,<5.3", Some((4, 2))),
            ("django~=5.1.2", Some((5, 1))),
            ("Django==5.2.*", Some((5, 2))),
            ("Django<5", None),
            ("django", None),
            ("Django>=4.2; python_version >= '3.9'", Some((4, 2))),
            ("Django (>=4.2)", Some((4, 2))),
            ("Django==broken", None),
        ] {
            assert_eq!(lowest(requirement), version, "{requirement}");
        }
    }

    #[test]
    fn names_are_normalised() {
        assert_eq!(
            normalised("Django_Rest.-Framework"),
            "django-rest-framework"
        );
    }
}
