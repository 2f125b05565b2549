//! Values that know where they come from.

use std::sync::Arc;

use crate::Span;

/// One step of a trail: a place, and what happened there in a few words.
///
/// `text` never holds a secret's value. `span` is `None` for what stands in no file: a default of
/// Django, a variable given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub span: Option<Span>,
    pub text: String,
    pub kind: LinkKind,
}

/// What a step of a trail is to the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkKind {
    /// The value passes here: an assignment, a default, a file.
    #[default]
    Passes,
    /// A variable of the environment is read.
    Reads,
    /// A condition chose the way; what follows is the way of the condition.
    Decides,
}

impl Link {
    /// A place that the value passes.
    pub fn new(span: Option<Span>, text: impl Into<String>) -> Self {
        Self {
            span,
            text: text.into(),
            kind: LinkKind::Passes,
        }
    }
}

/// The way a value came, nearest first: the assignment, then what it read, down to the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail(Arc<[Link]>);

impl Trail {
    pub fn new(links: Vec<Link>) -> Self {
        Self(links.into())
    }

    /// A trail of one step.
    pub fn one(link: Link) -> Self {
        Self([link].into())
    }

    pub fn at(span: Span, text: impl Into<String>) -> Self {
        Self::one(Link::new(Some(span), text))
    }

    /// A trail that begins outside every file.
    pub fn outside(text: impl Into<String>) -> Self {
        Self::new(vec![Link::new(None, text)])
    }

    pub fn links(&self) -> &[Link] {
        &self.0
    }

    /// The way of the value itself: without the conditions that chose it, and their way.
    pub fn own_links(&self) -> impl Iterator<Item = &Link> {
        let is_own = |link: &&Link| link.kind != LinkKind::Decides;
        self.0.iter().take_while(is_own)
    }

    /// The nearest link that stands in a file.
    pub fn first_span(&self) -> Option<Span> {
        self.0.iter().find_map(|link| link.span)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A value with its trail.
#[derive(Clone, Debug, PartialEq)]
pub struct Traced<T> {
    pub value: T,
    pub trail: Trail,
}

impl<T> Traced<T> {
    pub fn new(value: T, trail: Trail) -> Self {
        Self { value, trail }
    }
}
