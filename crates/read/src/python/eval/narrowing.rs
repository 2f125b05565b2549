//! Tests that are not known: what decides them, and what they leave of the values that they ask.

use std::rc::Rc;

use super::Evaluator;
use super::branches::{By, Flow, Guard, Truth};
use crate::python::heap::Id;
use crate::python::syntax::ast;
use crate::python::value::{Dependence, Kind, Val};

impl Evaluator<'_> {
    /// What is left of a value where its truth is known to be this.
    pub(crate) fn narrowed(&mut self, value: &Val, truth: bool) -> Val {
        let fits = |eval: &mut Self, value: &Val| match eval.truth(value) {
            Truth::Known(known) => known == truth,
            _ => true,
        };
        if let Some(open) = value.open.clone() {
            let main_fits = matches!(value.kind, Kind::Open) || {
                let main = Val {
                    open: None,
                    ..value.clone()
                };
                fits(self, &main)
            };
            let left = left_open(value, &open, main_fits, &mut |other| fits(self, other));
            if let Some(open) = &left.open
                && let ([only], true, false) = (open.others.as_slice(), open.exhaustive, main_fits)
            {
                return only.value.clone();
            }
            return left;
        }
        left_closed(value, &mut |case| fits(self, case))
    }

    /// Runs what stands under a test that is not known, and what stands under its opposite.
    pub(crate) fn branch(
        &mut self,
        truth: &Truth,
        test: &ast::Expr,
        value: &Val,
        when_true: impl FnOnce(&mut Self) -> Flow,
        when_false: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let guard = self.guard(truth, test, value);
        let then = |eval: &mut Self| eval.narrowly(test, true, when_true);
        let otherwise = |eval: &mut Self| eval.narrowly(test, false, when_false);
        if matches!(truth, Truth::Open(Some(false), _)) {
            self.both(guard, otherwise, then)
        } else {
            self.both(guard, then, otherwise)
        }
    }

    /// What decides a test that is not known. Its first way is the one that holds while the
    /// variables are unset, else that of the true test.
    pub(crate) fn guard(&mut self, truth: &Truth, test: &ast::Expr, value: &Val) -> Guard {
        let span = self.span(test);
        let text = self.text(span);
        let opposite: Rc<str> = format!("not ({text})").into();
        let (by, first, second) = match truth {
            Truth::Open(Some(false), variables) => (By::Unset(variables.clone()), opposite, text),
            Truth::Open(Some(true), variables) => (By::Unset(variables.clone()), text, opposite),
            Truth::Open(None, variables) => (By::Set(variables.clone()), text, opposite),
            _ => (By::Condition, text, opposite),
        };
        Guard {
            by,
            first,
            second,
            span,
            trail: value.trail.clone().decides(span, "decides here"),
        }
    }

    /// Runs a branch in which names that were tested are no longer what the test rules out.
    fn narrowly(
        &mut self,
        test: &ast::Expr,
        truth: bool,
        run: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let mut bound = Vec::new();
        self.narrow(test, truth, &mut bound);
        let flow = run(self);
        for (scope, name, before, within) in bound {
            let now = self.heap.name(scope, &name);
            if now.is_some_and(|now| self.same(now, &within, 0)) {
                self.heap.bind(scope, &name, before);
            }
        }
        flow
    }

    fn narrow(&mut self, test: &ast::Expr, truth: bool, bound: &mut Vec<(Id, Rc<str>, Val, Val)>) {
        let (name, is_none) = match test {
            ast::Expr::Name(name) => (name.id.as_str(), None),
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => {
                return self.narrow(&node.operand, !truth, bound);
            }
            ast::Expr::Named(node) => return self.narrow(&node.target, truth, bound),
            ast::Expr::BoolOp(node) if (node.op == ast::BoolOp::And) == truth => {
                for value in &node.values {
                    self.narrow(value, truth, bound);
                }
                return;
            }
            ast::Expr::Compare(node) => match (&*node.left, &*node.ops, &*node.comparators) {
                (
                    ast::Expr::Name(name),
                    [op @ (ast::CmpOp::Is | ast::CmpOp::IsNot)],
                    [ast::Expr::NoneLiteral(_)],
                ) => (name.id.as_str(), Some((*op == ast::CmpOp::Is) == truth)),
                _ => return,
            },
            _ => return,
        };
        let Some((locals, globals)) = self.frame().map(|frame| (frame.locals, frame.home.globals))
        else {
            return;
        };
        for scope in [locals, globals] {
            let Some(before) = self.heap.name(scope, name).cloned() else {
                continue;
            };
            if !before.is_settled() {
                let within = match is_none {
                    Some(is_none) => narrowed_none(&before, is_none),
                    None => self.narrowed(&before, truth),
                };
                self.heap.bind(scope, name, within.clone());
                bound.push((scope, name.into(), before, within));
            }
            return;
        }
    }
}

/// What is left of a value that is, or is not, `None`.
fn narrowed_none(value: &Val, is_none: bool) -> Val {
    let fits = |value: &Val| !value.is_settled() || value.is_none() == is_none;
    if let Some(open) = &value.open {
        let main_fits = matches!(value.kind, Kind::Open) || value.is_none() == is_none;
        return left_open(value, open, main_fits, &mut { fits });
    }
    left_closed(value, &mut { fits })
}

/// An open value of which only what fits is left.
fn left_open(
    value: &Val,
    open: &Dependence,
    main_fits: bool,
    fits: &mut dyn FnMut(&Val) -> bool,
) -> Val {
    let mut left = open.clone();
    left.others.retain(|other| fits(&other.value));
    Val {
        kind: if main_fits {
            value.kind.clone()
        } else {
            Kind::Open
        },
        trail: value.trail.clone(),
        open: Some(Rc::new(left)),
    }
}

/// The cases of a value that fit; the value where none does, or where it has none.
fn left_closed(value: &Val, fits: &mut dyn FnMut(&Val) -> bool) -> Val {
    let Kind::OneOf(cases) = &value.kind else {
        return value.clone();
    };
    let left: Vec<_> = cases
        .iter()
        .filter(|case| fits(&case.value))
        .cloned()
        .collect();
    match left.as_slice() {
        [only] => only.value.clone(),
        [] => value.clone(),
        _ => Val {
            kind: Kind::OneOf(left.into()),
            ..value.clone()
        },
    }
}
