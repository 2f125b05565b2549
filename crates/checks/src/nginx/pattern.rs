//! Regular expressions of nginx (PCRE), taken apart to see what a part of them can match.

use std::collections::BTreeMap;

use fancy_regex::{Assertion, Expr, LookAround, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::bytes::Bytes;

/// A regular expression.
pub(super) struct Pattern {
    text: String,
    ignores_case: bool,
    pub(super) tree: Node,
    /// Number of capturing groups.
    pub(super) groups: usize,
    names: BTreeMap<String, usize>,
}

/// A part of a regular expression. What text alone does not tell of (assertions, references back)
/// is left wide: a node may say that it matches more than it does, never less.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Matches without taking anything: the empty expression, assertions about what is around.
    Empty,
    Start,
    End,
    /// One byte.
    Byte(Bytes),
    Sequence(Vec<Self>),
    Choice(Vec<Self>),
    /// A capturing group with its number, from 1.
    Group(usize, Box<Self>),
    Repeat {
        node: Box<Self>,
        least: usize,
        /// `None` without an end.
        most: Option<usize>,
    },
    /// Anything at all.
    Any,
}

impl Pattern {
    /// `None` for what is longer than 4096 bytes, is no regular expression, or uses a feature of
    /// PCRE that is not understood.
    pub(super) fn parse(text: &str, ignores_case: bool) -> Option<Self> {
        const LONGEST: usize = 4096;
        if text.len() > LONGEST {
            return None;
        }
        let text = without_verbs(text);
        let parsed = Expr::parse_tree(text).ok()?;
        let mut groups = 0;
        let tree = node(&parsed.expr, ignores_case, &mut groups)?;
        Some(Self {
            text: text.to_owned(),
            ignores_case,
            tree,
            groups,
            names: parsed.named_groups.into_iter().collect(),
        })
    }

    /// The pattern of a word that begins with `~` or `~*`, as in `server_name` and `map`.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let rest = word.strip_prefix('~')?;
        match rest.strip_prefix('*') {
            Some(rest) => Self::parse(rest, true),
            None => Self::parse(rest, false),
        }
    }

    /// The number of a group that has a name.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// What a group captures.
    pub(super) fn group(&self, number: usize) -> Option<&Node> {
        self.tree.group(number)
    }

    /// The bytes that may stand right before a group; empty where nothing does.
    pub(super) fn before(&self, number: usize) -> Option<Bytes> {
        self.tree.before(number, Bytes::NONE)
    }

    /// Whether a match is always the whole text.
    pub(super) fn takes_all(&self) -> bool {
        match &self.tree {
            Node::Sequence(nodes) => {
                matches!(nodes.first(), Some(Node::Start))
                    && matches!(nodes.last(), Some(Node::End))
            }
            _ => false,
        }
    }

    /// Whether a text matches; `None` where that takes too many steps.
    pub(super) fn is_match(&self, text: &str) -> Option<bool> {
        const MOST_STEPS: usize = 100_000;
        const LARGEST: usize = 1 << 20;
        let regex = RegexBuilder::new(&self.text)
            .case_insensitive(self.ignores_case)
            .backtrack_limit(MOST_STEPS)
            .delegate_size_limit(LARGEST)
            .build()
            .ok()?;
        regex.is_match(text).ok()
    }
}

impl Node {
    /// The bytes that a match may hold.
    pub(super) fn bytes(&self) -> Bytes {
        match self {
            Self::Empty | Self::Start | Self::End => Bytes::NONE,
            Self::Byte(bytes) => *bytes,
            Self::Sequence(nodes) | Self::Choice(nodes) => nodes
                .iter()
                .fold(Bytes::NONE, |all, node| all.or(node.bytes())),
            Self::Group(_, node) | Self::Repeat { node, .. } => node.bytes(),
            Self::Any => Bytes::ALL,
        }
    }

    /// The bytes that every match holds.
    pub(super) fn always(&self) -> Bytes {
        match self {
            Self::Byte(bytes) if bytes.iter().nth(1).is_none() => *bytes,
            Self::Sequence(nodes) => nodes
                .iter()
                .fold(Bytes::NONE, |all, node| all.or(node.always())),
            Self::Choice(nodes) => nodes
                .iter()
                .fold(Bytes::ALL, |all, node| all.and(node.always())),
            Self::Group(_, node) => node.always(),
            Self::Repeat { node, least, .. } if *least > 0 => node.always(),
            _ => Bytes::NONE,
        }
    }

