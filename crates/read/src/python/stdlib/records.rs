//! Records that are made without a class statement: `namedtuple`, `SimpleNamespace`; and
//! dataclasses as values.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Raise, fields, is_named_tuple};
use crate::python::heap::{Names, Object};
use crate::python::value::{Args, Class, Kind, Val};

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let result = match path {
        "collections.namedtuple" => namedtuple(eval, args, span),
        "types.SimpleNamespace" if args.positional.is_empty() => {
            Ok(Some(namespace(eval, args, span)))
        }
        "dataclasses.asdict" => plain(eval, args.positional.first()?, 0),
        "dataclasses.replace" => replaced(eval, args, span),
        _ => return None,
    };
    result.transpose()
}

/// A class as `typing.NamedTuple` makes it.
fn namedtuple(eval: &mut Evaluator<'_>, args: &Args, span: Span) -> Result<Option<Val>, Raise> {
    let name = args.at(0, "typename").filter(|name| name.is_settled());
    let (Some(name), Some(given)) = (name.and_then(Val::as_str), args.at(1, "field_names")) else {
        return Ok(None);
    };
    let listed = match given.as_str() {
        Some(text) => text
            .replace(',', " ")
            .split_whitespace()
            .map(Rc::from)
            .collect(),
        None => {
            let items = eval.iterate(given, span)?;
            let names = items.items.iter().map(|name| name.as_str().map(Rc::from));
            names
                .collect::<Option<Vec<Rc<str>>>>()
                .filter(|_| items.rest.is_none())
                .unwrap_or_default()
        }
    };
    let defaults = match args.keyword("defaults") {
        Some(defaults) if !defaults.is_none() => eval.iterate(defaults, span)?,
        _ => Default::default(),
    };
    let others = args
        .keywords
        .iter()
        .any(|(key, _)| !matches!(&**key, "typename" | "field_names" | "defaults" | "module"));
    let is_known = given.is_settled() && defaults.rest.is_none() && !others;
    if !is_known || listed.is_empty() || defaults.items.len() > listed.len() {
        return Ok(None);
    }
    let mut attributes = Names::default();
    let optional = listed[listed.len() - defaults.items.len()..]
        .iter()
        .cloned();
    attributes.values.extend(optional.zip(defaults.items));
    let base = Val::native("typing.NamedTuple");
    let class = Class {
        name: name.into(),
        path: name.into(),
        bases: vec![base.clone()],
        order: vec![base],
        attributes: eval.heap.add(Object::Names(attributes)),
        annotated: listed.into_iter().map(|field| (field, "".into())).collect(),
        is_dataclass: true,
        span,
    };
    Ok(Some(Kind::Class(Rc::new(class)).into()))
}

fn namespace(eval: &mut Evaluator<'_>, args: &Args, span: Span) -> Val {
    let class = Class {
        name: "SimpleNamespace".into(),
        path: "types.SimpleNamespace".into(),
        bases: Vec::new(),
        order: Vec::new(),
        attributes: eval.heap.add(Object::Names(Names::default())),
        annotated: Vec::new(),
        // Compared by what it holds, as dataclasses are.
        is_dataclass: true,
        span,
    };
    let names = Names {
        values: args.keywords.iter().cloned().collect(),
        rest: None,
    };
    let state = eval.heap.add(Object::Names(names));
    Kind::Instance(Rc::new(class), state).into()
}

/// `dataclasses.asdict`; `None` for anything but dataclasses of plain values.
fn plain(eval: &mut Evaluator<'_>, value: &Val, depth: usize) -> Result<Option<Val>, Raise> {
    /// Depth of structures that are copied.
    const DEEPEST: usize = 16;
    eval.spend(1)?;
    if depth > DEEPEST || !value.is_settled() {
        return Ok(None);
    }
    Ok(match &value.kind {
        Kind::Instance(class, _) if !is_named_tuple(class) && !fields(class).is_empty() => {
            if !class.is_dataclass {
                return Ok(None);
            }
            let mut entries = Vec::new();
            for (name, _) in fields(class) {
                let Some(field) = eval.state(value, &name) else {
                    return Ok(None);
                };
                match plain(eval, &field, depth + 1)? {
                    Some(field) => entries.push((Val::str(name), field)),
                    None => return Ok(None),
                }
            }
            Some(eval.dict(entries))
        }
        Kind::List(_) | Kind::Dict(_) if depth > 0 => {
            let settled = eval.settled(value);
            let Some(items) = eval.items(&settled).filter(|items| items.rest.is_none()) else {
                return Ok(None);
            };
            let entries = eval.entries(&settled).cloned();
            let mut parts = Vec::new();
            for item in match &entries {
                Some(dict) => dict
                    .entries
                    .values()
                    .map(|(_, value)| value.clone())
                    .collect(),
                None => items.items.clone(),
            } {
                match plain(eval, &item, depth + 1)? {
                    Some(part) => parts.push(part),
                    None => return Ok(None),
                }
            }
            Some(match entries {
                Some(_) => eval.dict(items.items.into_iter().zip(parts).collect()),
                None => eval.list(parts),
            })
        }
        Kind::None
        | Kind::Bool(_)
        | Kind::Int(_)
        | Kind::Float(_)
        | Kind::Str(_)
        | Kind::Bytes(_)
        | Kind::Path(_)
        | Kind::Timedelta(_)
            if depth > 0 =>
        {
            Some(value.clone())
        }
        _ => None,
    })
}

/// `dataclasses.replace`: the class is called anew, with the other fields as they stand.
fn replaced(eval: &mut Evaluator<'_>, args: &Args, span: Span) -> Result<Option<Val>, Raise> {
    let [value] = args.positional.as_slice() else {
        return Ok(None);
    };
    let (Kind::Instance(class, _), true) = (&value.kind, value.is_settled()) else {
        return Ok(None);
    };
    if !class.is_dataclass {
        return Ok(None);
    }
    let mut keywords = args.keywords.clone();
    for (name, _) in fields(class) {
        if args.keyword(&name).is_none() && eval.is_given(class, &name) {
            let field = eval
                .state(value, &name)
                .unwrap_or_else(|| eval.unknown(Cause::Code, format!("the field {name}"), span));
            keywords.push((name, field));
        }
    }
    let class = Val::from(Kind::Class(class.clone()));
    let args = Args {
        keywords,
        ..Args::default()
    };
    eval.call(&class, args, span).map(Some)
}
