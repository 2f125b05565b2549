//! The evaluator's own values: what a Python expression is known to give, and how it came to be.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Cause, Link, LinkKind, SourceId, Span, Trail, Unknown};

use super::heap::Id;
use super::syntax::ast;

/// A value on its way through the program.
#[derive(Clone, Debug)]
pub(crate) struct Val {
    pub(crate) kind: Kind,
    pub(crate) trail: Chain,
    /// What open environment variables may make of it; `None` where they have no say.
    pub(crate) open: Option<Rc<Dependence>>,
}

/// What a value is. Mutable things are places on the heap, so that two names share them.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    None,
    Ellipsis,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Path(Rc<str>),
    /// Microseconds.
    Timedelta(i64),
    Tuple(Rc<Sequence>),
    List(Id),
    Set(Id),
    Dict(Id),
    /// What is left of an iterator or generator: a list on the heap that `next` takes from.
    Iterator(Id),
    Function(Rc<Function>),
    Class(Rc<Class>),
    /// An instance of a class of the project.
    Instance(Rc<Class>, Id),
    /// A function bound to its first argument.
    Method(Rc<(Val, Val)>),
    /// A module of the project, by its namespace.
    Module(Rc<str>, Id),
    /// Anything outside the project, by its dotted path: `os.environ`, `builtins.int`.
    Native(Rc<str>),
    /// A method of a value that is not of the project: `"a".join`.
    Bound(Rc<(Val, Rc<str>)>),
    /// An object of a modelled library: dotted path of its class, and its state.
    Object(Rc<str>, Id),
    /// An object of a package, known by the call that made it.
    Made(Rc<Made>),
    /// One of these; the text says when.
    OneOf(Rc<[Alternative]>),
    /// What environment variables say, with no value for their absence; see [`Val::open`].
    Open,
    /// A name or entry that this branch does not bind.
    Unbound,
    Unknown(Rc<Unknown>),
}

/// A tuple's elements; `rest` says that unknown ones may stand among them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sequence {
    pub(crate) items: Vec<Val>,
    pub(crate) rest: Option<Rc<Unknown>>,
}

/// One possible value, and the condition in source text.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    pub(crate) when: Rc<str>,
    pub(crate) value: Val,
}

/// How a value depends on environment variables that are not known. The value's own kind is what
/// holds while they are unset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dependence {
    pub(crate) variables: BTreeSet<Rc<str>>,
    pub(crate) others: Vec<Alternative>,
    /// Whether the kind and `others` are all that it can be.
    pub(crate) exhaustive: bool,
}

/// A function or lambda of the project with what it closes over.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) name: Rc<str>,
    pub(crate) code: Code,
    /// Values of the defaults, by parameter name.
    pub(crate) defaults: Vec<(Rc<str>, Val)>,
    pub(crate) home: Home,
    pub(crate) is_generator: bool,
    /// How a class hands it out.
    pub(crate) access: Access,
    /// Of a property, what is called to set it.
    pub(crate) setter: Option<Val>,
}

#[derive(Clone, Debug)]
pub(crate) enum Code {
    Def(Rc<ast::StmtFunctionDef>),
    Lambda(Rc<ast::ExprLambda>),
}

/// Where code stands: the module it reads its globals from and the scopes around it.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) module: Rc<str>,
    pub(crate) source: SourceId,
    pub(crate) globals: Id,
    /// Enclosing function scopes, nearest first.
    pub(crate) enclosing: Vec<Id>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Plain,
    Static,
    ClassMethod,
    Property,
    /// A property that is worked out once, and then is an attribute of the instance.
    Cached,
}

/// A class of the project.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: Rc<str>,
    /// Dotted path.
    pub(crate) path: Rc<str>,
    /// As written, nearest first; may hold [`Kind::Class`], [`Kind::Native`] or anything unknown.
    pub(crate) bases: Vec<Val>,
    /// The order in which attributes are looked up: this class first, then [`Kind::Class`] and
    /// [`Kind::Native`] bases.
    pub(crate) order: Vec<Val>,
    pub(crate) attributes: Id,
    /// Names that carry an annotation, with whether a default stands beside it, in order.
    pub(crate) annotated: Vec<(Rc<str>, Rc<str>)>,
    pub(crate) is_dataclass: bool,
    pub(crate) span: Span,
}

/// An object of a package: the dotted path that was called, and with what.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) class: Rc<str>,
    pub(crate) positional: Vec<Val>,
    pub(crate) keywords: Vec<(Rc<str>, Val)>,
}

/// The arguments of a call, evaluated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Args {
    pub(crate) positional: Vec<Val>,
    pub(crate) keywords: Vec<(Rc<str>, Val)>,
    /// Set where `*args` or `**kwargs` brought some that are not known.
    pub(crate) rest: Option<Rc<Unknown>>,
}

impl Args {
    pub(crate) fn positional(values: Vec<Val>) -> Self {
        Self {
            positional: values,
            ..Self::default()
        }
    }

