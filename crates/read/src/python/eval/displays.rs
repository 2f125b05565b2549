//! Displays of lists, tuples, sets and dicts.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::objects::{Items, uncertain};
use super::{Evaluator, Raise};
use crate::python::heap::Dict;
use crate::python::syntax::ast;
use crate::python::value::{Args, Chain, Kind, Val};

impl Evaluator<'_> {
    /// A display of these elements, each of which knows where it stands. With `*` of one of
    /// several, the display is one of several.
    pub(super) fn display(
        &mut self,
        elements: &[ast::Expr],
        has_order: bool,
        span: Span,
        make: fn(&mut Self, Items) -> Val,
    ) -> Result<Val, Raise> {
        let mut parts = Vec::new();
        let mut choices = Vec::new();
        for element in elements {
            if let ast::Expr::Starred(starred) = element {
                let value = self.eval(&starred.value)?;
                let value = match has_order {
                    true => self.in_order(&value, span),
                    false => self.settled(&value),
                };
                if value.is_settled() || value.is_unknown() {
                    parts.push(Part::Items(self.iterate(&value, self.span(element))?));
                } else {
                    parts.push(Part::Choice(choices.len()));
                    choices.push(value);
                }
            } else {
                let value = self.eval(element)?;
                let items = vec![self.placed(value, element)];
                parts.push(Part::Items(Items { items, rest: None }));
            }
        }
        self.lift(
            &choices.iter().collect::<Vec<_>>(),
            span,
            &mut |eval, chosen| {
                let mut all = Items::default();
                for part in &parts {
                    let more = match part {
                        Part::Items(items) => items.clone(),
                        Part::Choice(number) => eval.iterate(&chosen[*number], span)?,
                    };
                    all.items.extend(more.items);
                    all.rest = all.rest.or(more.rest);
                }
                Ok(make(eval, all))
            },
        )
    }

    /// A value that has no trail yet begins where it is written.
    fn placed(&self, value: Val, element: &ast::Expr) -> Val {
        if value.trail.is_empty() {
            let trail = Chain::at(self.span(element), "is written here");
            value.with_trail(trail)
        } else {
            value
        }
    }

    /// A dict of these entries, later ones over earlier ones. With `**` of one of several, the
    /// display is one of several.
    pub(super) fn dict_display(&mut self, node: &ast::ExprDict) -> Result<Val, Raise> {
        let mut parts = Vec::new();
        let mut choices = Vec::new();
        for item in &node.items {
            if let Some(key) = &item.key {
                let key = self.eval(key)?;
                let value = self.eval(&item.value)?;
                parts.push(Entries::One(key, self.placed(value, &item.value)));
                continue;
            }
            let value = self.eval(&item.value)?;
            let mut value = self.settled(&value);
            let span = self.span(item);
            if matches!(&value.kind, Kind::Native(path) if &**path == "os.environ") {
                value = self.call_native("os.environ.copy", None, Args::default(), span)?;
            }
            if value.is_settled() || value.is_unknown() {
                parts.push(Entries::Mapping(value, span));
            } else {
                parts.push(Entries::Choice(choices.len(), span));
                choices.push(value);
            }
        }
        let choices: Vec<&Val> = choices.iter().collect();
        self.lift(&choices, self.span(node), &mut |eval, chosen| {
            let mut dict = Dict::default();
            for part in &parts {
                match part {
                    Entries::One(key, value) => dict.put(key.clone(), value.clone()),
                    Entries::Mapping(mapping, span) => {
                        eval.merge_entries(&mut dict, mapping, *span);
                    }
                    Entries::Choice(number, span) => {
                        eval.merge_entries(&mut dict, &chosen[*number], *span);
                    }
                }
            }
            Ok(eval.dict_object(dict))
        })
    }

    /// Adds the entries of a mapping to a dict that is being made.
    pub(crate) fn merge_entries(&mut self, dict: &mut Dict, mapping: &Val, span: Span) {
        let own = self.own_dict(mapping);
        let mapping = own.as_ref().unwrap_or(mapping);
        match self.entries(mapping) {
            Some(more) => {
                dict.has_no_order |= more.has_no_order;
                if let Some(rest) = &more.rest {
                    lose_values(dict, rest);
                }
                let variables = mapping.variables();
                if variables.is_empty() {
                    dict.entries.extend(more.entries.clone());
                    return;
                }
                // Variables may make it another mapping, with other keys.
                for (key, (_, value)) in &mut dict.entries {
                    let over = more.entries.get(key).map(|(_, over)| over);
                    *value = over.unwrap_or(value).clone().depending_on(&variables);
                }
                dict.rest.get_or_insert_with(|| uncertain(mapping));
            }
            None => {
                let reason = if mapping.is_settled() {
                    super::unknown(Cause::Code, "a mapping that is not followed", span)
                } else {
                    uncertain(mapping)
                };
                lose_values(dict, &reason);
            }
        }
    }
}

/// What stands in a display: elements, or `*` of a value that is one of several, by its number.
enum Part {
    Items(Items),
    Choice(usize),
}

/// What stands in a dict display: an entry, or `**` of a mapping, which may be one of several.
pub(super) enum Entries {
    One(Val, Val),
    Mapping(Val, Span),
    Choice(usize, Span),
}

/// Entries that are not known are laid over these, each of which they may replace.
fn lose_values(dict: &mut Dict, reason: &Rc<tightship_model::Unknown>) {
    dict.doubt_values(&Kind::Unknown(reason.clone()).into());
    dict.rest.get_or_insert_with(|| reason.clone());
}
