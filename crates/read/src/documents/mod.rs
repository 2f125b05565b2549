//! Documents: what READMEs, guides and examples of environment files tell people.

mod backups;
mod claims;
mod layout;
mod patching;
mod pointers;
mod uses;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use tightship_model::compose::Compose;
use tightship_model::documents::{CommandUse, Page, Told};
use tightship_model::{Documents, Facts, Gap, SourceId, Span};

use crate::files::{Tree, parent};
use layout::Layout;
use pointers::Surroundings;

/// Documents beyond this many are not read; those nearest to the root are.
const MOST_DOCUMENTS: usize = 400;

/// Documents beyond this many bytes are not taken apart: nobody reads a guide of a book's length.
const LARGEST_DOCUMENT: usize = 1024 * 1024;

/// What a bound checklist holds: it says what is asked for, and neither promises nor explains.
const CHECKLIST: &str = "<!-- tightship ";

/// Things of one kind that are kept of all documents together.
const MOST_TOLD: usize = 5_000;
const MOST_CLAIMS: usize = 1_000;
const MOST_COMMANDS: usize = 5_000;

/// Reads the documents and searches the project for the variables that they tell, and for those
/// that Compose gives.
pub(crate) fn read(tree: &mut Tree, facts: &Facts, compose: Option<&Compose>) -> Documents {
    let mut documents = Documents {
        own_commands: pointers::own_commands(tree),
        ..Documents::default()
    };
    let mut tellings = BTreeMap::new();
    let mut shell_words = BTreeSet::new();
    let surroundings = Surroundings::of(tree);
    for path in document_paths(tree) {
        let Some(source) = tree.read(&path) else {
            continue;
        };
        if tree.text(source).len() > LARGEST_DOCUMENT {
            tree.add_gap(Gap {
                place: path,
                reason: format!("is longer than {LARGEST_DOCUMENT} bytes"),
                lost: "what this document tells is not judged".to_owned(),
            });
            continue;
        }
        let text = tree.text(source).to_owned();
        if text.contains(CHECKLIST) {
            continue;
        }
        let document = Document {
            path: &path,
            text: &text,
            layout: Layout::of(&path, &text),
            source,
        };
        documents.pages.push(document.page());
        variables::of_document(&document, &mut tellings, &mut shell_words);
        claims::collect(&document, &mut documents.claims);
        documents.claims.truncate(MOST_CLAIMS);
        pointers::collect(&document, &surroundings, &mut documents.pointers);
        documents
            .commands
            .extend(pointers::commands(source, &text, document.code()));
    }
    for path in paths(tree, is_example) {
        if let Some(source) = tree.read(&path) {
            variables::of_example(source, tree.text(source), &mut tellings);
            // Production may run with what the example says.
            for secret in variables::secrets_of_example(source, tree.text(source)) {
                tree.mark_secret(secret);
            }
        }
    }
    for path in paths(tree, runs_commands) {
        if let Some(source) = tree.read(&path) {
            let text = tree.text(source).to_owned();
            let found = pointers::commands(source, &text, std::iter::once(0..text.len()));
            documents.commands.extend::<Vec<CommandUse>>(found);
        }
    }
    documents.commands.truncate(MOST_COMMANDS);
    documents.backups = backups::find(tree);
    documents.patching = patching::find(tree);
    while tellings.len() > MOST_TOLD {
        tellings.pop_last();
    }
    let required = required(tree, facts);
    let given = given(compose);
    let search = uses::Search::new(tellings.keys().chain(&required).chain(&given));
    let mut found = search.run(tree);
    documents.given = given
        .into_iter()
        .map(|name| {
            let used = found.uses.get(&name).cloned().unwrap_or_default();
            (name, used)
        })
        .collect();
    documents.untold = required
        .into_iter()
        .filter(|name| !found.named_in_texts.contains(name) && !tellings.contains_key(name))
        .collect();
    documents.told = tellings
        .into_iter()
        .filter(|(name, _)| !shell_words.contains(name))
        .map(|(name, mut places)| {
            places.sort_by_key(|telling| telling.by);
            let used = found.uses.remove(&name).unwrap_or_default();
            (name, Told { places, used })
        })
        .collect();
    documents
}

/// One document with its parts.
struct Document<'a> {
    path: &'a str,
    text: &'a str,
    layout: Layout,
    source: SourceId,
}

impl Document<'_> {
    fn page(&self) -> Page {
        let headings = self.layout.headings.iter();
        Page {
            path: self.path.to_owned(),
            headings: headings
                .map(|range| {
                    let heading = self.text[range.clone()].trim_matches(['#', '=', '-', ' ', '\n']);
                    heading.trim().to_lowercase()
                })
                .collect(),
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, range.start as u32, range.end as u32)
    }

    /// The ranges that hold code: listings and words set as code.
    fn code(&self) -> impl Iterator<Item = Range<usize>> {
        let listings = self
            .layout
            .listings
            .iter()
            .map(|listing| listing.range.clone());
        listings.chain(self.layout.words.iter().map(|word| word.range.clone()))
    }
}

/// The variables that the services of Compose get.
fn given(compose: Option<&Compose>) -> BTreeSet<String> {
    let services = compose.map_or(&[][..], |compose| &compose.services);
    let variables = services
        .iter()
        .flat_map(|service| service.environment.variables.keys());
    variables.take(MOST_TOLD).cloned().collect()
}

