//! `map`, `zip`, `sorted` and their kin.

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::containers::container;
use super::order::{extreme, sorted};
use crate::python::eval::{Evaluator, Items, Raise, Truth, uncertain, unknown};
use crate::python::heap::{Id, Object};
use crate::python::syntax::ast::Operator;
use crate::python::value::{Args, Kind, Val};

/// What goes over elements; `None` for another.
pub(super) fn call(
    eval: &mut Evaluator<'_>,
    name: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let first = args.positional.first();
    let argument = first.unwrap_or(&Val::NONE);
    Ok(Some(match name {
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
                    total = eval.binary(Operator::Add, &total, &item, span)?;
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
        _ => return Ok(None),
    }))
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
