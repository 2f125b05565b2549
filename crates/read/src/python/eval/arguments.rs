//! What stands between the parentheses of a call.

use std::rc::Rc;

use tightship_model::Span;

use super::{Evaluator, Raise};
use crate::python::heap::Dict;
use crate::python::syntax::ast;
use crate::python::value::{Args, Val};

impl Evaluator<'_> {
    pub(super) fn call_expression(&mut self, node: &ast::ExprCall) -> Result<Val, Raise> {
        let span = self.span(node);
        if let ast::Expr::Name(name) = &*node.func
            && name.id == "super"
            && node.arguments.is_empty()
        {
            return self.super_object(span);
        }
        let (callee, given) = self.call_parts(node)?;
        self.call_given(&callee, given, span)
    }

    /// What is called, and what is given to it.
    pub(super) fn call_parts(&mut self, node: &ast::ExprCall) -> Result<(Val, Vec<Given>), Raise> {
        let callee = self.eval(&node.func)?;
        let given = self.given(&node.arguments, takes_all(&node.func))?;
        Ok((callee, given))
    }

    /// Calls a value: where `*` or `**` of one of several is given, for each of these.
    pub(super) fn call_given(
        &mut self,
        callee: &Val,
        given: Vec<Given>,
        span: Span,
    ) -> Result<Val, Raise> {
        let choice = given.iter().position(|given| match given {
            Given::Items(value) | Given::Entries(value) => value.is_choice(),
            Given::Positional(_) | Given::Keyword(..) => false,
        });
        let choice = choice.and_then(|at| Some((at, given.get(at)?.value().clone())));
        let Some((at, value)) = choice else {
            let args = self.unpacked(given, span)?;
            return self.call(callee, args, span);
        };
        self.per_world(&value, span, &mut |eval, one| {
            let mut given = given.clone();
            let one = eval.settled(one);
            match &mut given[at] {
                Given::Items(value) | Given::Entries(value) => *value = one,
                Given::Positional(_) | Given::Keyword(..) => {}
            }
            eval.call_given(callee, given, span)
        })
    }

    pub(crate) fn arguments(&mut self, arguments: &ast::Arguments) -> Result<Args, Raise> {
        let given = self.given(arguments, false)?;
        self.unpacked(given, self.span(arguments))
    }

    /// What stands between the parentheses of a call, evaluated in its order. `takes_all` says that
    /// a generator there is run to its end by the call.
    fn given(&mut self, arguments: &ast::Arguments, takes_all: bool) -> Result<Vec<Given>, Raise> {
        let mut given = Vec::new();
        for argument in &arguments.args {
            given.push(match argument {
                ast::Expr::Starred(starred) => {
                    let value = self.eval(&starred.value)?;
                    let span = self.span(argument);
                    Given::Items(self.in_order(&value, span))
                }
                ast::Expr::Generator(node) if takes_all => {
                    Given::Positional(self.generator(node, true)?)
                }
                _ => Given::Positional(self.eval(argument)?),
            });
        }
        for keyword in &arguments.keywords {
            let value = self.eval(&keyword.value)?;
            given.push(match &keyword.arg {
                Some(name) => Given::Keyword(name.as_str().into(), value),
                None => Given::Entries(self.settled(&value)),
            });
        }
        Ok(given)
    }

    pub(super) fn unpacked(&mut self, given: Vec<Given>, span: Span) -> Result<Args, Raise> {
        let mut args = Args::default();
        for given in given {
            match given {
                Given::Positional(value) => args.positional.push(value),
                Given::Keyword(name, value) => args.keywords.push((name, value)),
                Given::Items(value) => {
                    let items = self.iterate(&value, span)?;
                    args.positional.extend(items.items);
                    args.rest = args.rest.or(items.rest);
                }
                Given::Entries(value) => {
                    let mut dict = Dict::default();
                    self.merge_entries(&mut dict, &value, span);
                    for (key, value) in dict.entries.into_values() {
                        if let Some(name) = key.as_str() {
                            args.keywords.push((name.into(), value));
                        }
                    }
                    args.rest = args.rest.or(dict.rest);
                }
            }
        }
        Ok(args)
    }
}

/// An argument of a call.
#[derive(Clone)]
pub(super) enum Given {
    Positional(Val),
    Keyword(Rc<str>, Val),
    /// `*value`
    Items(Val),
    /// `**value`
    Entries(Val),
}

impl Given {
    fn value(&self) -> &Val {
        match self {
            Self::Positional(value)
            | Self::Keyword(_, value)
            | Self::Items(value)
            | Self::Entries(value) => value,
        }
    }
}

/// Whether a function takes all that its first argument gives, before it does anything else.
fn takes_all(function: &ast::Expr) -> bool {
    match function {
        ast::Expr::Name(name) => matches!(
            name.id.as_str(),
            "list" | "tuple" | "set" | "frozenset" | "dict" | "sorted" | "sum" | "min" | "max"
        ),
        ast::Expr::Attribute(node) => {
            matches!(
                node.attr.as_str(),
                "join" | "extend" | "update" | "fromkeys"
            )
        }
        _ => false,
    }
}
