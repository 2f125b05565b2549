//! A place in a configuration and what holds there.

use std::fmt::{self, Display, Formatter};

use foldhash::HashSet;
use smallvec::SmallVec;
use tightship_model::nginx::{Configuration, Directive};
use tightship_predict::nginx::{Matcher, Scope};

/// The main context or a block, with the blocks around it.
pub(super) struct Context<'a> {
    pub(super) configuration: &'a Configuration,
    /// Outermost first; empty for the main context.
    blocks: Blocks<'a>,
}

/// As many as http, a server and a location with an `if` in it are need no memory of their own.
type Blocks<'a> = SmallVec<[&'a Directive; 4]>;

/// The main context and every block, in the order of the files.
pub(super) fn contexts(configuration: &Configuration) -> Vec<Context<'_>> {
    let main = Context {
        configuration,
        blocks: Blocks::new(),
    };
    let mut found = Vec::new();
    add(main, &mut found);
    found
}

/// Readers bound the depth of blocks, so that the stack bears it.
fn add<'a>(context: Context<'a>, found: &mut Vec<Context<'a>>) {
    let at = found.len();
    let directives = context.directives();
    found.push(context);
    for block in directives.iter().filter(|one| one.block.is_some()) {
        let mut inner = found[at].clone();
        inner.blocks.push(block);
        add(inner, found);
    }
}

/// The insides of the blocks of a name, in the order of the files.
pub(super) fn blocks<'a>(configuration: &'a Configuration, name: &str) -> Vec<Context<'a>> {
    let mut found = Vec::new();
    configuration.visit_any(&[name], &mut |around, directive| {
        if directive.block.is_some() {
            let mut inside = Context::inside(configuration, around);
            inside.blocks.push(directive);
            found.push(inside);
        }
    });
    found
}

/// The main context and the blocks in which a directive of these names stands, by the first of them.
pub(super) fn holders<'a>(configuration: &'a Configuration, names: &[&str]) -> Vec<Context<'a>> {
    let mut seen = HashSet::default();
    let mut found = Vec::new();
    configuration.visit_any(names, &mut |around, _| {
        let block = around.last().map(|block| std::ptr::from_ref(*block));
        if seen.insert(block) {
            found.push(Context::inside(configuration, around));
        }
    });
    found
}

/// Every directive that has one of these names, with the place where it stands.
pub(super) fn places<'a>(
    configuration: &'a Configuration,
    names: &[&str],
) -> Vec<(Context<'a>, &'a Directive)> {
    let mut found = Vec::new();
    configuration.visit_any(names, &mut |around, directive| {
        if !around.last().is_some_and(|block| holds_keys(block)) {
            found.push((Context::inside(configuration, around), directive));
        }
    });
    found
}

/// A copy of the whole list at once: smallvec's own goes from one to the next.
impl Clone for Context<'_> {
    fn clone(&self) -> Self {
        Self::inside(self.configuration, &self.blocks)
    }
}

/// Whether the lines of a block are keys and values, not directives.
pub(super) fn holds_keys(block: &Directive) -> bool {
    const TABLES: [&str; 6] = [
        "map",
        "geo",
        "split_clients",
        "types",
        "charset_map",
        "upstream",
    ];
    TABLES.contains(&block.name.text.as_str())
}

impl<'a> Context<'a> {
    /// The place of a scope.
    pub(super) fn of(configuration: &'a Configuration, scope: Scope<'_, 'a>) -> Self {
        let mut blocks: Blocks<'_> = scope.chain().filter_map(Scope::block).collect();
        blocks.reverse();
        Self {
            configuration,
            blocks,
        }
    }

