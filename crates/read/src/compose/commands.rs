//! The file sets that commands of the project name: `docker compose -f a.yml -f b.yml up`.

use tightship_model::{Span, Trail};

use super::files::{is_development_name, is_production_name};
use crate::command::words;
use crate::files::{Tree, join, normal, parent};
use tightship_model::compose::Compose;

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

/// Whether a script, a workflow or a guide starts just this set on a server: a script or a target
/// called after that, a workflow that goes there by SSH, a chapter on it.
pub(crate) fn deployed_by(tree: &Tree, compose: &Compose) -> bool {
    let files = compose.files.iter();
    let own: Vec<&str> = files
        .map(|file| tree.sources()[*file].path.as_str())
        .collect();
    searched(tree).iter().any(|path| {
        let text = tree.load(path).unwrap_or_default();
        if text.len() > LARGEST_FILE || is_development_name(path) || !text.contains("docker") {
            return false;
        }
        let is_workflow = path.ends_with(".yml") || path.ends_with(".yaml");
        let mut is_of_server = match is_workflow {
            true => text.contains("ssh"),
            false => is_production_name(path),
        };
        let is_whole = is_of_server || is_workflow;
        let mut last = "";
        text.lines().any(|line| {
            if let Some(title) = title(path, line, last).filter(|_| !is_whole) {
                is_of_server = speaks_of_servers(title);
            }
            last = line;
            is_of_server && starts(tree, path, line, &own)
        })
    })
}

/// The title of the chapter, or the name of the target, that begins with a line.
fn title<'a>(path: &str, line: &'a str, last: &'a str) -> Option<&'a str> {
    if path.ends_with(".md") {
        return line.starts_with('#').then_some(line);
    }
    if path.ends_with(".rst") {
        let is_rule = line.len() > 3 && line.bytes().all(|byte| b"=-~^\"'*+#".contains(&byte));
        return is_rule.then_some(last);
    }
    let (target, _) = line.split_once(':')?;
    let is_target = !target.is_empty() && !target.starts_with(char::is_whitespace);
    is_target.then_some(target)
}

fn speaks_of_servers(title: &str) -> bool {
    let mut words = title.split(|c: char| !c.is_alphanumeric());
    let is_of = |wanted: &'static [&'static str]| {
        move |word: &str| wanted.iter().any(|one| word.eq_ignore_ascii_case(one))
    };
    let deploys = is_of(&[
        "deploy",
        "deployment",
        "deploying",
        "production",
        "prod",
        "server",
        "vps",
        "hosting",
    ]);
    let is_local = is_of(&["local", "locally", "dev", "development", "test", "tests"]);
    words.clone().any(deploys) && !words.any(is_local)
}

/// Whether a line starts the set `own` and no other file.
fn starts(tree: &Tree, path: &str, line: &str, own: &[&str]) -> bool {
    let is_compose = line.contains("docker compose") || line.contains("docker-compose");
    let mut words = line.split(|c: char| c.is_whitespace() || "'\"`;".contains(c));
    if !is_compose || !words.any(|word| word == "up") {
        return false;
    }
    let named = of_command(line);
    let is_own = |file: &String| {
        let mut folders = [parent(path), ""].into_iter();
        folders.any(|folder| {
            let path = normal(&join(folder, file));
            path.is_some_and(|path| own.contains(&path.as_str()) && tree.has_file(&path))
        })
    };
    named.iter().all(is_own)
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
