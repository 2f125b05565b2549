//! Which directives hold in a place.

use tightship_model::Span;
use tightship_model::nginx::{Directive, Word};

use super::directives::{Merge, default, merge};
use super::http::Http;
use super::leaf::Handler;
use super::location::Matcher;

/// A block in which directives hold: http, a server, a location and what lies in it.
#[derive(Clone, Copy)]
pub struct Scope<'h, 'a> {
    pub(super) http: &'h Http<'a>,
    pub(super) node: NodeId,
}

/// The kinds of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Outside of every block.
    Main,
    Http,
    Server,
    Location,
    If,
    LimitExcept,
}

/// The directives of one name that hold in a scope.
#[derive(Clone, Debug, Default)]
pub struct Effective<'a> {
    /// In the order in which nginx applies them; empty where none is set.
    pub directives: Vec<&'a Directive>,
    /// The block that the first of them stands in.
    pub block: Option<&'a Directive>,
    /// Whether that block is one around the scope.
    pub is_inherited: bool,
    /// Those of blocks around that would hold, were it not for the ones that do; nearest first.
    pub dropped: Vec<&'a Directive>,
    /// A place between the scope and the block where further ones may stand that are not known: an
    /// `include` of a file that is not in the project.
    pub gap: Option<Span>,
}

/// A node of [`Http`]: one block with what it declares.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) level: Level,
    pub(super) block: Option<&'a Directive>,
    pub(super) parent: Option<NodeId>,
    pub(super) children: Vec<NodeId>,
    pub(super) matcher: Option<Matcher>,
    /// The first of its directives that answer by another server or by themselves, as [`Handler`]
    /// ranks them.
    pub(super) answers: Option<Handler<'a>>,
    /// Sorted by name, those of one name in the order of the file.
    declared: Vec<&'a Directive>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub(super) u32);

impl NodeId {
    pub(super) const MAIN: Self = Self(0);
    pub(super) const HTTP: Self = Self(1);
}

impl<'h, 'a> Scope<'h, 'a> {
    pub fn level(self) -> Level {
        self.inner().level
    }

