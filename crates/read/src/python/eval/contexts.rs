//! `with` statements, and the generators of the project that are context managers.

use std::rc::Rc;

use tightship_model::Span;

use super::branches::{By, Flow, Guard};
use super::loss::jumps;
use super::{Evaluator, Raise};
use crate::python::heap::{Names, Object};
use crate::python::syntax::ast;
use crate::python::value::{Args, Chain, Function, Kind, Val};
use crate::python::{builtins, libraries};

/// What runs where a generator yields that is a context manager: a `with` statement, from the item
/// after this one on.
#[derive(Clone, Debug)]
pub(super) struct Managed {
    node: Rc<ast::StmtWith>,
    item: usize,
    /// How many scopes ran around the statement.
    frames: usize,
}

impl Evaluator<'_> {
    /// Enters the items from this one on, runs the body, and leaves them.
    pub(super) fn with_statement(
        &mut self,
        node: &Rc<ast::StmtWith>,
        number: usize,
    ) -> Result<Flow, Raise> {
        let Some(item) = node.items.get(number) else {
            return Ok(self.block(&node.body));
        };
        let span = self.span(item);
        let manager = match &item.context_expr {
            ast::Expr::Call(call) => {
                let (callee, given) = self.call_parts(call)?;
                match &callee.kind {
                    Kind::Function(function)
                        if function.is_generator && callee.open.is_none() && !jumps(&node.body) =>
                    {
                        let args = self.unpacked(given, span)?;
                        let managed = Managed {
                            node: node.clone(),
                            item: number,
                            frames: self.frames.len(),
                        };
                        return self.around(&function.clone(), args, managed, span);
                    }
                    _ => self.call_given(&callee, given, span)?,
                }
            }
            expr => self.eval(expr)?,
        };
        let (entered, suppressed) = self.enter(&manager, span)?;
        if let Some(target) = &item.optional_vars {
            self.assign(target, entered, span)?;
        }
        if suppressed.is_empty() {
            let flow = self.with_statement(node, number + 1)?;
            self.leave(&manager, span);
            return Ok(flow);
        }
        self.tries += 1;
        let flow = self.with_statement(node, number + 1);
        self.tries -= 1;
        let flow = flow.unwrap_or_else(Flow::Raise);
        let classes = Val::tuple(suppressed);
        Ok(self.each(flow, &mut |eval, flow| {
            let Flow::Raise(raise) = flow else {
                return flow;
            };
            match eval.catches(&classes, &raise) {
                Some(true) => Flow::Next,
                Some(false) => Flow::Raise(raise),
                None => {
                    let guard = Guard {
                        by: By::Condition,
                        first: "the error is suppressed".into(),
                        second: "it is not".into(),
                        span,
                        trail: Chain::default(),
                    };
                    eval.both(guard, |_| Flow::Next, |_| Flow::Raise(raise))
                }
            }
        }))
    }

    /// Runs a generator function whose `yield` is the body of a `with` statement.
    fn around(
        &mut self,
        function: &Rc<Function>,
        args: Args,
        managed: Managed,
        span: Span,
    ) -> Result<Flow, Raise> {
        let locals = self.heap.add(Object::Names(Names::default()));
        self.bind_parameters(function, args, locals, span)?;
        let mut frame = self.frame_of(function, locals);
        frame.managed = Some(managed);
        self.run_function(function, frame, span)?;
        Ok(Flow::Next)
    }

    /// `yield value` in a context manager: the body of its `with` statement runs.
    pub(super) fn yield_to_body(&mut self, managed: &Managed, value: Val) -> Result<Val, Raise> {
        let inner = self.frames.split_off(managed.frames);
        let item = &managed.node.items[managed.item];
        let span = self.span(item);
        let entered = match &item.optional_vars {
            Some(target) => self.assign(target, value, span),
            None => Ok(()),
        };
        let flow = entered.and_then(|()| self.with_statement(&managed.node, managed.item + 1));
        let flow = flow.unwrap_or_else(Flow::Raise);
        let flow = self.without_raises(flow);
        self.frames.extend(inner);
        match flow {
            Flow::Raise(raise) => Err(raise),
            _ => Ok(Val::NONE),
        }
    }

    /// Leaves the context manager of a library.
    fn leave(&mut self, manager: &Val, span: Span) {
        if let Kind::Object(class, _) = &manager.kind {
            let path = format!("{class}.__exit__");
            // It swallows nothing and gives nothing.
            let _ = libraries::call(self, &path, Some(manager), &Args::default(), span);
        }
    }

    /// Enters a context manager: what `as` binds, and the exceptions that it swallows.
    fn enter(&mut self, manager: &Val, span: Span) -> Result<(Val, Vec<Val>), Raise> {
        match &manager.kind {
            Kind::Made(made) if &*made.class == "contextlib.suppress" => {
                Ok((Val::NONE, made.positional.clone()))
            }
            Kind::Instance(class, _) if self.class_attribute(class, "__enter__").is_some() => {
                let enter = self.attribute(manager, "__enter__", span)?;
                let value = self.call(&enter, Args::default(), span)?;
                Ok((value, Vec::new()))
            }
            Kind::Object(class, _) => {
                let path = format!("{class}.__enter__");
                let args = Args::default();
                match libraries::call(self, &path, Some(manager), &args, span) {
                    Some(entered) => Ok((entered?, Vec::new())),
                    None => Ok((manager.clone(), Vec::new())),
                }
            }
            Kind::Iterator(_) => {
                let value = builtins::next(self, manager, Some(Val::NONE), span)?;
                Ok((value, Vec::new()))
            }
            _ => Ok((manager.clone(), Vec::new())),
        }
    }
}
