//! `isinstance`, `getattr`, `vars` and their kin.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Raise, is_exception, uncertain};
use crate::python::heap::Id;
use crate::python::methods;
use crate::python::value::{Access, Args, Function, Kind, Val};

/// What asks or changes objects and classes; `None` for another.
pub(super) fn call(
    eval: &mut Evaluator<'_>,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let first = args.positional.first();
    let argument = first.unwrap_or(&Val::NONE);
    Ok(Some(match name {
        "isinstance" => {
            let class = args.positional.get(1).unwrap_or(&Val::NONE).clone();
            eval.lift(&[argument], span, &mut |eval, values| {
                Ok(match eval.is_instance(&values[0], &class) {
                    Some(answer) => Val::bool(answer),
                    None => eval.unknown_because(&values[0]),
                })
            })?
        }
        "issubclass" => {
            let class = args.positional.get(1).unwrap_or(&Val::NONE);
            eval.lift(&[argument, class], span, &mut |eval, values| {
                Ok(match eval.is_subclass(&values[0], &values[1]) {
                    Some(answer) => Val::bool(answer),
                    None => eval.unknown_because(&values[0]),
                })
            })?
        }
        "callable" => match &argument.kind {
            Kind::Function(_) | Kind::Class(_) | Kind::Method(_) | Kind::Bound(_) => {
                Val::bool(true)
            }
            Kind::Native(_) | Kind::Made(_) | Kind::Instance(..) | Kind::Object(..) => {
                eval.unknown_because(argument)
            }
            _ if argument.is_settled() => Val::bool(false),
            _ => eval.unknown_because(argument),
        },
        "type" if args.positional.len() == 1 => match &argument.kind {
            Kind::Instance(class, _) => Kind::Class(class.clone()).into(),
            Kind::Made(made) if is_exception(&made.class) => Val::native(made.class.clone()),
            _ if argument.is_settled() && methods::is_data(argument) => {
                Val::native(format!("builtins.{}", argument.type_name()))
            }
            _ => eval.unknown_because(argument),
        },
        // What these look at is one definite thing.
        "vars" | "dir" | "hasattr" if argument.is_choice() => {
            eval.lift(&[argument], span, &mut |eval, values| {
                let mut args = args.clone();
                args.positional[0] = values[0].clone();
                Ok(match call(eval, name, &args, span)? {
                    Some(result) => result,
                    None => eval.unknown_because(&values[0]),
                })
            })?
        }
        "getattr" => getattr(eval, args, span)?,
        "hasattr" => {
            let name = args.positional.get(1).cloned().unwrap_or(Val::NONE);
            let Some(text) = name.as_str().filter(|_| name.is_settled()) else {
                return Ok(Some(eval.unknown_because(&name)));
            };
            let name = text.to_owned();
            match eval.attribute(argument, &name, span) {
                Ok(value) if value.is_unknown() => value,
                Ok(_) if matches!(argument.kind, Kind::Native(_)) => eval.unknown_because(argument),
                Ok(_) => Val::bool(true),
                Err(raise) if raise.is_bound => return Err(raise),
                Err(_) => Val::bool(false),
            }
        }
        "setattr" => {
            let [owner, name, value] = args.positional.as_slice() else {
                return Ok(None);
            };
            match (&owner.kind, name.as_str().filter(|_| name.is_settled())) {
                (Kind::Module(_, id), _) => eval.set_name(*id, name, value.clone(), span),
                (_, Some(name)) => eval.set_attribute(owner, name, value.clone(), span)?,
                (Kind::Class(class), None) => eval.lose_data(class.attributes, &uncertain(name)),
                _ => {
                    let reason = uncertain(name);
                    eval.lose(owner, &reason);
                }
            }
            Val::NONE
        }
        "delattr" => {
            let (Some(owner), Some(name)) = (first, args.positional.get(1)) else {
                return Ok(None);
            };
            match name.as_str() {
                Some(text) if name.is_settled() => eval.delete_attribute(owner, text, span)?,
                _ => eval.lose(owner, &uncertain(name)),
            }
            Val::NONE
        }
        "globals" => namespace(eval.globals()),
        "locals" | "dir" if args.positional.is_empty() => namespace(eval.scope()),
        "vars" => match first {
            None => namespace(eval.scope()),
            Some(value) => match &value.kind {
                Kind::Module(..) => value.clone(),
                Kind::Instance(class, id) => Kind::Module(class.path.clone(), *id).into(),
                Kind::Class(class) => Kind::Module(class.path.clone(), class.attributes).into(),
                _ => eval.unknown_because(value),
            },
        },
        "dir" => match &argument.kind {
            Kind::Module(_, id) => {
                let names = eval.heap.names(*id).cloned().unwrap_or_default();
                let mut keys: Vec<_> = names
                    .values
                    .keys()
                    .filter(|k| !k.starts_with('*'))
                    .cloned()
                    .collect();
                keys.sort();
                eval.open_list(keys.into_iter().map(Val::str).collect(), names.rest)
            }
            Kind::Class(class) => {
                let mut names = eval.class_names(class);
                names.sort();
                eval.list(names.into_iter().map(Val::str).collect())
            }
            _ => eval.unknown_because(argument),
        },
        "object" => eval.object("builtins.object", Vec::new()),
        "super.nothing" => Val::NONE,
        "super" => eval.super_object(span)?,
        "slice" => {
            let mut bounds = args.positional.clone();
            if bounds.len() == 1 {
                bounds.insert(0, Val::NONE);
            }
            bounds.resize(3, Val::NONE);
            eval.object("builtins.slice", vec![("bounds", Val::tuple(bounds))])
        }
        "property" | "staticmethod" | "classmethod" => handed_out(eval, name, args, span),
        _ => return Ok(None),
    }))
}

fn namespace(id: Option<Id>) -> Val {
    match id {
        Some(id) => Kind::Module("".into(), id).into(),
        None => Val::NONE,
    }
}

fn getattr(eval: &mut Evaluator<'_>, args: &Args, span: Span) -> Result<Val, Raise> {
    let [owner, name, default @ ..] = args.positional.as_slice() else {
        return Err(Raise::new(
            "TypeError",
            "getattr expected 2 arguments",
            Some(span),
        ));
    };
    let default = default.first();
    eval.lift(&[name], span, &mut |eval, names| {
        let Some(name) = names[0].as_str() else {
            return Ok(eval.unknown_because(&names[0]));
        };
        let of = |eval: &mut Evaluator<'_>, owner: &Val| match (
            eval.attribute(owner, name, span),
            default,
        ) {
            (Err(raise), Some(default)) if !raise.is_bound => Ok(default.clone()),
            (result, _) => result,
        };
        // A method that changes its object must not be given one of its states.
        if owner.is_settled() || methods::is_data(owner) && methods::is_method(name) {
            return of(eval, owner);
        }
        eval.lift(&[owner], span, &mut |eval, owners| of(eval, &owners[0]))
    })
}

/// A function that a class hands out as `property` and its kin have it.
fn handed_out(eval: &Evaluator<'_>, name: &str, args: &Args, span: Span) -> Val {
    match args.at(0, "fget").map(|value| &value.kind) {
        Some(Kind::Function(own)) => {
            let own = Function {
                access: match name {
                    "property" => Access::Property,
                    "staticmethod" => Access::Static,
                    _ => Access::ClassMethod,
                },
                setter: args.at(1, "fset").cloned(),
                ..Function::clone(own)
            };
            Kind::Function(Rc::new(own)).into()
        }
        _ => eval.unknown(
            Cause::Code,
            format!("{name} of what is no own function"),
            span,
        ),
    }
}
