//! The code behind routes: what a view of the project reads, and whom it calls.

use std::collections::BTreeSet;

use crate::Span;

/// A view of the project, or a decorator that is called around one, with all code of the project
/// that it reaches as far as names tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewCode {
    /// The name of the function or class.
    pub span: Span,
    /// Decorators of the view by their dotted paths, outermost first: its own, those that
    /// `method_decorator` puts on its methods, and those called around it where it is assigned.
    pub decorators: Vec<String>,
    /// Of a class: the dotted paths of the bases that are not the project's, through all levels.
    pub bases: Vec<String>,
    /// `permission_classes` of REST framework by dotted path, where the view has its own.
    pub permissions: Option<Vec<String>>,
    /// `authentication_classes` of REST framework, likewise.
    pub authentications: Option<Vec<String>>,
    /// Where it first reads what the client sent: `request.body`, `.data` or `.POST`.
    pub payload: Option<Span>,
    /// Where it first reads a header or the client's address: `request.headers` or `.META`.
    pub headers: Option<Span>,
    pub calls: Vec<ViewCall>,
    /// The names and the words in quotes that stand in it.
    pub names: BTreeSet<String>,
    /// Why there is more than this, and where.
    pub lost: Option<(String, Span)>,
}

/// A call that a view makes, itself or through functions of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewCall {
    /// The dotted path as imports tell it, calls in between left out: `json.loads`,
    /// `shop.models.Order.objects.filter.update`. A built-in function by its name; a method of what
    /// is not known begins with a dot: `.verify`; one of the own object with `self.`.
    pub path: String,
    pub span: Span,
    /// Whether it is given the request, or what was made of it.
    pub takes_input: bool,
    /// Whether what it calls is read too.
    pub is_followed: bool,
}

impl ViewCode {
    /// Of a view of which nothing but its name is known.
    pub fn new(span: Span) -> Self {
        Self {
            span,
            decorators: Vec::new(),
            bases: Vec::new(),
            permissions: None,
            authentications: None,
            payload: None,
            headers: None,
            calls: Vec::new(),
            names: BTreeSet::new(),
            lost: None,
        }
    }

    pub fn is_decorated_with(&self, path: &str) -> bool {
        self.decorators.iter().any(|decorator| decorator == path)
    }
}
