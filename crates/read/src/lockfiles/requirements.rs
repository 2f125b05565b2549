//! `requirements.txt` and its kin, as pip reads them.

use tightship_model::{Gap, Span};

use super::{Collected, specifier};
use crate::files::{Tree, join, normal};

/// Files that `-r` may lead through.
const MOST_INCLUDES: usize = 50;

/// The files to read, production before everything else.
///
/// Those that production installs; else all of the nearest folder that has any, without the ones
/// for development unless there are no others.
pub(super) fn choose(tree: &Tree, folders: &[String], installed: &[String]) -> Vec<String> {
    let mut chosen: Vec<String> = installed
        .iter()
        .filter(|path| tree.has_file(path))
        .cloned()
        .collect();
    let near = folders
        .iter()
        .map(|folder| in_folder(tree, folder))
        .find(|found| !found.is_empty());
    let mut found = near.unwrap_or_else(|| {
        let mut all: Vec<String> = tree
            .files()
            .filter(|path| use_of(path).is_some())
            .map(str::to_owned)
            .collect();
        all.sort_by_key(|path| path.matches('/').count());
        all
    });
    found.sort_by_key(|path| use_of(path));
    if found
        .iter()
        .any(|path| use_of(path) != Some(Use::Development))
    {
        found.retain(|path| use_of(path) != Some(Use::Development));
    }
    for path in found {
        if !chosen.contains(&path) {
            chosen.push(path);
        }
    }
    chosen
}

/// Reads a file and those that it includes.
pub(super) fn read(tree: &mut Tree, path: &str, packages: &mut Collected) {
    let mut queue = vec![path.to_owned()];
    let mut seen = Vec::new();
    while let Some(path) = queue.pop() {
        if seen.contains(&path) || seen.len() >= MOST_INCLUDES {
            continue;
        }
        seen.push(path.clone());
        let Some(source) = tree.read(&path) else {
            continue;
        };
        let mut missing = Vec::new();
        for line in lines(tree.text(source)) {
            if let Some(included) = included(&line.text) {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                match normal(&join(folder, included)) {
                    Some(included) if tree.has_file(&included) => queue.insert(0, included),
                    _ => missing.push((line.start, included.to_owned())),
                }
                continue;
            }
            let text = without_options(&line.text);
            if let Some(found) = specifier::parse(text) {
                let end = line.start + text.trim_end().len() as u32;
                let span = Span::new(source, line.start, end.min(line.end));
                packages.add(&found.name, found.version, found.text, span);
            }
        }
        for (start, included) in missing {
            let place = tree.place(Span::new(source, start, start));
            tree.add_gap(Gap {
                place,
                reason: format!("includes {included}, which is not here"),
                lost: "packages that only that file names are not known".to_owned(),
            });
        }
    }
}

/// What a requirements file is for, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    Production,
    Locked,
    Any,
    Development,
}

fn use_of(path: &str) -> Option<Use> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let name = name.to_ascii_lowercase();
    let in_requirements = folder
        .rsplit('/')
        .next()
        .is_some_and(|last| matches!(last, "requirements" | "reqs" | "requires"));
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    if !matches!(ending, "txt" | "in" | "pip" | "lock" | "")
        || !(in_requirements || stem.contains("requirements"))
    {
        return None;
    }
    let has = |words: &[&str]| {
        stem.split(['-', '_', '.'])
            .any(|word| words.contains(&word))
    };
    Some(
        if has(&[
            "dev",
            "develop",
            "development",
            "test",
            "tests",
            "testing",
            "local",
            "ci",
            "docs",
            "doc",
            "lint",
            "debug",
            "extra",
            "optional",
        ]) {
            Use::Development
        } else if has(&["prod", "production", "deploy", "live", "server"]) {
            Use::Production
        } else if ending == "in" {
            Use::Any
        } else {
            Use::Locked
        },
    )
}

fn in_folder(tree: &Tree, folder: &str) -> Vec<String> {
    tree.files()
        .filter(|path| {
            let inner = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let is_near = inner == folder
                || ["requirements", "reqs", "requires"]
                    .iter()
                    .any(|name| inner == join(folder, name));
            is_near && use_of(path).is_some()
        })
        .map(str::to_owned)
        .collect()
}

/// A logical line: continued lines joined, comments taken away.
struct Line {
    text: String,
    start: u32,
    end: u32,
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut pending: Option<Line> = None;
    let mut offset = 0u32;
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len() as u32;
        let body = raw.trim_end_matches(['\n', '\r']);
        let continued = body.ends_with('\\');
        let body = body.strip_suffix('\\').unwrap_or(body);
        let body = uncommented(body);
        let indent = (body.len() - body.trim_start().len()) as u32;
        let line = pending.get_or_insert_with(|| Line {
            text: String::new(),
            start: start + indent,
            end: start,
        });
        line.text.push_str(if line.text.is_empty() {
            body.trim_start()
        } else {
            body
        });
        line.end = start + body.trim_end().len() as u32;
        if !continued {
            lines.extend(pending.take());
        }
    }
    lines.extend(pending);
    lines.retain(|line| !line.text.trim().is_empty());
    lines
}

/// pip takes `#` for a comment at the beginning of a line or after white space.
fn uncommented(line: &str) -> &str {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return &line[..at];
        }
        before = c;
    }
    line
}

/// The file that a line includes: requirements, or constraints that pin what is asked for.
fn included(line: &str) -> Option<&str> {
    ["-r", "--requirement", "-c", "--constraint"]
        .iter()
        .filter_map(|option| line.strip_prefix(option))
        .find(|rest| {
            rest.starts_with([' ', '=', '\t']) || line.starts_with("-r") && !line.starts_with("--")
        })
        .map(|rest| rest.trim_start_matches('=').trim())
        .filter(|path| !path.is_empty())
}

fn without_options(line: &str) -> &str {
    let line = ["-e ", "--editable ", "--editable="]
        .iter()
        .find_map(|option| line.strip_prefix(option))
        .unwrap_or(line);
    let end = line.find(" --").unwrap_or(line.len());
    line[..end].trim()
}
