//! What tightship takes and refuses, compared with what the real `nginx -t` (1.22.1) does.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rayon::prelude::*;
use tightship_model::nginx::Problem;

/// Each case carries the answer that is expected of both.
#[test]
fn the_real_nginx_takes_and_refuses_the_same() {
    let cases: Vec<Case> = CASES.lines().filter_map(Case::parse).collect();
    assert!(cases.len() >= 300, "{} cases", cases.len());
    let wrong: Vec<String> = cases.par_iter().filter_map(Case::disagreement).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

const CASES: &str = include_str!("acceptance.txt");

struct Case {
    line: &'static str,
    is_taken: bool,
    text: String,
}

impl Case {
    fn parse(line: &'static str) -> Option<Self> {
        let (mark, rest) = line.split_once(' ')?;
        let is_taken = match mark {
            "+" => true,
            "-" => false,
            _ => return None,
        };
        let (around, text) = rest.split_once(' ')?;
        let text = text
            .replace("\\\\", "\u{0}")
            .replace("\\n", "\n")
            .replace("\\t", "\t")
            .replace("\\r", "\r")
            .replace('\u{0}', "\\");
        let text = match around {
            "whole" => text,
            "http" => format!("events {{}} http {{\n{text}\n}}"),
            "server" => format!("events {{}} http {{ server {{\n{text}\n}} }}"),
            "location" => format!("events {{}} http {{ server {{ location / {{\n{text}\n}} }} }}"),
            other => panic!("no such block: {other}"),
        };
        Some(Self {
            line,
            is_taken,
            text,
        })
    }

    fn disagreement(&self) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nginx.conf");
        fs::write(&file, &self.text).unwrap();
        let refusal = refusal_of_nginx(&file);
        let problems = problems(&file);
        let first = problems.first().map(|problem| problem.message.as_str());
        let agree = refusal.is_none() == self.is_taken && first.is_none() == self.is_taken;
        (!agree).then(|| {
            format!(
                "{}\n    nginx: {refusal:?}\n    here:  {first:?}",
                self.line
            )
        })
    }
}

/// What the release that is installed would refuse, as tightship has it.
pub(crate) fn problems(file: &Path) -> Vec<Problem> {
    let mut deployment = tightship_read::nginx_configuration(file).unwrap();
    let configuration = Arc::make_mut(&mut deployment.nginx.configurations[0]);
    configuration.version = Some((1, 22, 1));
    configuration.problems()
}

/// Why the real nginx refuses a file; `None` where it takes it. What comes after its "syntax is ok"
/// is the machine's (ports, folders, rights) but for what stands in `LATE`.
pub(crate) fn refusal_of_nginx(file: &Path) -> Option<String> {
    let output = Command::new(tightship_testbed::program("nginx"))
        .args(["-t", "-e", "stderr", "-p"])
        .arg(file.parent().unwrap())
        .arg("-c")
        .arg(file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    const LATE: [&str; 2] = ["zero size shared memory zone", "no \"events\" section"];
    let is_taken = said.contains("syntax is ok") && !LATE.iter().any(|late| said.contains(late));
    (!is_taken).then(|| {
        said.lines()
            .find(|line| line.contains("[emerg]"))
            .unwrap_or("nothing")
            .to_owned()
    })
}
