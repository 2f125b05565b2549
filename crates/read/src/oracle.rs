//! Tests ask the real packages, in the virtual environments that `./test` makes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Runs a script of `tests/oracles/` with one JSON text in and one out.
pub(crate) fn ask(script: &str, question: &Value) -> Value {
    let python = Command::new(tightship_testbed::python("django52"));
    run(python, script, question)
}

/// Asks the modules of the real `docker-compose`, with the interpreter that it runs on and without
/// any variable of this process.
pub(crate) fn ask_docker_compose(question: &Value) -> Value {
    let program = tightship_testbed::program("docker-compose");
    let text = std::fs::read_to_string(program).expect("docker-compose is a Python program");
    let first = text.lines().next().and_then(|line| line.strip_prefix("#!"));
    let mut python = Command::new(first.expect("it names its interpreter").trim());
    python.env_clear();
    python.env("HOME", "/home/somebody");
    run(python, "docker_compose.py", question)
}

fn run(mut python: Command, script: &str, question: &Value) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut child = python
        .arg(root.join("tests/oracles").join(script))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(question.to_string().as_bytes())
        .expect("the question is taken");
    drop(stdin);
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "{script} failed");
    serde_json::from_slice(&output.stdout).expect("an answer in JSON")
}

/// `1.2.4` as three numbers.
pub(crate) fn version(text: &Value) -> (u32, u32, u32) {
    let text = text.as_str().expect("a version");
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}
