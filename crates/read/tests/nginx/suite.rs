//! The same on the test files of Gixy-Next: as they stand, and with the blocks around them that make
//! them whole.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::acceptance::{problems, refusal_of_nginx};

#[test]
fn the_files_of_gixy_next_are_taken_and_refused_the_same() {
    let suite = tightship_testbed::gixy_next(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let files = files(&suite.join("tests/plugins/simply"));
    assert_eq!(files.len(), 582);
    let compared: Vec<Compared> = files.par_iter().flat_map(|file| compare(file)).collect();
    let wrong: Vec<&str> = compared.iter().filter_map(Compared::difference).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        compared.len(),
        wrong.join("\n")
    );
    let whole = compared
        .iter()
        .filter(|one| matches!(one, Compared::Same))
        .count();
    assert!(whole >= 582, "only {whole} could be compared");
}

enum Compared {
    Same,
    /// nginx asks the machine for something that is not there.
    Machine,
    Different(String),
}

impl Compared {
    fn difference(&self) -> Option<&str> {
        match self {
            Self::Different(text) => Some(text),
            Self::Same | Self::Machine => None,
        }
    }
}

/// With more and more around the text, until nginx takes it.
fn compare(file: &Path) -> Vec<Compared> {
    let text = fs::read_to_string(file).unwrap();
    let around = [
        ("", ""),
        ("events {} ", ""),
        ("events {} http {\n", "\n}"),
        ("events {} http { server {\n", "\n} }"),
        ("events {} http { server { location / {\n", "\n} } }"),
    ];
    let mut compared = Vec::new();
    for (before, behind) in around {
        let (answer, is_taken) = compare_text(&format!("{before}{text}{behind}"), file);
        compared.push(answer);
        if is_taken {
            break;
        }
    }
    compared
}

fn compare_text(text: &str, file: &Path) -> (Compared, bool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nginx.conf");
    let mut text = text.to_owned();
    let refusal = loop {
        fs::write(&path, &text).unwrap();
        let refusal = refusal_of_nginx(&path);
        // Names of hosts that do not exist become an address, one after the other.
        let Some(host) = refusal.as_deref().and_then(unknown_host) else {
            break refusal;
        };
        let replaced = text.replace(host, "127.0.0.1");
        if replaced == text {
            break refusal;
        }
        text = replaced;
    };
    let problem = problems(&path).into_iter().next();
    let is_machines = |said: &String| MACHINE.iter().any(|part| said.contains(part));
    let compared = match (&refusal, &problem) {
        (Some(said), None) if is_machines(said) => Compared::Machine,
        (Some(_), Some(_)) | (None, None) => Compared::Same,
        _ => Compared::Different(format!(
            "{}\n{text}\n    nginx: {refusal:?}\n    here:  {problem:?}",
            file.display()
        )),
    };
    (compared, refusal.is_none())
}

fn unknown_host(said: &str) -> Option<&str> {
    let (_, behind) = said.split_once("host not found in ")?;
    let host = behind.split('"').nth(1)?.split(['/', ':']).next()?;
    (!host.is_empty()).then_some(host)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
    };
    let plugins = entries(folder).filter(|path| path.is_dir());
    let mut files: Vec<_> = plugins
        .flat_map(|plugin| entries(&plugin).collect::<Vec<_>>())
        .filter(|path| path.extension().is_some_and(|end| end == "conf"))
        .collect();
    files.sort();
    files
}

/// What nginx says where a file, a user or a module of the machine is missing. Debian has `stream`
/// and `mail` in packages of their own.
const MACHINE: [&str; 7] = [
    "cannot load certificate",
    "dlopen() ",
    "getpwnam(",
    "host not found",
    "open() ",
    "unknown directive \"mail\"",
    "unknown directive \"stream\"",
];