    /// The bytes that a match may begin with.
    pub(super) fn first(&self) -> Bytes {
        match self {
            Self::Empty | Self::Start | Self::End => Bytes::NONE,
            Self::Byte(bytes) => *bytes,
            Self::Sequence(nodes) => {
                let mut first = Bytes::NONE;
                for node in nodes {
                    first = first.or(node.first());
                    if !node.may_be_empty() {
                        break;
                    }
                }
                first
            }
            Self::Choice(nodes) => nodes
                .iter()
                .fold(Bytes::NONE, |all, node| all.or(node.first())),
            Self::Group(_, node) | Self::Repeat { node, .. } => node.first(),
            Self::Any => Bytes::ALL,
        }
    }

    pub(super) fn may_be_empty(&self) -> bool {
        match self {
            Self::Empty | Self::Start | Self::End | Self::Any => true,
            Self::Byte(_) => false,
            Self::Sequence(nodes) => nodes.iter().all(Self::may_be_empty),
            Self::Choice(nodes) => nodes.iter().any(Self::may_be_empty),
            Self::Group(_, node) => node.may_be_empty(),
            Self::Repeat { node, least, .. } => *least == 0 || node.may_be_empty(),
        }
    }

    /// All texts that match, where there are few of them.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        const MOST: usize = 64;
        let texts = match self {
            Self::Empty | Self::Start | Self::End => vec![String::new()],
            Self::Byte(bytes) => bytes
                .iter()
                .map(|byte| char::from(byte).to_string())
                .collect(),
            Self::Sequence(nodes) => {
                let mut texts = vec![String::new()];
                for node in nodes {
                    let next = node.texts()?;
                    if texts.len() * next.len() > MOST {
                        return None;
                    }
                    texts = texts
                        .iter()
                        .flat_map(|text| next.iter().map(move |more| format!("{text}{more}")))
                        .collect();
                }
                texts
            }
            Self::Choice(nodes) => {
                let mut texts = Vec::new();
                for node in nodes {
                    texts.extend(node.texts()?);
                }
                texts
            }
            Self::Group(_, node) => node.texts()?,
            Self::Repeat {
                node,
                least: 0,
                most: Some(1),
            } => {
                let mut texts = node.texts()?;
                texts.push(String::new());
                texts
            }
            Self::Repeat { .. } | Self::Any => return None,
        };
        (texts.len() <= MOST).then_some(texts)
    }

    /// The inside of a capturing group.
    fn group(&self, number: usize) -> Option<&Self> {
        match self {
            Self::Group(own, node) if *own == number => Some(node),
            Self::Group(_, node) | Self::Repeat { node, .. } => node.group(number),
            Self::Sequence(nodes) | Self::Choice(nodes) => {
                nodes.iter().find_map(|node| node.group(number))
            }
            _ => None,
        }
    }

    /// The bytes that a match may end with.
    fn last(&self) -> Bytes {
        match self {
            Self::Empty | Self::Start | Self::End => Bytes::NONE,
            Self::Byte(bytes) => *bytes,
            Self::Sequence(nodes) => {
                let mut last = Bytes::NONE;
                for node in nodes.iter().rev() {
                    last = last.or(node.last());
                    if !node.may_be_empty() {
                        break;
                    }
                }
                last
            }
            Self::Choice(nodes) => nodes
                .iter()
                .fold(Bytes::NONE, |all, node| all.or(node.last())),
            Self::Group(_, node) | Self::Repeat { node, .. } => node.last(),
            Self::Any => Bytes::ALL,
        }
    }

    fn before(&self, number: usize, outer: Bytes) -> Option<Bytes> {
        match self {
            Self::Group(own, _) if *own == number => Some(outer),
            Self::Group(_, node) | Self::Repeat { node, .. } => node.before(number, outer),
            Self::Choice(nodes) => nodes.iter().find_map(|node| node.before(number, outer)),
            Self::Sequence(nodes) => {
                let mut before = outer;
                for node in nodes {
                    if let Some(found) = node.before(number, before) {
                        return Some(found);
                    }
                    before = if node.may_be_empty() {
                        before.or(node.last())
                    } else {
                        node.last()
                    };
                }
                None
            }
            _ => None,
        }
    }

    /// Whether the capturing group `inner` stands inside the group `outer`.
    pub(super) fn nests(&self, outer: usize, inner: usize) -> bool {
        self.group(outer)
            .is_some_and(|node| node.group(inner).is_some())
    }
}

/// Without the markers of PCRE that may stand at the beginning: `(*UTF)`, `(*MARK:a)`.
fn without_verbs(mut text: &str) -> &str {
    while let Some((_, rest)) = text
        .strip_prefix("(*")
        .and_then(|rest| rest.split_once(')'))
    {
        text = rest;
    }
    text
}

