//! A project in a folder, the environments in which it is run, and what is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tightship_model::{Deployment, Settings, Value};
use tightship_read::{Options, read};

use crate::agreement::agree;
use crate::python::{Outcome, Python};
use crate::real::Real;

/// The environments in which each program is run.
const WORLDS: [&[(&str, &str)]; 9] = [
    &[],
    &[("FLAG", "1")],
    &[("FLAG", ""), ("MODE", "b")],
    &[("MODE", "a"), ("N", "3")],
    &[("FLAG", "1"), ("MODE", "b"), ("N", "0"), ("NAMES", "x,y")],
    &[("NAMES", "")],
    &[("N", "many"), ("MODE", "other")],
    &[("FLAG", "0"), ("N", "1"), ("NAMES", "z")],
    &[("MODE", "b"), ("N", "2"), ("NAMES", "x,x,a")],
];

pub(crate) struct Laboratory {
    root: PathBuf,
    folder: tempfile::TempDir,
    python: Option<Python>,
}

impl Laboratory {
    pub(crate) fn with_python() -> Self {
        Self {
            python: Some(Python::start()),
            ..Self::alone()
        }
    }

    pub(crate) fn alone() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("project");
        std::fs::create_dir(&root).expect("its folder");
        std::fs::write(root.join("manage.py"), "import django\n").expect("a file is written");
        Self {
            root,
            folder,
            python: None,
        }
    }

    /// Whether the evaluations of a program agree with each other and with Python.
    pub(crate) fn compare(&self, main: &str, other: &str) -> Result<(), String> {
        for (name, text) in [("settings.py", main), ("other.py", other)] {
            std::fs::write(self.root.join(name), text).expect("a file is written");
        }
        let outcomes = match &self.python {
            Some(python) => python.run(&self.root, main, other, &WORLDS),
            None => WORLDS.iter().map(|_| None).collect(),
        };
        let open = self.read(None);
        let promised = Promised {
            open: open.settings.as_ref().expect("settings"),
            unset: open.settings_unset.as_ref().expect("settings"),
        };
        // An evaluation costs more than a run of Python, so that not all worlds get one.
        let chosen = main.len() % (WORLDS.len() - 1) + 1;
        for (number, (world, outcome)) in WORLDS.iter().zip(outcomes).enumerate() {
            let is_evaluated = outcome.is_none() || number == 0 || number == chosen;
            let compared = match outcome {
                Some(Outcome::Names(names)) if !is_evaluated => {
                    promised.hold(&real_values(&names), &variables(world))
                }
                Some(Outcome::Error(())) => Ok(()),
                outcome => self.compare_in(world, outcome, &promised),
            };
            compared.map_err(|why| format!("in {world:?}: {why}"))?;
        }
        Ok(())
    }

    /// A program, and what it imports, without the lines that their disagreement does not need.
    pub(crate) fn reduced(&self, main: String, other: String, why: String) -> [String; 3] {
        const SECONDS: u64 = 60;
        let end = Instant::now() + Duration::from_secs(SECONDS);
        let mut found = [main, other, why];
        for part in [0, 1] {
            let mut at = found[part].lines().count();
            while at > 0 && Instant::now() < end {
                at -= 1;
                for shorter in without_line(&found[part], at) {
                    let mut tried = found.clone();
                    tried[part] = shorter;
                    if let Err(still) = self.compare(&tried[0], &tried[1]) {
                        tried[2] = still;
                        found = tried;
                        break;
                    }
                }
            }
        }
        found
    }

    fn compare_in(
        &self,
        world: &[(&str, &str)],
        outcome: Option<Outcome>,
        promised: &Promised<'_>,
    ) -> Result<(), String> {
        let there = self.read(Some(world));
        let evaluated = there.settings.as_ref().expect("settings");
        let stops = |gap: &tightship_model::Gap| gap.reason.starts_with("the program stops");
        let stops = there.gaps.iter().find(|gap| stops(gap));
        let set = variables(world);
        match outcome {
            Some(Outcome::Error(())) => Ok(()),
            Some(Outcome::Names(names)) => {
                if let Some(stops) = stops {
                    return Err(format!("{}, but it does not", stops.reason));
                }
                let names = real_values(&names);
                agree(evaluated, &names, &set).map_err(|why| format!("evaluated there, {why}"))?;
                promised.hold(&names, &set)
            }
            None if stops.is_some() => Ok(()),
            None => {
                let names = evaluated.overridden.iter();
                let names = names.map(|(name, value)| (name.clone(), value.value.clone()));
                promised.hold(&names.collect(), &set)
            }
        }
    }

    fn read(&self, world: Option<&[(&str, &str)]>) -> Deployment {
        let env_file = world.map(|world| {
            let mut lines = String::new();
            for (name, value) in world {
                writeln!(lines, "{name}={value}").expect("a text takes it");
            }
            let path = self.folder.path().join("world.env");
            std::fs::write(&path, lines).expect("a file is written");
            path
        });
        let options = Options {
            settings: Some("settings".to_owned()),
            env_file,
            ..Options::default()
        };
        read(&self.root, &options).expect("a project")
    }
}

fn variables<'w>(world: &[(&'w str, &'w str)]) -> BTreeSet<&'w str> {
    world.iter().map(|(name, _)| *name).collect()
}

fn real_values(names: &BTreeMap<String, Real>) -> BTreeMap<String, Value> {
    let names = names.iter();
    names
        .map(|(name, real)| (name.clone(), real.value()))
        .collect()
}

/// A program without one line: with the block under it, or with the block in its place.
fn without_line(program: &str, at: usize) -> Vec<String> {
    let lines: Vec<&str> = program.lines().collect();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let below = lines[at + 1..].iter();
    let block = below
        .take_while(|line| depth(line) > depth(lines[at]))
        .count();
    let (before, rest) = (&lines[..at], &lines[at + 1..]);
    let dedented = rest[..block].iter().map(|line| &line[4.min(depth(line))..]);
    let inside: Vec<&str> = before.iter().copied().chain(dedented).collect();
    let text = |lines: &[&str], more: &[&str]| [lines, more].concat().join("\n") + "\n";
    let mut shorter = vec![text(before, &rest[block..])];
    if block > 0 {
        shorter.push(text(&inside, &rest[block..]));
    }
    shorter
}

/// What is said with nothing known, and with all that has a default taken as unset.
struct Promised<'a> {
    open: &'a Settings,
    unset: &'a Settings,
}

impl Promised<'_> {
    fn hold(&self, real: &BTreeMap<String, Value>, set: &BTreeSet<&str>) -> Result<(), String> {
        agree(self.open, real, set)?;
        if set.is_empty() {
            agree(self.unset, real, set).map_err(|why| format!("taken as unset: {why}"))?;
        }
        Ok(())
    }
}
