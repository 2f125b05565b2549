//! The tree of files below the root, each read once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use tightship_model::{Files, Gap, Source, SourceId, Sources, Span};

use crate::Error;
use crate::python::syntax::{self, Parsed};

/// Files beyond this many bytes are not read.
const LARGEST_FILE: u64 = 16 * MEGABYTE;

const MEGABYTE: u64 = 1024 * 1024;

/// Files beyond this many are not listed; those nearest to the root are kept.
const MOST_FILES: usize = 200_000;

/// Files beyond this many that cannot be read are counted, not named.
const MOST_NAMED_GAPS: usize = 50;

/// Gaps of one run: a file of nothing but faults is told once, not a million times.
const MOST_GAPS: usize = 1_000;

/// The gap that says that there are more.
const LAST_GAP: usize = MOST_GAPS - 1;

/// The names of ISO 8859-1 in Python, with `-` for `_` (library/codecs.html#standard-encodings).
const LATIN: [&str; 8] = [
    "latin-1",
    "latin1",
    "latin",
    "l1",
    "iso-8859-1",
    "iso8859-1",
    "8859",
    "cp819",
];

/// Files whose permission bits are kept.
const MOST_MODES: usize = 1_000;

/// Folders that hold what tools made, never what a person deploys.
const SKIPPED_FOLDERS: [&str; 17] = [
    ".git",
    ".hg",
    ".svn",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".eggs",
    ".terraform",
    ".direnv",
    ".pixi",
    "__pycache__",
    "__pypackages__",
    "bower_components",
    "node_modules",
    "site-packages",
];

/// Whether setuptools has put copies of the code there.
fn is_build(path: &str) -> bool {
    path == "build/lib" || path.ends_with("/build/lib")
}

/// Files whose presence says that their folder is an environment that a tool made.
const ENVIRONMENT_MARKS: [&str; 2] = ["pyvenv.cfg", "conda-meta"];

/// The names below a root, and the texts that were asked for so far.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    names: Arc<Files>,
    /// The first folder that a template engine names.
    template: Option<String>,
    sources: Sources,
    read: BTreeMap<String, Option<SourceId>>,
    parsed: HashMap<SourceId, Arc<Parsed>>,
    gaps: Vec<Gap>,
}

impl Tree {
    /// Lists everything below `root` but virtual environments and the folders of tools.
    pub fn walk(root: &Path) -> Result<Self, Error> {
        let metadata = std::fs::metadata(root).map_err(|_| Error::NoSuchPath(root.into()))?;
        if !metadata.is_dir() {
            return Err(Error::NotAFolder(root.into()));
        }
        let first = Folder::list(root, "").map_err(|source| Error::Unreadable {
            path: root.into(),
            source,
        })?;
        let mut tree = Self {
            root: root.to_owned(),
            names: Arc::default(),
            template: None,
            sources: Sources::default(),
            read: BTreeMap::new(),
            parsed: HashMap::new(),
            gaps: Vec::new(),
        };
        let mut unlisted = Vec::new();
        let mut level = tree.enter(first, &mut unlisted);
        while !level.is_empty() && tree.names.paths.len() < MOST_FILES {
            let listed: Vec<_> = level
                .into_par_iter()
                .map(|path| Folder::list(&root.join(&path), &path).map_err(|error| (path, error)))
                .collect();
            level = Vec::new();
            for folder in listed {
                match folder {
                    Ok(folder) if folder.is_environment => {}
                    Ok(folder) => level.extend(tree.enter(folder, &mut unlisted)),
                    Err((path, error)) => {
                        unlisted.push((path, format!("cannot be listed: {error}")))
                    }
                }
            }
        }
        if !level.is_empty() {
            tree.add_gap(Gap {
                place: level[0].clone(),
                reason: format!("the project has more than {MOST_FILES} files"),
                lost: "files in this folder and deeper ones are not judged".to_owned(),
            });
        }
        tree.report_unlisted(unlisted);
        Ok(tree)
    }