fn node(expr: &Expr, ignores_case: bool, groups: &mut usize) -> Option<Node> {
    let mut each = |exprs: &[Expr]| -> Option<Vec<Node>> {
        exprs
            .iter()
            .map(|expr| node(expr, ignores_case, groups))
            .collect()
    };
    Some(match expr {
        Expr::Empty | Expr::KeepOut | Expr::BackrefExistsCondition(_) => Node::Empty,
        Expr::Any { newline } => Node::Byte(if *newline {
            Bytes::ALL
        } else {
            Bytes::ALL.without(Bytes::of("\n"))
        }),
        Expr::Assertion(Assertion::StartText) => Node::Start,
        Expr::Assertion(Assertion::EndText) => Node::End,
        Expr::Assertion(_) => Node::Empty,
        Expr::Literal { val, casei } => literal(val, *casei || ignores_case),
        Expr::Concat(exprs) => Node::Sequence(each(exprs)?),
        Expr::Alt(exprs) => Node::Choice(each(exprs)?),
        Expr::Group(inner) => {
            *groups += 1;
            let number = *groups;
            Node::Group(number, Box::new(node(inner, ignores_case, groups)?))
        }
        Expr::LookAround(inner, kind) => {
            let inside = node(inner, ignores_case, groups)?;
            looked(inside, *kind)
        }
        Expr::Repeat { child, lo, hi, .. } => Node::Repeat {
            node: Box::new(node(child, ignores_case, groups)?),
            least: *lo,
            most: (*hi != usize::MAX).then_some(*hi),
        },
        Expr::Delegate { inner, casei, .. } => delegated(inner, *casei || ignores_case)?,
        Expr::AtomicGroup(inner) => node(inner, ignores_case, groups)?,
        Expr::Conditional {
            true_branch,
            false_branch,
            ..
        } => Node::Choice(vec![
            node(true_branch, ignores_case, groups)?,
            node(false_branch, ignores_case, groups)?,
        ]),
        Expr::Backref { .. } | Expr::BackrefWithRelativeRecursionLevel { .. } => Node::Any,
        Expr::ContinueFromPreviousMatchEnd
        | Expr::SubroutineCall(_)
        | Expr::UnresolvedNamedSubroutineCall { .. } => return None,
    })
}

/// An assertion takes nothing; only one that looks ahead for the start of the text says where.
fn looked(inside: Node, kind: LookAround) -> Node {
    let begins = match &inside {
        Node::Start => true,
        Node::Sequence(nodes) => matches!(nodes.first(), Some(Node::Start)),
        _ => false,
    };
    match kind {
        LookAround::LookAhead if begins => Node::Start,
        _ => Node::Empty,
    }
}

fn literal(text: &str, ignores_case: bool) -> Node {
    Node::Sequence(
        text.bytes()
            .map(|byte| {
                let cases = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
                Node::Byte(if ignores_case {
                    cases.into_iter().collect()
                } else {
                    std::iter::once(byte).collect()
                })
            })
            .collect(),
    )
}

/// A class of characters, or another small expression without groups.
fn delegated(text: &str, ignores_case: bool) -> Option<Node> {
    // PCRE without (*UTF) works on bytes and counts ASCII only as digits, letters and spaces.
    let hir = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .case_insensitive(ignores_case)
        .build()
        .parse(text)
        .ok()?;
    from_hir(&hir)
}

fn from_hir(hir: &Hir) -> Option<Node> {
    Some(match hir.kind() {
        HirKind::Empty => Node::Empty,
        HirKind::Look(_) => Node::Empty,
        HirKind::Literal(literal) => Node::Sequence(
            literal
                .0
                .iter()
                .map(|byte| Node::Byte(std::iter::once(*byte).collect()))
                .collect(),
        ),
        HirKind::Class(Class::Bytes(class)) => {
            Node::Byte(class.ranges().iter().fold(Bytes::NONE, |all, range| {
                all.or(Bytes::range(range.start(), range.end()))
            }))
        }
        HirKind::Class(Class::Unicode(class)) => {
            Node::Byte(class.ranges().iter().fold(Bytes::NONE, |all, range| {
                let last = u8::try_from(u32::from(range.end())).unwrap_or(u8::MAX);
                let first = u8::try_from(u32::from(range.start())).unwrap_or(0x80);
                all.or(Bytes::range(first, last))
            }))
        }
        HirKind::Repetition(repetition) => Node::Repeat {
            node: Box::new(from_hir(&repetition.sub)?),
            least: repetition.min as usize,
            most: repetition.max.map(|most| most as usize),
        },
        HirKind::Capture(capture) => from_hir(&capture.sub)?,
        HirKind::Concat(parts) => {
            Node::Sequence(parts.iter().map(from_hir).collect::<Option<_>>()?)
        }
        HirKind::Alternation(parts) => {
            Node::Choice(parts.iter().map(from_hir).collect::<Option<_>>()?)
        }
    })
}
