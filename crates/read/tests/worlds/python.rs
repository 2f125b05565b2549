//! The real Python, which runs small programs through `run.py`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use tightship_model::{Cause, Dict, Items, Traced, Trail, Value};

use crate::real::Real;

/// A running interpreter.
pub(crate) struct Python(RefCell<Process>);

struct Process {
    child: Child,
    jobs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a program came to in one world.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Names(BTreeMap<String, Real>),
    Error(()),
}

impl Python {
    pub(crate) fn start() -> Self {
        Self(RefCell::new(Process::start()))
    }

    /// What `settings.py`, beside `other.py` in a folder, comes to in each world; `None` where it took too long.
    pub(crate) fn run(
        &self,
        root: &Path,
        main: &str,
        other: &str,
        worlds: &[&[(&str, &str)]],
    ) -> Vec<Option<Outcome>> {
        let worlds: Vec<BTreeMap<_, _>> = worlds
            .iter()
            .map(|world| world.iter().copied().collect())
            .collect();
        let files = BTreeMap::from([("settings", main), ("other", other)]);
        let job =
            serde_json::json!({"root": root, "files": files, "main": "settings", "worlds": worlds});
        let mut process = self.0.borrow_mut();
        writeln!(process.jobs, "{job}").expect("Python reads");
        let mut line = String::new();
        process.answers.read_line(&mut line).expect("Python writes");
        // A program that takes all memory may end Python itself.
        if line.is_empty() {
            *process = Process::start();
            return worlds.iter().map(|_| None).collect();
        }
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}\n{main}"))
    }
}

impl Process {
    fn start() -> Self {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/worlds/run.py");
        let mut child = Command::new(tightship_testbed::python("django52"))
            .args(["-I", "-B", program])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let jobs = child.stdin.take().expect("a pipe");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        Self {
            child,
            jobs,
            answers,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Real {
    /// The value as the model has it; what it has no form for is not known.
    pub(crate) fn value(&self) -> Value {
        let traced = |real: &Self| Traced::new(real.value(), Trail::default());
        let items = |items: &[Self]| Items {
            items: items.iter().map(traced).collect(),
            rest: None,
        };
        match self {
            Self::None(()) => Value::None,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(text) => match text.parse() {
                Ok(value) => Value::Int(value),
                Err(_) => Value::unknown(Cause::Bound, "an integer of many digits", None),
            },
            Self::Float(text) => Value::Float(text.parse().expect("a number")),
            Self::Str(text) => Value::Str(text.clone()),
            Self::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Self::Path(path) => Value::Path(path.clone()),
            Self::Timedelta(microseconds) => Value::Timedelta(*microseconds),
            Self::List(list) => Value::List(items(list)),
            Self::Tuple(list) => Value::Tuple(items(list)),
            Self::Set(list) => Value::Set(items(list)),
            Self::Dict(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, value)| (key.value(), traced(value)));
                Value::Dict(Dict {
                    entries: entries.collect(),
                    rest: None,
                })
            }
            Self::Object(class, _) | Self::Reference(class) | Self::Lazy(class, ..) => {
                Value::unknown(Cause::Code, class.clone(), None)
            }
        }
    }
}
