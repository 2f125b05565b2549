//! YAML with places: the documents of a file as trees of nodes.
//!
//! Anchors are copied where an alias stands, merge keys are resolved. Broken input gives the tree
//! up to the fault, and the fault.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use tightship_model::{Link, SourceId, Span};

/// Nodes of one document, copies counted: a bound against alias bombs.
const MOST_NODES: usize = 200_000;

/// Nesting of one document.
const DEEPEST: usize = 100;

/// Lines of one file that may be moved so that the parser takes them.
const MOST_MOVED_LINES: usize = 64;

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) data: Data,
    pub(crate) span: Span,
    /// The suffix of a local tag: `reset` for `!reset`.
    pub(crate) tag: Option<String>,
    /// What its reader learnt of a scalar beyond its text.
    pub(crate) origin: Arc<Origin>,
}

/// How a scalar came to be where it stands in the result.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The folder in which its relative paths begin.
    pub(crate) folder: String,
    /// Whether another file took it in, so that its paths are resolved before it is merged.
    pub(crate) is_taken_in: bool,
    /// Variables that were put in, and the statements that took it from elsewhere.
    pub(crate) links: Vec<Link>,
    pub(crate) open: Vec<String>,
    pub(crate) blank: Vec<String>,
    pub(crate) demanded: Vec<String>,
    /// Whether the reader refuses to start while the variables in it are unset.
    pub(crate) is_refused: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Scalar {
        text: String,
        /// Without quotes, so that `true` is a boolean and `~` nothing.
        is_plain: bool,
    },
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

/// Where and why reading stopped.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

/// Reads the first document.
pub(crate) fn parse(source: SourceId, text: &str) -> (Option<Node>, Option<Fault>) {
    let (documents, fault) = documents(source, text);
    (documents.into_iter().next(), fault)
}

/// Reads all documents up to the first fault.
///
/// A bracket that closes a flow collection left of its key is no YAML 1.2, yet libyaml, go-yaml and
/// PyYAML take it: such a line is read as if it stood further right.
pub(crate) fn documents(source: SourceId, text: &str) -> (Vec<Node>, Option<Fault>) {
    let first = read(source, text.len(), text, &[]);
    let (mut moved, mut moves) = (Cow::Borrowed(text), Vec::new());
    let mut fault = first.1.as_ref().map(|fault| fault.line);
    while let Some(line) = fault
        && moves.len() < MOST_MOVED_LINES
        && let Some(start) = line_start(&moved, line)
        && moved[start..]
            .trim_start_matches(' ')
            .starts_with([']', '}'])
        && !moves.iter().any(|(at, _)| *at == start)
    {
        moved.to_mut().insert_str(start, &" ".repeat(DEEPEST));
        moves.push((start, DEEPEST));
        let again = read(source, text.len(), &moved, &moves);
        match again.1 {
            Some(next) => fault = Some(next.line),
            None => return again,
        }
    }
    first
}

/// `moved` is a text of `length` bytes with spaces put in at `moves`.
fn read(
    source: SourceId,
    length: usize,
    moved: &str,
    moves: &[(usize, usize)],
) -> (Vec<Node>, Option<Fault>) {
    let mut builder = Builder {
        places: Places::new(source, moved, length, moves),
        open: Vec::new(),
        documents: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        plain: Arc::default(),
    };
    let mut fault = None;
    for event in Parser::new_from_str(moved) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                fault = Some(Fault {
                    line: error.marker().line(),
                    reason: format!("is not YAML: {}", error.info()),
                });
                break;
            }
        };
        if let Err(reason) = builder.take(event, span) {
            fault = Some(Fault {
                line: span.start.line(),
                reason,
            });
            break;
        }
    }
    while !builder.open.is_empty() {
        builder.close();
    }
    (builder.documents, fault)
}

/// The byte at which a line (from 1) begins.
fn line_start(text: &str, line: usize) -> Option<usize> {
    match line {
        0 => None,
        1 => Some(0),
        _ => memchr::memchr_iter(b'\n', text.as_bytes())
            .nth(line - 2)
            .map(|at| at + 1),
    }
}

impl Node {
    pub(crate) fn null(span: Span) -> Self {
        Self::scalar("", true, span)
    }

    /// A scalar that a reader makes of what stands at `span`.
    pub(crate) fn scalar(text: &str, is_plain: bool, span: Span) -> Self {
        Self {
            data: Data::Scalar {
                text: text.to_owned(),
                is_plain,
            },
            span,
            tag: None,
            origin: Arc::default(),
        }
    }

