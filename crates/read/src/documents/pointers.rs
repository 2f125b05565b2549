//! Files that documents send people to, and the `manage.py` commands that they have run.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use tightship_model::documents::{CommandUse, Pointer, PointerKind};
use tightship_model::{SourceId, Span};

use super::Document;
use crate::files::{Tree, join, normal, parent};

static COMMAND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:manage\.py|django-admin)(?:[ \t]+|",\s*"|',\s*')([a-z][a-z0-9_]+)"#).ok()
});

/// Words that follow the name of the file in a sentence about it: `manage.py not found`.
const PROSE: [&str; 13] = [
    "and", "at", "does", "exists", "file", "for", "in", "is", "not", "or", "script", "to", "was",
];

/// Files that are kept of all documents together.
const MOST_POINTERS: usize = 2_000;

/// The endings of what people read and of what they run.
const GUIDES: [&str; 3] = ["md", "markdown", "rst"];
const SCRIPTS: [&str; 2] = ["sh", "py"];
const FILES: [&str; 5] = ["yml", "yaml", "example", "sample", "txt"];

/// Programs of the shell that bring a file into being, or that open one to write it.
const MAKERS: [&str; 11] = [
    "curl", "wget", "touch", "nano", "vim", "vi", "tee", "mkdir", "echo", "cat >", "startapp",
];

/// What lies around the documents, looked up once.
pub(super) struct Surroundings {
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    /// Paths by the name of the file.
    by_name: BTreeMap<String, Vec<String>>,
    /// Names that Git is told to leave out, so that no file of such a name is expected here.
    ignored: BTreeSet<String>,
    /// Folders from which Sphinx or MkDocs makes a site.
    sites: Vec<String>,
    /// Folders that Git fills from other repositories.
    submodules: Vec<String>,
}

/// Collects the files that a document names.
pub(super) fn collect(document: &Document<'_>, tree: &Surroundings, pointers: &mut Vec<Pointer>) {
    let made = made(document.text);
    for link in &document.layout.links {
        let target = link.target.split(['#', '?']).next().unwrap_or_default();
        let is_elsewhere = target.contains("://") || target.contains(':');
        if !is_elsewhere {
            add(document, tree, &made, target, link.range.clone(), pointers);
        }
    }
    // The pages of a site tell its readers of files of theirs; links are within the site.
    if tree.is_of_site(document.path) {
        return;
    }
    for listing in &document.layout.listings {
        let mut offset = listing.range.start;
        for line in document.text[listing.range.clone()].split_inclusive('\n') {
            for (at, word) in named(line) {
                let start = offset + at;
                add(
                    document,
                    tree,
                    &made,
                    word,
                    start..start + word.len(),
                    pointers,
                );
            }
            offset += line.len();
        }
    }
    for word in &document.layout.words {
        let text = &document.text[word.range.clone()];
        // A module that a text speaks of is code to read or to write, and nothing to run.
        let is_path = text.contains('/') && ending(text) == "sh";
        if is_path || GUIDES.contains(&ending(text)) {
            add(document, tree, &made, text, word.range.clone(), pointers);
        }
    }
}

/// The `manage.py` commands in these parts of a file.
pub(super) fn commands(
    source: SourceId,
    text: &str,
    ranges: impl IntoIterator<Item = Range<usize>>,
) -> Vec<CommandUse> {
    let Some(command) = &*COMMAND else {
        return Vec::new();
    };
    let mut uses = Vec::new();
    for range in ranges {
        let start = range.start;
        let found = command
            .captures_iter(&text[range])
            .filter_map(|captures| captures.get(1));
        uses.extend(
            found
                .map(|name| (start + name.start(), name.as_str()))
                .filter(|(at, name)| !is_comment(text, *at) && !PROSE.contains(name))
                .map(|(at, name)| CommandUse {
                    name: name.to_owned(),
                    span: Span::new(source, at as u32, (at + name.len()) as u32),
                }),
        );
    }
    uses
}

/// The commands that the apps below the root bring.
pub(super) fn own_commands(tree: &Tree) -> BTreeSet<String> {
    tree.files()
        .filter(|path| parent(path).ends_with("management/commands"))
        .filter_map(|path| path.rsplit('/').next()?.strip_suffix(".py"))
        .filter(|name| !name.starts_with('_'))
        .map(str::to_owned)
        .collect()
}

