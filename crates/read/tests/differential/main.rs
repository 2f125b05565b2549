//! The proof of the settings evaluator: what it says of settings packages is compared, name by
//! name, with what a real Django makes of them.
//!
//! Every folder of `tests/settings` holds a project and `cases.toml`, which names the settings
//! module, the Django versions and the environments. Each environment is judged twice: as given
//! (closed: variables that are not listed are unset), and by an evaluation that was told no
//! environment at all (open), which must leave room for what every environment really gives.
//!
//! `./test` makes the virtual environments. With `TIGHTSHIP_UPDATE=1` the figures are written to
//! `docs/accuracy.md`; without, they are compared with it.

mod cases;
mod compare;
mod figures;
#[path = "../real/mod.rs"]
mod real;
mod reality;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tightship_model::Deployment;
use tightship_read::{Options, read};

use cases::{Environment, Package};
use figures::{Figures, Pass};

#[test]
#[expect(clippy::print_stdout, reason = "the figures are what the test is for")]
fn settings_are_what_django_makes_of_them() {
    let packages = cases::load(&tests_folder().join("settings"));
    assert!(
        packages.len() >= 44,
        "only {} settings packages",
        packages.len()
    );
    let venvs = reality::venvs();
    let realities = reality::import_all(&venvs, &packages);

    let mut figures = Figures::default();
    for package in &packages {
        let mut open = BTreeMap::new();
        for environment in &package.environments {
            let module = environment.settings_module(package);
            let closed = evaluate(package, module, Some(environment));
            let open = open
                .entry(module)
                .or_insert_with(|| evaluate(package, module, None));
            for venv in venvs.iter().filter(|venv| package.runs_on(venv.version)) {
                let real = &realities[&(venv.name, package.name.clone(), environment.name.clone())];
                for (pass, read) in [(Pass::Closed, &closed), (Pass::Open, &*open)] {
                    for judgement in compare::settings(real, read, environment, package, pass) {
                        figures.add(&package.name, &environment.name, pass, judgement);
                    }
                }
            }
        }
    }

    println!("{}", figures.table());
    println!("{}", figures.not_known());
    figures.assert_accuracy();
    if reality::is_complete(&venvs) {
        figures.compare_with_docs(&repository().join("docs/accuracy.md"));
    }
}

/// Every project is a real one: Django imports it, and stops exactly where `cases.toml` says so.
#[test]
fn projects_import_in_django() {
    let packages = cases::load(&tests_folder().join("settings"));
    let realities = reality::import_all(&reality::venvs(), &packages);
    let mut surprises = Vec::new();
    for ((venv, package, environment), real) in &realities {
        let stops = packages
            .iter()
            .filter(|other| other.name == *package)
            .any(|package| package.stops.contains(environment));
        match real {
            Err(error) if !stops => {
                surprises.push(format!("{venv} {package} [{environment}]: {error}"));
            }
            Ok(_) if stops => surprises.push(format!(
                "{venv} {package} [{environment}] was to stop and did not"
            )),
            _ => {}
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// The project as the evaluator sees it.
fn evaluate(package: &Package, module: &str, environment: Option<&Environment>) -> Deployment {
    // A file of no variables: what is not given is not set.
    let nothing = tempfile::NamedTempFile::new().expect("a file");
    let options = Options {
        settings: Some(module.to_owned()),
        env_file: environment.map(|_| nothing.path().to_owned()),
        env: environment
            .map(|environment| environment.all_variables(package))
            .unwrap_or_default(),
        ..Options::default()
    };
    read(&package.project, &options).unwrap_or_else(|error| panic!("{}: {error}", package.name))
}

fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
