//! What start scripts and command lines add to the environment before the server starts.

use std::collections::BTreeMap;

use tightship_model::{Environment, Link, SourceId, Span, Traced, Trail, Value};

use super::{hide, link};
use crate::dotenv::{self, Assignment, Dialect, First, Variable};
use crate::env_file;
use crate::files::Tree;
use crate::process::Process;

/// Adds what the scripts of the process export, then what stands before its commands.
pub(super) fn add(tree: &mut Tree, environment: &mut Environment, process: &Process) {
    for path in &process.scripts {
        if let Some(source) = tree.read(path) {
            Script {
                source,
                tree,
                environment,
                locals: BTreeMap::new(),
                exports_all: false,
                guard: String::new(),
            }
            .run();
        }
    }
    // The words of a script are its lines, which were read above.
    let own = process
        .commands
        .iter()
        .take(process.commands.len().saturating_sub(process.scripts.len()));
    for command in own {
        for (name, value) in command.variables() {
            let trail = Trail::at(command.span, format!("starts with {name}"));
            if value.contains(['$', '`']) {
                environment.variables.remove(name);
                environment.passed.insert(name.to_owned(), trail);
            } else {
                let value = crate::interpolate::text_value(name, value.to_owned());
                hide(tree, command.span, &value);
                environment.passed.remove(name);
                environment
                    .variables
                    .insert(name.to_owned(), Traced::new(value, trail));
            }
        }
    }
}

struct Script<'a> {
    source: SourceId,
    tree: &'a mut Tree,
    environment: &'a mut Environment,
    /// Variables of the script that it does not export.
    locals: BTreeMap<String, String>,
    /// After `set -a`.
    exports_all: bool,
    /// The nearest `if` above.
    guard: String,
}

impl Script<'_> {
    fn run(mut self) {
        let text = self.tree.text(self.source).to_owned();
        let mut offset = 0u32;
        for raw in text.split_inclusive('\n') {
            self.line(raw, offset);
            offset += raw.len() as u32;
        }
    }

    fn line(&mut self, raw: &str, offset: u32) {
        let line = raw.trim();
        if line.starts_with("if ") {
            line.clone_into(&mut self.guard);
        }
        if matches!(line, "set -a" | "set -o allexport") {
            self.exports_all = true;
        }
        let sourced = line
            .strip_prefix(". ")
            .or_else(|| line.strip_prefix("source "));
        if let Some(file) = sourced.map(|file| file.trim().trim_matches(['"', '\'']))
            // Scripts are followed, and a virtual environment sets nothing that settings read.
            && !file.ends_with(".sh")
            && !file.ends_with("/bin/activate")
        {
            self.leave_open(offset, &format!("sources {file}"));
        }
        let exported = line.strip_prefix("export ").map(str::trim_start);
        if exported.is_some_and(|rest| rest.starts_with(['$', '`'])) {
            self.leave_open(offset, "exports what a command prints");
            return;
        }
        let start = raw.len() - raw.trim_start().len();
        let written = &raw[start..];
        let is_assignment = written
            .split_once('=')
            .is_some_and(|(name, _)| is_name(name));
        if exported.is_some() || is_assignment {
            self.assign(
                written,
                offset + start as u32,
                exported.is_some(),
                start > 0,
            );
        }
    }

    fn assign(&mut self, written: &str, offset: u32, is_exported: bool, is_conditional: bool) {
        let document = dotenv::parse(self.source, written, Dialect::Shell);
        let assignments = document.assignments(First::File, &|name| self.variable(name));
        for assignment in assignments {
            let known = self.environment.variables.contains_key(&assignment.name)
                || self.environment.passed.contains_key(&assignment.name);
            if !(is_exported || self.exports_all || known) {
                if let Some((_, dotenv::Text::Known(text))) = assignment.value {
                    self.locals.insert(assignment.name, text);
                }
            } else if is_conditional {
                self.perhaps(assignment, offset);
            } else {
                self.set(assignment, written, offset);
            }
        }
    }

    /// A variable that a branch sets: `if [ -z "$NAME" ]` leaves one alone that is set already.
    fn perhaps(&mut self, assignment: Assignment, offset: u32) {
        let name = assignment.name;
        let fills_in = self.guard.contains("-z") && self.guard.contains(&name);
        let known = self.environment.variables.get(&name);
        if fills_in && known.and_then(|known| known.value.truthy()) == Some(true) {
            return;
        }
        let trail = Trail::at(shifted(assignment.key, offset), format!("may set {name}"));
        self.environment.variables.remove(&name);
        self.environment.passed.insert(name, trail);
    }

    fn set(&mut self, assignment: Assignment, written: &str, offset: u32) {
        let name = assignment.name;
        // `export NAME` hands on what the script set before.
        let (span, text) = match assignment.value {
            Some((span, text)) => (span, text),
            None => match self.locals.get(&name) {
                Some(local) => (assignment.key, dotenv::Text::Known(local.clone())),
                None => return,
            },
        };
        let mut links = vec![link(
            shifted(assignment.key, offset),
            format!("sets {name}"),
        )];
        links.extend(self.links_of(written));
        let value = env_file::value(&name, text, Trail::new(links));
        hide(self.tree, shifted(span, offset), &value.value);
        self.environment.passed.remove(&name);
        self.environment.variables.insert(name, value);
    }

    /// The trails of the variables that a line refers to.
    fn links_of(&self, written: &str) -> Vec<Link> {
        let refers = |name: &str| {
            written.match_indices(name).any(|(at, _)| {
                let after = written[at + name.len()..].chars().next();
                written[..at].ends_with(['$', '{'])
                    && !after.is_some_and(|c| c == '_' || c.is_alphanumeric())
            })
        };
        let variables = self.environment.variables.iter();
        variables
            .filter(|(name, _)| refers(name))
            .flat_map(|(_, value)| value.trail.links().iter().cloned())
            .collect()
    }

    fn variable(&self, name: &str) -> Variable {
        match self
            .environment
            .variables
            .get(name)
            .map(|known| &known.value)
        {
            Some(Value::Environment(dependent)) => Variable::Open(dependent.variables.clone()),
            Some(Value::Unknown(unknown)) => Variable::Unknown(unknown.clone()),
            Some(value) => match value.as_str() {
                Some(text) => Variable::Set(text.to_owned()),
                None => Variable::Open(vec![name.to_owned()]),
            },
            None => match self.locals.get(name) {
                Some(text) => Variable::Set(text.clone()),
                None => Variable::Open(vec![name.to_owned()]),
            },
        }
    }

    fn leave_open(&mut self, offset: u32, what: &str) {
        let place = self.tree.place(Span::new(self.source, offset, offset));
        self.environment
            .incomplete
            .get_or_insert(format!("{place} {what}"));
    }
}

/// A place in one line as a place in the file.
fn shifted(span: Span, offset: u32) -> Span {
    Span::new(span.source, span.start + offset, span.end + offset)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
}