/// The words of a command line that must be files: `./x.sh`, `bash x.sh`, `compose -f x.yml`,
/// `cp x y`, `pip install -r x`.
fn named(line: &str) -> Vec<(usize, &str)> {
    let is_making = MAKERS.iter().any(|maker| line.contains(maker)) || line.contains('>');
    if is_making || line.trim_start().starts_with('#') {
        return Vec::new();
    }
    let mut words = line
        .split_inclusive([' ', '\t', '\n', '"', '\''])
        .scan(0, |at, raw| {
            let start = *at;
            *at += raw.len();
            Some((
                start,
                raw.trim_end_matches([' ', '\t', '\n', '\r', '"', '\'', ';']),
            ))
        })
        .filter(|(_, word)| !word.is_empty() && *word != "$");
    let mut found = Vec::new();
    let is_compose = line.contains("docker-compose") || line.contains("docker compose");
    let mut before = "";
    let mut is_first = true;
    for (at, word) in &mut words {
        let is_run = word.starts_with("./")
            && word.ends_with(".sh")
            && (is_first || matches!(before, "sudo" | "&&"))
            || matches!(before, "bash" | "sh" | "source") && word.ends_with(".sh")
            || matches!(before, "python" | "python3") && word.ends_with(".py");
        let is_file = is_compose && matches!(before, "-f" | "--file")
            || before == "cp"
            || before == "-r" && word.ends_with(".txt");
        if is_run || is_file {
            found.push((at, word));
        }
        is_first = false;
        before = word;
    }
    found
}

impl Surroundings {
    pub(super) fn of(tree: &Tree) -> Self {
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut folders = BTreeSet::new();
        for path in tree.files() {
            by_name
                .entry(name_of(path).to_lowercase())
                .or_default()
                .push(path.to_owned());
            let mut folder = parent(path);
            while !folder.is_empty() && folders.insert(folder.to_owned()) {
                folder = parent(folder);
            }
        }
        let ignored = tree.load(".gitignore").unwrap_or_default();
        let submodules = tree.load(".gitmodules").unwrap_or_default();
        let submodules = submodules.lines().filter_map(|line| {
            let path = line.trim().strip_prefix("path")?.trim_start();
            Some(path.strip_prefix('=')?.trim().to_owned())
        });
        Self {
            sites: tree.files().filter_map(site).collect(),
            submodules: submodules.collect(),
            files: tree.files().map(str::to_owned).collect(),
            folders,
            by_name,
            ignored: ignored
                .lines()
                .map(|line| name_of(line.trim().trim_end_matches('/')).to_owned())
                .collect(),
        }
    }

    fn has(&self, path: &str) -> bool {
        let is_below = |folder: &String| is_below(path, folder);
        self.files.contains(path)
            || self.folders.contains(path)
            || self.submodules.iter().any(is_below)
    }

    fn is_of_site(&self, document: &str) -> bool {
        self.sites.iter().any(|folder| is_below(document, folder))
    }

