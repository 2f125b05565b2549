//! The evaluator: runs the statements of settings modules over values that may be partly known.
//!
//! - [`statements`], [`loops`], [`contexts`], [`patterns`], [`exceptions`]: what statements do
//! - [`expressions`], [`displays`], [`comprehensions`], [`subscripts`], [`operators`],
//!   [`durations`], [`comparisons`]: what expressions give
//! - [`calls`], [`arguments`], [`parameters`], [`classes`], [`instances`], [`enums`]: functions and
//!   classes of the project; beside this folder `builtins`, `methods`, `stdlib` and `libraries`: what
//!   else is called
//! - [`branches`]: both ways of a test that is not known; [`joining`]: one state made of two;
//!   [`narrowing`]: what a test leaves of the values that it asks; [`possible`]: errors that happen
//!   in some cases only
//! - [`lift`], [`cases`]: something done for each value that one may be, without effects and with
//! - [`iteration`], [`laziness`]: what loops see; iterators, whose code Python runs only when
//!   something is taken from them
//! - [`environment`]: what the process environment says
//! - [`loss`]: what is not known any more where the evaluator gave up
//! - [`objects`], [`assign`]: making and changing things on the heap

mod arguments;
mod assign;
mod branches;
mod calls;
mod cases;
mod classes;
mod comparisons;
mod comprehensions;
mod contexts;
mod displays;
mod durations;
mod enums;
mod environment;
mod exceptions;
mod expressions;
mod instances;
mod iteration;
mod joining;
mod laziness;
mod lift;
mod loops;
mod loss;
mod narrowing;
mod objects;
mod operators;
mod parameters;
mod patterns;
mod possible;
mod statements;
mod subscripts;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tightship_model::{Cause, Environment, Packages, SourceId, Span, Unknown};

use super::heap::{Heap, Id, List, Names, Object};
use super::syntax::{Ranged, TextRange};
use super::value::{Home, Kind, Val};
use crate::files::Tree;

pub(crate) use branches::{Flow, Guard, Truth};
pub(crate) use calls::is_exception;
pub(crate) use enums::{is_enum, is_str_enum};
pub(crate) use environment::{Open, Variable};
pub(crate) use exceptions::Raise;
pub(crate) use instances::{fields, is_named_tuple};
pub(crate) use lift::is_class_name;
pub(crate) use objects::{Items, OWN_DICT, uncertain};

/// Which world is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The environment as it is known.
    Given,
    /// As if every variable that is read with a default were missing.
    Unset,
}

/// One run over a settings module.
pub(crate) struct Evaluator<'a> {
    pub(crate) tree: &'a mut Tree,
    pub(crate) heap: Heap,
    /// The real, absolute path of the tree's root.
    pub(crate) root: Rc<str>,
    /// The folder of manage.py, relative to the root.
    pub(crate) folder: Rc<str>,
    pub(crate) django: (u32, u32),
    /// Whether the project itself says which Django it runs on.
    django_is_named: bool,
    /// The packages that the project asks for: how a library reads depends on its version.
    pub(crate) packages: &'a Packages,
    /// Modules of the project that were imported, by dotted name.
    pub(crate) loaded: Id,
    /// `sys.path`.
    pub(crate) search: Id,
    /// The sources of all modules that were evaluated.
    pub(crate) sources: BTreeSet<SourceId>,
    /// Where a statement certainly stops the program, and what Python says.
    pub(crate) stops: Vec<(String, Span)>,
    /// Texts that were read from variables whose names say that they are secret.
    pub(crate) secrets: BTreeSet<Rc<str>>,
    environment: &'a Environment,
    mode: Mode,
    /// What the program itself wrote to `os.environ`.
    overlay: Id,
    /// What `.env` files that the program read say.
    from_files: Id,
    frames: Vec<Frame>,
    /// The variables that must be set here: where they are not, the program went another way.
    assumed: Vec<Rc<str>>,
    /// What `if` and its kin led here, nearest last.
    conditions: Vec<Condition>,
    /// `try` statements around this place.
    tries: usize,
    /// The statements that are running below them, nearest last.
    tried: Vec<Tried>,
    /// Objects from here on are so new that nothing else holds them: equal ones may count as one.
    new_from: Id,
    /// Objects that no name leads to any more as far as is known, but some may in truth.
    escaped: Vec<Val>,
    /// What iterators were made of.
    lazy: BTreeMap<Id, laziness::Made>,
    /// Errors that may have happened since the running statement began.
    maybe: Vec<exceptions::Maybe>,
    /// The exceptions whose handlers are running, for `raise` alone.
    handled: Vec<Raise>,
    steps: Cell<u64>,
    /// Where the steps of the running top-level statement end.
    horizon: u64,
    depth: usize,
}

