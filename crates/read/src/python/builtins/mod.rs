//! Builtin functions.
//!
//! - [`conversions`], [`arithmetic`], [`numbers`]: texts, numbers and truths
//! - [`containers`], [`iterators`], [`order`]: what holds elements, or goes over them
//! - [`objects`]: what asks or changes objects and classes
//! - [`names`]: which names are builtins

mod arithmetic;
mod containers;
mod conversions;
mod iterators;
mod names;
mod numbers;
mod objects;
mod order;

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Raise};
use crate::python::methods;
use crate::python::value::{Args, Kind, Val};

pub(crate) use containers::{container, length};
pub(crate) use iterators::next;
pub(crate) use names::exists;
pub(crate) use order::sorted;

/// Calls a builtin; `None` for one that is not modelled.
pub(crate) fn call(
    eval: &mut Evaluator<'_>,
    name: &str,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    if name.chars().next().is_some_and(char::is_uppercase) {
        return None;
    }
    if let Some(rest) = &args.rest
        && !matches!(name, "print" | "dict")
    {
        return Some(Ok(Kind::Unknown(rest.clone()).into()));
    }
    run(eval, name, args, span).transpose()
}

fn run(
    eval: &mut Evaluator<'_>,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let groups = [
        conversions::call,
        containers::call,
        iterators::call,
        arithmetic::call,
        objects::call,
    ];
    for group in groups {
        if let Some(result) = group(eval, name, args, span)? {
            return Ok(Some(result));
        }
    }
    let argument = args.positional.first().unwrap_or(&Val::NONE);
    Ok(Some(match name {
        "print" | "breakpoint" | "help" => Val::NONE,
        "exit" | "quit" => return Err(Raise::new("SystemExit", "", Some(span))),
        "open" => match argument.as_path() {
            Some(path) if argument.is_settled() => {
                eval.object("builtins.file", vec![("path", Val::path(path))])
            }
            _ => eval.unknown(Cause::File, "a file whose name is not known", span),
        },
        "__import__" => match argument.as_str() {
            Some(name) => eval.import_module(name, span)?,
            None => eval.unknown_because(argument),
        },
        "exec" | "eval" | "compile" => return execute(eval, name, args, span).map(Some),
        "id" | "hash" | "input" => eval.unknown(Cause::Machine, format!("{name}()"), span),
        _ => {
            // A method taken from its class: `str.lower(text)`.
            if let Some((_, method)) = name.split_once('.')
                && let Some((receiver, rest)) = args.positional.split_first()
            {
                let args = Args {
                    positional: rest.to_vec(),
                    keywords: args.keywords.clone(),
                    rest: None,
                };
                let own = eval
                    .own_dict(receiver)
                    .filter(|_| name.starts_with("dict."));
                let receiver = own.as_ref().unwrap_or(receiver);
                return match (method, args.positional.as_slice()) {
                    ("__setitem__", [key, value]) => {
                        eval.set_item(receiver, key, value.clone(), span)?;
                        Ok(Some(Val::NONE))
                    }
                    // Of an empty dict, `__init__` is `update`.
                    ("__init__", _) if own.is_some() => {
                        methods::call(eval, receiver, "update", args, span).map(Some)
                    }
                    _ => methods::call(eval, receiver, method, args, span).map(Some),
                };
            }
            return Ok(None);
        }
    }))
}

/// `exec` and `eval` of a known text.
fn execute(eval: &mut Evaluator<'_>, name: &str, args: &Args, span: Span) -> Result<Val, Raise> {
    let first = args.positional.first();
    if name == "compile" {
        return Ok(first.cloned().unwrap_or(Val::NONE));
    }
    match first.and_then(Val::as_str) {
        Some(text) if name == "eval" => Ok(eval
            .literal(text, span)
            .unwrap_or_else(|| eval.unknown(Cause::Code, "eval() of an expression", span))),
        _ => {
            if let Some(scope) = eval.scope() {
                let why = eval.unknown(Cause::Code, "exec() may set any name", span);
                eval.open_scope(scope, &why, span);
            }
            Ok(Val::NONE)
        }
    }
}
