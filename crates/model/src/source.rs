//! Files as they were read, and places in them.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// A file of the deployment, by its position in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A half-open range of bytes in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub source: SourceId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(source: SourceId, start: u32, end: u32) -> Self {
        Self { source, start, end }
    }
}

/// One file: its path relative to the project's root with `/` between the parts, and its text.
///
/// The text is private on purpose: what a renderer may show goes through [`Source::line_text`],
/// which masks the secrets that readers marked.
#[derive(Clone)]
pub struct Source {
    pub path: String,
    text: Arc<str>,
    line_starts: Vec<u32>,
    /// In the order in which they were marked.
    secrets: Vec<(u32, u32)>,
    /// The same, to be asked: a file may hold a million.
    marked: HashSet<(u32, u32)>,
}

/// The path and the length: a text may hold secrets.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

impl Source {
    pub fn new(path: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1))
            .collect();
        Self {
            path: path.into(),
            text,
            line_starts,
            secrets: Vec::new(),
            marked: HashSet::new(),
        }
    }

    /// The text as read, secrets included: for readers and checks, never for a screen.
    pub fn raw(&self) -> &str {
        &self.text
    }

    /// The same, to be held beside the source.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// Line and column, both from 1; the column counts characters. A place past the end is the end.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self
            .line_starts
            .partition_point(|start| *start as usize <= offset);
        let start = self.line_starts[line - 1] as usize;
        (line, self.text[start..offset].chars().count() + 1)
    }

    /// The byte range of a line (from 1) without its line break.
    pub fn line_range(&self, line: usize) -> Option<std::ops::Range<usize>> {
        let start = *self.line_starts.get(line.checked_sub(1)?)? as usize;
        let end = self
            .line_starts
            .get(line)
            .map_or(self.text.len(), |next| *next as usize);
        let line = self.text[start..end].trim_end_matches(['\n', '\r']);
        Some(start..start + line.len())
    }

    /// A line (from 1) as it may be shown: each character of a marked secret is a `•`.
    pub fn line_text(&self, line: usize) -> Option<String> {
        Some(self.masked(self.line_range(line)?))
    }

    /// A range of the text as it may be shown. Column positions stay: one `•` a character.
    pub fn masked(&self, range: std::ops::Range<usize>) -> String {
        let start = range.start.min(self.text.len());
        let end = range.end.min(self.text.len());
        let Some(text) = self.text.get(start..end) else {
            return String::new();
        };
        let inside = |(from, to): &&(u32, u32)| (*from as usize) < end && start < *to as usize;
        let secrets: Vec<_> = self.secrets.iter().filter(inside).collect();
        if secrets.is_empty() {
            return text.to_owned();
        }
        text.char_indices()
            .map(|(at, c)| {
                let at = (start + at) as u32;
                if secrets.iter().any(|(from, to)| (*from..*to).contains(&at)) {
                    '•'
                } else {
                    c
                }
            })
            .collect()
    }

    /// The secret that was marked so many others before.
    fn secret(&self, at: usize) -> Option<&str> {
        let (start, end) = *self.secrets.get(at)?;
        self.text.get(start as usize..end as usize)
    }

    /// Marks a range as secret, so that it is masked wherever this source is shown.
    pub fn mark_secret(&mut self, start: u32, end: u32) {
        if start < end && self.marked.insert((start, end)) {
            self.secrets.push((start, end));
        }
    }
}

/// Secrets with fewer bytes are ordinary words too often, and give little away.
const SHORTEST_SECRET: usize = 6;

/// All files that were read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    /// The secrets that are masked wherever they stand, by what they begin with: the file that each
    /// stands in, and how many were marked there before it.
    by_head: HashMap<[u8; SHORTEST_SECRET], Vec<(SourceId, usize)>>,
}

impl Sources {
    pub fn add(&mut self, source: Source) -> SourceId {
        let id = SourceId(self.files.len() as u32);
        let marked = source.secrets.len();
        self.files.push(source);
        self.note_secrets(id, 0..marked);
        id
    }

