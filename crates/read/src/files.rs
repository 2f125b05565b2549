//! The tree of files below the root, each read once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tightship_model::{Gap, Source, SourceId, Sources};

use crate::Error;

/// Files beyond this many bytes are not read.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// Folders that hold what tools made, never what a person deploys.
const SKIPPED_FOLDERS: [&str; 11] = [
    ".git",
    ".hg",
    ".svn",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
    "node_modules",
    ".eggs",
];

/// The names below a root, and the texts that were asked for so far.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    /// Paths relative to the root, `/` between the parts.
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    sources: Sources,
    read: BTreeMap<String, Option<SourceId>>,
    gaps: Vec<Gap>,
}

impl Tree {
    /// Lists everything below `root` but virtual environments and the folders of tools.
    pub fn walk(root: &Path) -> Result<Self, Error> {
        let metadata = std::fs::metadata(root).map_err(|_| Error::NoSuchPath(root.into()))?;
        if !metadata.is_dir() {
            return Err(Error::NotAFolder(root.into()));
        }
        std::fs::read_dir(root).map_err(|source| Error::Unreadable {
            path: root.into(),
            source,
        })?;
        let mut tree = Self {
            root: root.to_owned(),
            files: BTreeSet::new(),
            folders: BTreeSet::new(),
            sources: Sources::default(),
            read: BTreeMap::new(),
            gaps: Vec::new(),
        };
        let walk = ignore::WalkBuilder::new(root)
            .standard_filters(false)
            .follow_links(false)
            .filter_entry(|entry| {
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                let name = entry.file_name().to_string_lossy();
                !(is_folder
                    && entry.depth() > 0
                    && (SKIPPED_FOLDERS.contains(&name.as_ref())
                        || entry.path().join("pyvenv.cfg").exists()))
            })
            .build();
        for entry in walk.flatten().filter(|entry| entry.depth() > 0) {
            let Ok(relative) = entry.path().strip_prefix(root) else {
                continue;
            };
            let path = relative
                .to_string_lossy()
                .replace(std::path::MAIN_SEPARATOR, "/");
            match entry.file_type() {
                Some(kind) if kind.is_dir() => tree.folders.insert(path),
                Some(kind) if kind.is_file() => tree.files.insert(path),
                _ => false,
            };
        }
        Ok(tree)
    }

    /// All files, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    pub fn has_file(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    pub fn has_folder(&self, path: &str) -> bool {
        path.is_empty() || self.folders.contains(path)
    }

    /// Reads a file once. `None`, with a gap noted, where that fails.
    pub fn read(&mut self, path: &str) -> Option<SourceId> {
        if let Some(known) = self.read.get(path) {
            return *known;
        }
        let read = if self.has_file(path) {
            load(&self.root.join(path))
        } else {
            return None;
        };
        let id = match read {
            Ok(text) => Some(self.sources.add(Source::new(path, text))),
            Err(reason) => {
                self.gaps.push(Gap {
                    place: path.to_owned(),
                    reason,
                    lost: "nothing in this file is judged".to_owned(),
                });
                None
            }
        };
        self.read.insert(path.to_owned(), id);
        id
    }

    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    pub fn add_gap(&mut self, gap: Gap) {
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    pub fn into_parts(self) -> (Sources, Vec<Gap>) {
        (self.sources, self.gaps)
    }
}

/// The text of a file, or why there is none.
fn load(path: &Path) -> Result<String, String> {
    let metadata = std::fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("is not a regular file".to_owned());
    }
    if metadata.len() > LARGEST_FILE {
        return Err(format!(
            "is {} MB; files beyond {} MB are not read",
            metadata.len() / (1024 * 1024),
            LARGEST_FILE / (1024 * 1024)
        ));
    }
    let bytes = std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    decode(bytes)
}

/// UTF-8 with or without a byte order mark, or UTF-16 with one. Other bytes become U+FFFD.
fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let utf16 = |bytes: &[u8], from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| from([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok(String::from_utf8_lossy(rest).into_owned()),
        [0xFF, 0xFE, rest @ ..] => Ok(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Ok(utf16(rest, u16::from_be_bytes)),
        _ => Ok(String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())),
    }
}