/// A scope that is being run.
#[derive(Debug)]
struct Frame {
    locals: Id,
    home: Home,
    declared_global: Vec<Rc<str>>,
    declared_nonlocal: Vec<Rc<str>>,
    /// Where `yield` puts its values.
    yields: Option<Id>,
    /// The class whose method runs, and its first argument, for `super()`.
    method_of: Option<(Val, Val)>,
    /// Functions that are written in a class body do not see its names.
    is_class: bool,
    is_comprehension: bool,
    /// What runs where it yields, in the place of putting the value anywhere.
    managed: Option<contexts::Managed>,
}

/// A running statement whose errors may be caught.
#[derive(Clone, Copy, Debug)]
struct Tried {
    /// Branches of the heap, and errors in mind, when it began.
    branches: usize,
    maybes: usize,
}

#[derive(Debug)]
struct Condition {
    span: Span,
    text: Rc<str>,
    trail: super::value::Chain,
}

/// Expressions and statements run in one evaluation. Ordinary settings need some thousand.
const MOST_STEPS: u64 = 2_000_000;

/// Of these, what one statement at the top of a module may use, so that one endless loop does not
/// cost the settings after it.
const MOST_STEPS_PER_STATEMENT: u64 = 400_000;

/// Nesting of expressions, blocks and calls together: with [`STACK`] it cannot overflow the stack.
const DEEPEST: usize = 2_000;

/// Calls inside of calls; Python's own limit is 1000, settings need less than ten.
const DEEPEST_CALL: usize = 64;

/// Objects on the heap.
const MOST_OBJECTS: usize = 500_000;

/// Elements of one list, set or dict.
pub(crate) const LONGEST_LIST: usize = 100_000;

/// Bytes of one string.
pub(crate) const LONGEST_TEXT: usize = 1024 * 1024;

/// Bytes of stack that an evaluation gets: [`DEEPEST`] levels at less than 64 KB each, as an
/// unoptimised build needs them. The pages are taken from the system only when they are touched.
pub(crate) const STACK: usize = 128 * 1024 * 1024;

impl<'a> Evaluator<'a> {
    /// `folder` is the project's folder relative to the root; `django` decides the defaults that
    /// `django.conf.global_settings` gives.
    pub(crate) fn new(
        tree: &'a mut Tree,
        folder: &str,
        environment: &'a Environment,
        mode: Mode,
        django: Option<(u32, u32)>,
        packages: &'a Packages,
    ) -> Self {
        let root: Rc<str> = tree.real_root().into();
        let mut heap = Heap::default();
        let start = Val::str(super::paths::join(&root, folder));
        let search = heap.add(Object::List(List {
            items: vec![start],
            rest: None,
        }));
        let mut names = || heap.add(Object::Names(Names::default()));
        let (loaded, overlay, from_files) = (names(), names(), names());
        Self {
            tree,
            heap,
            root,
            folder: folder.into(),
            django: django.unwrap_or(super::django::NEWEST),
            django_is_named: django.is_some(),
            packages,
            loaded,
            search,
            sources: BTreeSet::new(),
            stops: Vec::new(),
            secrets: BTreeSet::new(),
            environment,
            mode,
            overlay,
            from_files,
            frames: Vec::new(),
            assumed: Vec::new(),
            conditions: Vec::new(),
            tries: 0,
            tried: Vec::new(),
            new_from: Id::NEVER,
            escaped: Vec::new(),
            lazy: BTreeMap::new(),
            maybe: Vec::new(),
            handled: Vec::new(),
            steps: Cell::new(0),
            horizon: MOST_STEPS_PER_STATEMENT,
            depth: 0,
        }
    }

    /// The place of a piece of syntax in the running module.
    pub(crate) fn span(&self, node: impl Ranged) -> Span {
        let range: TextRange = node.range();
        let source = self
            .frames
            .last()
            .map_or(SourceId(0), |frame| frame.home.source);
        Span::new(source, range.start().to_u32(), range.end().to_u32())
    }

    /// The source text of a place, in one line, as a reader of a report wants it.
    pub(crate) fn text(&self, span: Span) -> Rc<str> {
        /// Characters of a condition that are worth showing.
        const SHOWN: usize = 80;
        let text = self.tree.sources()[span.source].masked(span.start as usize..span.end as usize);
        let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() > SHOWN {
            line = line.chars().take(SHOWN).chain(['…']).collect();
        }
        line.into()
    }