    pub fn by_path(&self, path: &str) -> Option<SourceId> {
        self.files
            .iter()
            .position(|file| file.path == path)
            .map(|i| SourceId(i as u32))
    }

    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files
            .iter()
            .enumerate()
            .map(|(i, file)| (SourceId(i as u32), file))
    }

    /// Panics when the id belongs to another `Sources`, which is a fault in the reader.
    pub fn mark_secret(&mut self, span: Span) {
        let source = &mut self.files[span.source.0 as usize];
        let before = source.secrets.len();
        source.mark_secret(span.start, span.end);
        let after = source.secrets.len();
        self.note_secrets(span.source, before..after);
    }

    /// Keeps what was marked in a source by its head.
    fn note_secrets(&mut self, id: SourceId, marked: std::ops::Range<usize>) {
        for at in marked {
            if let Some(head) = self.files[id.0 as usize].secret(at).and_then(head) {
                self.by_head.entry(head).or_default().push((id, at));
            }
        }
    }

    /// A line (from 1) as it may be shown: beside what is marked in its own source, every marked
    /// secret of any source is masked where it stands again as a word, in a comment or in another
    /// file.
    pub fn line_text(&self, source: SourceId, line: usize) -> Option<String> {
        let mut text = self[source].line_text(line)?;
        for (source, at) in self.secrets_in(&text) {
            if let Some(secret) = self[source].secret(at)
                && text.contains(secret)
            {
                text = mask_word(&text, secret);
            }
        }
        Some(text)
    }

    /// The secrets that stand where a word of a text begins, in the order of the files. Behind a secret
    /// that was masked a word begins too, with a sign.
    fn secrets_in(&self, text: &str) -> Vec<(SourceId, usize)> {
        let mut found = Vec::new();
        if self.by_head.is_empty() {
            return found;
        }
        let mut before = None;
        let words = text
            .char_indices()
            .filter(|(_, c)| !touches(before.replace(*c)) || !c.is_alphanumeric());
        for (at, _) in words {
            let rest = &text[at..];
            let known = head(rest).and_then(|head| self.by_head.get(&head));
            let stands_here = |(source, at): &&(SourceId, usize)| {
                let secret = self[*source].secret(*at);
                secret.is_some_and(|secret| rest.starts_with(secret))
            };
            found.extend(known.into_iter().flatten().filter(stands_here));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// `path:line:column`, as terminals make it clickable.
    pub fn place(&self, span: Span) -> String {
        let source = &self[span.source];
        let (line, column) = source.line_column(span.start);
        format!("{}:{line}:{column}", source.path)
    }
}

fn head(text: &str) -> Option<[u8; SHORTEST_SECRET]> {
    text.as_bytes().first_chunk().copied()
}

fn touches(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

/// Masks `word` in `text` where no letter or digit touches it.
fn mask_word(text: &str, word: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        masked.push_str(before);
        if touches(masked.chars().next_back()) || touches(after.chars().next()) {
            masked.push_str(word);
        } else {
            masked.extend(word.chars().map(|_| '•'));
        }
        rest = after;
    }
    masked + rest
}

impl std::ops::Index<SourceId> for Sources {
    type Output = Source;

    fn index(&self, id: SourceId) -> &Source {
        &self.files[id.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let source = Source::new("a.py", "é = 1\r\nb = 2");
        assert_eq!(source.line_column(0), (1, 1));
        assert_eq!(source.line_column(3), (1, 3));
        assert_eq!(source.line_column(8), (2, 1));
        assert_eq!(source.line_column(999), (2, 6));
        assert_eq!(source.line_text(1).as_deref(), Some("é = 1"));
        assert_eq!(source.line_text(3), None);
    }

    #[test]
    fn a_secret_is_masked_where_it_stands_again() {
        let mut sources = Sources::default();
        let env = sources.add(Source::new(".env", "KEY=pässword # pässword\n"));
        let code = sources.add(Source::new("a.py", "x = 'pässword' # pässwords"));
        sources.mark_secret(Span::new(env, 4, 13));
        let shown = |source, line| sources.line_text(source, line);
        assert_eq!(shown(env, 1).as_deref(), Some("KEY=•••••••• # ••••••••"));
        assert_eq!(
            shown(code, 1).as_deref(),
            Some("x = '••••••••' # pässwords")
        );
        assert_eq!(shown(code, 2), None);
    }

    #[test]
    fn a_secret_right_behind_another_is_masked_too() {
        let mut sources = Sources::default();
        let env = sources.add(Source::new(
            ".env",
            "A=secret1\nB=-secret2\nsecret1-secret2\n",
        ));
        sources.mark_secret(Span::new(env, 2, 9));
        sources.mark_secret(Span::new(env, 12, 20));
        let shown = sources.line_text(env, 3);
        assert_eq!(shown.as_deref(), Some("•••••••••••••••"));
    }

    #[test]
    fn a_marked_secret_is_never_shown() {
        let mut source = Source::new(".env", "KEY=pässword # note\n");
        source.mark_secret(4, 13);
        assert_eq!(source.line_text(1).as_deref(), Some("KEY=•••••••• # note"));
        assert!(!format!("{source:?}").contains("ssword"));
    }
}
