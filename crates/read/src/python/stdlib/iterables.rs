//! `itertools`.

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Items, Raise, Truth};
use crate::python::heap::{List, Object};
use crate::python::syntax::ast::Operator;
use crate::python::value::{Args, Kind, Val};

pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    if !path.starts_with("itertools.") {
        return None;
    }
    let mut args = args.clone();
    for value in &mut args.positional {
        *value = eval.in_order(value, span);
    }
    let args = &args;
    if !args.positional.iter().any(Val::is_choice) {
        return run(eval, path, args, span).transpose();
    }
    let operands: Vec<&Val> = args.positional.iter().collect();
    let each = eval.lift(&operands, span, &mut |eval, values| {
        let args = Args {
            positional: values.to_vec(),
            ..args.clone()
        };
        let result = run(eval, path, &args, span)?;
        let unknown = || Val::unknown(Cause::Code, format!("{path}() of this"), Some(span));
        Ok(result.unwrap_or_else(unknown))
    });
    Some(each)
}

fn run(
    eval: &mut Evaluator<'_>,
    path: &str,
    args: &Args,
    span: Span,
) -> Result<Option<Val>, Raise> {
    let none = Val::NONE;
    let argument = args.positional.first().unwrap_or(&none);
    Ok(Some(match path {
        "itertools.chain" | "itertools.chain.from_iterable" => {
            let sources = if path == "itertools.chain" {
                args.positional.clone()
            } else {
                eval.iterate(argument, span)?.items
            };
            let mut all = Items::default();
            for source in sources {
                let source = eval.in_order(&source, span);
                let items = eval.iterate(&source, span)?;
                all.items.extend(items.items);
                all.rest = all.rest.or(items.rest);
            }
            eval.iterator(all)
        }
        "itertools.product" if args.keywords.is_empty() => {
            let mut rows: Vec<Vec<Val>> = vec![Vec::new()];
            for values in &args.positional {
                let items = eval.iterate(values, span)?;
                if let Some(rest) = items.rest {
                    return Ok(Some(Kind::Unknown(rest).into()));
                }
                eval.spend(rows.len().saturating_mul(items.items.len()))?;
                rows = rows
                    .iter()
                    .flat_map(|row| {
                        let longer = |item: &Val| {
                            let mut row = row.clone();
                            row.push(item.clone());
                            row
                        };
                        items.items.iter().map(longer).collect::<Vec<_>>()
                    })
                    .collect();
            }
            let rows = rows.into_iter().map(Val::tuple).collect();
            eval.list(rows)
        }
        "itertools.takewhile" => {
            let items = eval.iterate(args.positional.get(1).unwrap_or(&none), span)?;
            let mut taken = Vec::new();
            for item in items.items {
                let test = eval.call(argument, Args::positional(vec![item.clone()]), span)?;
                match eval.truth(&test) {
                    Truth::Known(true) => taken.push(item),
                    Truth::Known(false) => return Ok(Some(eval.list(taken))),
                    _ => return Ok(Some(eval.unknown_because(&test))),
                }
            }
            eval.open_list(taken, items.rest)
        }
        "itertools.count" => {
            let start = args.at(0, "start").cloned().unwrap_or_else(|| Val::int(0));
            let step = args.at(1, "step").cloned().unwrap_or_else(|| Val::int(1));
            eval.object(COUNT, vec![("start", start), ("step", step)])
        }
        "itertools.repeat" => {
            let times = args.at(1, "times").filter(|times| times.is_settled());
            let Some(times) = times.and_then(Val::as_int) else {
                return Ok(None);
            };
            let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
            eval.spend(times)?;
            let items = vec![argument.clone(); times];
            eval.iterator(Items { items, rest: None })
        }
        "itertools.starmap" => {
            let rows = eval.iterate(args.positional.get(1).unwrap_or(&none), span)?;
            let mut items = Vec::new();
            for row in rows.items {
                let row = eval.iterate(&row, span)?;
                if let Some(rest) = row.rest {
                    return Ok(Some(Kind::Unknown(rest).into()));
                }
                items.push(eval.call(argument, Args::positional(row.items), span)?);
            }
            let rest = rows.rest;
            eval.iterator(Items { items, rest })
        }
        "itertools.islice" => return islice(eval, args, span),
        _ => return Ok(None),
    }))
}

fn islice(eval: &mut Evaluator<'_>, args: &Args, span: Span) -> Result<Option<Val>, Raise> {
    let Some((source, bounds)) = args.positional.split_first() else {
        return Ok(None);
    };
    let mut numbers = Vec::new();
    for bound in bounds {
        match (&bound.kind, bound.as_int().map(usize::try_from)) {
            _ if !bound.is_settled() => return Ok(None),
            (Kind::None, _) => numbers.push(None),
            (_, Some(Ok(number))) => numbers.push(Some(number)),
            _ => return Ok(None),
        }
    }
    let (start, stop) = match numbers.as_slice() {
        [stop] => (0, *stop),
        [start, stop] => (start.unwrap_or(0), *stop),
        _ => return Ok(None),
    };
    let source = eval.settled(source);
    let items = match (&source.kind, stop) {
        (Kind::Object(class, _), Some(stop)) if &**class == COUNT => {
            eval.spend(stop)?;
            let mut next = eval.state(&source, "start").unwrap_or(Val::NONE);
            let step = eval.state(&source, "step").unwrap_or(Val::NONE);
            let mut items = Vec::new();
            for _ in 0..stop {
                let after = eval.binary(Operator::Add, &next, &step, span)?;
                items.push(std::mem::replace(&mut next, after));
            }
            // What was taken from it does not come again.
            eval.set_state(&source, "start", next);
            items
        }
        (_, stop) => {
            let items = eval.iterate(&source, span)?;
            if let Some(rest) = items.rest {
                return Ok(Some(Kind::Unknown(rest).into()));
            }
            let mut items = items.items;
            let left = items.split_off(stop.unwrap_or(usize::MAX).min(items.len()));
            if let Kind::Iterator(id) = source.kind {
                let left = List {
                    items: left,
                    rest: None,
                };
                eval.heap.write(id, Object::List(left));
            }
            items
        }
    };
    let items = items.into_iter().skip(start).collect();
    Ok(Some(eval.iterator(Items { items, rest: None })))
}

/// The class of a counter; its state holds the next number and the step.
const COUNT: &str = "itertools.count";