    /// All files, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.names.paths.iter().map(String::as_str)
    }

    pub fn has_file(&self, path: &str) -> bool {
        self.names.has_file(path)
    }

    pub fn has_folder(&self, path: &str) -> bool {
        path.is_empty() || self.names.folders.contains(path)
    }

    /// A folder that holds a project to be, which is not listed.
    pub(crate) fn template(&self) -> Option<&str> {
        self.template.as_deref()
    }

    /// Reads a file once. `None`, with a gap noted, where that fails.
    pub fn read(&mut self, path: &str) -> Option<SourceId> {
        if let Some(known) = self.read.get(path) {
            return *known;
        }
        if !self.has_file(path) {
            return None;
        }
        let read = self.load(path);
        self.keep(path, read)
    }

    /// Reads these files at once, so that [`Tree::read`] finds them; in the order given.
    pub fn read_all(&mut self, paths: &[String]) {
        let mut seen = HashSet::new();
        let wanted: Vec<&String> = paths
            .iter()
            .filter(|path| !self.read.contains_key(*path) && self.has_file(path))
            .filter(|path| seen.insert(*path))
            .collect();
        let read: Vec<_> = wanted.par_iter().map(|path| self.load(path)).collect();
        for (path, read) in wanted.into_iter().zip(read) {
            self.keep(path, read);
        }
    }

    /// Reads a file that the user named, wherever it lies; gives the path of its source.
    pub(crate) fn read_given(&mut self, path: &Path) -> std::io::Result<String> {
        // A pipe that a shell made has no path to be found under.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let inside = self.root.canonicalize().ok().and_then(|root| {
            let relative = real.strip_prefix(root).ok()?;
            Some(posix(relative))
        });
        let name = inside.unwrap_or_else(|| path.to_string_lossy().into_owned());
        if !self.read.contains_key(&name) {
            let text = given(path)?;
            self.keep(&name, Ok(text));
        }
        Ok(name)
    }

    /// The syntax of a Python file, parsed once.
    pub(crate) fn parse(&mut self, path: &str) -> Option<(SourceId, Arc<Parsed>)> {
        let id = self.read(path)?;
        if let Some(parsed) = self.parsed.get(&id) {
            return Some((id, Arc::clone(parsed)));
        }
        let parsed = Arc::new(syntax::parse(self.text(id)));
        self.parsed.insert(id, Arc::clone(&parsed));
        Some((id, parsed))
    }

    /// The syntax of a source that was parsed before.
    pub(crate) fn parsed(&self, id: SourceId) -> Option<Arc<Parsed>> {
        self.parsed.get(&id).map(Arc::clone)
    }

    pub(crate) fn keep_parsed(&mut self, id: SourceId, parsed: Arc<Parsed>) {
        self.parsed.entry(id).or_insert(parsed);
    }

    /// The text of a file, without keeping it as a source. Any thread may ask.
    pub(crate) fn load(&self, path: &str) -> Result<String, String> {
        load(&self.root.join(path))
    }

    /// Whether the file begins with the byte order mark of UTF-8, which its text does not hold.
    pub(crate) fn begins_with_mark(&self, path: &str) -> bool {
        let mut first = [0; 3];
        let file = std::fs::File::open(self.root.join(path));
        let read = file.and_then(|mut file| file.read_exact(&mut first));
        read.is_ok() && first == [0xEF, 0xBB, 0xBF]
    }

    /// What [`Tree::read`] said of this file, where it was asked.
    pub(crate) fn known(&self, path: &str) -> Option<Option<SourceId>> {
        self.read.get(path).copied()
    }

    /// Makes a source of what [`Tree::load`] gave.
    pub(crate) fn keep(
        &mut self,
        path: &str,
        read: Result<impl Into<Arc<str>>, String>,
    ) -> Option<SourceId> {
        let id = match read {
            Ok(text) => Some(self.sources.add(Source::new(path, text))),
            Err(reason) => {
                self.add_gap(Gap {
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

    /// The root as the system knows it: absolute, without links, and without the drive of Windows.
    pub(crate) fn real_root(&self) -> String {
        let real = self.root.canonicalize();
        let real = real.unwrap_or_else(|_| self.root.clone());
        posix(&real)
    }

    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    pub fn text(&self, id: SourceId) -> &str {
        self.sources[id].raw()
    }

    /// The permission bits of a file, on systems that have them.
    pub(crate) fn mode(&self, path: &str) -> Option<u32> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let metadata = std::fs::metadata(self.root.join(path)).ok()?;
            Some(metadata.permissions().mode() & 0o777)
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            None
        }
    }

    /// Masks a place wherever it is shown.
    pub fn mark_secret(&mut self, span: Span) {
        self.sources.mark_secret(span);
    }

    /// `path:line`, for sentences.
    pub(crate) fn place(&self, span: Span) -> String {
        let source = &self.sources[span.source];
        format!("{}:{}", source.path, source.line_column(span.start).0)
    }

    /// Tells of what was not read; beyond [`MOST_GAPS`] only that there is more.
    pub fn add_gap(&mut self, gap: Gap) {
        match self.gaps.len() {
            MOST_GAPS.. => {}
            _ if self.gaps.contains(&gap) => {}
            LAST_GAP => self.gaps.push(Gap {
                reason: format!("more than {LAST_GAP} places could not be read"),
                ..gap
            }),
            _ => self.gaps.push(gap),
        }
    }

    /// Why this file was not read, where that is known.
    pub(crate) fn gap_of(&self, path: &str) -> Option<&str> {
        let gap = self.gaps.iter().find(|gap| gap.place == path)?;
        Some(&gap.reason)
    }

    /// How many gaps are known.
    pub(crate) fn gaps(&self) -> usize {
        self.gaps.len()
    }

    /// Forgets the gaps that came after the first `count`.
    pub(crate) fn forget_gaps_after(&mut self, count: usize) {
        self.gaps.truncate(count);
    }

    /// The names of all files.
    pub fn names(&self) -> Arc<Files> {
        Arc::clone(&self.names)
    }

    pub fn into_parts(self) -> (Sources, Files, Vec<Gap>) {
        let private = self.files().filter(|path| is_private(path));
        let modes: BTreeMap<String, u32> = private
            .take(MOST_MODES)
            .filter_map(|path| Some((path.to_owned(), self.mode(path)?)))
            .collect();
        let mut names = Arc::unwrap_or_clone(self.names);
        names.modes = modes;
        (self.sources, names, self.gaps)
    }

    /// Takes the names of a folder in; gives the folders to list next.
    fn enter(&mut self, folder: Folder, unlisted: &mut Vec<(String, String)>) -> Vec<String> {
        let room = MOST_FILES.saturating_sub(self.names.paths.len());
        Arc::make_mut(&mut self.names)
            .paths
            .extend(folder.files.into_iter().take(room));
        for link in folder.links {
            match self.follow(&link) {
                Ok(true) => {
                    Arc::make_mut(&mut self.names).paths.insert(link);
                }
                Ok(false) => {}
                Err(reason) => unlisted.push((link, reason)),
            }
        }
        unlisted.extend(folder.specials);
        self.template = self.template.take().or(folder.templates.into_iter().next());
        let names = Arc::make_mut(&mut self.names);
        names.folders.extend(folder.folders.iter().cloned());
        names.unlisted.extend(folder.unlisted);
        folder.folders
    }

    /// Whether a symbolic link leads to a regular file of the project. A link to a folder of the
    /// project is no loss: the folder is listed where it stands.
    fn follow(&self, link: &str) -> Result<bool, String> {
        let outside = || "is a symbolic link that leads out of the project".to_owned();
        let target = self
            .root
            .join(link)
            .canonicalize()
            .map_err(|error| format!("is a symbolic link that leads nowhere: {error}"))?;
        let root = self.root.canonicalize().map_err(|_| outside())?;
        let inside = target.strip_prefix(&root).map_err(|_| outside())?;
        let skipped = inside
            .iter()
            .any(|part| SKIPPED_FOLDERS.iter().any(|skipped| part == *skipped));
        Ok(!skipped && target.is_file())
    }

    fn report_unlisted(&mut self, mut unlisted: Vec<(String, String)>) {
        unlisted.sort();
        let lost = "nothing in it is judged";
        let unnamed = unlisted.len().saturating_sub(MOST_NAMED_GAPS);
        for (place, reason) in unlisted.into_iter().take(MOST_NAMED_GAPS) {
            self.add_gap(Gap {
                place,
                reason,
                lost: lost.to_owned(),
            });
        }
        if unnamed > 0 {
            self.add_gap(Gap {
                place: ".".to_owned(),
                reason: format!("{unnamed} more files or folders cannot be read"),
                lost: lost.to_owned(),
            });
        }
    }
}

/// The names in one folder, as paths relative to the root, sorted.
struct Folder {
    files: Vec<String>,
    folders: Vec<String>,
    /// Folders of tools.
    unlisted: Vec<String>,
    /// Folders that hold a project to be.
    templates: Vec<String>,
    links: Vec<String>,
    /// FIFOs, sockets and devices, with what they are.
    specials: Vec<(String, String)>,
    is_environment: bool,
}

impl Folder {
    fn list(path: &Path, relative: &str) -> std::io::Result<Self> {
        let mut folder = Self {
            files: Vec::new(),
            folders: Vec::new(),
            unlisted: Vec::new(),
            templates: Vec::new(),
            links: Vec::new(),
            specials: Vec::new(),
            is_environment: false,
        };
        for entry in std::fs::read_dir(path)?.take(MOST_FILES) {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = match relative {
                "" => name.clone().into_owned(),
                _ => format!("{relative}/{name}"),
            };
            folder.is_environment |= ENVIRONMENT_MARKS.contains(&name.as_ref());
            let kind = entry.file_type()?;
            if kind.is_file() {
                folder.files.push(path);
            } else if kind.is_symlink() {
                folder.links.push(path);
            } else if !kind.is_dir() {
                folder
                    .specials
                    .push((path, "is not a regular file".to_owned()));
            } else if is_template(&name) {
                folder.templates.push(path);
            } else if SKIPPED_FOLDERS.contains(&name.as_ref()) || is_build(&path) {
                folder.unlisted.push(path);
            } else {
                folder.folders.push(path);
            }
        }
        folder.files.sort_unstable();
        folder.folders.sort_unstable();
        folder.templates.sort_unstable();
        folder.links.sort_unstable();
        Ok(folder)
    }
}

/// A path as production writes it, which is no Windows: `/srv/shop` of `\\?\C:\srv\shop`.
fn posix(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Prefix(_) => None,
        Component::RootDir => Some(Cow::Borrowed("")),
        part => Some(part.as_os_str().to_string_lossy()),
    });
    match parts.collect::<Vec<_>>().as_slice() {
        [root] if root.is_empty() => "/".to_owned(),
        parts => parts.join("/"),
    }
}

