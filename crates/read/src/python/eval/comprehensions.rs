//! Comprehensions and generator expressions.

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::branches::{Flow, Truth};
use super::iteration::Turn;
use super::loss::Words;
use super::objects::{Items, uncertain};
use super::{Evaluator, Frame, LONGEST_LIST, Raise, unknown};
use crate::python::builtins::container;
use crate::python::heap::{Dict, Id, List, Names, Object};
use crate::python::syntax::ast;
use crate::python::value::{Kind, Val};

/// What a comprehension is made of.
struct Parts<'a> {
    elements: Vec<&'a ast::Expr>,
    generators: &'a [ast::Comprehension],
}

/// One of the generators, and the objects that only the comprehension sees.
#[derive(Clone, Copy)]
struct Level<'a> {
    parts: &'a Parts<'a>,
    number: usize,
    own: [Option<Id>; 2],
}

/// What is done for each turn of a loop.
type Body<'e, 'f> = dyn FnMut(&mut Evaluator<'e>) -> Result<(), Raise> + 'f;

impl<'e> Evaluator<'e> {
    pub(crate) fn list_comprehension(&mut self, node: &ast::ExprListComp) -> Result<Val, Raise> {
        let span = self.span(node);
        let parts = &Parts::new(vec![&node.elt], &node.generators);
        self.over_first(parts, span, &mut |eval, first| {
            let first = &eval.in_order(first, span);
            if first.is_choice() {
                return eval.lift(&[first], span, &mut |eval, first| {
                    Ok(Kind::List(eval.collect(parts, &first[0])?).into())
                });
            }
            Ok(Kind::List(eval.collect(parts, first)?).into())
        })
    }

    pub(crate) fn set_comprehension(&mut self, node: &ast::ExprSetComp) -> Result<Val, Raise> {
        let span = self.span(node);
        let parts = &Parts::new(vec![&node.elt], &node.generators);
        self.over_first(parts, span, &mut |eval, first| {
            let items = Kind::List(eval.collect(parts, first)?).into();
            container(eval, &items, span, &mut |eval, items| {
                eval.set(items.items, items.rest)
            })
        })
    }

    /// A generator expression. Whoever it is given to may take all of it at once; else it is not
    /// known how far it runs, nor when.
    pub(crate) fn generator(
        &mut self,
        node: &ast::ExprGenerator,
        is_taken_at_once: bool,
    ) -> Result<Val, Raise> {
        let span = self.span(node);
        if is_taken_at_once {
            return self.generated(node);
        }
        let parts = Parts::new(vec![&node.elt], &node.generators);
        let words = parts.words();
        let mut scopes = Vec::new();
        if let Some(frame) = self.frame() {
            scopes.push(frame.locals);
            scopes.extend(&frame.home.enclosing);
            scopes.push(frame.home.globals);
        }
        let made = self.read_by(&words, &scopes);
        let iterator = self.lazily(&[], span, |eval| eval.generated(node))?;
        let reason = "a generator may stop before it binds this";
        self.forget_named(&parts, &unknown(Cause::Code, reason, span));
        self.reads(&iterator, &made);
        Ok(iterator)
    }

    fn generated(&mut self, node: &ast::ExprGenerator) -> Result<Val, Raise> {
        let span = self.span(node);
        let parts = &Parts::new(vec![&node.elt], &node.generators);
        self.over_first(parts, span, &mut |eval, first| {
            let list = eval.collect(parts, first)?;
            let iterator = Kind::Iterator(list).into();
            eval.goes_over(&iterator, std::slice::from_ref(first));
            Ok(iterator)
        })
    }

    /// What `:=` binds inside of a comprehension is not known.
    fn forget_named(&mut self, parts: &Parts<'_>, reason: &Rc<Unknown>) {
        use crate::python::syntax::visitor::{Visitor, walk_expr};

        struct Named<'a>(Vec<&'a ast::Expr>);

        impl<'a> Visitor<'a> for Named<'a> {
            fn visit_expr(&mut self, expr: &'a ast::Expr) {
                if let ast::Expr::Named(node) = expr {
                    self.0.push(&node.target);
                }
                walk_expr(self, expr);
            }
        }

        let mut named = Named(Vec::new());
        let elements = parts.elements.iter();
        elements.for_each(|element| named.visit_expr(element));
        for clause in parts.generators {
            named.visit_expr(&clause.iter);
            clause.ifs.iter().for_each(|test| named.visit_expr(test));
        }
        for target in named.0 {
            if let ast::Expr::Name(name) = target {
                self.bind_outside(&name.id, Kind::Unknown(reason.clone()).into());
            }
        }
    }

    pub(crate) fn dict_comprehension(&mut self, node: &ast::ExprDictComp) -> Result<Val, Raise> {
        let span = self.span(node);
        let elements = node.key.iter().chain([&node.value]);
        let elements = elements.map(|part| &**part).collect();
        let parts = &Parts::new(elements, &node.generators);
        self.over_first(parts, span, &mut |eval, first| {
            let has_no_order = eval.has_no_order(first);
            let id = eval.heap.add(Object::Dict(Dict {
                has_no_order,
                ..Dict::default()
            }));
            let dict = Kind::Dict(id).into();
            let rest = eval.all_turns(parts, first, id, &mut |eval| match &node.key {
                Some(key) => {
                    let key = eval.eval(key)?;
                    let value = eval.eval(&node.value)?;
                    eval.set_item(&dict, &key, value, span)
                }
                None => {
                    let more = eval.eval(&node.value)?;
                    let more = eval.settled(&more);
                    let mut entries = Dict::default();
                    eval.merge_entries(&mut entries, &more, span);
                    for (key, value) in entries.entries.into_values() {
                        eval.set_item(&dict, &key, value, span)?;
                    }
                    match entries.rest {
                        Some(rest) => eval.set_item(&dict, &Kind::Unknown(rest).into(), more, span),
                        None => Ok(()),
                    }
                }
            })?;
            if let Some(rest) = rest {
                eval.leave_open(id, &rest);
            }
            Ok(dict)
        })
    }

    /// Evaluates the first iterable outside of the comprehension's scope, as Python does, and the
    /// rest for each definite value that it can be.
    fn over_first(
        &mut self,
        parts: &Parts<'_>,
        span: Span,
        run: &mut dyn FnMut(&mut Self, &Val) -> Result<Val, Raise>,
    ) -> Result<Val, Raise> {
        let Some(generator) = parts.generators.first() else {
            return Ok(Val::NONE);
        };
        let first = self.iterable(&generator.iter)?;
        let first = self.looped(&first, span);
        if first.is_settled() || first.is_unknown() || matches!(first.kind, Kind::Unbound) {
            return self.scoped(|eval| run(eval, &first));
        }
        let mut each = |eval: &mut Self, value: &Val| eval.scoped(|eval| run(eval, value));
        let mark = self.maybe.len();
        self.heap.begin();
        let result = self.lift(&[&first], span, &mut |eval, values| each(eval, &values[0]));
        let noted = self.maybe.len();
        let is_told = first.open.as_ref().is_none_or(|open| open.exhaustive);
        if !is_told && result.is_ok() {
            // It fails in no other way than the cases that are told.
            let _ = each(self, &Kind::Unknown(uncertain(&first)).into());
            self.maybe.truncate(noted);
        }
        let result = if self.heap.undo().0.is_empty() {
            result
        } else {
            // What it changes, it changes in each case for itself.
            self.maybe.truncate(mark);
            self.per_world(&first, span, &mut each)
        };
        let reason = "a comprehension over one of several values binds this";
        self.forget_named(parts, &unknown(Cause::Code, reason, span));
        result
    }

    /// What a comprehension goes over, to its end.
    fn iterable(&mut self, expr: &ast::Expr) -> Result<Val, Raise> {
        match expr {
            ast::Expr::Generator(node) => self.generator(node, true),
            expr => self.eval(expr),
        }
    }

    /// Runs in a scope of its own inside the running one.
    fn scoped(&mut self, run: impl FnOnce(&mut Self) -> Result<Val, Raise>) -> Result<Val, Raise> {
        let locals = self.heap.add(Object::Names(Names::default()));
        let home = self.home_of_inner();
        let yields = self.frame().and_then(|frame| frame.yields);
        self.frames.push(Frame {
            locals,
            home,
            declared_global: Vec::new(),
            declared_nonlocal: Vec::new(),
            yields,
            method_of: None,
            is_class: false,
            is_comprehension: true,
            managed: None,
        });
        let result = run(self);
        self.frames.pop();
        result
    }

    /// The elements, as a list of its own: what a turn that may not be made puts in is in it on one
    /// of two ways.
    fn collect(&mut self, parts: &Parts<'_>, first: &Val) -> Result<Id, Raise> {
        let list = self.heap.add(Object::List(List::default()));
        let mut length = 0;
        let rest = self.all_turns(parts, first, list, &mut |eval| {
            let mut items = Vec::new();
            for element in &parts.elements {
                items.push(eval.eval(element)?);
            }
            length += 1;
            if length > LONGEST_LIST {
                return Err(Raise::bound(format!(
                    "a comprehension of more than {LONGEST_LIST} elements"
                )));
            }
            eval.put(list, &Items { items, rest: None })
        })?;
        if let Some(rest) = rest {
            self.leave_open(list, &rest);
        }
        Ok(list)
    }

    /// Runs `body` for each turn, which puts something `into` an object of its own. The result says
    /// why there may be others.
    fn all_turns(
        &mut self,
        parts: &Parts<'_>,
        first: &Val,
        into: Id,
        body: &mut Body<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        let level = Level {
            parts,
            number: 0,
            own: [Some(into), self.scope()],
        };
        self.turns_at(level, Some(first), body)
    }

    /// Runs `body` for each turn of the generators from this level on.
    fn turns_at(
        &mut self,
        level: Level<'_>,
        first: Option<&Val>,
        body: &mut Body<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        let Some(generator) = level.parts.generators.get(level.number) else {
            body(self)?;
            return Ok(None);
        };
        let span = self.span(&generator.iter);
        let value = match first {
            Some(value) => value.clone(),
            None => {
                let value = self.iterable(&generator.iter)?;
                self.in_order(&value, span)
            }
        };
        let (mut turns, mut lost) = self.turns_over(&value, span)?;
        let mut rest = None;
        loop {
            self.step()?;
            let item = match self.next_turn(&mut turns)? {
                Turn::Item(item) => item,
                Turn::End => break,
                Turn::Lost(reason) => {
                    lost = Some(reason);
                    break;
                }
            };
            let more = self.turn_with(item, level, body)?;
            rest = rest.or(more);
        }
        if let Some(reason) = &lost {
            self.lose_further_turns(level, reason, body);
        }
        Ok(rest.or(lost))
    }

    fn turn_with(
        &mut self,
        item: Val,
        level: Level<'_>,
        body: &mut Body<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        let generator = &level.parts.generators[level.number];
        self.assign(&generator.target, item, self.span(&generator.iter))?;
        self.turn_if(&generator.ifs, level, body)
    }

    /// What turns change of which it is not known how many there are is not known, if they change
    /// anything.
    fn lose_further_turns(
        &mut self,
        level: Level<'_>,
        reason: &Rc<Unknown>,
        body: &mut Body<'e, '_>,
    ) {
        let mark = self.maybe.len();
        self.heap.begin();
        let item = Kind::Unknown(reason.clone()).into();
        let turn = self.turn_with(item, level, body);
        let mut changes = self.heap.undo();
        self.maybe.truncate(mark);
        changes.0.retain(|id, _| !level.own.contains(&Some(*id)));
        if !changes.0.is_empty() || turn.is_err() {
            self.lose_words(&level.parts.words(), reason);
        }
        self.forget_named(level.parts, reason);
    }

    /// One turn, if these tests let it through. What a turn changes that may not be made is changed
    /// on one of two ways.
    fn turn_if(
        &mut self,
        tests: &[ast::Expr],
        level: Level<'_>,
        body: &mut Body<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        let Some((test, tests)) = tests.split_first() else {
            let number = level.number + 1;
            return self.turns_at(Level { number, ..level }, None, body);
        };
        let value = self.eval(test)?;
        let truth = self.truth(&value);
        match truth {
            Truth::Known(true) => self.turn_if(tests, level, body),
            Truth::Known(false) => Ok(None),
            _ => {
                let mut rest = None;
                let flow = self.branch(
                    &truth,
                    test,
                    &value,
                    |eval| match eval.turn_if(tests, level, body) {
                        Ok(more) => {
                            rest = more;
                            Flow::Next
                        }
                        Err(raise) => Flow::Raise(raise),
                    },
                    |_| Flow::Next,
                );
                match self.without_raises(flow) {
                    Flow::Raise(raise) => Err(raise),
                    _ => Ok(rest),
                }
            }
        }
    }
}

impl<'a> Parts<'a> {
    fn new(elements: Vec<&'a ast::Expr>, generators: &'a [ast::Comprehension]) -> Self {
        Self {
            elements,
            generators,
        }
    }

    fn words(&self) -> Words {
        Words::of_comprehension(&self.elements, self.generators)
    }
}