/// The variables that code of the running site reads and nowhere has a default for.
fn required(tree: &Tree, facts: &Facts) -> BTreeSet<String> {
    let reads = || facts.env_reads.iter();
    let optional: BTreeSet<&str> = reads()
        .filter(|read| !read.is_required)
        .map(|read| read.name.as_str())
        .collect();
    reads()
        .filter(|read| !optional.contains(read.name.as_str()))
        .filter(|read| !is_test(&tree.sources()[read.span.source].path))
        .map(|read| read.name.clone())
        .collect()
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| {
        let part = part.trim_end_matches(".py");
        part.starts_with("test") || part.ends_with("_test") || part == "conftest"
    })
}

fn document_paths(tree: &Tree) -> Vec<String> {
    let mut paths = paths(tree, is_document);
    paths.sort_by_key(|path| path.matches('/').count());
    paths.truncate(MOST_DOCUMENTS);
    paths
}

fn paths(tree: &Tree, wanted: fn(&str) -> bool) -> Vec<String> {
    tree.files()
        .filter(|path| wanted(path))
        .map(str::to_owned)
        .collect()
}

/// Whether a file is written for those who run the project; records of the past, what others wrote
/// and pages of the site itself are not.
fn is_document(path: &str) -> bool {
    const PAST: [&str; 14] = [
        "agents",
        "authors",
        "changelog",
        "changes",
        "claude",
        "code_of_conduct",
        "contributors",
        "copying",
        "history",
        "license",
        "news",
        "releases",
        "release_notes",
        "todo",
    ];
    const ELSEWHERE: [&str; 23] = [
        "_build",
        "adr",
        "adrs",
        "archive",
        "blog",
        "changelog",
        "changelogs",
        "changes",
        "content",
        "fixtures",
        "licenses",
        "locale",
        "node_modules",
        "posts",
        "release-notes",
        "releases",
        "rfcs",
        "static",
        "templates",
        "test",
        "tests",
        "third_party",
        "vendor",
    ];
    let (folder, name) = (parent(path), path.rsplit('/').next().unwrap_or(path));
    let Some((stem, ending)) = name.rsplit_once('.') else {
        return name.eq_ignore_ascii_case("readme");
    };
    let stem = stem.to_lowercase().replace('-', "_");
    let is_hidden = |part: &str| part.starts_with('.') && part != ".github";
    matches!(ending, "md" | "markdown" | "rst")
        && !PAST
            .iter()
            .any(|past| stem == *past || stem.starts_with(&format!("{past}_")))
        && !folder
            .split('/')
            .any(|part| ELSEWHERE.contains(&part) || is_hidden(part))
}

/// Whether a file is the example of an environment file: `.env.example`, `env.sample`.
fn is_example(path: &str) -> bool {
    const WORDS: [&str; 6] = ["example", "sample", "template", "dist", "tmpl", "tpl"];
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let words: Vec<&str> = name.split(['.', '-', '_']).collect();
    let is_code = words
        .last()
        .is_some_and(|last| ["py", "ts", "js", "md", "rst", "sh", "yml", "yaml"].contains(last));
    (words.contains(&"env") || words.contains(&"envs"))
        && words.iter().any(|word| WORDS.contains(word))
        && !is_code
}

/// Whether a file is a script, a workflow or a recipe, in which commands are run.
fn runs_commands(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_recipe = name.contains("Dockerfile")
        || matches!(name, "Makefile" | "Procfile" | "justfile" | "Justfile");
    is_recipe
        || name.ends_with(".sh")
        || (name.ends_with(".yml") || name.ends_with(".yaml"))
            && (path.starts_with(".github/workflows/") || name.contains("compose"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads files of these paths and texts.
    fn read_files(files: &[(&str, String)]) -> (Documents, usize) {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            std::fs::write(root.path().join(path), text).expect("a file");
        }
        let mut tree = Tree::walk(root.path()).expect("a tree");
        let documents = read(&mut tree, &Facts::default(), None);
        (documents, tree.gaps())
    }

    #[test]
    fn what_is_kept_has_bounds() {
        let lines = |line: &dyn Fn(usize) -> String, count: usize| -> String {
            (0..count).map(|n| line(n) + "\n").collect()
        };
        let (documents, gaps) = read_files(&[
            (
                ".env.example",
                lines(&|n| format!("NAME_{n}=1"), MOST_TOLD * 2),
            ),
            (
                "SECURITY.md",
                lines(
                    &|_| "- HSTS and rate limits and two factors hold.".to_owned(),
                    2_000,
                ),
            ),
            (
                "README.md",
                lines(&|n| format!("[x](a{n}.md) `A_{n}` <`_"), 20_000),
            ),
            (
                "start.sh",
                lines(&|n| format!("python manage.py command_{n}"), 10_000),
            ),
            ("BIG.md", "x".repeat(LARGEST_DOCUMENT + 1)),
        ]);
        assert_eq!(documents.told.len(), MOST_TOLD);
        assert_eq!(documents.claims.len(), MOST_CLAIMS);
        assert_eq!(documents.commands.len(), MOST_COMMANDS);
        assert!(documents.pointers.len() <= 2_000);
        assert_eq!((documents.pages.len(), gaps), (2, 1));
    }

    #[test]
    fn examples_and_documents_are_told_from_code() {
        for path in [
            ".env.example",
            "env.sample",
            ".env.dist",
            "docker/.env-template",
        ] {
            assert!(is_example(path), "{path}");
        }
        for path in [".env", "environment.py", ".env.example.py", "example.md"] {
            assert!(!is_example(path), "{path}");
        }
        for path in [
            "README.md",
            "docs/deploy.rst",
            ".github/SUPPORT.md",
            "readme",
        ] {
            assert!(is_document(path), "{path}");
        }
        for path in [
            "CHANGELOG.md",
            "docs/releases/2.0.md",
            "shop/tests/a.md",
            "notes.txt",
        ] {
            assert!(!is_document(path), "{path}");
        }
    }
}
