//! Where the project speaks of saving its data: a text that does may be about anything, one that
//! does not tells nobody how.

use std::ops::Range;

use tightship_model::Span;

use super::{is_document, runs_commands};
use crate::files::Tree;

/// Places that are kept.
const MOST: usize = 20;

/// Files beyond this many bytes are data.
pub(super) const LARGEST: usize = 1024 * 1024;

/// Programs that dump or copy databases, and the words for it, in lower case.
const WORDS: [&str; 13] = [
    "backup",
    "back-up",
    "back up",
    "backing up",
    "pg_dump",
    "mysqldump",
    "mariadb-dump",
    "mongodump",
    "wal-g",
    "barman",
    "restic",
    "borg ",
    "snapshot",
];

/// The places, one for each file; a file whose name says it is shown at its beginning.
pub(super) fn find(tree: &mut Tree) -> Vec<Span> {
    let paths: Vec<String> = tree
        .files()
        .filter(|path| is_named_so(path) || may_tell(path))
        .map(str::to_owned)
        .collect();
    let mut found = Vec::new();
    for path in paths {
        if found.len() == MOST {
            break;
        }
        let place = match tree.known(&path) {
            Some(source) => source.and_then(|source| first(tree.text(source))),
            None => tree.load(&path).ok().and_then(|text| first(&text)),
        };
        if place.is_none() && !is_named_so(&path) {
            continue;
        }
        if let Some(source) = tree.read(&path) {
            let place = place.unwrap_or(0..0);
            found.push(Span::new(source, place.start as u32, place.end as u32));
        }
    }
    found
}

/// The first of the words in a text.
fn first(text: &str) -> Option<Range<usize>> {
    if text.len() > LARGEST {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let places = WORDS.iter().filter_map(|word| {
        let at = memchr::memmem::find(lower.as_bytes(), word.as_bytes())?;
        Some((at, at + word.len()))
    });
    places.min().map(|(start, end)| start..end)
}

fn is_named_so(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_text = [".py", ".sh", ".yml", ".yaml", ".timer", ".service", ".md"]
        .iter()
        .any(|ending| name.ends_with(ending));
    is_text && (name.contains("backup") || name.contains("dump"))
}

/// Whether a file tells people or machines what to run.
pub(super) fn may_tell(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_schedule =
        name.contains("cron") || name.ends_with(".timer") || name.ends_with(".service");
    let is_server = [".tf", ".yml", ".yaml", ".toml"]
        .iter()
        .any(|ending| name.ends_with(ending));
    is_document(path) || runs_commands(path) || is_schedule || is_server
}