    /// The value under a key of a mapping; of equal keys the last.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .rev()
            .find(|(name, _)| name.text() == Some(key))
            .map(|(_, value)| value)
    }

    pub(crate) fn entries(&self) -> &[(Self, Self)] {
        match &self.data {
            Data::Mapping(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.data {
            Data::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar as written.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.data, Data::Scalar { text, is_plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

struct Builder<'a> {
    places: Places<'a>,
    open: Vec<Open>,
    documents: Vec<Node>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    plain: Arc<Origin>,
}

/// A collection whose end was not seen yet.
struct Open {
    anchor: usize,
    start: Span,
    tag: Option<String>,
    nodes_before: usize,
    /// Keys and values in turn for a mapping.
    children: Vec<Node>,
    is_mapping: bool,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, at: saphyr_parser::Span) -> Result<(), String> {
        let tag = |tag: Option<Cow<'_, saphyr_parser::Tag>>| {
            tag.filter(|tag| tag.handle == "!")
                .map(|tag| tag.suffix.clone())
        };
        match event {
            Event::Scalar(text, style, anchor, scalar_tag) => {
                let node = Node {
                    data: Data::Scalar {
                        text: text.into_owned(),
                        is_plain: style == ScalarStyle::Plain,
                    },
                    span: self.places.span(at),
                    tag: tag(scalar_tag),
                    origin: Arc::clone(&self.plain),
                };
                self.count(1)?;
                self.anchor(anchor, &node, 1);
                self.add(node);
            }
            Event::SequenceStart(anchor, sequence_tag) => {
                self.open(anchor, tag(sequence_tag), at, false)?;
            }
            Event::MappingStart(anchor, mapping_tag) => {
                self.open(anchor, tag(mapping_tag), at, true)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => {
                let size = self.anchors.get(&anchor).map_or(1, |(_, size)| *size);
                self.count(size)?;
                let node = self.anchors.get(&anchor).map(|(node, _)| node.clone());
                let node = node.ok_or("an alias stands inside of what it names")?;
                self.add(node);
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, more: usize) -> Result<(), String> {
        self.nodes += more;
        if self.nodes > MOST_NODES {
            return Err(format!(
                "has more than {MOST_NODES} nodes, aliases expanded"
            ));
        }
        Ok(())
    }

    fn open(
        &mut self,
        anchor: usize,
        tag: Option<String>,
        at: saphyr_parser::Span,
        is_mapping: bool,
    ) -> Result<(), String> {
        if self.open.len() >= DEEPEST {
            return Err(format!("is nested deeper than {DEEPEST} levels"));
        }
        self.count(1)?;
        self.open.push(Open {
            anchor,
            start: self.places.span(at),
            tag,
            nodes_before: self.nodes,
            children: Vec::new(),
            is_mapping,
        });
        Ok(())
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let end = open
            .children
            .last()
            .map_or(open.start.end, |last| last.span.end);
        let data = if open.is_mapping {
            let mut entries = Vec::new();
            let mut children = open.children.into_iter();
            while let Some(key) = children.next() {
                let value = children.next().unwrap_or_else(|| {
                    let after = Span::new(key.span.source, key.span.end, key.span.end);
                    Node::null(after)
                });
                entries.push((key, value));
            }
            Data::Mapping(merged(entries))
        } else {
            Data::Sequence(open.children)
        };
        let node = Node {
            data,
            span: Span::new(open.start.source, open.start.start, end.max(open.start.end)),
            tag: open.tag,
            origin: Arc::clone(&self.plain),
        };
        self.anchor(open.anchor, &node, self.nodes - open.nodes_before + 1);
        self.add(node);
    }

    fn anchor(&mut self, anchor: usize, node: &Node, size: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.documents.push(node),
        }
    }
}

/// Resolves `<<`: the keys of the merged mappings, as far as the mapping has none of its own and
/// an earlier merged mapping has not either.
fn merged(entries: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    let is_merge =
        |key: &Node| matches!(&key.data, Data::Scalar { text, is_plain: true } if text == "<<");
    if !entries.iter().any(|(key, _)| is_merge(key)) {
        return entries;
    }
    let (merges, mut own): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(key, _)| is_merge(key));
    for (_, value) in merges {
        let mappings = match value.data {
            Data::Sequence(items) => items,
            _ => vec![value],
        };
        for mapping in mappings {
            let Data::Mapping(inherited) = mapping.data else {
                continue;
            };
            for (key, value) in inherited {
                if !own.iter().any(|(name, _)| name.text() == key.text()) {
                    own.push((key, value));
                }
            }
        }
    }
    own
}

/// From the parser's character positions to bytes of the file.
struct Places<'a> {
    source: SourceId,
    text: &'a str,
    /// Byte offsets of every 64th character; empty where a character is a byte.
    table: Vec<u32>,
    /// Spaces that stand in the parser's text only: where, and how many; sorted.
    moves: Vec<(usize, usize)>,
    /// Of the file.
    length: usize,
}

const STRIDE: usize = 64;

impl<'a> Places<'a> {
    fn new(source: SourceId, text: &'a str, length: usize, moves: &[(usize, usize)]) -> Self {
        let table = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .step_by(STRIDE)
                .map(|(at, _)| at as u32)
                .collect()
        };
        let mut moves = moves.to_vec();
        moves.sort_unstable();
        Self {
            source,
            text,
            table,
            moves,
            length,
        }
    }

    fn byte(&self, marker: Marker) -> u32 {
        let mut byte = self.byte_of_parsed(marker.index());
        for (at, count) in self.moves.iter().rev() {
            if byte > *at {
                byte = (*at).max(byte.saturating_sub(*count));
            }
        }
        byte.min(self.length) as u32
    }

    fn byte_of_parsed(&self, index: usize) -> usize {
        if self.table.is_empty() {
            return index.min(self.text.len());
        }
        let Some(start) = self.table.get(index / STRIDE) else {
            return self.text.len();
        };
        let start = *start as usize;
        self.text[start..]
            .char_indices()
            .nth(index % STRIDE)
            .map_or(self.text.len(), |(at, _)| start + at)
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        Span::new(self.source, self.byte(span.start), self.byte(span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Node {
        let (node, fault) = parse(SourceId(0), text);
        assert!(fault.is_none(), "{fault:?}");
        node.expect("a document")
    }

    #[test]
    fn merge_keys_give_what_the_mapping_lacks() {
        let node = root("x: &x {a: 1, b: 2}\ny: &y {a: 9, c: 3}\nz:\n  <<: [*x, *y]\n  b: 5\n");
        let z = node.get("z").expect("z");
        let value = |key: &str| z.get(key).and_then(Node::text);
        assert_eq!(
            (value("a"), value("b"), value("c")),
            (Some("1"), Some("5"), Some("3"))
        );
    }

    #[test]
    fn places_are_bytes_also_behind_wide_characters() {
        let text = "é: ü\nkey: wert # ß\n";
        let node = root(text);
        let span = node.get("key").expect("key").span;
        assert_eq!(&text[span.start as usize..span.end as usize], "wert");
    }

    #[test]
    fn an_alias_bomb_meets_a_bound() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            text += &format!("a{level}: &a{level} [{aliases}]\n");
        }
        let (node, fault) = parse(SourceId(0), &text);
        assert!(fault.is_some_and(|fault| fault.reason.contains("200000 nodes")));
        assert!(node.is_some_and(|node| node.get("a1").is_some()));
    }

    #[test]
    fn a_bracket_may_close_left_of_its_key() {
        let text = "a:\n  test: [\n    \"x\", # why\n  ]\n  next: wert\nb: [\n  1\n]\nc: {\n}\n";
        let node = root(text);
        let next = node.get("a").and_then(|a| a.get("next")).expect("next");
        let span = next.span;
        assert_eq!(&text[span.start as usize..span.end as usize], "wert");
        assert_eq!(node.get("b").map(|b| b.items().len()), Some(1));
        assert!(node.get("c").is_some());
    }

    #[test]
    fn each_document_of_a_file_is_read() {
        let (documents, fault) = documents(SourceId(0), "a: 1\n---\na: &x 2\n---\na: [3]\n");
        assert!(fault.is_none());
        assert_eq!(documents.len(), 3);
    }

    #[test]
    fn a_broken_file_gives_what_stands_before_the_fault() {
        let (node, fault) = parse(SourceId(0), "a: 1\nb:\n  c: [1, 2\nd: }\n");
        assert!(fault.is_some_and(|fault| fault.line >= 3));
        assert_eq!(
            node.and_then(|node| node.get("a")?.text().map(str::to_owned)),
            Some("1".into())
        );
        let deep = format!("{}x", "- ".repeat(150));
        let (_, fault) = parse(SourceId(0), &deep);
        assert!(fault.is_some_and(|fault| fault.reason.contains("100 levels")));
    }
}
