//! Builtin functions.

mod names;
mod numbers;
mod order;

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use crate::python::eval::{Evaluator, Items, LONGEST_LIST, Raise, Truth, uncertain, unknown};
use crate::python::format;
use crate::python::heap::{Dict, Id, Object};
use crate::python::methods;
use crate::python::value::{Access, Args, Function, Kind, Sequence, Val};

pub(crate) use names::exists;
use numbers::{float, int};
use order::extreme;
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
    let none = Val::NONE;
    let first = args.positional.first();
    let argument = first.unwrap_or(&none);
    Ok(Some(match name {
        "print" | "breakpoint" | "help" => Val::NONE,
        "exit" | "quit" => return Err(Raise::new("SystemExit", "", Some(span))),
        "bool" => match first {
            None => Val::bool(false),
            Some(value) => eval.lift(&[value], span, &mut |eval, values| {
                Ok(match eval.truth(&values[0]) {
                    Truth::Known(truth) => Val::bool(truth),
                    _ => eval.unknown_because(&values[0]),
                })
            })?,
        },
        "str" => match first {
            None => Val::str(""),
            Some(value) => eval.lift(&[value], span, &mut |eval, values| {
                if let (Kind::Bytes(bytes), true) = (&values[0].kind, args.positional.len() > 1)
                    && let Ok(text) = std::str::from_utf8(bytes)
                {
                    return Ok(Val::str(text));
                }
                format::format_value(eval, &values[0], Some(' '), &Val::str(""), span)
            })?,
        },
        "repr" | "ascii" => {
            let conversion = if name == "ascii" { 'a' } else { 'r' };
            eval.lift(&[argument], span, &mut |eval, values| {
                format::format_value(eval, &values[0], Some(conversion), &Val::str(""), span)
            })?
        }
        "format" => {
            let spec = args
                .positional
                .get(1)
                .cloned()
                .unwrap_or_else(|| Val::str(""));
            eval.lift(&[argument, &spec], span, &mut |eval, values| {
                format::format_value(eval, &values[0], None, &values[1], span)
            })?
        }
        "int" => match first {
            None => Val::int(0),
            Some(value) => {
                let base = args.at(1, "base");
                if let Some(open) = base.filter(|base| !base.is_settled()) {
                    return Ok(Some(eval.unknown_because(open)));
                }
                let base = base.and_then(Val::as_int);
                let unfit = Raise::new("ValueError", "invalid literal for int()", Some(span));
                eval.maybe_unfit(unfit, value);
                eval.lift(&[value], span, &mut |eval, values| {
                    int(eval, &values[0], base, span)
                })?
            }
        },
        "float" => match first {
            None => Kind::Float(0.0).into(),
            Some(value) => {
                let unfit = Raise::new("ValueError", "could not convert to float", Some(span));
                eval.maybe_unfit(unfit, value);
                eval.lift(&[value], span, &mut |eval, values| {
                    float(eval, &values[0], span)
                })?
            }
        },
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
        "enumerate" => {
            let start = match args.at(1, "start") {
                None => 0,
                Some(start) => match start.as_int() {
                    Some(number) if start.is_settled() => number,
                    _ => return Ok(Some(eval.unknown_because(start))),
                },
            };
            let argument = eval.in_order(argument, span);
            container(eval, &argument, span, &mut |eval, items| {
                let numbered = items.items.into_iter().enumerate();
                let pairs = numbered
                    .map(|(at, item)| Val::tuple(vec![Val::int(start + at as i128), item]))
                    .collect();
                eval.iterator(Items {
                    items: pairs,
                    rest: items.rest,
                })
            })?
        }
        "zip" => {
            let operands = args
                .positional
                .iter()
                .map(|value| eval.in_order(value, span));
            let operands: Vec<Val> = operands.collect();
            let operands: Vec<&Val> = operands.iter().collect();
            eval.lift(&operands, span, &mut |eval, values| zip(eval, values, span))?
        }
        "map" => {
            let Some((function, iterables)) = args.positional.split_first() else {
                return Ok(None);
            };
            let function = function.clone();
            let [values] = iterables else {
                let mut columns = Vec::new();
                for values in iterables {
                    let values = eval.in_order(values, span);
                    let items = eval.iterate(&values, span)?;
                    if let Some(rest) = items.rest {
                        return Ok(Some(Kind::Unknown(rest).into()));
                    }
                    columns.push(items.items.into_iter());
                }
                let mut mapped = Vec::new();
                while let Some(row) = columns.iter_mut().map(Iterator::next).collect() {
                    mapped.push(eval.call(&function, Args::positional(row), span)?);
                    if columns.is_empty() {
                        break;
                    }
                }
                let items = Items {
                    items: mapped,
                    rest: None,
                };
                return Ok(Some(eval.iterator(items)));
            };
            eval.lift(&[values], span, &mut |eval, values| {
                let items = eval.iterate(&values[0], span)?;
                let mut mapped = Vec::new();
                for item in items.items {
                    mapped.push(eval.call(&function, Args::positional(vec![item]), span)?);
                }
                Ok(eval.iterator(Items {
                    items: mapped,
                    rest: items.rest,
                }))
            })?
        }
        "filter" => {
            let [function, values] = args.positional.as_slice() else {
                return Ok(None);
            };
            let function = function.clone();
            eval.lift(&[values], span, &mut |eval, values| {
                let items = eval.iterate(&values[0], span)?;
                let mut tested = Vec::new();
                for item in items.items {
                    let test = if function.is_none() {
                        None
                    } else {
                        let args = Args::positional(vec![item.clone()]);
                        Some(eval.call(&function, args, span)?)
                    };
                    tested.push((item, test));
                }
                passed(eval, &tested, items.rest.as_ref(), span)
            })?
        }
        "sorted" => {
            let argument = eval.looped(argument, span);
            eval.lift(&[&argument], span, &mut |eval, values| {
                Ok(match sorted(eval, &values[0], args, span)? {
                    Ok(items) => eval.list(items),
                    Err(reason) => eval.open_list(Vec::new(), Some(reason)),
                })
            })?
        }
        "reversed" => {
            let argument = eval.in_order(argument, span);
            container(eval, &argument, span, &mut |eval, mut items| {
                items.items.reverse();
                eval.iterator(items)
            })?
        }
        "iter" => {
            let argument = eval.in_order(argument, span);
            container(eval, &argument, span, &mut |eval, items| {
                eval.iterator(items)
            })?
        }
        "next" => return next(eval, argument, args.positional.get(1).cloned(), span).map(Some),
        "any" | "all" => eval.lift(&[argument], span, &mut |eval, values| {
            any(eval, &values[0], name == "any", span)
        })?,
        "sum" => {
            let start = args.at(1, "start").cloned().unwrap_or_else(|| Val::int(0));
            eval.lift(&[argument], span, &mut |eval, values| {
                let has_no_order = eval.has_no_order(&values[0]);
                let items = eval.iterate(&values[0], span)?;
                if let Some(rest) = items.rest {
                    return Ok(Kind::Unknown(rest).into());
                }
                if has_no_order && !items.items.iter().all(|item| item.as_int().is_some()) {
                    return Ok(eval.unknown(Cause::Random, "a set has no order", span));
                }
                let mut total = start.clone();
                for item in items.items {
                    let add = crate::python::syntax::ast::Operator::Add;
                    total = eval.binary(add, &total, &item, span)?;
                }
                Ok(total)
            })?
        }
        "min" | "max" if args.positional.len() == 1 => {
            eval.lift(&[argument], span, &mut |eval, values| {
                let args = Args {
                    positional: values.to_vec(),
                    ..args.clone()
                };
                extreme(eval, &args, name == "max", span)
            })?
        }
        "min" | "max" => extreme(eval, args, name == "max", span)?,
        "abs" => eval.lift(&[argument], span, &mut |eval, values| {
            Ok(match values[0].kind {
                Kind::Int(n) => Val::int(n.saturating_abs()),
                Kind::Bool(b) => Val::int(i128::from(b)),
                Kind::Float(x) => Kind::Float(x.abs()).into(),
                Kind::Timedelta(micros) => Kind::Timedelta(micros.saturating_abs()).into(),
                _ => eval.unknown(Cause::Code, "abs() of an object", span),
            })
        })?,
        "round" => eval.lift(&[argument], span, &mut |eval, values| {
            Ok(match (&values[0].kind, args.positional.get(1)) {
                (Kind::Int(n), None) => Val::int(*n),
                (Kind::Float(x), None) => Val::int(x.round_ties_even() as i128),
                // Both languages round the exact value, halves to even.
                (Kind::Float(x), Some(digits)) => {
                    let digits = Some(digits)
                        .filter(|digits| digits.is_settled())
                        .and_then(Val::as_int)
                        .and_then(|digits| usize::try_from(digits).ok())
                        .filter(|digits| *digits <= 300);
                    match digits.map(|digits| format!("{x:.digits$}").parse()) {
                        Some(Ok(rounded)) => Kind::Float(rounded).into(),
                        _ => eval.unknown(Cause::Code, "round() to digits", span),
                    }
                }
                _ => eval.unknown(Cause::Code, "round() to digits", span),
            })
        })?,
        "divmod" => {
            let other = args.positional.get(1).unwrap_or(&none);
            let quotient = eval.binary(
                crate::python::syntax::ast::Operator::FloorDiv,
                argument,
                other,
                span,
            )?;
            let rest = eval.binary(
                crate::python::syntax::ast::Operator::Mod,
                argument,
                other,
                span,
            )?;
            Val::tuple(vec![quotient, rest])
        }
        "pow" => {
            let other = args.positional.get(1).unwrap_or(&none);
            eval.binary(
                crate::python::syntax::ast::Operator::Pow,
                argument,
                other,
                span,
            )?
        }
        "ord" => eval.lift(&[argument], span, &mut |eval, values| {
            let mut chars = values[0].as_str().unwrap_or_default().chars();
            Ok(match (chars.next(), chars.next()) {
                (Some(c), None) => Val::int(i128::from(c as u32)),
                _ => eval.unknown(Cause::Code, "ord() of this", span),
            })
        })?,
        "chr" => eval.lift(&[argument], span, &mut |eval, values| {
            let code = values[0].as_int().and_then(|code| u32::try_from(code).ok());
            Ok(match code.and_then(char::from_u32) {
                Some(c) => Val::str(c.to_string()),
                None => eval.unknown(Cause::Code, "chr() of this", span),
            })
        })?,
        "hex" | "oct" | "bin" => eval.lift(&[argument], span, &mut |eval, values| {
            let Some(number) = values[0].as_int() else {
                return Ok(eval.unknown_because(&values[0]));
            };
            let sign = if number < 0 { "-" } else { "" };
            let size = number.unsigned_abs();
            Ok(Val::str(match name {
                "hex" => format!("{sign}{size:#x}"),
                "oct" => format!("{sign}{size:#o}"),
                _ => format!("{sign}{size:#b}"),
            }))
        })?,
        "isinstance" => {
            let class = args.positional.get(1).unwrap_or(&none).clone();
            eval.lift(&[argument], span, &mut |eval, values| {
                Ok(match eval.is_instance(&values[0], &class) {
                    Some(answer) => Val::bool(answer),
                    None => eval.unknown_because(&values[0]),
                })
            })?
        }
        "issubclass" => {
            let class = args.positional.get(1).unwrap_or(&none);
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
            Kind::Made(made) if crate::python::eval::is_exception(&made.class) => {
                Val::native(made.class.clone())
            }
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
                match call(eval, name, &args, span) {
                    Some(result) => result,
                    None => Ok(eval.unknown_because(&values[0])),
                }
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
        "bytes" => match args.positional.as_slice() {
            // As `str.encode` has it.
            [text, encoding @ ..] if !encoding.is_empty() => {
                let args = Args {
                    positional: encoding.to_vec(),
                    ..args.clone()
                };
                methods::call(eval, text, "encode", args, span)?
            }
            [bytes] if matches!(bytes.kind, Kind::Bytes(_)) && bytes.is_settled() => bytes.clone(),
            _ => eval.unknown(Cause::Code, "bytes of an object", span),
        },
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

fn namespace(id: Option<Id>) -> Val {
    match id {
        Some(id) => Kind::Module("".into(), id).into(),
        None => Val::NONE,
    }
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

fn zip(eval: &mut Evaluator<'_>, values: &[Val], span: Span) -> Result<Val, Raise> {
    let mut columns = Vec::new();
    let mut rest = None;
    // One that is taken from in turns is not taken from one after the other.
    let iterators = values.iter().filter_map(|value| match value.kind {
        Kind::Iterator(id) => Some(id),
        _ => None,
    });
    let iterators: Vec<_> = iterators.collect();
    let is_again = |(at, id): (usize, &Id)| iterators[..at].contains(id);
    if iterators.iter().enumerate().any(is_again) {
        rest = Some(unknown(
            Cause::Code,
            "an iterator is taken from in turns",
            span,
        ));
        return Ok(eval.iterator(Items {
            items: Vec::new(),
            rest,
        }));
    }
    for value in values {
        let items = eval.iterate(value, span)?;
        rest = rest.or(items.rest);
        columns.push(items.items.into_iter());
    }
    let mut rows = Vec::new();
    if !columns.is_empty() {
        while let Some(row) = columns
            .iter_mut()
            .map(Iterator::next)
            .collect::<Option<Vec<_>>>()
        {
            rows.push(Val::tuple(row));
        }
    }
    Ok(eval.iterator(Items { items: rows, rest }))
}

/// The items whose tests are true, or that are true themselves where they have none. Where that is
/// one of several values, it is decided in each case.
fn passed(
    eval: &mut Evaluator<'_>,
    tested: &[(Val, Option<Val>)],
    rest: Option<&Rc<Unknown>>,
    span: Span,
) -> Result<Val, Raise> {
    let mut is_open = Vec::new();
    for (item, test) in tested {
        let test = test.as_ref().unwrap_or(item);
        let is_known = matches!(eval.truth(test), Truth::Known(_));
        is_open.push(!is_known && test.is_choice());
    }
    let choices = tested.iter().zip(&is_open).filter(|(_, is_open)| **is_open);
    let choices = choices.map(|((item, test), _)| test.as_ref().unwrap_or(item));
    eval.lift(&choices.collect::<Vec<_>>(), span, &mut |eval, chosen| {
        let mut chosen = chosen.iter();
        let mut all = Items {
            items: Vec::new(),
            rest: rest.cloned(),
        };
        for ((item, test), is_open) in tested.iter().zip(&is_open) {
            let one = chosen.as_slice().first().filter(|_| *is_open);
            if one.is_some() {
                chosen.next();
            }
            let item = one.filter(|_| test.is_none()).unwrap_or(item);
            let test = one.or(test.as_ref()).unwrap_or(item);
            match eval.truth(test) {
                Truth::Known(true) => all.items.push(item.clone()),
                Truth::Known(false) => {}
                _ => {
                    all.rest.get_or_insert_with(|| uncertain(test));
                }
            }
        }
        Ok(eval.iterator(all))
    })
}

/// `next(iterator, default)`.
pub(crate) fn next(
    eval: &mut Evaluator<'_>,
    value: &Val,
    default: Option<Val>,
    span: Span,
) -> Result<Val, Raise> {
    if value.is_choice() {
        return eval.per_world(value, span, &mut |eval, value| {
            next(eval, value, default.clone(), span)
        });
    }
    let stop = || Raise::new("StopIteration", "", Some(span));
    let Kind::Iterator(id) = value.kind else {
        if default.is_none() {
            eval.maybe(stop(), "nothing is left".to_owned());
        }
        return Ok(eval.unknown_because(value));
    };
    /// Elements that move up in about the time of one step.
    const MOVED_IN_A_STEP: usize = 256;
    let is_open = matches!(&**eval.heap.object(id), Object::List(list) if list.rest.is_some());
    let stale = eval.stale(id, span);
    if default.is_none() && (is_open || stale.is_some()) {
        eval.maybe(stop(), "nothing is left".to_owned());
    }
    if let Some(reason) = stale {
        return Ok(Kind::Unknown(reason).into());
    }
    let left = eval.items(value).unwrap_or_default();
    if left.items.len() > 1 && eval.has_no_order(value) {
        let reason = unknown(Cause::Random, "a set has no order", span);
        eval.lose(value, &reason);
        return Ok(Kind::Unknown(reason).into());
    }
    let clock = eval.heap.clock();
    let next = eval.mutate(id, &mut |eval, object| match object {
        Object::List(list) => match &list.rest {
            Some(rest) => Ok(Kind::Unknown(rest.clone()).into()),
            None if list.items.is_empty() => default.clone().ok_or_else(stop),
            None => {
                eval.spend(list.items.len() / MOVED_IN_A_STEP)?;
                Ok(list.items.remove(0))
            }
        },
        _ => Ok(eval.unknown(Cause::Code, "what an iterator holds", span)),
    });
    eval.heap.set_clock(clock);
    eval.take(id, span);
    next
}

fn any(eval: &mut Evaluator<'_>, value: &Val, wanted: bool, span: Span) -> Result<Val, Raise> {
    let items = eval.iterate(value, span)?;
    let mut open: Option<Val> = None;
    for item in items.items {
        match eval.truth(&item) {
            Truth::Known(truth) if truth == wanted => return Ok(Val::bool(wanted)),
            Truth::Known(_) => {}
            _ => {
                open = Some(match open {
                    None => item,
                    Some(other) => eval.lift(&[&other, &item], span, &mut |eval, values| {
                        let one = eval.truth(&values[0]) == Truth::Known(wanted);
                        let two = eval.truth(&values[1]) == Truth::Known(wanted);
                        Ok(Val::bool((one || two) == wanted))
                    })?,
                });
            }
        }
    }
    if let Some(rest) = items.rest {
        return Ok(Kind::Unknown(rest).into());
    }
    match open {
        Some(item) => eval.lift(&[&item], span, &mut |eval, values| {
            Ok(match eval.truth(&values[0]) {
                Truth::Known(truth) => Val::bool(truth),
                _ => eval.unknown_because(&values[0]),
            })
        }),
        None => Ok(Val::bool(!wanted)),
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