    /// Counts one step; an error once the bound is hit.
    fn step(&mut self) -> Result<(), Raise> {
        if !self.escaped.is_empty() {
            self.lose_what_escaped();
        }
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > self.horizon || self.heap.len() > MOST_OBJECTS {
            return Err(Raise::bound(format!(
                "the program does not come to an end within {MOST_STEPS_PER_STATEMENT} steps"
            )));
        }
        Ok(())
    }

    /// Counts the work of something that is done at once.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), Raise> {
        self.count(steps);
        self.step()
    }

    /// Counts one step of what gives no value beyond the bound; the next statement finds it.
    pub(crate) fn may_go_on(&self) -> bool {
        self.count(1);
        self.steps.get() <= self.horizon
    }

    /// Counts work that cannot fail itself: the next step finds the bound.
    fn count(&self, steps: usize) {
        self.steps
            .set(self.steps.get().saturating_add(steps as u64));
    }

    /// The Django version, where the project names it.
    pub(crate) fn django_version(&self) -> Option<(u32, u32)> {
        self.django_is_named.then_some(self.django)
    }

    /// The globals of the running module.
    pub(crate) fn globals(&self) -> Option<Id> {
        self.frame().map(|frame| frame.home.globals)
    }

    /// The namespace that assignments go to.
    pub(crate) fn scope(&self) -> Option<Id> {
        self.frame().map(|frame| frame.locals)
    }

    /// Checks that one more module may be entered.
    pub(crate) fn enter_module(&self) -> Result<(), Raise> {
        if self.frames.len() >= DEEPEST_CALL {
            return Err(Raise::bound(format!(
                "imports are nested deeper than {DEEPEST_CALL} levels"
            )));
        }
        Ok(())
    }

    /// Runs the body of a module.
    pub(crate) fn in_module(&mut self, home: Home, run: impl FnOnce(&mut Self) -> Flow) -> Flow {
        let conditions = std::mem::take(&mut self.conditions);
        self.frames.push(Frame {
            locals: home.globals,
            home,
            declared_global: Vec::new(),
            declared_nonlocal: Vec::new(),
            yields: None,
            method_of: None,
            is_class: false,
            is_comprehension: false,
            managed: None,
        });
        let flow = run(self);
        self.frames.pop();
        self.conditions = conditions;
        flow
    }

    /// Notes that the program stops here, unless a condition that is not decided led here.
    pub(crate) fn stops_at(&mut self, says: String, span: Span) {
        if self.heap.branches() == 0 && self.tries == 0 {
            self.stops.push((says, span));
        }
    }

    /// Keeps in mind that an error may happen for a reason that the files do not tell.
    pub(crate) fn maybe(&mut self, raise: Raise, when: String) {
        self.note(exceptions::Maybe::condition(raise, when.into()));
    }

    fn frame(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// An unknown value at a place in the running module.
    pub(crate) fn unknown(&self, cause: Cause, reason: impl Into<String>, span: Span) -> Val {
        Val::unknown(cause, reason, Some(span))
    }
}

/// An unknown thing, shared.
pub(crate) fn unknown(cause: Cause, reason: impl Into<String>, span: Span) -> Rc<Unknown> {
    Rc::new(Unknown::new(cause, reason, Some(span)))
}

/// A value where parts that are not bound are another value, or stay unbound without one.
pub(crate) fn unbound_becomes(
    eval: &mut Evaluator<'_>,
    value: Val,
    other: Option<Val>,
    span: Span,
) -> Val {
    let Some(other) = other else {
        return value;
    };
    let is_unbound = |value: &Val| matches!(value.kind, Kind::Unbound);
    let replace = |value: &Val| {
        if is_unbound(value) {
            other.clone()
        } else {
            value.clone()
        }
    };
    match (&value.kind, &value.open) {
        (Kind::OneOf(cases), None) if cases.iter().any(|case| is_unbound(&case.value)) => {
            let cases = cases
                .iter()
                .map(|case| (case.when.clone(), replace(&case.value)));
            let cases = cases.collect();
            eval.one_of(cases, span)
        }
        (kind, Some(open))
            if matches!(kind, Kind::Unbound)
                || open.others.iter().any(|o| is_unbound(&o.value)) =>
        {
            let mut open = (**open).clone();
            for case in &mut open.others {
                case.value = replace(&case.value);
            }
            let main = if matches!(kind, Kind::Unbound) {
                other.kind.clone()
            } else {
                kind.clone()
            };
            Val {
                kind: main,
                trail: value.trail.clone(),
                open: Some(Rc::new(open)),
            }
        }
        _ => value,
    }
}
