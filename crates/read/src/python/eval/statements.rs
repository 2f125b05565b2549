//! What statements do.

use std::rc::Rc;

use tightship_model::{Cause, Gap, Span};

use super::branches::{By, Flow, Guard, Truth};
use super::loss::{jumps, yields};
use super::{Condition, DEEPEST, Evaluator, MOST_STEPS, MOST_STEPS_PER_STATEMENT, Raise, Tried};
use crate::python::syntax::ast;
use crate::python::value::{Args, Chain, Code, Function, Kind, Made, Val};

impl Evaluator<'_> {
    /// Runs the body of a module. An error that nothing catches ends a program; here it is noted,
    /// what the statement would have bound is not known, and the next statement runs.
    pub(crate) fn module_body(&mut self, body: &[ast::Stmt]) -> Flow {
        if self.tries > 0 {
            return self.block(body);
        }
        // A module that is imported has steps of its own: its endless loop costs its own names.
        let (outer, start) = (self.horizon, self.steps.get());
        for statement in body {
            self.horizon = (self.steps.get() + MOST_STEPS_PER_STATEMENT).min(MOST_STEPS);
            let flow = self.statement(statement);
            if let Flow::Raise(raise) = self.without_raises(flow) {
                self.failed(statement, &raise);
                self.lose_bindings(statement, &raise);
            }
        }
        self.horizon = (outer + self.steps.get() - start).min(MOST_STEPS);
        Flow::Next
    }

    /// Notes that a statement stops the program.
    fn failed(&mut self, statement: &ast::Stmt, raise: &Raise) {
        let span = raise.span.unwrap_or_else(|| self.span(statement));
        if !raise.is_bound {
            self.stops_at(raise.text(), span);
        }
        let reason = if raise.is_bound {
            raise.message.clone()
        } else {
            format!("the program stops here: {}", raise.text())
        };
        let place = self.tree.sources().place(span);
        self.tree.add_gap(Gap {
            place,
            reason,
            lost: "what this statement sets is not known".to_owned(),
        });
    }

    /// Runs statements until one leaves.
    pub(crate) fn block(&mut self, body: &[ast::Stmt]) -> Flow {
        for (number, statement) in body.iter().enumerate() {
            let flow = if self.tries > 0 {
                let mark = self.maybe.len();
                self.tried.push(Tried {
                    branches: self.heap.branches(),
                    maybes: mark,
                });
                let arm = self.arm(|eval| eval.statement(statement));
                self.tried.pop();
                let span = self.span(statement);
                self.with_maybes(mark, arm, span)
            } else {
                self.statement(statement)
            };
            match flow {
                Flow::Next => {}
                Flow::Fork(_) => {
                    let rest = &body[number + 1..];
                    return self.resume(flow, Flow::is_next, |eval| eval.block(rest));
                }
                flow => return flow,
            }
        }
        Flow::Next
    }

    fn statement(&mut self, statement: &ast::Stmt) -> Flow {
        if let Err(raise) = self.step() {
            return Flow::Raise(raise);
        }
        if self.depth >= DEEPEST {
            return Flow::Raise(Raise::bound(format!(
                "the program is nested deeper than {DEEPEST} levels"
            )));
        }
        self.depth += 1;
        let flow = self.statement_inner(statement);
        self.depth -= 1;
        flow.unwrap_or_else(|raise| {
            let span = self.span(statement);
            Flow::Raise(raise.at(span))
        })
    }

    fn statement_inner(&mut self, statement: &ast::Stmt) -> Result<Flow, Raise> {
        match statement {
            ast::Stmt::Expr(node) => {
                self.eval(&node.value)?;
            }
            ast::Stmt::Assign(node) => {
                let value = self.eval(&node.value)?;
                let span = self.span(node);
                for target in &node.targets {
                    self.assign(target, value.clone(), span)?;
                }
            }
            ast::Stmt::AnnAssign(node) => {
                if let Some(value) = &node.value {
                    let value = self.eval(value)?;
                    self.assign(&node.target, value, self.span(node))?;
                }
            }
            ast::Stmt::AugAssign(node) => self.augmented(node)?,
            ast::Stmt::Delete(node) => {
                for target in &node.targets {
                    self.delete(target)?;
                }
            }
            ast::Stmt::If(node) => return self.if_statement(node),
            ast::Stmt::For(node) => return self.for_statement(node),
            ast::Stmt::While(node) => return self.while_statement(node),
            ast::Stmt::Try(node) => return self.try_statement(node),
            ast::Stmt::With(node) => return self.with_statement(&Rc::new(node.clone()), 0),
            ast::Stmt::Match(node) => return self.match_statement(node),
            ast::Stmt::Import(node) => self.import(node)?,
            ast::Stmt::ImportFrom(node) => self.import_from(node)?,
            ast::Stmt::FunctionDef(node) => self.define_function(node)?,
            ast::Stmt::ClassDef(node) => self.define_class(node)?,
            ast::Stmt::Return(node) => return self.return_statement(node),
            ast::Stmt::Raise(node) => return Ok(Flow::Raise(self.raised(node)?)),
            ast::Stmt::Assert(node) => return self.assert_statement(node),
            ast::Stmt::Global(node) => {
                let names: Vec<Rc<str>> = node.names.iter().map(|n| n.as_str().into()).collect();
                if let Some(frame) = self.frames.last_mut() {
                    frame.declared_global.extend(names);
                }
            }
            ast::Stmt::Nonlocal(node) => {
                let names: Vec<Rc<str>> = node.names.iter().map(|n| n.as_str().into()).collect();
                if let Some(frame) = self.frames.last_mut() {
                    frame.declared_nonlocal.extend(names);
                }
            }
            ast::Stmt::Break(_) => return Ok(Flow::Break),
            ast::Stmt::Continue(_) => return Ok(Flow::Continue),
            ast::Stmt::Pass(_) | ast::Stmt::TypeAlias(_) | ast::Stmt::IpyEscapeCommand(_) => {}
        }
        Ok(Flow::Next)
    }

    fn if_statement(&mut self, node: &ast::StmtIf) -> Result<Flow, Raise> {
        self.if_chain(&node.test, &node.body, &node.elif_else_clauses)
    }

    fn if_chain(
        &mut self,
        test: &ast::Expr,
        body: &[ast::Stmt],
        clauses: &[ast::ElifElseClause],
    ) -> Result<Flow, Raise> {
        let value = self.eval(test)?;
        match self.truth(&value) {
            Truth::Known(true) => Ok(self.under(test, true, &value, |eval| eval.block(body))),
            Truth::Known(false) => {
                Ok(self.under(test, false, &value, |eval| eval.clauses(clauses)))
            }
            truth => Ok(self.branch(
                &truth,
                test,
                &value,
                |eval| eval.block(body),
                |eval| eval.clauses(clauses),
            )),
        }
    }

    fn clauses(&mut self, clauses: &[ast::ElifElseClause]) -> Flow {
        let Some((clause, rest)) = clauses.split_first() else {
            return Flow::Next;
        };
        match &clause.test {
            None => self.block(&clause.body),
            Some(test) => self
                .if_chain(test, &clause.body, rest)
                .unwrap_or_else(Flow::Raise),
        }
    }

    /// Runs a branch that a known test chose: what it assigns says so in its trail.
    pub(crate) fn under(
        &mut self,
        test: &ast::Expr,
        truth: bool,
        value: &Val,
        run: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let span = self.span(test);
        let text = self.text(span);
        let text = if truth {
            format!("because {text} is true")
        } else {
            format!("because {text} is false")
        };
        self.conditions.push(Condition {
            span,
            text: text.into(),
            trail: value.trail.clone(),
        });
        let flow = run(self);
        self.conditions.pop();
        flow
    }

    /// A trail, and then what led to the branch that is running.
    pub(crate) fn with_conditions(&self, trail: &Chain) -> Chain {
        self.conditions
            .iter()
            .rev()
            .fold(trail.clone(), |trail, condition| {
                let because = condition
                    .trail
                    .clone()
                    .decides(condition.span, &*condition.text);
                trail.and(&because)
            })
    }

    fn try_statement(&mut self, node: &ast::StmtTry) -> Result<Flow, Raise> {
        let handlers: Vec<_> = node
            .handlers
            .iter()
            .map(|ast::ExceptHandler::ExceptHandler(handler)| handler)
            .collect();
        // A jump in `finally` swallows the error too.
        let is_guarded = !handlers.is_empty() || jumps(&node.finalbody);
        if is_guarded {
            self.tries += 1;
        }
        let flow = self.block(&node.body);
        if is_guarded {
            self.tries -= 1;
        }
        let flow = self.each(flow, &mut |eval, flow| match flow {
            Flow::Raise(raise) => eval.handle(&handlers, raise),
            // Handlers do not see what `else` raises.
            Flow::Next => eval.block(&node.orelse),
            flow => flow,
        });
        if node.finalbody.is_empty() {
            return Ok(flow);
        }
        Ok(
            self.each(flow, &mut |eval, flow| match eval.block(&node.finalbody) {
                Flow::Next => flow,
                last => last,
            }),
        )
    }

    /// Runs the handler that catches an exception, or hands it on.
    fn handle(&mut self, handlers: &[&ast::ExceptHandlerExceptHandler], raise: Raise) -> Flow {
        let Some((handler, rest)) = handlers.split_first() else {
            return Flow::Raise(raise);
        };
        let catches = match &handler.type_ {
            None => (!raise.is_bound).then_some(true).or(Some(false)),
            Some(class) => match self.eval(class) {
                Ok(class) => self.catches(&class, &raise),
                Err(raise) => return Flow::Raise(raise),
            },
        };
        match catches {
            Some(true) => self.run_handler(handler, raise),
            Some(false) => self.handle(rest, raise),
            None => {
                let guard = Guard {
                    by: By::Condition,
                    first: "this handler catches the error".into(),
                    second: "it does not".into(),
                    span: self.span(*handler),
                    trail: Chain::default(),
                };
                let again = raise.clone();
                self.both(
                    guard,
                    |eval| eval.run_handler(handler, again),
                    |eval| eval.handle(rest, raise),
                )
            }
        }
    }

    fn run_handler(&mut self, handler: &ast::ExceptHandlerExceptHandler, raise: Raise) -> Flow {
        if let Some(name) = &handler.name {
            let value = raise.value.clone().unwrap_or_else(|| {
                let span = raise.span.unwrap_or_else(|| self.span(handler));
                match &raise.class.kind {
                    // Its own words differ from Python's.
                    Kind::Native(class) => Kind::Made(Rc::new(Made {
                        class: class.clone(),
                        positional: vec![self.unknown(Cause::Code, "an error's text", span)],
                        keywords: Vec::new(),
                    }))
                    .into(),
                    _ => self.unknown(Cause::Code, "an exception object", span),
                }
            });
            if let Some(frame) = self.frame() {
                let locals = frame.locals;
                self.heap.bind(locals, name, value);
            }
        }
        self.handled.push(raise);
        let flow = self.block(&handler.body);
        self.handled.pop();
        if let (Some(name), Some(frame)) = (&handler.name, self.frame()) {
            let locals = frame.locals;
            self.heap.bind(locals, name, Kind::Unbound.into());
        }
        flow
    }

    fn return_statement(&mut self, node: &ast::StmtReturn) -> Result<Flow, Raise> {
        let value = match &node.value {
            Some(value) => self.eval(value)?,
            None => Val::NONE,
        };
        let trail = self.with_conditions(&value.trail);
        Ok(Flow::Return(value.with_trail(trail)))
    }

    fn raised(&mut self, node: &ast::StmtRaise) -> Result<Raise, Raise> {
        let span = self.span(node);
        let Some(exception) = &node.exc else {
            return Ok(self.handled.last().cloned().unwrap_or_else(|| {
                Raise::new("RuntimeError", "No active exception to reraise", Some(span))
            }));
        };
        let value = self.eval(exception)?;
        Ok(self.raise_of(value, span))
    }

    fn raise_of(&mut self, value: Val, span: Span) -> Raise {
        match &value.kind {
            Kind::Class(class) => match self.instantiate(&class.clone(), Args::default(), span) {
                Ok(made) => Raise::of(value.clone(), String::new(), Some(made), Some(span)),
                Err(raise) => raise,
            },
            Kind::Native(path) => {
                let made = Made {
                    class: path.clone(),
                    positional: Vec::new(),
                    keywords: Vec::new(),
                };
                let made = Kind::Made(Rc::new(made)).into();
                Raise::of(value.clone(), String::new(), Some(made), Some(span))
            }
            Kind::Made(made) => {
                let message = made.positional.first().and_then(Val::as_str);
                let message = message.unwrap_or_default().to_owned();
                Raise::of(
                    Val::native(made.class.clone()),
                    message,
                    Some(value.clone()),
                    Some(span),
                )
            }
            Kind::Instance(class, _) => {
                let class = Kind::Class(class.clone()).into();
                Raise::of(class, String::new(), Some(value.clone()), Some(span))
            }
            _ => Raise::of(
                value.clone(),
                String::new(),
                Some(value.clone()),
                Some(span),
            ),
        }
    }

    fn assert_statement(&mut self, node: &ast::StmtAssert) -> Result<Flow, Raise> {
        let span = self.span(node);
        let test = self.eval(&node.test)?;
        let failure = |eval: &mut Self| {
            let message = node.msg.as_ref().map(|message| eval.eval(message));
            let positional = match message.transpose() {
                Ok(message) => message.into_iter().collect(),
                Err(raise) => return Flow::Raise(raise),
            };
            let class = "builtins.AssertionError".into();
            let made = Val::from(Kind::Made(Rc::new(Made {
                class,
                positional,
                keywords: Vec::new(),
            })));
            Flow::Raise(eval.raise_of(made, span))
        };
        Ok(match self.truth(&test) {
            Truth::Known(true) => Flow::Next,
            Truth::Known(false) => failure(self),
            truth => self.branch(&truth, &node.test, &test, |_| Flow::Next, failure),
        })
    }

    fn define_function(&mut self, node: &ast::StmtFunctionDef) -> Result<(), Raise> {
        let defaults = self.defaults(&node.parameters)?;
        let (access, decorators) = self.decorators(&node.decorator_list)?;
        let function = Function {
            name: node.name.as_str().into(),
            is_generator: yields(&node.body),
            code: Code::Def(Rc::new(node.clone())),
            defaults,
            home: self.home_of_inner(),
            access,
            setter: None,
        };
        let span = self.span(node);
        let mut value = Val::from(Kind::Function(Rc::new(function)));
        for decorator in decorators.into_iter().rev() {
            value = self.decorated(&decorator, value, span)?;
        }
        value = self.as_setter(&node.decorator_list, value)?;
        self.bind(node.name.as_str(), value);
        Ok(())
    }
}
