//! The settings packages and the environments in which they are judged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Variables of every environment: what a process manager leaves of the user's.
const EVERYWHERE: [(&str, &str); 2] = [
    ("HOME", "/srv/app"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
];

/// A folder of `tests/settings`.
pub(crate) struct Package {
    pub(crate) name: String,
    /// The folder of manage.py.
    pub(crate) project: PathBuf,
    pub(crate) settings: String,
    /// `configurations` where its importer must be installed before the settings are imported.
    pub(crate) importer: Option<String>,
    /// First and last Django version, both included.
    django: [(u32, u32); 2],
    pub(crate) environments: Vec<Environment>,
    /// Environments in which the program stops with an error while it imports its settings.
    pub(crate) stops: Vec<String>,
}

/// Named environment variables.
pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) variables: BTreeMap<String, String>,
}

impl Package {
    pub(crate) fn runs_on(&self, version: (u32, u32)) -> bool {
        self.django[0] <= version && version <= self.django[1]
    }
}

impl Environment {
    /// An environment may name a settings module of its own.
    pub(crate) fn settings_module<'a>(&'a self, package: &'a Package) -> &'a str {
        self.variables
            .get("DJANGO_SETTINGS_MODULE")
            .unwrap_or(&package.settings)
    }

    pub(crate) fn all_variables(&self, package: &Package) -> Vec<(String, String)> {
        let module = self.settings_module(package);
        EVERYWHERE
            .into_iter()
            .chain([("DJANGO_SETTINGS_MODULE", module)])
            .chain(
                self.variables
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str())),
            )
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect()
    }
}

/// All packages below `folder`, by name.
pub(crate) fn load(folder: &Path) -> Vec<Package> {
    let mut packages: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of the settings packages")
        .map(|entry| package(&entry.expect("a readable folder").path()))
        .collect();
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    packages
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CasesFile {
    settings: String,
    importer: Option<String>,
    #[serde(default = "oldest")]
    min: String,
    #[serde(default = "newest")]
    max: String,
    #[serde(default)]
    stops: Vec<String>,
    environments: BTreeMap<String, BTreeMap<String, String>>,
}

fn oldest() -> String {
    "4.2".to_owned()
}

fn newest() -> String {
    "6.1".to_owned()
}

fn package(folder: &Path) -> Package {
    let name = folder
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let text = std::fs::read_to_string(folder.join("cases.toml"))
        .unwrap_or_else(|error| panic!("{name}/cases.toml: {error}"));
    let file: CasesFile =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{name}/cases.toml: {error}"));
    for stop in &file.stops {
        assert!(
            file.environments.contains_key(stop),
            "{name}: no environment {stop}"
        );
    }
    assert!(
        file.environments.len() >= 2,
        "{name}: at least two environments"
    );
    Package {
        project: folder
            .join("project")
            .canonicalize()
            .unwrap_or_else(|error| panic!("{name}/project: {error}")),
        settings: file.settings,
        importer: file.importer,
        django: [file.min, file.max].map(|version| version_numbers(&version)),
        environments: file
            .environments
            .into_iter()
            .map(|(name, variables)| Environment { name, variables })
            .collect(),
        stops: file.stops,
        name,
    }
}

/// `5.2` as numbers.
fn version_numbers(version: &str) -> (u32, u32) {
    let (major, minor) = version.split_once('.').expect("major.minor");
    (
        major.parse().expect("a number"),
        minor.parse().expect("a number"),
    )
}
