//! The file sets that commands of the project name: `docker compose -f a.yml -f b.yml up`.

use tightship_model::{Span, Trail};

use super::files::is_development_name;
use crate::command::words;
use crate::files::{Tree, join, normal, parent};

/// Files that are searched for commands at most, those nearest to the root first.
const MOST_FILES: usize = 200;

/// Larger ones are no scripts and no guides that a person wrote.
const LARGEST_FILE: usize = 512 * 1024;

/// The set that a command or COMPOSE_FILE names, where it is one of production: it takes in all of
/// `chosen` (the set by name) and nothing of the developers'.
pub(super) fn named_set(tree: &mut Tree, chosen: &[String]) -> Option<(Vec<String>, Trail)> {
    let mut best: Option<Found> = None;
    for path in searched(tree) {
        let Ok(text) = tree.load(&path) else { continue };
        if text.len() > LARGEST_FILE || !is_promising(&text) {
            continue;
        }
        for found in in_text(tree, &path, &text) {
            let takes_chosen = chosen.iter().all(|path| found.files.contains(path));
            let is_production = found.files.len() > 1
                && takes_chosen
                && !found.files.iter().any(|path| is_development_name(path));
            if is_production
                && best
                    .as_ref()
                    .is_none_or(|best| best.files.len() < found.files.len())
            {
                best = Some(found);
            }
        }
    }
    let best = best.filter(|best| best.files != chosen)?;
    let source = tree.read(&best.path)?;
    let span = Span::new(source, best.range.start as u32, best.range.end as u32);
    let text = format!("names {} as one set", best.files.join(" and "));
    Some((best.files, Trail::at(span, text)))
}

/// Where a command of the project starts `production` alone, and none starts it together with others.
pub(super) fn named_alone(tree: &mut Tree, production: &str) -> Option<Trail> {
    let mut first: Option<Found> = None;
    for path in searched(tree) {
        let Ok(text) = tree.load(&path) else { continue };
        if text.len() > LARGEST_FILE || !is_promising(&text) {
            continue;
        }
        for found in in_text(tree, &path, &text) {
            if !found.files.iter().any(|file| file == production) {
                continue;
            }
            if found.files.len() > 1 {
                return None;
            }
            let starts = [" up", " pull", "stack deploy"];
            let line = &text[found.range.clone()];
            if first.is_none() && starts.iter().any(|word| line.contains(word)) {
                first = Some(found);
            }
        }
    }
    let found = first?;
    let source = tree.read(&found.path)?;
    let span = Span::new(source, found.range.start as u32, found.range.end as u32);
    Some(Trail::at(span, format!("starts {production} alone")))
}

struct Found {
    files: Vec<String>,
    path: String,
    range: std::ops::Range<usize>,
}

/// Scripts, Makefiles, units, workflows, guides and `.env`.
fn searched(tree: &Tree) -> Vec<String> {
    let is_searched = |path: &&str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        matches!(ending, "sh" | "bash" | "mk" | "service" | "md" | "rst")
            || matches!(
                stem,
                "Makefile" | "makefile" | "justfile" | "Justfile" | "Taskfile"
            )
            || name == ".env"
            || path.starts_with(".github/workflows/")
            || name == ".gitlab-ci.yml"
            || ending.is_empty() && matches!(name, "deploy" | "start" | "update" | "release")
    };
    let mut paths: Vec<String> = tree
        .files()
        .filter(is_searched)
        .map(str::to_owned)
        .collect();
    paths.sort_by_key(|path| path.matches('/').count());
    paths.truncate(MOST_FILES);
    paths
}

fn is_promising(text: &str) -> bool {
    text.contains("COMPOSE_FILE")
        || (text.contains("docker compose")
            || text.contains("docker-compose")
            || text.contains("docker stack deploy"))
            && (text.contains(" -f") || text.contains(" --file") || text.contains(" -c"))
}

/// The sets that a text names, with the place of each line. Paths are sought beside the file and
/// below the root.
fn in_text(tree: &Tree, path: &str, text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.trim_end().len();
        start += line.len();
        let written = match of_variable(line) {
            Some(files) => files,
            None => of_command(line),
        };
        let files = [parent(path), ""].into_iter().find_map(|folder| {
            let resolve =
                |file: &String| normal(&join(folder, file)).filter(|path| tree.has_file(path));
            written.iter().map(resolve).collect::<Option<Vec<String>>>()
        });
        if let Some(files) = files.filter(|files| !files.is_empty()) {
            found.push(Found {
                files,
                path: path.to_owned(),
                range,
            });
        }
    }
    found
}

/// `COMPOSE_FILE=a.yml:b.yml`.
fn of_variable(line: &str) -> Option<Vec<String>> {
    let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
    let value = line.strip_prefix("COMPOSE_FILE")?.trim_start();
    let value = value
        .strip_prefix(['=', ':'])?
        .trim()
        .trim_matches(['"', '\'']);
    Some(value.split([':', ';', ',']).map(str::to_owned).collect())
}

/// The values of `-f` and `--file` of `docker compose`, and of `-c` of `docker stack deploy`.
fn of_command(line: &str) -> Vec<String> {
    let Some(at) = ["docker compose", "docker-compose", "docker stack deploy"]
        .iter()
        .find_map(|program| line.find(program))
    else {
        return Vec::new();
    };
    let mut files = Vec::new();
    let line = line[at..].trim_end_matches(['`', '\\']);
    let words = words(line);
    let mut words = words.iter().map(|word| word.trim_matches('`'));
    while let Some(word) = words.next() {
        match word {
            "-f" | "--file" | "-c" | "--compose-file" => {
                files.extend(words.next().map(str::to_owned));
            }
            _ => {
                let value = word.strip_prefix("--file=").or_else(|| {
                    let short = word.strip_prefix("-f")?;
                    short.ends_with("ml").then_some(short)
                });
                files.extend(value.map(str::to_owned));
            }
        }
    }
    files
}
