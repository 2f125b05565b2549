//! `list`, `dict` and their kin, `len`, `range`.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Items, LONGEST_LIST, Raise};
use crate::python::heap::Dict;
use crate::python::methods;
use crate::python::value::{Args, Kind, Sequence, Val};

/// What makes a container, or counts one; `None` for another.
pub(super) fn call(
    eval: &mut Evaluator<'_>,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let first = args.positional.first();
    let argument = first.unwrap_or(&Val::NONE);
    Ok(Some(match name {
        "len" => eval.lift(&[argument], span, &mut |eval, values| {
            length(eval, &values[0], span)
        })?,
        "list" => match first {
            None => eval.list(Vec::new()),
            Some(value) => {
                let value = eval.in_order(value, span);
                container(eval, &value, span, &mut |eval, items| {
                    eval.open_list(items.items, items.rest)
                })?
            }
        },
        "tuple" => match first {
            None => Val::tuple(Vec::new()),
            Some(value) => {
                let value = eval.in_order(value, span);
                container(eval, &value, span, &mut |_, items| {
                    Kind::Tuple(Rc::new(Sequence {
                        items: items.items,
                        rest: items.rest,
                    }))
                    .into()
                })?
            }
        },
        "set" | "frozenset" => match first {
            None => eval.set(Vec::new(), None),
            Some(value) => container(eval, value, span, &mut |eval, items| {
                eval.set(items.items, items.rest)
            })?,
        },
        "dict" => {
            let known = first.map(|first| eval.settled(first));
            match known {
                Some(value) if !value.is_settled() && !value.is_unknown() => {
                    eval.lift(&[&value], span, &mut |eval, values| {
                        let args = Args {
                            positional: values.to_vec(),
                            ..args.clone()
                        };
                        let dict = methods::mapping(eval, &args, span)?;
                        Ok(eval.dict_object(dict))
                    })?
                }
                _ => {
                    let dict = methods::mapping(eval, args, span)?;
                    eval.dict_object(dict)
                }
            }
        }
        "dict.fromkeys" => {
            let value = args.positional.get(1).cloned().unwrap_or(Val::NONE);
            let argument = eval.looped(argument, span);
            let has_no_order = eval.has_no_order(&argument);
            container(eval, &argument, span, &mut |eval, keys| {
                let mut dict = Dict {
                    has_no_order,
                    ..Dict::default()
                };
                for key in keys.items {
                    dict.put(key, value.clone());
                }
                dict.rest = dict.rest.or(keys.rest);
                eval.dict_object(dict)
            })?
        }
        "str.maketrans" => translation(eval, args, span)?,
        "range" => range(eval, args, span)?,
        _ => return Ok(None),
    }))
}

/// What is made of the elements of a value, for each that it may be.
pub(crate) fn container(
    eval: &mut Evaluator<'_>,
    value: &Val,
    span: Span,
    make: &mut dyn FnMut(&mut Evaluator<'_>, Items) -> Val,
) -> Result<Val, Raise> {
    let value = eval.looped(value, span);
    if value.is_unknown() || value.is_settled() {
        let items = eval.iterate(&value, span)?;
        return Ok(make(eval, items).with_trail(value.trail));
    }
    eval.lift(&[&value], span, &mut |eval, values| {
        let items = eval.iterate(&values[0], span)?;
        Ok(make(eval, items))
    })
}

/// `len(value)`.
pub(crate) fn length(eval: &mut Evaluator<'_>, value: &Val, span: Span) -> Result<Val, Raise> {
    match &value.kind {
        Kind::Str(text) => return Ok(Val::int(text.chars().count() as i128)),
        Kind::Bytes(bytes) => return Ok(Val::int(bytes.len() as i128)),
        Kind::Class(class) => {
            return Ok(Val::int(eval.members(class).items.len() as i128));
        }
        Kind::Instance(class, _) if eval.class_attribute(class, "__len__").is_some() => {
            let method = eval.attribute(value, "__len__", span)?;
            return eval.call(&method, Args::default(), span);
        }
        Kind::Instance(..) if eval.own_dict(value).is_some() => {
            let entries = eval.own_dict(value).unwrap_or(Val::NONE);
            return eval.lift(&[&entries], span, &mut |eval, values| {
                length(eval, &values[0], span)
            });
        }
        _ => {}
    }
    match eval.items(value) {
        Some(items) => Ok(match items.rest {
            Some(rest) => Kind::Unknown(rest).into(),
            None => Val::int(items.items.len() as i128),
        }),
        None => Err(Raise::new(
            "TypeError",
            format!("object of type '{}' has no len()", value.type_name()),
            Some(span),
        )),
    }
}

fn range(eval: &mut Evaluator<'_>, args: &Args, span: Span) -> Result<Val, Raise> {
    let numbers: Option<Vec<i128>> = args
        .positional
        .iter()
        .map(|value| {
            if value.is_settled() {
                value.as_int()
            } else {
                None
            }
        })
        .collect();
    let (start, stop, step) = match numbers.as_deref() {
        Some([stop]) => (0, *stop, 1),
        Some([start, stop]) => (*start, *stop, 1),
        Some([start, stop, step]) if *step != 0 => (*start, *stop, *step),
        _ => return Ok(eval.unknown(Cause::Code, "a range that is not known", span)),
    };
    let mut items = Vec::new();
    let mut at = start;
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        if items.len() >= LONGEST_LIST {
            return Ok(eval.unknown(
                Cause::Bound,
                format!("a range of more than {LONGEST_LIST} numbers"),
                span,
            ));
        }
        items.push(Val::int(at));
        at = at.saturating_add(step);
    }
    eval.spend(items.len())?;
    Ok(Val::tuple(items))
}

/// `str.maketrans`: a dict by code points.
fn translation(eval: &mut Evaluator<'_>, args: &Args, span: Span) -> Result<Val, Raise> {
    let texts = args
        .positional
        .iter()
        .map(Val::as_str)
        .collect::<Option<Vec<_>>>();
    let code = |c: char| Val::int(i128::from(u32::from(c)));
    let mut pairs = Vec::new();
    match texts.as_deref() {
        Some([from, to, deleted @ ..]) if args.values().all(Val::is_settled) => {
            if from.chars().count() != to.chars().count() {
                let text = "the first two maketrans arguments must have equal length";
                return Err(Raise::new("ValueError", text, Some(span)));
            }
            pairs.extend(from.chars().map(code).zip(to.chars().map(code)));
            let deleted = deleted.iter().flat_map(|text| text.chars());
            pairs.extend(deleted.map(|c| (code(c), Val::NONE)));
        }
        _ => {
            let [table] = args.positional.as_slice() else {
                return Ok(eval.unknown(Cause::Code, "str.maketrans() of this", span));
            };
            let table = eval.settled(table);
            let Some(dict) = eval.entries(&table).filter(|dict| dict.rest.is_none()) else {
                return Ok(eval.unknown_because(&table));
            };
            for (key, value) in dict.entries.values() {
                let key = match key.as_str() {
                    Some(text) => text.chars().next().map_or_else(|| key.clone(), code),
                    None => key.clone(),
                };
                pairs.push((key, value.clone()));
            }
        }
    }
    Ok(eval.dict(pairs))
}