    /// The argument at a position or, if it was named, by its keyword.
    pub(crate) fn at(&self, position: usize, name: &str) -> Option<&Val> {
        self.positional.get(position).or_else(|| self.keyword(name))
    }

    pub(crate) fn keyword(&self, name: &str) -> Option<&Val> {
        self.keywords
            .iter()
            .find(|(keyword, _)| &**keyword == name)
            .map(|(_, value)| value)
    }

    /// All values, positional ones first.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Val> {
        self.positional
            .iter()
            .chain(self.keywords.iter().map(|(_, value)| value))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.positional.is_empty() && self.keywords.is_empty() && self.rest.is_none()
    }
}

impl From<Kind> for Val {
    fn from(kind: Kind) -> Self {
        Self {
            kind,
            trail: Chain::default(),
            open: None,
        }
    }
}

impl Val {
    pub(crate) const NONE: Self = Self {
        kind: Kind::None,
        trail: Chain(None),
        open: None,
    };

    pub(crate) fn bool(value: bool) -> Self {
        Kind::Bool(value).into()
    }

    pub(crate) fn int(value: i128) -> Self {
        Kind::Int(value).into()
    }

    pub(crate) fn str(text: impl Into<Rc<str>>) -> Self {
        Kind::Str(text.into()).into()
    }

    pub(crate) fn path(text: impl Into<Rc<str>>) -> Self {
        Kind::Path(text.into()).into()
    }

    pub(crate) fn native(path: impl Into<Rc<str>>) -> Self {
        Kind::Native(path.into()).into()
    }

    pub(crate) fn tuple(items: Vec<Self>) -> Self {
        Kind::Tuple(Rc::new(Sequence { items, rest: None })).into()
    }

    pub(crate) fn unknown(cause: Cause, reason: impl Into<String>, span: Option<Span>) -> Self {
        Kind::Unknown(Rc::new(Unknown::new(cause, reason, span))).into()
    }

    /// What an open variable says, when there is no default for its absence.
    pub(crate) fn open(variables: BTreeSet<Rc<str>>) -> Self {
        Self {
            kind: Kind::Open,
            trail: Chain::default(),
            open: Some(Rc::new(Dependence {
                variables,
                ..Dependence::default()
            })),
        }
    }

    pub(crate) fn with_trail(mut self, trail: Chain) -> Self {
        self.trail = trail;
        self
    }

    /// The same value with one more step in front of its trail.
    pub(crate) fn via(mut self, span: Option<Span>, text: impl Into<String>) -> Self {
        self.trail = self.trail.before(span, text);
        self
    }

    /// The same value, which further variables may change to something that is not known.
    pub(crate) fn depending_on(mut self, variables: &BTreeSet<Rc<str>>) -> Self {
        if variables.is_empty() {
            return self;
        }
        let mut open = self.open.as_deref().cloned().unwrap_or_default();
        open.variables.extend(variables.iter().cloned());
        open.exhaustive = false;
        self.open = Some(Rc::new(open));
        self
    }

    /// The variables that have a say in this value (not in what is inside it).
    pub(crate) fn variables(&self) -> BTreeSet<Rc<str>> {
        self.open
            .as_ref()
            .map(|open| open.variables.clone())
            .unwrap_or_default()
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string or path.
    pub(crate) fn as_path(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) | Kind::Path(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_int(&self) -> Option<i128> {
        match self.kind {
            Kind::Int(value) => Some(value),
            Kind::Bool(value) => Some(i128::from(value)),
            _ => None,
        }
    }

    /// Whether this is one definite Python value, whatever may be inside it.
    pub(crate) fn is_settled(&self) -> bool {
        self.open.is_none()
            && !matches!(
                self.kind,
                Kind::OneOf(_) | Kind::Open | Kind::Unbound | Kind::Unknown(_)
            )
    }

    /// Whether it is one of several values that are told.
    pub(crate) fn is_several(&self) -> bool {
        matches!(self.kind, Kind::OneOf(_))
            || self
                .open
                .as_ref()
                .is_some_and(|open| !open.others.is_empty())
    }

    /// Whether something can be done for each value that it may be: for those that are told, or for
    /// the one that holds while its variables are unset.
    pub(crate) fn is_choice(&self) -> bool {
        self.is_several() || self.open.is_some() && !matches!(self.kind, Kind::Open)
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self.kind, Kind::None)
    }

    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unknown(_))
    }

    /// `type(value).__name__`, as Python's own messages say it.
    pub(crate) fn type_name(&self) -> Rc<str> {
        match &self.kind {
            Kind::None => "NoneType".into(),
            Kind::Ellipsis => "ellipsis".into(),
            Kind::Bool(_) => "bool".into(),
            Kind::Int(_) => "int".into(),
            Kind::Float(_) => "float".into(),
            Kind::Str(_) => "str".into(),
            Kind::Bytes(_) => "bytes".into(),
            Kind::Path(_) => "PosixPath".into(),
            Kind::Timedelta(_) => "timedelta".into(),
            Kind::Tuple(_) => "tuple".into(),
            Kind::List(_) => "list".into(),
            Kind::Set(_) => "set".into(),
            Kind::Dict(_) => "dict".into(),
            Kind::Iterator(_) => "generator".into(),
            Kind::Function(_) => "function".into(),
            Kind::Class(_) => "type".into(),
            Kind::Instance(class, _) => class.name.clone(),
            Kind::Method(_) => "method".into(),
            Kind::Module(..) => "module".into(),
            Kind::Bound(_) => "builtin_function_or_method".into(),
            Kind::Object(path, _) => last_part(path).into(),
            Kind::Made(made) => last_part(&made.class).into(),
            Kind::Native(_) | Kind::OneOf(_) | Kind::Open | Kind::Unbound | Kind::Unknown(_) => {
                "object".into()
            }
        }
    }
}