/// Whether a file is one that only its owner should read, by its name.
fn is_private(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(
        ending,
        "pem" | "key" | "p12" | "pfx" | "sql" | "dump" | "pgpass" | "env"
    ) || name.starts_with(".env")
        || matches!(
            name,
            "id_rsa" | "id_ed25519" | "pg_hba.conf" | ".pgpass" | ".htpasswd"
        )
}

/// Whether a folder is named by a template engine: it holds a project to be, not a deployment.
fn is_template(name: &str) -> bool {
    name.contains("{{") || name.contains("{%")
}

/// A path below a folder of the tree.
pub(crate) fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}

/// The folder of a path, `""` for the root.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The path without `.` and `..`; `None` where it leads out of the tree.
pub(crate) fn normal(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The text of a file that the user named, which may be a pipe.
///
/// # Errors
///
/// Those of the system, and `FileTooLarge` beyond 16 MB: a device never ends.
pub fn given(path: &Path) -> std::io::Result<String> {
    text_of(std::fs::File::open(path)?)
}

/// As [`given`], for what is open already, such as standard input.
///
/// # Errors
///
/// As [`given`].
pub fn text_of(source: impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    source.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE {
        let reason = format!("it holds more than {} MB", LARGEST_FILE / MEGABYTE);
        return Err(std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            reason,
        ));
    }
    Ok(decode(bytes))
}

