//! Comprehensions and generator expressions.

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::branches::{Flow, Truth};
use super::loss::Words;
use super::objects::Items;
use super::{Evaluator, Frame, LONGEST_LIST, Raise};
use crate::python::builtins::container;
use crate::python::heap::{Dict, Id, List, Names, Object};
use crate::python::syntax::ast;
use crate::python::value::{Kind, Val};

/// What is done for each turn of a loop.
type Turn<'e, 'f> = dyn FnMut(&mut Evaluator<'e>) -> Result<(), Raise> + 'f;

impl<'e> Evaluator<'e> {
    pub(crate) fn list_comprehension(&mut self, node: &ast::ExprListComp) -> Result<Val, Raise> {
        let span = self.span(node);
        self.over_first(&[&node.elt], &node.generators, span, &mut |eval, first| {
            let first = &eval.in_order(first, span);
            if first.is_choice() {
                return eval.lift(&[first], span, &mut |eval, first| {
                    let list = eval.collect(&node.elt, &node.generators, &first[0])?;
                    Ok(Kind::List(list).into())
                });
            }
            Ok(Kind::List(eval.collect(&node.elt, &node.generators, first)?).into())
        })
    }

    pub(crate) fn set_comprehension(&mut self, node: &ast::ExprSetComp) -> Result<Val, Raise> {
        let span = self.span(node);
        self.over_first(&[&node.elt], &node.generators, span, &mut |eval, first| {
            let items = Kind::List(eval.collect(&node.elt, &node.generators, first)?).into();
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
        let words = Words::of_generator(node);
        let mut scopes = Vec::new();
        if let Some(frame) = self.frame() {
            scopes.push(frame.locals);
            scopes.extend(&frame.home.enclosing);
            scopes.push(frame.home.globals);
        }
        let made = self.read_by(&words, &scopes);
        let iterator = self.lazily(&[], span, |eval| eval.generated(node))?;
        let reason = "a generator may stop before it binds this";
        self.forget_named(&[&node.elt], &node.generators, reason, span);
        self.reads(&iterator, &made);
        Ok(iterator)
    }

    fn generated(&mut self, node: &ast::ExprGenerator) -> Result<Val, Raise> {
        let span = self.span(node);
        self.over_first(&[&node.elt], &node.generators, span, &mut |eval, first| {
            let list = eval.collect(&node.elt, &node.generators, first)?;
            let iterator = Kind::Iterator(list).into();
            eval.goes_over(&iterator, std::slice::from_ref(first));
            Ok(iterator)
        })
    }

    /// What `:=` binds inside of a comprehension is not known.
    fn forget_named(
        &mut self,
        elements: &[&ast::Expr],
        generators: &[ast::Comprehension],
        reason: &str,
        span: Span,
    ) {
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
        elements
            .iter()
            .for_each(|element| named.visit_expr(element));
        for clause in generators {
            named.visit_expr(&clause.iter);
            clause.ifs.iter().for_each(|test| named.visit_expr(test));
        }
        for target in named.0 {
            let ast::Expr::Name(name) = target else {
                continue;
            };
            let lost = self.unknown(Cause::Code, reason, span);
            self.bind_outside(&name.id, lost);
        }
    }

    pub(crate) fn dict_comprehension(&mut self, node: &ast::ExprDictComp) -> Result<Val, Raise> {
        let span = self.span(node);
        let elements: Vec<_> = node
            .key
            .iter()
            .chain([&node.value])
            .map(|part| &**part)
            .collect();
        self.over_first(&elements, &node.generators, span, &mut |eval, first| {
            let has_no_order = eval.has_no_order(first);
            let dict = eval.dict_object(Dict {
                has_no_order,
                ..Dict::default()
            });
            let rest = eval.turn(&node.generators, first, &mut |eval| match &node.key {
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
            if let (Some(rest), Kind::Dict(id)) = (rest, &dict.kind) {
                eval.leave_open(*id, &rest);
            }
            Ok(dict)
        })
    }

    /// Evaluates the first iterable outside of the comprehension's scope, as Python does, and the
    /// rest for each definite value that it can be.
    fn over_first(
        &mut self,
        elements: &[&ast::Expr],
        generators: &[ast::Comprehension],
        span: Span,
        run: &mut dyn FnMut(&mut Self, &Val) -> Result<Val, Raise>,
    ) -> Result<Val, Raise> {
        let Some(generator) = generators.first() else {
            return Ok(Val::NONE);
        };
        let first = self.iterable(&generator.iter)?;
        let first = self.looped(&first, span);
        if first.is_unknown() || matches!(first.kind, Kind::Unbound) {
            return self.scoped(|eval| run(eval, &first));
        }
        let mut each = |eval: &mut Self, value: &Val| eval.scoped(|eval| run(eval, value));
        let mark = self.maybe.len();
        self.heap.begin();
        let result = self.lift(&[&first], span, &mut |eval, values| each(eval, &values[0]));
        let changes = self.heap.undo();
        let result = if changes.0.is_empty() || first.is_settled() {
            self.heap.apply(changes);
            result
        } else {
            // What it changes, it changes in each case for itself.
            self.maybe.truncate(mark);
            self.per_world(&first, span, &mut each)
        };
        if !first.is_settled() {
            let reason = "a comprehension over one of several values binds this";
            self.forget_named(elements, generators, reason, span);
        }
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
    fn collect(
        &mut self,
        element: &ast::Expr,
        generators: &[ast::Comprehension],
        first: &Val,
    ) -> Result<Id, Raise> {
        let list = self.heap.add(Object::List(List::default()));
        let mut length = 0;
        let rest = self.turn(generators, first, &mut |eval| {
            let value = eval.eval(element)?;
            length += 1;
            if length > LONGEST_LIST {
                return Err(Raise::bound(format!(
                    "a comprehension of more than {LONGEST_LIST} elements"
                )));
            }
            let item = Items {
                items: vec![value],
                rest: None,
            };
            eval.put(list, &item)
        })?;
        if let Some(rest) = rest {
            let reason = "a comprehension whose turns are not all known binds this";
            self.forget_named(&[element], generators, reason, self.span(element));
            self.leave_open(list, &rest);
        }
        Ok(list)
    }

    /// Runs `body` for each turn of the generators. The result says why there may be others.
    fn turn(
        &mut self,
        generators: &[ast::Comprehension],
        first: &Val,
        body: &mut Turn<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        self.turn_inner(generators, Some(first), body)
    }

    fn turn_inner(
        &mut self,
        generators: &[ast::Comprehension],
        first: Option<&Val>,
        body: &mut Turn<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        let Some((generator, inner)) = generators.split_first() else {
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
        let items = self.iterate(&value, span)?;
        let mut rest = items.rest;
        for item in items.items {
            self.step()?;
            self.assign(&generator.target, item, span)?;
            let more = self.turn_if(&generator.ifs, inner, body)?;
            rest = rest.or(more);
        }
        Ok(rest)
    }

    /// One turn, if these tests let it through. What a turn changes that may not be made is changed
    /// on one of two ways.
    fn turn_if(
        &mut self,
        tests: &[ast::Expr],
        inner: &[ast::Comprehension],
        body: &mut Turn<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        let Some((test, tests)) = tests.split_first() else {
            return self.turn_inner(inner, None, body);
        };
        let value = self.eval(test)?;
        let truth = self.truth(&value);
        match truth {
            Truth::Known(true) => self.turn_if(tests, inner, body),
            Truth::Known(false) => Ok(None),
            _ => {
                let mut rest = None;
                let flow = self.branch(
                    &truth,
                    test,
                    &value,
                    |eval| match eval.turn_if(tests, inner, body) {
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