    /// The files of this name, in whatever case.
    fn named(&self, name: &str) -> &[String] {
        self.by_name
            .get(&name.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }
}

/// The folder of pages that a file configures, of Sphinx or MkDocs.
fn site(path: &str) -> Option<String> {
    let folder = parent(path);
    match name_of(path) {
        "conf.py" if matches!(name_of(folder), "docs" | "doc" | "documentation" | "source") => {
            Some(folder.to_owned())
        }
        "mkdocs.yml" | "mkdocs.yaml" => Some(join(folder, "docs")),
        _ => None,
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn add(
    document: &Document<'_>,
    tree: &Surroundings,
    made: &BTreeSet<&str>,
    target: &str,
    range: Range<usize>,
    pointers: &mut Vec<Pointer>,
) {
    let path = target.trim_start_matches("./");
    let name = name_of(path);
    let Some(kind) = kind(name).filter(|_| pointers.len() < MOST_POINTERS) else {
        return;
    };
    // A blank to fill in, a place on another machine, a file of the reader's own.
    let is_named = !matches!(name, ".rst" | ".txt")
        && !name.starts_with(".md")
        && path
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+'));
    // What pip installs is in no repository, nor is what Sphinx makes of its pages.
    let is_installed = path.contains("site-packages/") || path.contains("_sources/");
    let is_blank = name
        .split('.')
        .next()
        .is_some_and(|stem| stem.len() > 1 && stem.bytes().all(|b| b.eq_ignore_ascii_case(&b'x')));
    if !is_named
        || is_installed
        || is_blank
        || target.starts_with(['/', '~'])
        || made.contains(path)
    {
        return;
    }
    let is_there = stands(tree, document.path, path);
    if !is_there && tree.ignored.contains(name) {
        return;
    }
    let nearest = tree.named(name).first().filter(|_| !is_there).cloned();
    pointers.push(Pointer {
        target: target.to_owned(),
        kind,
        span: document.span(range),
        is_there,
        nearest,
    });
}

fn kind(name: &str) -> Option<PointerKind> {
    let ending = ending(name);
    if GUIDES.contains(&ending) {
        Some(PointerKind::Guide)
    } else if SCRIPTS.contains(&ending) {
        Some(PointerKind::Script)
    } else if FILES.contains(&ending) || name.starts_with(".env") {
        Some(PointerKind::File)
    } else {
        None
    }
}

/// Whether a guide stands there once for each language, `page.en.md` for `page.md`: the layout by
/// suffix of mkdocs-static-i18n 1.3 and of Hugo, whose links name none.
fn is_translated(tree: &Surroundings, path: &str) -> bool {
    let Some((stem, ending)) = path.rsplit_once('.') else {
        return false;
    };
    let first = format!("{stem}.");
    let files = tree.files.range(first.clone()..);
    let mut beside = files.take_while(|file| file.starts_with(&first));
    beside.any(|file| {
        let language = file[first.len()..].strip_suffix(ending);
        let language = language.and_then(|language| language.strip_suffix('.'));
        language.is_some_and(|language| {
            (2..=5).contains(&language.len())
                && language
                    .chars()
                    .all(|c| c.is_ascii_alphabetic() || c == '-')
        })
    })
}

/// Whether a path leads to something: from the document, from the root or from any folder, as a
/// guide may have its reader change folders before.
fn stands(tree: &Surroundings, document: &str, path: &str) -> bool {
    let from_document = normal(&join(parent(document), path));
    if let Some(path) = &from_document
        && GUIDES.contains(&ending(path))
        && is_translated(tree, path)
    {
        return true;
    }
    let own = path.trim_start_matches("../").trim_end_matches('/');
    let tail = format!("/{own}");
    // A guide that begins with the clone names the project's folder too.
    let inside = path.split_once('/').map(|(_, inside)| inside);
    from_document.is_none_or(|path| tree.has(&path))
        || inside.is_some_and(|path| tree.has(path))
        || tree.has(own)
        || tree
            .named(name_of(own))
            .iter()
            .any(|file| file.ends_with(&tail))
}

/// The paths that a document has its reader make: what stands behind a program that writes or a `>`,
/// the target of `cp`, and all of a line that speaks of creating.
fn made(text: &str) -> BTreeSet<&str> {
    let mut made = BTreeSet::new();
    for line in text.lines() {
        let lower = line.to_lowercase();
        if lower.contains("create") || lower.contains("your own") {
            made.extend(words(line));
        } else if let Some(maker) = MAKERS.iter().filter_map(|maker| line.find(maker)).min() {
            made.extend(words(&line[maker..]));
        } else if line.trim_start_matches(['$', ' ']).starts_with("cp ") {
            made.extend(words(line).skip(2).last());
        }
        let mut pairs = words(line).zip(words(line).skip(1));
        made.extend(
            pairs
                .find(|(sign, _)| matches!(*sign, ">" | ">>"))
                .map(|(_, path)| path),
        );
    }
    made
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '(' | ')'))
        .map(|word| word.trim_start_matches("./"))
        .filter(|word| !word.is_empty())
}

fn is_comment(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    line.trim_start().starts_with('#')
}

fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_name_files() {
        let words = |line: &'static str| -> Vec<&str> {
            named(line).into_iter().map(|(_, word)| word).collect()
        };
        assert_eq!(words("$ ./deploy.sh --now\n"), ["./deploy.sh"]);
        assert_eq!(words("sudo bash scripts/init.sh\n"), ["scripts/init.sh"]);
        assert_eq!(words("docker compose -f prod.yml up"), ["prod.yml"]);
        assert_eq!(words("cp .env.example .env"), [".env.example"]);
        assert_eq!(words("python manage.py migrate"), ["manage.py"]);
        assert_eq!(
            words("curl -o install.sh https://x && bash install.sh"),
            [""; 0]
        );
        assert_eq!(words("# ./later.sh"), [""; 0]);
    }

    #[test]
    fn commands_of_django_are_seen_in_every_form() {
        let text = "python manage.py migrate && x\nCMD [\"python\", \"manage.py\", \"serve\"]\n\
            # manage.py old\nmanage.py --help\n";
        let names: Vec<_> = commands(SourceId(0), text, std::iter::once(0..text.len()))
            .into_iter()
            .map(|command| command.name)
            .collect();
        assert_eq!(names, ["migrate", "serve"]);
    }
}
