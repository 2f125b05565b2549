//! `sorted`, `min` and `max`.

use std::cmp::Ordering;
use std::rc::Rc;

use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Raise, Truth, uncertain, unknown};
use crate::python::value::{Args, Kind, Val};

/// The elements in order, or why the order is not known.
pub(crate) fn sorted(
    eval: &mut Evaluator<'_>,
    value: &Val,
    args: &Args,
    span: Span,
) -> Result<Result<Vec<Val>, Rc<tightship_model::Unknown>>, Raise> {
    let has_no_order = eval.has_no_order(value);
    let items = eval.iterate(value, span)?;
    if let Some(rest) = items.rest {
        return Ok(Err(rest));
    }
    let mut keyed = Vec::new();
    for item in items.items {
        let key = match args.keyword("key").filter(|key| !key.is_none()) {
            Some(key) => eval.call(&key.clone(), Args::positional(vec![item.clone()]), span)?,
            None => item.clone(),
        };
        keyed.push((key, item));
    }
    eval.spend(keyed.len())?;
    let mut doubt = None;
    let mut mistake = false;
    let reverse = match args.keyword("reverse") {
        Some(value) => match eval.truth(value) {
            Truth::Known(truth) => truth,
            _ => return Ok(Err(uncertain(value))),
        },
        None => false,
    };
    // Equal elements keep their order in either direction.
    if reverse {
        keyed.reverse();
    }
    keyed.sort_by(|(a, _), (b, _)| match eval.order(a, b, 0) {
        Ok(Some(order)) => order,
        Ok(None) => {
            doubt = Some(uncertain(a));
            Ordering::Equal
        }
        Err(()) => {
            mistake = true;
            Ordering::Equal
        }
    });
    if mistake {
        return Err(Raise::new(
            "TypeError",
            "elements cannot be ordered",
            Some(span),
        ));
    }
    if let Some(reason) = doubt {
        return Ok(Err(reason));
    }
    // Elements that their keys do not tell apart stay in the order of a set.
    let mut pairs = keyed.windows(2);
    let is_tie =
        |pair: &[(Val, Val)]| eval.order(&pair[0].0, &pair[1].0, 0) != Ok(Some(Ordering::Less));
    if has_no_order && args.keyword("key").is_some() && pairs.any(is_tie) {
        return Ok(Err(unknown(Cause::Random, "a set has no order", span)));
    }
    let mut sorted: Vec<Val> = keyed.into_iter().map(|(_, item)| item).collect();
    if reverse {
        sorted.reverse();
    }
    Ok(Ok(sorted))
}

pub(super) fn extreme(
    eval: &mut Evaluator<'_>,
    args: &Args,
    wants_max: bool,
    span: Span,
) -> Result<Val, Raise> {
    let plain = |args: &Args| args.keyword("key").is_none();
    if args.positional.len() > 1 && plain(args) {
        let operands: Vec<&Val> = args.positional.iter().collect();
        return eval.lift(&operands, span, &mut |eval, values| {
            best(eval, values.to_vec(), wants_max, span)
        });
    }
    let Some(first) = args.positional.first() else {
        return Ok(eval.unknown(Cause::Code, "min() or max() of nothing", span));
    };
    let has_no_order = eval.has_no_order(first);
    let items = eval.iterate(first, span)?;
    match (items.rest, items.items.is_empty(), args.keyword("default")) {
        (Some(rest), ..) => Ok(Kind::Unknown(rest).into()),
        (None, true, Some(default)) => Ok(default.clone()),
        (None, true, None) => Err(Raise::new("ValueError", "empty sequence", Some(span))),
        (None, false, _) if !plain(args) => {
            let key = args.keyword("key").cloned().unwrap_or(Val::NONE);
            let mut best: Option<(Val, Val)> = None;
            for item in items.items {
                let rank = eval.call(&key, Args::positional(vec![item.clone()]), span)?;
                let wins = match &best {
                    None => true,
                    Some((_, other)) => match eval.order(&rank, other, 0) {
                        Ok(Some(Ordering::Equal)) if has_no_order => {
                            return Ok(eval.unknown(Cause::Random, "a set has no order", span));
                        }
                        Ok(Some(order)) if wants_max => order.is_gt(),
                        Ok(Some(order)) => order.is_lt(),
                        _ => return Ok(eval.unknown(Cause::Code, "an order by a key", span)),
                    },
                };
                if !rank.is_settled() {
                    return Ok(eval.unknown_because(&rank));
                }
                if wins {
                    best = Some((item, rank));
                }
            }
            Ok(best.map_or(Val::NONE, |(item, _)| item))
        }
        _ => best(eval, items.items, wants_max, span),
    }
}

fn best(
    eval: &mut Evaluator<'_>,
    values: Vec<Val>,
    wants_max: bool,
    span: Span,
) -> Result<Val, Raise> {
    let mut values = values.into_iter();
    let Some(mut best) = values.next() else {
        return Ok(Val::NONE);
    };
    for value in values {
        match eval.order(&value, &best, 0) {
            Ok(Some(Ordering::Greater)) if wants_max => best = value,
            Ok(Some(Ordering::Less)) if !wants_max => best = value,
            Ok(Some(_)) => {}
            Ok(None) => return Ok(eval.unknown_because(&value)),
            Err(()) => {
                return Err(Raise::new(
                    "TypeError",
                    "values cannot be ordered",
                    Some(span),
                ));
            }
        }
    }
    Ok(best)
}
