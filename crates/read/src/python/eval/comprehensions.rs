//! Comprehensions and generator expressions.

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::branches::{Flow, Truth};
use super::objects::{Items, uncertain};
use super::{Evaluator, Frame, LONGEST_LIST, Raise};
use crate::python::heap::{Dict, Names, Object};
use crate::python::syntax::ast;
use crate::python::value::{Kind, Val};

/// What is done for each turn of a loop; the reason is why it may not be one.
type Turn<'e, 'f> = dyn FnMut(&mut Evaluator<'e>, Option<Rc<Unknown>>) -> Result<(), Raise> + 'f;

impl<'e> Evaluator<'e> {
    pub(crate) fn list_comprehension(&mut self, node: &ast::ExprListComp) -> Result<Val, Raise> {
        let span = self.span(node);
        self.over_first(&[&node.elt], &node.generators, span, &mut |eval, first| {
            let items = eval.collect(&node.elt, &node.generators, first)?;
            Ok(eval.open_list(items.items, items.rest))
        })
    }

    pub(crate) fn set_comprehension(&mut self, node: &ast::ExprSetComp) -> Result<Val, Raise> {
        let span = self.span(node);
        self.over_first(&[&node.elt], &node.generators, span, &mut |eval, first| {
            let items = eval.collect(&node.elt, &node.generators, first)?;
            Ok(eval.set(items.items, items.rest))
        })
    }

    pub(crate) fn generator(&mut self, node: &ast::ExprGenerator) -> Result<Val, Raise> {
        let span = self.span(node);
        self.over_first(&[&node.elt], &node.generators, span, &mut |eval, first| {
            let items = eval.collect(&node.elt, &node.generators, first)?;
            Ok(eval.iterator(items))
        })
        .inspect(|_| {
            // Whoever takes from a generator may stop early.
            let reason = "a generator may stop before it binds this";
            self.forget_named(&[&node.elt], &node.generators, reason, span);
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
            let mut dict = Dict::default();
            let rest = eval.turn(&node.generators, first, &mut |eval, reason| {
                match &node.key {
                    Some(key) => {
                        let key = eval.eval(key)?;
                        let value = eval.eval(&node.value)?;
                        let result = match reason {
                            Some(reason) => Err(Kind::Unknown(reason).into()),
                            None => dict.insert(key, value),
                        };
                        if let Err(key) = result {
                            dict.rest.get_or_insert_with(|| uncertain(&key));
                        }
                    }
                    None => {
                        let more = eval.eval(&node.value)?;
                        let more = eval.settled(&more);
                        eval.merge_entries(&mut dict, &more, span);
                    }
                }
                Ok(())
            })?;
            if dict.rest.is_none() {
                dict.rest = rest;
            }
            Ok(eval.dict_object(dict))
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
        let first = self.eval(&generator.iter)?;
        let first = self.settled(&first);
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
        });
        let result = run(self);
        self.frames.pop();
        result
    }

    fn collect(
        &mut self,
        element: &ast::Expr,
        generators: &[ast::Comprehension],
        first: &Val,
    ) -> Result<Items, Raise> {
        let mut items = Vec::new();
        let mut doubts: Option<Rc<Unknown>> = None;
        let rest = self.turn(generators, first, &mut |eval, reason| {
            let value = eval.eval(element)?;
            match reason {
                Some(reason) => doubts = doubts.take().or(Some(reason)),
                None => items.push(value),
            }
            if items.len() > LONGEST_LIST {
                return Err(Raise::bound(format!(
                    "a comprehension of more than {LONGEST_LIST} elements"
                )));
            }
            Ok(())
        })?;
        let rest = rest.or(doubts);
        if rest.is_some() {
            let reason = "a comprehension whose turns are not all known binds this";
            self.forget_named(&[element], generators, reason, self.span(element));
        }
        Ok(Items { items, rest })
    }

    /// Runs `body` for each turn of the generators. Its argument says why a turn may not happen;
    /// the result, why there may be others.
    fn turn(
        &mut self,
        generators: &[ast::Comprehension],
        first: &Val,
        body: &mut Turn<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        self.turn_inner(generators, Some(first), None, body)
    }

    fn turn_inner(
        &mut self,
        generators: &[ast::Comprehension],
        first: Option<&Val>,
        doubt: Option<Rc<Unknown>>,
        body: &mut Turn<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        let Some((generator, inner)) = generators.split_first() else {
            body(self, doubt)?;
            return Ok(None);
        };
        let span = self.span(&generator.iter);
        let value = match first {
            Some(value) => value.clone(),
            None => self.eval(&generator.iter)?,
        };
        let items = self.iterate(&value, span)?;
        let mut rest = items.rest;
        for item in items.items {
            self.step()?;
            self.assign(&generator.target, item, span)?;
            let more = self.turn_if(&generator.ifs, inner, doubt.clone(), body)?;
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
        doubt: Option<Rc<Unknown>>,
        body: &mut Turn<'e, '_>,
    ) -> Result<Option<Rc<Unknown>>, Raise> {
        let Some((test, tests)) = tests.split_first() else {
            return self.turn_inner(inner, None, doubt, body);
        };
        let value = self.eval(test)?;
        let truth = self.truth(&value);
        match truth {
            Truth::Known(true) => self.turn_if(tests, inner, doubt, body),
            Truth::Known(false) => Ok(None),
            _ => {
                let mut rest = None;
                let flow = self.branch(
                    &truth,
                    test,
                    &value,
                    |eval| match eval.turn_if(tests, inner, Some(uncertain(&value)), body) {
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