/// The text of a file, or why there is none.
fn load(path: &Path) -> Result<String, String> {
    let unreadable = |error| format!("cannot be read: {error}");
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("is not a regular file".to_owned());
    }
    if metadata.len() > LARGEST_FILE {
        return Err(format!(
            "is {} MB; files beyond {} MB are not read",
            metadata.len().div_ceil(MEGABYTE),
            LARGEST_FILE / MEGABYTE
        ));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    if is_python(path) && wide_part(&bytes).is_some() {
        return Err(REFUSED.to_owned());
    }
    Ok(match is_latin(path, &bytes) {
        true => bytes.into_iter().map(char::from).collect(),
        false => decode(bytes),
    })
}

/// Why a Python file is not read whose text every other reader would find: Python 3.11 and 3.12 end
/// with a SyntaxError, also where the file declares UTF-16 to be its encoding.
const REFUSED: &str = "is in UTF-16, which Python refuses (source code cannot contain null bytes)";

fn is_python(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "py")
}

/// Whether a Python file declares in one of its first two lines to be Latin-1 (PEP 263).
fn is_latin(path: &Path, bytes: &[u8]) -> bool {
    if !is_python(path) {
        return false;
    }
    let declared = bytes
        .splitn(3, |byte| *byte == b'\n')
        .take(2)
        .find_map(|line| {
            let line = std::str::from_utf8(line).ok()?.trim_start();
            let (_, after) = line.strip_prefix('#')?.split_once("coding")?;
            let name = after.strip_prefix([':', '='])?.trim_start();
            let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
            Some(
                name[..end.unwrap_or(name.len())]
                    .to_ascii_lowercase()
                    .replace('_', "-"),
            )
        });
    declared.is_some_and(|name| LATIN.contains(&name.as_str()))
}

