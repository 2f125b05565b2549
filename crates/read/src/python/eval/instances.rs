//! Instances of classes of the project, and what their fields are.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::classes::{foreign_base, is_dict};
use super::enums::{is_enum, is_str_enum};
use super::objects::OWN_DICT;
use super::{Evaluator, Raise};
use crate::python::heap::{Names, Object};
use crate::python::libraries;
use crate::python::methods;
use crate::python::value::{Args, Class, Kind, Val};

impl Evaluator<'_> {
    /// Calls a class.
    pub(crate) fn instantiate(
        &mut self,
        class: &Rc<Class>,
        args: Args,
        span: Span,
    ) -> Result<Val, Raise> {
        if is_enum(class) {
            return self.member_by_value(class, &args, span);
        }
        let value: Val = Kind::Class(class.clone()).into();
        if let Some(base) = foreign_base(class)
            && let Some(result) = libraries::instantiate(self, &value, &base, &args, span)
        {
            return result;
        }
        let id = self.heap.add(Object::Names(Names::default()));
        let instance = Val::from(Kind::Instance(class.clone(), id));
        if class
            .order
            .iter()
            .any(|base| matches!(&base.kind, Kind::Native(path) if &**path == "typing.TypedDict"))
        {
            let dict = methods::mapping(self, &args, span)?;
            return Ok(self.dict_object(dict));
        }
        if self.is_subclass(&value, &Val::native("builtins.BaseException")) == Some(true) {
            let given = Val::tuple(args.positional.clone());
            self.set_state(&instance, "args", given);
        }
        if class.order.iter().any(is_dict) {
            let entries = if self.class_attribute(class, "__init__").is_some() {
                self.dict(Vec::new())
            } else {
                let dict = methods::mapping(self, &args, span)?;
                self.dict_object(dict)
            };
            self.set_state(&instance, OWN_DICT, entries);
        }
        if self.class_attribute(class, "__init__").is_some() {
            let init = self.attribute(&instance, "__init__", span)?;
            self.call(&init, args, span)?;
        } else if class.is_dataclass {
            self.fill_fields(class, &instance, args, span)?;
        } else if !args.positional.is_empty() && self.own_dict(&instance).is_none() {
            let tuple = Val::tuple(args.positional);
            self.set_state(&instance, "args", tuple);
        }
        Ok(instance)
    }

    /// The fields of a dataclass, from arguments and defaults.
    fn fill_fields(
        &mut self,
        class: &Rc<Class>,
        instance: &Val,
        args: Args,
        span: Span,
    ) -> Result<(), Raise> {
        let mut positional = args.positional.into_iter();
        for (name, _) in fields(class) {
            let by_position = if self.is_given(class, &name) {
                positional.next()
            } else {
                None
            };
            let given = by_position.or_else(|| {
                args.keywords
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| value.clone())
            });
            let value = match (given, self.class_attribute(class, &name)) {
                (Some(value), _) => value,
                (None, Some(default)) => match &default.kind {
                    Kind::Object(path, _) if &**path == "dataclasses.field" => {
                        match self.state(&default, "default_factory") {
                            Some(factory) => self.call(&factory, Args::default(), span)?,
                            None => self.state(&default, "default").unwrap_or(Val::NONE),
                        }
                    }
                    _ => default,
                },
                (None, None) => match &args.rest {
                    Some(rest) => Kind::Unknown(rest.clone()).into(),
                    None => {
                        return Err(Raise::new(
                            "TypeError",
                            format!("{}() missing the argument '{name}'", class.name),
                            Some(span),
                        ));
                    }
                },
            };
            self.set_state(instance, &name, value);
        }
        if self.class_attribute(class, "__post_init__").is_some() {
            let method = self.attribute(instance, "__post_init__", span)?;
            self.call(&method, Args::default(), span)?;
        }
        Ok(())
    }

    /// Whether the constructor of a dataclass takes this field.
    pub(crate) fn is_given(&self, class: &Class, name: &str) -> bool {
        let default = self.class_attribute(class, name);
        let init = default.and_then(|default| self.state(&default, "init"));
        !init.is_some_and(|init| matches!(init.kind, Kind::Bool(false)))
    }

    /// The same of an instance.
    pub(crate) fn missing_attribute(
        &mut self,
        class: &Rc<Class>,
        receiver: &Val,
        name: &str,
        span: Span,
    ) -> Result<Val, Raise> {
        match name {
            "__class__" => return Ok(Kind::Class(class.clone()).into()),
            "__dict__" => {
                let Kind::Instance(_, id) = receiver.kind else {
                    return Ok(Val::NONE);
                };
                return Ok(Kind::Module(class.path.clone(), id).into());
            }
            _ => {}
        }
        if is_named_tuple(class) {
            let names = fields(class).into_iter().map(|(name, _)| name);
            let value = |name: Rc<str>| self.state(receiver, &name).unwrap_or(Val::NONE);
            return Ok(match name {
                "_fields" => Val::tuple(names.map(Val::str).collect()),
                "_asdict" => {
                    let entries = names
                        .map(|name| (Val::str(name.clone()), value(name)))
                        .collect();
                    let dict = self.dict(entries);
                    Kind::Bound(Rc::new((dict, "copy".into()))).into()
                }
                _ => self.unknown(Cause::Code, format!("{name} of a named tuple"), span),
            });
        }
        if let Some(entries) = self.own_dict(receiver)
            && let Some(found) = methods::attribute(self, &entries, name, span)
        {
            return found;
        }
        if let Some(method) = self.class_attribute(class, "__getattr__") {
            let method = Val::from(Kind::Method(Rc::new((receiver.clone(), method))));
            return self.call(&method, Args::positional(vec![Val::str(name)]), span);
        }
        if is_str_enum(class)
            && let Some(value) = self.state(receiver, "value")
        {
            return self.attribute(&value, name, span);
        }
        let whose = format!("'{}' object", class.name);
        self.inherited(class, receiver, name, &whose, span)
    }

    /// What a base of a package gives; without one, nothing has the attribute. `whose` it would be is
    /// told in Python's words.
    pub(super) fn inherited(
        &mut self,
        class: &Rc<Class>,
        receiver: &Val,
        name: &str,
        whose: &str,
        span: Span,
    ) -> Result<Val, Raise> {
        let Some(base) = foreign_base(class) else {
            return Err(Raise::new(
                "AttributeError",
                format!("{whose} has no attribute '{name}'"),
                Some(span),
            ));
        };
        match libraries::attribute(self, &base, Some(receiver), name, span) {
            Some(found) => found,
            None => Ok(self.unknown(
                Cause::Package,
                format!("{name} is inherited from {base}"),
                span,
            )),
        }
    }
}

/// Whether instances are tuples.
pub(crate) fn is_named_tuple(class: &Class) -> bool {
    class
        .order
        .iter()
        .any(|base| matches!(&base.kind, Kind::Native(path) if &**path == "typing.NamedTuple"))
}

/// The fields of a dataclass: those of its bases first.
pub(crate) fn fields(class: &Rc<Class>) -> Vec<(Rc<str>, Rc<str>)> {
    let mut all: Vec<(Rc<str>, Rc<str>)> = Vec::new();
    let line = class
        .order
        .iter()
        .rev()
        .filter_map(|base| match &base.kind {
            Kind::Class(base) => Some(base),
            _ => None,
        });
    for part in line.chain([class]) {
        for field in &part.annotated {
            if !field.1.starts_with("ClassVar") && !all.iter().any(|(name, _)| *name == field.0) {
                all.push(field.clone());
            }
        }
    }
    all
}
