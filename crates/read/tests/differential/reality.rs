//! What a real Django says, asked through `dump.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::cases::Package;
use crate::real::Real;

/// What an import gave, or the error with which it ended.
pub(crate) type Imported = Result<Overridden, String>;

/// Every overridden setting.
#[derive(Deserialize)]
pub(crate) struct Overridden {
    pub(crate) settings: BTreeMap<String, Real>,
    /// Names among them that hold Django's default and need not be stated: django-configurations
    /// copies all defaults into its base class.
    pub(crate) inherited: BTreeSet<String>,
}

/// What was imported, by venv, package and environment.
pub(crate) type Realities = BTreeMap<(&'static str, String, String), Imported>;

/// A virtual environment with one minor version of Django.
pub(crate) struct Venv {
    pub(crate) name: &'static str,
    pub(crate) version: (u32, u32),
    python: PathBuf,
}

const VENVS: [(&str, (u32, u32)); 4] = [
    ("django42", (4, 2)),
    ("django52", (5, 2)),
    ("django60", (6, 0)),
    ("django61", (6, 1)),
];

/// The virtual environments. `TIGHTSHIP_SKIPPED_VENVS`, set by `./test`, names those that this
/// machine cannot have; any other that is missing is a failure.
pub(crate) fn venvs() -> Vec<Venv> {
    VENVS
        .into_iter()
        .filter_map(|(name, version)| {
            let python = tightship_testbed::python_unless_skipped(name)?;
            Some(Venv {
                name,
                version,
                python,
            })
        })
        .collect()
}

/// Whether no virtual environment was skipped.
pub(crate) fn is_complete(venvs: &[Venv]) -> bool {
    venvs.len() == VENVS.len()
}

/// Imports every package in every environment in every Django that it is for.
pub(crate) fn import_all(venvs: &[Venv], packages: &[Package]) -> Realities {
    std::thread::scope(|scope| {
        let imports: Vec<_> = venvs
            .iter()
            .map(|venv| scope.spawn(|| import(venv, packages)))
            .collect();
        imports
            .into_iter()
            .flat_map(|import| import.join().expect("dump.py answers"))
            .collect()
    })
}

fn import(venv: &Venv, packages: &[Package]) -> Realities {
    let cases: Vec<_> = packages
        .iter()
        .filter(|package| package.runs_on(venv.version))
        .flat_map(|package| package.environments.iter().map(move |env| (package, env)))
        .collect();
    let jobs: Vec<_> = cases
        .iter()
        .map(|(package, environment)| {
            serde_json::json!({
                "project": package.project,
                "settings": environment.settings_module(package),
                "importer": package.importer,
                "environment": environment
                    .all_variables(package)
                    .into_iter()
                    .collect::<BTreeMap<_, _>>(),
            })
        })
        .collect();
    let answers = dump(venv, &serde_json::Value::from(jobs).to_string());
    assert_eq!(
        answers.len(),
        cases.len(),
        "{}: one answer for each job",
        venv.name
    );
    cases
        .into_iter()
        .zip(answers)
        .map(|((package, environment), imported)| {
            let key = (venv.name, package.name.clone(), environment.name.clone());
            (key, imported)
        })
        .collect()
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Overridden(Overridden),
    Error { error: String },
}

fn dump(venv: &Venv, jobs: &str) -> Vec<Imported> {
    let mut child = Command::new(&venv.python)
        .arg(crate::tests_folder().join("dump.py"))
        .env_clear()
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", venv.python.display()));
    // dump.py reads all jobs before it writes the first answer, so this cannot block for ever.
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(jobs.as_bytes())
        .expect("dump.py reads its jobs");
    drop(stdin);
    let output = child.wait_with_output().expect("dump.py ends");
    assert!(output.status.success(), "{}: dump.py failed", venv.name);
    String::from_utf8(output.stdout)
        .expect("JSON is UTF-8")
        .lines()
        .map(|line| match serde_json::from_str(line).expect(line) {
            Answer::Overridden(overridden) => Ok(overridden),
            Answer::Error { error } => Err(error),
        })
        .collect()
}
