//! `value[index]`: what an index finds, and what may be found where it is not known.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::{Evaluator, Raise};
use crate::python::value::{Alternative, Args, Dependence, Kind, Val};
use crate::python::{libraries, methods, stdlib};

impl Evaluator<'_> {
    /// `value[index]`.
    pub(crate) fn subscript(&mut self, value: &Val, index: &Val, span: Span) -> Result<Val, Raise> {
        if let (Kind::Native(path), true) = (&value.kind, value.open.is_none()) {
            return self.native_subscript(&path.clone(), index, span);
        }
        for operand in [value, index] {
            self.maybe_unfit(methods::missing(value, span), operand);
        }
        let found = self.lift(&[value, index], span, &mut |eval, values| {
            eval.subscript_settled(&values[0], &values[1], span)
        })?;
        let found = self.of_table(found, value, index);
        self.leave_behind(&found, value, index);
        Ok(self.load(found))
    }

    /// What `get` finds in a table: one of its entries, or the default.
    pub(crate) fn entry_or(&mut self, found: Val, table: &Val, key: &Val, default: &Val) -> Val {
        let was_told = found.open.as_ref().is_some_and(|open| open.exhaustive);
        let mut found = self.of_table(found, table, key);
        let is_default = self.same_kind(&default.kind, &found.kind, 0);
        if let Some(open) = &mut found.open
            && open.exhaustive
            && !was_told
            && !is_default
        {
            Rc::make_mut(open).others.push(Alternative {
                when: "no entry is chosen".into(),
                value: Val {
                    open: None,
                    ..default.clone()
                },
            });
        }
        self.leave_behind(&found, table, key);
        found
    }

    /// Where not all that an index may find is told, what is found may be changed unseen.
    fn leave_behind(&mut self, found: &Val, container: &Val, index: &Val) {
        let is_told = found.open.as_ref().is_none_or(|open| open.exhaustive);
        let is_sure = index.is_settled() && container.is_settled();
        if is_sure || is_told && !found.is_unknown() && !matches!(found.kind, Kind::Open) {
            return;
        }
        let cases = match &container.kind {
            Kind::OneOf(cases) => &cases[..],
            _ => &[],
        };
        let others = container.open.iter().flat_map(|open| &open.others);
        let kinds = cases.iter().chain(others).map(|case| &case.value.kind);
        let inside = kinds.chain([&container.kind]).flat_map(|kind| match kind {
            Kind::List(id) | Kind::Dict(id) => self.heap.object(*id).values(),
            Kind::Tuple(sequence) => sequence.items.clone(),
            _ => Vec::new(),
        });
        let inside: Vec<Val> = inside.collect();
        let is_mutable = |value: &Val| {
            matches!(
                value.kind,
                Kind::List(_) | Kind::Dict(_) | Kind::Set(_) | Kind::Instance(..) | Kind::OneOf(_)
            )
        };
        self.escaped.extend(inside.into_iter().filter(is_mutable));
    }

    /// What an open key finds in a known table is one of its entries.
    fn of_table(&mut self, found: Val, table: &Val, index: &Val) -> Val {
        /// Entries that are told one by one.
        const MOST: usize = 6;
        let (Some(open), Some(dict)) = (&found.open, self.entries(table)) else {
            return found;
        };
        let is_of_key = open.variables == index.variables() && !open.exhaustive;
        if !is_of_key || table.open.is_some() || dict.rest.is_some() || dict.entries.len() > MOST {
            return found;
        }
        let entries: Vec<_> = dict.entries.values().cloned().collect();
        if entries.iter().any(|(_, value)| value.open.is_some()) {
            return found;
        }
        let mut open = Dependence {
            variables: open.variables.clone(),
            others: Vec::new(),
            exhaustive: true,
        };
        let names: Vec<_> = open.variables.iter().map(|name| &**name).collect();
        let names = names.join(", ");
        for (key, value) in entries {
            if !self.same_kind(&value.kind, &found.kind, 0) {
                let when = match key.as_str() {
                    Some(key) => format!("{names} chooses {key}"),
                    None => format!("{names} chooses another entry"),
                };
                open.others.push(Alternative {
                    when: when.into(),
                    value,
                });
            }
        }
        Val {
            open: Some(Rc::new(open)),
            ..found
        }
    }

    fn subscript_settled(&mut self, value: &Val, index: &Val, span: Span) -> Result<Val, Raise> {
        match &value.kind {
            Kind::Native(path) => self.native_subscript(&path.clone(), index, span),
            Kind::Object(class, _) => {
                let path = format!("{class}.__getitem__");
                let args = Args::positional(vec![index.clone()]);
                let found = libraries::call(self, &path, Some(value), &args, span)
                    .or_else(|| stdlib::call(self, &path, Some(value), &args, span));
                match found {
                    Some(result) => result,
                    None => Ok(self.unknown(
                        Cause::Package,
                        format!("what {class} holds is not known"),
                        span,
                    )),
                }
            }
            Kind::Instance(class, _) if self.class_attribute(class, "__getitem__").is_some() => {
                let method = self.attribute(value, "__getitem__", span)?;
                self.call(&method, Args::positional(vec![index.clone()]), span)
            }
            Kind::Instance(class, _) if self.own_dict(value).is_some() => {
                let entries = self.own_dict(value).unwrap_or(Val::NONE);
                let missing = self.class_attribute(class, "__missing__");
                match (missing, self.contains(&entries, index, span)?.kind) {
                    (None, _) | (Some(_), Kind::Bool(true)) => {
                        self.subscript(&entries, index, span)
                    }
                    (Some(_), Kind::Bool(false)) => {
                        let method = self.attribute(value, "__missing__", span)?;
                        self.call(&method, Args::positional(vec![index.clone()]), span)
                    }
                    (Some(_), _) => Ok(self.unknown_because(index)),
                }
            }
            Kind::Instance(class, _) if super::is_named_tuple(class) => {
                let fields = self.iterate(value, span)?;
                match fields.rest {
                    Some(rest) => Ok(Kind::Unknown(rest).into()),
                    None => methods::item(self, &Val::tuple(fields.items), index, span),
                }
            }
            Kind::Module(_, id) => {
                let name = index.as_str().unwrap_or_default();
                match self.heap.name(*id, name) {
                    Some(found) => Ok(found.clone()),
                    None => match self.heap.names(*id).and_then(|names| names.rest.clone()) {
                        Some(rest) => Ok(Kind::Unknown(rest).into()),
                        None => Err(Raise::new("KeyError", format!("'{name}'"), Some(span))),
                    },
                }
            }
            Kind::Class(class) => {
                // A member of an enum by its name, or a generic class.
                let name = index.as_str().unwrap_or_default();
                match self.heap.name(class.attributes, name) {
                    Some(member) => Ok(member.clone()),
                    None => Ok(value.clone()),
                }
            }
            Kind::Made(_) | Kind::Instance(..) => Ok(self.unknown_because(value)),
            _ => methods::item(self, value, index, span),
        }
    }

    fn native_subscript(&mut self, path: &str, index: &Val, span: Span) -> Result<Val, Raise> {
        match path {
            "os.environ" => self.lift(
                &[index],
                span,
                &mut |eval, values| match values[0].as_str() {
                    Some(name) => eval.read_variable(name, None, span),
                    None => Err(Raise::new("TypeError", "str expected", Some(span))),
                },
            ),
            "sys.modules" => match index.as_str() {
                Some(name) => {
                    let module = self.heap.name(self.loaded, name).cloned();
                    Ok(module.unwrap_or_else(|| Val::native(name)))
                }
                None => Ok(self.unknown(Cause::Code, "a module that is not known", span)),
            },
            _ => {
                if let Some(constant) = stdlib::constant(self, path, span) {
                    return methods::item(self, &constant, index, span);
                }
                let args = Args::positional(vec![index.clone()]);
                let full = format!("{path}.__getitem__");
                if let Some(result) = libraries::call(self, &full, None, &args, span) {
                    return result;
                }
                // `list[str]`: a generic class is the class.
                if path.starts_with("builtins.")
                    || path.starts_with("typing.")
                    || path.starts_with("collections.")
                {
                    return Ok(Val::native(path));
                }
                self.maybe_any(span);
                Ok(self.unknown(
                    Cause::Package,
                    format!("what {path} holds, its package decides"),
                    span,
                ))
            }
        }
    }
}