/// `c` of `a.b.c`.
pub(crate) fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The steps by which a value came, nearest first. Shared between values, never longer than
/// [`LONGEST_TRAIL`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain(Option<Rc<Step>>);

#[derive(Debug)]
struct Step {
    link: Link,
    next: Chain,
    length: usize,
}

/// Steps of a trail. Longer ones help nobody; the middle is left out.
const LONGEST_TRAIL: usize = 12;

impl Chain {
    pub(crate) fn at(span: Span, text: impl Into<String>) -> Self {
        Self::default().before(Some(span), text)
    }

    /// A trail that begins outside every file.
    pub(crate) fn outside(text: impl Into<String>) -> Self {
        Self::default().before(None, text)
    }

    /// One more step in front. A step that is already the nearest is not said twice.
    pub(crate) fn before(self, span: Option<Span>, text: impl Into<String>) -> Self {
        self.with(Link::new(span, text))
    }

    /// A variable of the environment that is read at a place.
    pub(crate) fn read(self, span: Span, name: &str) -> Self {
        self.with(Link {
            kind: LinkKind::Reads,
            ..Link::new(Some(span), format!("reads {name}"))
        })
    }

    /// A condition that decides at a place; this trail is that of the condition.
    pub(crate) fn decides(self, span: Span, text: impl Into<String>) -> Self {
        self.with(Link {
            kind: LinkKind::Decides,
            ..Link::new(Some(span), text)
        })
    }

    /// This trail, then the steps of another that it does not hold yet.
    pub(crate) fn and(&self, other: &Self) -> Self {
        match (self.0.is_some(), other.0.is_some()) {
            (_, false) => self.clone(),
            (false, true) => other.clone(),
            (true, true) => {
                if let (Some(one), Some(two)) = (&self.0, &other.0)
                    && Rc::ptr_eq(one, two)
                {
                    return self.clone();
                }
                let mut links: Vec<Link> = self.links().cloned().collect();
                for link in other.links() {
                    if links.len() < LONGEST_TRAIL && !links.contains(link) {
                        links.push(link.clone());
                    }
                }
                Self::from_links(links)
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::successors(self.0.as_deref(), |step| step.next.0.as_deref())
            .map(|step| &step.link)
    }

    pub(crate) fn to_trail(&self) -> Trail {
        Trail::new(self.links().cloned().collect())
    }

    pub(crate) fn from_trail(trail: &Trail) -> Self {
        Self::from_links(trail.links().iter().take(LONGEST_TRAIL).cloned().collect())
    }

    fn from_links(links: Vec<Link>) -> Self {
        links
            .into_iter()
            .rev()
            .fold(Self::default(), |chain, link| chain.with(link))
    }

    fn with(self, link: Link) -> Self {
        let length = match &self.0 {
            Some(step) if step.link == link => return self,
            Some(step) if step.length >= LONGEST_TRAIL => {
                let mut links: Vec<Link> = self.links().cloned().collect();
                links.remove(LONGEST_TRAIL / 2);
                return Self::from_links(links).with(link);
            }
            Some(step) => step.length + 1,
            None => 1,
        };
        Self(Some(Rc::new(Step {
            link,
            next: self,
            length,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_keeps_its_ends_and_its_bound() {
        let mut chain = Chain::outside("first");
        for n in 0..100 {
            chain = chain.before(None, format!("step {n}"));
        }
        let texts: Vec<_> = chain.links().map(|link| link.text.as_str()).collect();
        assert_eq!(texts.len(), LONGEST_TRAIL);
        assert_eq!(texts.first(), Some(&"step 99"));
        assert_eq!(texts.last(), Some(&"first"));
    }

    #[test]
    fn equal_steps_are_said_once() {
        let chain = Chain::outside("a").before(None, "a").before(None, "b");
        assert_eq!(chain.links().count(), 2);
        assert_eq!(chain.and(&Chain::outside("a")).links().count(), 2);
    }
}