    /// The directive that opens it; `None` for the main context.
    pub fn block(self) -> Option<&'a Directive> {
        self.inner().block
    }

    /// How it chooses its requests, where it is a location.
    pub fn matcher(self) -> Option<&'h Matcher> {
        self.inner().matcher.as_ref()
    }

    /// The scope around it.
    pub fn around(self) -> Option<Self> {
        Some(self.http.at(self.inner().parent?))
    }

    /// It and the scopes around it, nearest first.
    pub fn chain(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |scope| scope.around())
    }

    /// The nearest location: itself, or the one around an `if`. `None` outside of locations.
    pub fn location(self) -> Option<Self> {
        self.chain().find(|scope| scope.level() == Level::Location)
    }

    /// The server that it belongs to.
    pub fn server(self) -> Option<Self> {
        self.chain().find(|scope| scope.level() == Level::Server)
    }

    /// The scopes right inside it, in the order of the file.
    pub fn inside(self) -> impl Iterator<Item = Self> {
        let children = &self.http.node(self.node).children;
        children.iter().map(move |child| self.http.at(*child))
    }

    /// The locations right inside it.
    pub fn locations(self) -> Vec<Self> {
        self.inside()
            .filter(|scope| scope.level() == Level::Location)
            .collect()
    }

    /// The directives of this name in this very block, in the order of the file.
    pub fn declared(self, name: &str) -> &'h [&'a Directive] {
        self.http.node(self.node).declared(name)
    }

    /// The directives of this name that hold here, as nginx merges them.
    pub fn effective(self, name: &str) -> Effective<'a> {
        let mut effective = Effective::default();
        let may_hide = !self.http.configuration.gaps.is_empty();
        if !may_hide && !self.http.has(name) {
            return effective;
        }
        let rule = merge(name);
        let family: &[&str] = match &rule {
            Merge::ReplacesWith(family) => family,
            _ => &[name],
        };
        // Whether the blocks so far let through what stands in those around them.
        let mut passes = true;
        for scope in self.chain() {
            let own = scope.of_family(family);
            if !passes {
                effective.dropped.extend(own);
                continue;
            }
            effective.gap = effective.gap.or(scope.gap());
            let is_bare = own.is_empty();
            if !is_bare && effective.block.is_none() {
                effective.block = scope.block();
                effective.is_inherited = scope.node != self.node;
            }
            match rule {
                Merge::Adds => effective.directives.splice(..0, own).for_each(drop),
                _ => effective.directives.extend(own),
            }
            passes = match rule {
                Merge::Replaces | Merge::ReplacesWith(_) => is_bare,
                Merge::Adds => true,
                Merge::Ruled(by) => match scope.value(by) {
                    Some("merge") => true,
                    Some("off") => false,
                    _ => is_bare,
                },
                Merge::Handles if is_bare && scope.level() >= Level::If => true,
                Merge::Handles | Merge::Stays => break,
            };
        }
        effective
    }

    /// The last of the directives of this name that hold here: the one, where nginx takes only one.
    pub fn one(self, name: &str) -> Option<&'a Directive> {
        if !self.http.has(name) {
            return None;
        }
        match merge(name) {
            // The nearest block that has any decides alone.
            Merge::Replaces => self
                .chain()
                .find_map(|scope| scope.declared(name).last().copied()),
            Merge::ReplacesWith(family) => self
                .chain()
                .find_map(|scope| scope.of_family(family).last().copied()),
            _ => self.effective(name).directives.last().copied(),
        }
    }

    /// The first parameter of the one that holds here, or the [`default`] of the release of nginx.
    pub fn value(self, name: &str) -> Option<&'a str> {
        self.value_of(name, self.one(name))
    }

    /// What the one directive of a name that holds here sets.
    fn value_of(self, name: &str, one: Option<&'a Directive>) -> Option<&'a str> {
        match one {
            Some(directive) => directive.argument(0),
            None => default(name, self.http.configuration.version),
        }
    }

    /// [`Scope::value`] as `on` or `off`; `None` where it is neither or not known.
    pub fn flag(self, name: &str) -> Option<bool> {
        let one = self.one(name);
        let is_known = |one: &Directive| one.arguments.first().is_some_and(|word| word.is_known);
        if one.is_some_and(|one| !is_known(one)) {
            return None;
        }
        let value = self.value_of(name, one)?;
        let is = |text: &str| value.eq_ignore_ascii_case(text);
        if is("on") {
            Some(true)
        } else {
            is("off").then_some(false)
        }
    }

    /// Whether directives may stand in this very block that are not known.
    pub fn has_gap(self) -> bool {
        self.gap().is_some()
    }

    /// In words: `location /static/`.
    pub fn heading(self) -> String {
        match self.block() {
            Some(block) => block.heading(),
            None => "the main context".to_owned(),
        }
    }

    fn gap(self) -> Option<Span> {
        let span = self.block().map(|block| block.span);
        let gaps = &self.http.configuration.gaps;
        let gap = gaps.iter().find(|gap| gap.within.last().copied() == span)?;
        Some(gap.span)
    }

    fn of_family(self, family: &[&str]) -> Vec<&'a Directive> {
        match family {
            [name] => self.declared(name).to_vec(),
            // Several names keep the order in which they stand.
            _ if family.iter().all(|name| self.declared(name).is_empty()) => Vec::new(),
            _ => {
                let all = self.block().map_or(&[][..], Directive::directives);
                let is_one = |directive: &&Directive| family.iter().any(|name| directive.is(name));
                all.iter().filter(is_one).collect()
            }
        }
    }

    pub(super) fn inner(self) -> &'h Node<'a> {
        self.http.node(self.node)
    }
}

/// Two scopes are the same where they are opened by the same block.
impl PartialEq for Scope<'_, '_> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node && std::ptr::eq(self.http, other.http)
    }
}

impl Eq for Scope<'_, '_> {}

impl std::fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Scope").field(&self.heading()).finish()
    }
}

impl<'a> Effective<'a> {
    /// Whether none is set and nothing hides one that is: nginx's default holds.
    pub fn is_default(&self) -> bool {
        self.directives.is_empty() && self.gap.is_none()
    }

    /// Their parameters at this position, counted from 0.
    pub fn arguments(&self, index: usize) -> impl Iterator<Item = &'a Word> {
        self.directives
            .iter()
            .filter_map(move |directive| directive.arguments.get(index))
    }
}

impl<'a> Node<'a> {
    pub(super) fn new(
        level: Level,
        block: Option<&'a Directive>,
        parent: Option<NodeId>,
        directives: &'a [Directive],
    ) -> Self {
        let mut declared: Vec<_> = directives.iter().collect();
        declared.sort_by(|a, b| a.name.text.cmp(&b.name.text));
        Self {
            level,
            block,
            parent,
            children: Vec::new(),
            matcher: None,
            answers: Handler::declared(directives),
            declared,
        }
    }

    /// The names of what it declares, the same ones side by side.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        let names = self.declared.iter();
        names.map(|directive| directive.name.text.as_str())
    }

    fn declared(&self, name: &str) -> &[&'a Directive] {
        // Texts of different lengths are told apart at once, which one is the lesser is not.
        const FEW: usize = 12;
        let start = if self.declared.len() <= FEW {
            let first = self.declared.iter().position(|one| one.is(name));
            first.unwrap_or(self.declared.len())
        } else {
            self.declared
                .partition_point(|directive| directive.name.text.as_str() < name)
        };
        let length = self.declared[start..].partition_point(|directive| directive.is(name));
        &self.declared[start..start + length]
    }
}
