//! `for` and `while`.

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::branches::{By, Flow, Guard, Truth};
use super::iteration::{MOST_ORDERED, Turn, Turns};
use super::loss::{leaves, turns};
use super::{Evaluator, Raise};
use crate::python::syntax::ast;
use crate::python::value::{Chain, Kind, Val};

impl Evaluator<'_> {
    pub(super) fn for_statement(&mut self, node: &ast::StmtFor) -> Result<Flow, Raise> {
        let value = self.eval(&node.iter)?;
        let span = self.span(&*node.iter);
        let mut value = self.looped(&value, span);
        if self.has_no_order(&value)
            && value.open.is_none()
            && let Some(items) = self.items(&value)
            && items.items.len() > MOST_ORDERED
            && items.rest.is_none()
        {
            return Ok(self.for_any_order(node, items.items, span));
        }
        value = self.in_order(&value, span);
        if value.open.is_some() && !matches!(value.kind, Kind::Open) {
            // While the variables are unset it loops over what is known; set, over anything.
            let main = Val {
                open: None,
                ..value.clone()
            };
            let reason = super::objects::uncertain(&value);
            let names: Vec<_> = value.variables().into_iter().collect();
            let guard = Guard {
                by: By::Unset(value.variables()),
                first: format!("{} is not set", names.join(", ")).into(),
                second: format!("{} is set", names.join(", ")).into(),
                span,
                trail: value.trail.clone(),
            };
            return Ok(self.both(
                guard,
                |eval| {
                    eval.for_closed(node, &main, span)
                        .unwrap_or_else(Flow::Raise)
                },
                |eval| {
                    let flow = eval.lost_turns(node, &reason);
                    eval.left(flow)
                },
            ));
        }
        self.for_closed(node, &value, span)
    }

    /// A loop over a value, or over one of several, that variables have no say in.
    fn for_closed(&mut self, node: &ast::StmtFor, value: &Val, span: Span) -> Result<Flow, Raise> {
        let Kind::OneOf(cases) = &value.kind else {
            return self.for_value(node, value, span);
        };
        let cases = cases.iter();
        let cases: Vec<_> = cases
            .map(|case| (case.when.clone(), case.value.clone()))
            .collect();
        Ok(self.for_cases(node, &cases, span))
    }

    /// A loop over elements that come in any order: what one order and its opposite leave alike, all
    /// do.
    fn for_any_order(&mut self, node: &ast::StmtFor, mut items: Vec<Val>, span: Span) -> Flow {
        let reason = super::unknown(Cause::Random, "it depends on the order of a set", span);
        let guard = Guard {
            by: By::Untold(reason),
            first: "the set has one order".into(),
            second: "it has another".into(),
            span,
            trail: Chain::default(),
        };
        let forwards = self.list(items.clone());
        items.reverse();
        let backwards = self.list(items);
        let run = |list: Val| {
            move |eval: &mut Self| {
                let flow = eval.for_value(node, &list, span);
                flow.unwrap_or_else(Flow::Raise)
            }
        };
        self.both(guard, run(forwards), run(backwards))
    }

    fn for_cases(&mut self, node: &ast::StmtFor, cases: &[(Rc<str>, Val)], span: Span) -> Flow {
        match cases {
            [] => Flow::Next,
            [(_, value)] => {
                let value = self.settled(value);
                self.for_value(node, &value, span)
                    .unwrap_or_else(Flow::Raise)
            }
            [(when, value), rest @ ..] => {
                let guard = Guard {
                    by: By::Condition,
                    first: when.clone(),
                    second: rest[0].0.clone(),
                    span,
                    trail: value.trail.clone(),
                };
                let only = [(when.clone(), value.clone())];
                self.both(
                    guard,
                    |eval| eval.for_cases(node, &only, span),
                    |eval| eval.for_cases(node, rest, span),
                )
            }
        }
    }

    fn for_value(&mut self, node: &ast::StmtFor, value: &Val, span: Span) -> Result<Flow, Raise> {
        let (turns, rest) = self.turns_over(value, span)?;
        let flow = self.turns(node, turns, 0);
        if let Some(rest) = rest {
            // Further turns of the loop may change anything that it touches, or end it before.
            match self.without_raises(flow) {
                Flow::Raise(raise) if raise.is_bound => return Ok(Flow::Raise(raise)),
                Flow::Raise(raise) => self.maybe(raise, "the loop comes that far".to_owned()),
                _ => {}
            }
            let flow = self.lost_turns(node, &rest);
            return Ok(self.left(flow));
        }
        Ok(self.left(flow))
    }

    /// The turns of a `for` loop from here on.
    fn turns(&mut self, node: &ast::StmtFor, mut turns: Turns, forks: usize) -> Flow {
        loop {
            let item = match self.next_turn(&mut turns) {
                Ok(Turn::Item(item)) => item,
                Ok(Turn::End) => return self.otherwise(&node.orelse),
                Ok(Turn::Lost(reason)) => return self.lost_turns(node, &reason),
                Err(raise) => return Flow::Raise(raise),
            };
            if let Err(raise) = self.assign(&node.target, item, self.span(&*node.target)) {
                return Flow::Raise(raise);
            }
            match self.block(&node.body) {
                Flow::Next | Flow::Continue => {}
                flow @ Flow::Fork(_) => {
                    if forks >= MOST_FORKS_OF_A_LOOP {
                        return too_many_forks();
                    }
                    return self
                        .resume(flow, goes_round, |eval| eval.turns(node, turns, forks + 1));
                }
                flow => return flow,
            }
        }
    }

    /// The `else` of a loop.
    fn otherwise(&mut self, body: &[ast::Stmt]) -> Flow {
        let flow = self.block(body);
        self.each(flow, &mut |_, flow| match flow {
            Flow::Break => Flow::BreakOuter,
            flow => flow,
        })
    }

    /// What a loop makes of the ways out of it.
    fn left(&mut self, flow: Flow) -> Flow {
        self.each(flow, &mut |_, flow| match flow {
            Flow::Break => Flow::Next,
            Flow::BreakOuter => Flow::Break,
            flow => flow,
        })
    }

    /// What turns that are not known leave behind.
    fn lost_turns(&mut self, node: &ast::StmtFor, reason: &Rc<Unknown>) -> Flow {
        let statement = ast::Stmt::For(node.clone());
        self.lost_rounds(statement, &node.body, &node.orelse, reason)
    }

    fn lost_rounds(
        &mut self,
        statement: ast::Stmt,
        body: &[ast::Stmt],
        otherwise: &[ast::Stmt],
        reason: &Rc<Unknown>,
    ) -> Flow {
        self.lose_loop(&statement, reason);
        let mut ways = Vec::new();
        if leaves(body) || leaves(otherwise) {
            ways.push(Flow::Return(Kind::Unknown(reason.clone()).into()));
        }
        if turns(otherwise) {
            ways.extend([Flow::BreakOuter, Flow::Continue]);
        }
        let guard = Guard {
            by: By::Condition,
            first: "the loop is left by a jump".into(),
            second: "it is not".into(),
            span: self.span(&statement),
            trail: Chain::default(),
        };
        ways.into_iter().fold(Flow::Next, |flow, way| {
            self.both(guard.clone(), |_| way, |_| flow)
        })
    }

    pub(super) fn while_statement(&mut self, node: &ast::StmtWhile) -> Result<Flow, Raise> {
        let flow = self.rounds(node, 0);
        Ok(self.left(flow))
    }

    fn rounds(&mut self, node: &ast::StmtWhile, forks: usize) -> Flow {
        loop {
            let value = match self.eval(&node.test) {
                Ok(value) => value,
                Err(raise) => return Flow::Raise(raise),
            };
            match self.truth(&value) {
                Truth::Known(true) => {}
                Truth::Known(false) => return self.otherwise(&node.orelse),
                // How often it goes round, variables decide: so they do what it leaves behind.
                Truth::Open(_, variables) if forks >= MOST_FORKS_OF_A_LOOP => {
                    let variables = variables.iter().map(|name| name.to_string()).collect();
                    let span = self.span(&*node.test);
                    let reason = Rc::new(Unknown::environment(variables, Some(span)));
                    let statement = ast::Stmt::While(node.clone());
                    return self.lost_rounds(statement, &node.body, &node.orelse, &reason);
                }
                _ if forks >= MOST_FORKS_OF_A_LOOP => return too_many_forks(),
                truth => {
                    return self.branch(
                        &truth,
                        &node.test,
                        &value,
                        |eval| {
                            let flow = eval.block(&node.body);
                            eval.resume(flow, goes_round, |eval| eval.rounds(node, forks + 1))
                        },
                        |eval| eval.otherwise(&node.orelse),
                    );
                }
            }
            match self.block(&node.body) {
                Flow::Next | Flow::Continue => {}
                flow @ Flow::Fork(_) => {
                    if forks >= MOST_FORKS_OF_A_LOOP {
                        return too_many_forks();
                    }
                    return self.resume(flow, goes_round, |eval| eval.rounds(node, forks + 1));
                }
                flow => return flow,
            }
        }
    }
}

/// Branches on unknown tests that a loop may leave by, each followed for itself.
const MOST_FORKS_OF_A_LOOP: usize = 16;

fn too_many_forks() -> Flow {
    Flow::Raise(Raise::bound(format!(
        "a loop that may end at more than {MOST_FORKS_OF_A_LOOP} places"
    )))
}

fn goes_round(flow: &Flow) -> bool {
    matches!(flow, Flow::Next | Flow::Continue)
}