/// UTF-8 or UTF-16, each with or without a byte order mark, or ASCII with a UTF-16 tail, which
/// `>>` of a Windows shell makes. Other bytes become U+FFFD.
fn decode(bytes: Vec<u8>) -> String {
    if let [0xEF, 0xBB, 0xBF, rest @ ..] = bytes.as_slice() {
        return String::from_utf8_lossy(rest).into_owned();
    }
    if let Some((at, from)) = wide_part(&bytes) {
        let (head, tail) = bytes.split_at(at);
        let mut marks = [[0xFF, 0xFE], [0xFE, 0xFF]].into_iter();
        let head = marks
            .find_map(|mark| head.strip_suffix(&mark))
            .unwrap_or(head);
        return String::from_utf8_lossy(head).into_owned() + &utf16(tail, from);
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// How two bytes make one unit of UTF-16.
type Order = fn([u8; 2]) -> u16;

/// Where UTF-16 begins, behind its byte order mark, and the order of its bytes.
fn wide_part(bytes: &[u8]) -> Option<(usize, Order)> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some((2, u16::from_le_bytes)),
        [0xFE, 0xFF, ..] => return Some((2, u16::from_be_bytes)),
        _ => {}
    }
    let first_nul = memchr::memchr(0, bytes)?;
    if first_nul == 0 && is_interleaved(&bytes[1..]) {
        return Some((0, u16::from_be_bytes));
    }
    let at = first_nul.saturating_sub(1);
    is_interleaved(&bytes[at..]).then_some((at, u16::from_le_bytes))
}

fn utf16(bytes: &[u8], from: Order) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| from([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

/// Whether nearly every pair is a character and a NUL, as in the UTF-16 of a Latin text.
fn is_interleaved(bytes: &[u8]) -> bool {
    let pairs = bytes.len() / 2;
    let matching = bytes
        .chunks_exact(2)
        .filter(|pair| pair[0] != 0 && pair[1] == 0)
        .count();
    pairs > 0 && matching * 10 >= pairs * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    }

    #[test]
    fn every_encoding_met_in_the_wild_gives_its_text() {
        let text = "Django==5.2\r\ngunicorn\r\n";
        let le = utf16_bytes(text, u16::to_le_bytes);
        let be = utf16_bytes(text, u16::to_be_bytes);
        assert_eq!(
            decode([&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat()),
            text
        );
        assert_eq!(decode([&[0xFF, 0xFE], le.as_slice()].concat()), text);
        assert_eq!(decode([&[0xFE, 0xFF], be.as_slice()].concat()), text);
        assert_eq!(decode(le.clone()), text);
        assert_eq!(decode(be), text);
        let tail = [text.as_bytes(), le.as_slice()].concat();
        assert_eq!(decode(tail), format!("{text}{text}"));
        let marked_tail = [text.as_bytes(), &[0xFF, 0xFE], le.as_slice()].concat();
        assert_eq!(decode(marked_tail), format!("{text}{text}"));
    }

    #[test]
    fn a_python_file_may_declare_to_be_latin() {
        for (first, second, is) in [
            ("# -*- coding: latin-1 -*-", "", true),
            (
                "#!/usr/bin/env python",
                "# vim: set fileencoding=ISO_8859_1 :",
                true,
            ),
            ("# coding: utf-8", "", false),
            ("import os", "x = 1 # coding: latin-1", false),
            ("", "", false),
        ] {
            let text = format!("{first}\n{second}\nX = ''\n# coding: latin-1\n");
            let found = is_latin(Path::new("settings.py"), text.as_bytes());
            assert_eq!(found, is, "{text}");
        }
        assert!(!is_latin(Path::new(".env"), b"# coding: latin-1"));
    }

    #[test]
    fn bytes_that_are_no_text_are_kept_in_place() {
        assert_eq!(decode(b"a\0b\0\0\0\0 = 1".to_vec()), "a\0b\0\0\0\0 = 1");
        assert_eq!(decode(b"KEY=\xff\xfe!".to_vec()), "KEY=\u{FFFD}\u{FFFD}!");
        assert_eq!(decode(Vec::new()), "");
        assert_eq!(decode(vec![0]), "\0");
    }
}