    /// The inside of the last of these blocks, outermost first.
    pub(super) fn inside(configuration: &'a Configuration, blocks: &[&'a Directive]) -> Self {
        Self {
            configuration,
            blocks: Blocks::from_slice(blocks),
        }
    }

    /// The directives that stand here.
    pub(super) fn directives(&self) -> &'a [Directive] {
        match self.blocks.last() {
            Some(block) => block.directives(),
            None => &self.configuration.directives,
        }
    }

    /// The directives of a name that stand here.
    pub(super) fn own(&self, name: &str) -> impl Iterator<Item = &'a Directive> {
        let block = self.block();
        let main = block.is_none().then_some(self.configuration);
        let inside = block.into_iter().flat_map(move |one| one.children(name));
        inside.chain(main.into_iter().flat_map(move |one| one.children(name)))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.own(name).next().is_some()
    }

    /// The directives of a name that hold here: those of the nearest level that has any. nginx
    /// never merges a directive with the same one of an outer level.
    pub(super) fn held(&self, name: &str) -> Vec<&'a Directive> {
        self.holding(name)
            .map_or_else(Vec::new, |level| level.own(name).collect())
    }

    /// The one directive of a name that holds here.
    pub(super) fn value(&self, name: &str) -> Option<&'a Directive> {
        self.holding(name)?.own(name).next()
    }

    /// Whether a switch that holds here is `on`; `None` where nothing sets it.
    pub(super) fn switch(&self, name: &str) -> Option<bool> {
        Some(self.value(name)?.argument(0)?.eq_ignore_ascii_case("on"))
    }

    /// The nearest level that has a directive, this one included.
    pub(super) fn holding(&self, name: &str) -> Option<Self> {
        self.levels().find(|level| level.has(name))
    }

    /// This level and those around it, the nearest first.
    pub(super) fn levels(&self) -> impl Iterator<Item = Self> + use<'a> {
        let mut level = Some(self.clone());
        std::iter::from_fn(move || {
            let this = level.take()?;
            level = this.parent();
            Some(this)
        })
    }

    pub(super) fn parent(&self) -> Option<Self> {
        let (_, around) = self.blocks.split_last()?;
        Some(Self::inside(self.configuration, around))
    }

    /// The block whose inside this is; `None` for the main context.
    pub(super) fn block(&self) -> Option<&'a Directive> {
        self.blocks.last().copied()
    }

    /// Whether this is the inside of a block of that name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.block().is_some_and(|block| block.is(name))
    }

    /// Whether a block of that name is around this place.
    pub(super) fn is_within(&self, name: &str) -> bool {
        self.blocks.iter().any(|block| block.is(name))
    }

    /// Neither in `stream` nor in `mail`, whose directives share names with those of `http`.
    pub(super) fn is_http(&self) -> bool {
        !self.is_within("stream") && !self.is_within("mail")
    }

    /// The inside of the nearest block of a name, around this place or this place itself.
    pub(super) fn around(&self, name: &str) -> Option<Self> {
        self.levels().find(|level| level.is(name))
    }

    /// How the nearest location chooses its requests.
    pub(super) fn matcher(&self) -> Option<Matcher> {
        let location = self.around("location")?;
        location.block().map(Matcher::of)
    }

    /// The insides of the blocks that stand directly here.
    pub(super) fn inner(&self) -> impl Iterator<Item = Self> {
        let outer = self.clone();
        self.directives()
            .iter()
            .filter(|one| one.block.is_some())
            .map(move |block| {
                let mut inner = outer.clone();
                inner.blocks.push(block);
                inner
            })
    }

    /// Whether directives that are not known may stand here, or further out up to the main
    /// context.
    pub(super) fn has_gap(&self) -> bool {
        !self.configuration.gaps.is_empty()
            && self
                .levels()
                .any(|level| self.configuration.has_gap_in(level.block()))
    }

    /// The place in words, for the subject of a finding: `server shop.example, location /api/`.
    pub(super) fn name(&self) -> String {
        /// The place of a location in a server, as most are.
        const BYTES: usize = 64;
        let mut name = String::with_capacity(BYTES);
        for block in self.blocks.iter().filter(|block| !block.is("http")) {
            if !name.is_empty() {
                name.push_str(", ");
            }
            write_name(block, &mut name);
        }
        match name.as_str() {
            "" => "http".to_owned(),
            _ => name,
        }
    }
}

/// Its name, which is written only where it is asked for.
impl Display for Context<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// Puts a block behind `text` by what tells it from its like.
fn write_name(block: &Directive, text: &mut String) {
    if !block.is("server") {
        return block.write_heading(text);
    }
    let name = block
        .child("server_name")
        .and_then(|names| names.argument(0))
        .filter(|name| !name.is_empty());
    let socket = block.child("listen").and_then(|listen| listen.argument(0));
    text.push_str("server");
    for (lead, part) in [(" ", name), (" on ", socket)] {
        if let Some(part) = part {
            text.push_str(lead);
            text.push_str(part);
        }
    }
}
