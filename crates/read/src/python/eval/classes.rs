//! Classes of the project: definition, attributes, instances.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::objects::{Items, OWN_DICT};
use super::{Evaluator, Frame, Raise};
use crate::python::heap::{Key, Names, Object};
use crate::python::libraries;
use crate::python::methods;
use crate::python::syntax::ast;
use crate::python::value::{Access, Args, Class, Function, Kind, Val};

impl Evaluator<'_> {
    pub(crate) fn define_class(&mut self, node: &ast::StmtClassDef) -> Result<(), Raise> {
        let span = self.span(node);
        let args = match &node.arguments {
            Some(arguments) => self.arguments(arguments)?,
            None => Args::default(),
        };
        let home = self.home_of_inner();
        let attributes = self.heap.add(Object::Names(Names::default()));
        self.frames.push(Frame {
            locals: attributes,
            home: home.clone(),
            declared_global: Vec::new(),
            declared_nonlocal: Vec::new(),
            yields: None,
            method_of: None,
            is_class: true,
            is_comprehension: false,
            managed: None,
        });
        let flow = self.block(&node.body);
        let flow = self.without_raises(flow);
        self.frames.pop();
        if let super::Flow::Raise(raise) = flow {
            return Err(raise);
        }
        let mut decorators = Vec::new();
        let mut is_dataclass = false;
        for decorator in &node.decorator_list {
            let value = self.eval(&decorator.expression)?;
            match &value.kind {
                Kind::Native(path) if is_dataclass_decorator(path) => is_dataclass = true,
                Kind::Object(class, _) if &**class == "dataclasses.dataclass" => {
                    is_dataclass = true;
                }
                _ => decorators.push(value),
            }
        }
        let bases = args.positional;
        is_dataclass |= bases.iter().any(|base| match &base.kind {
            Kind::Class(class) => class.is_dataclass,
            Kind::Native(path) => &**path == "typing.NamedTuple",
            _ => false,
        });
        let name: Rc<str> = node.name.as_str().into();
        let class = Rc::new(Class {
            path: format!("{}.{name}", home.module).into(),
            order: ancestors(&bases),
            annotated: annotated(&node.body, &|expr| self.text(self.span(expr))),
            name: name.clone(),
            bases,
            attributes,
            is_dataclass,
            span,
        });
        if is_enum(&class) {
            self.make_members(&class);
        }
        let mut value = Val::from(Kind::Class(class));
        for decorator in decorators.into_iter().rev() {
            value = self.decorated(&decorator, value, span)?;
        }
        self.bind(&name, value);
        Ok(())
    }

    /// An attribute of a class as it stands there, own or inherited from the project.
    pub(crate) fn class_attribute(&self, class: &Class, name: &str) -> Option<Val> {
        if let Some(value) = self.heap.name(class.attributes, name) {
            return Some(value.clone());
        }
        class.order.iter().find_map(|base| match &base.kind {
            Kind::Class(base) => self.heap.name(base.attributes, name).cloned(),
            _ => None,
        })
    }

    /// All attributes of a class that the project defines, nearest definition first.
    pub(crate) fn class_names(&self, class: &Class) -> Vec<Rc<str>> {
        let own = std::iter::once(class.attributes);
        let inherited = class.order.iter().filter_map(|base| match &base.kind {
            Kind::Class(base) => Some(base.attributes),
            _ => None,
        });
        let mut names: Vec<Rc<str>> = Vec::new();
        for id in own.chain(inherited) {
            for name in self
                .heap
                .names(id)
                .into_iter()
                .flat_map(|n| n.values.keys())
            {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        names
    }

    /// An attribute as the class or its instance hands it out: functions bound, properties called.
    pub(crate) fn class_member(
        &mut self,
        class: &Rc<Class>,
        receiver: &Val,
        name: &str,
        span: Span,
    ) -> Result<Option<Val>, Raise> {
        let Some(value) = self.class_attribute(class, name) else {
            return Ok(None);
        };
        let is_instance = matches!(receiver.kind, Kind::Instance(..));
        let Kind::Function(function) = &value.kind else {
            return Ok(Some(value));
        };
        let bound = |receiver: Val| Kind::Method(Rc::new((receiver, value.clone()))).into();
        Ok(Some(match function.access {
            Access::Static => value.clone(),
            Access::ClassMethod => bound(Kind::Class(class.clone()).into()),
            Access::Property if is_instance => {
                let method: Val = bound(receiver.clone());
                self.call(&method, Args::default(), span)?
            }
            Access::Plain if is_instance => bound(receiver.clone()),
            Access::Plain | Access::Property => value.clone(),
        }))
    }

    /// What an attribute is that the project's part of a class does not have.
    pub(crate) fn missing_member(
        &mut self,
        class: &Rc<Class>,
        name: &str,
        span: Span,
    ) -> Result<Val, Raise> {
        match name {
            "__name__" | "__qualname__" => return Ok(Val::str(class.name.clone())),
            "__module__" => {
                let module = class.path.rsplit_once('.').map_or("", |(module, _)| module);
                return Ok(Val::str(module));
            }
            "__doc__" => return Ok(Val::NONE),
            "__dict__" => return Ok(Kind::Module(class.path.clone(), class.attributes).into()),
            _ => {}
        }
        if is_enum(class)
            && matches!(
                name,
                "choices" | "values" | "labels" | "names" | "__members__"
            )
        {
            return Ok(self.enum_list(class, name));
        }
        if is_named_tuple(class) {
            let names = fields(class).into_iter().map(|(name, _)| Val::str(name));
            return Ok(match name {
                "_fields" => Val::tuple(names.collect()),
                _ => self.unknown(Cause::Code, format!("{name} of a named tuple"), span),
            });
        }
        match foreign_base(class) {
            Some(base) => {
                let class: Val = Kind::Class(class.clone()).into();
                match libraries::attribute(self, &base, Some(&class), name, span) {
                    Some(found) => found,
                    None => Ok(self.unknown(
                        Cause::Package,
                        format!("{name} is inherited from {base}"),
                        span,
                    )),
                }
            }
            None => Err(Raise::new(
                "AttributeError",
                format!("type object '{}' has no attribute '{name}'", class.name),
                Some(span),
            )),
        }
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
        match foreign_base(class) {
            Some(base) => match libraries::attribute(self, &base, Some(receiver), name, span) {
                Some(found) => found,
                None => Ok(self.unknown(
                    Cause::Package,
                    format!("{name} is inherited from {base}"),
                    span,
                )),
            },
            None => Err(Raise::new(
                "AttributeError",
                format!("'{}' object has no attribute '{name}'", class.name),
                Some(span),
            )),
        }
    }

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

    /// The class of a method's receiver that holds this function, for `super()`.
    pub(crate) fn owner_of(&self, receiver: &Val, function: &Rc<Function>) -> Option<Val> {
        let (Kind::Instance(class, _) | Kind::Class(class)) = &receiver.kind else {
            return None;
        };
        let holds = |class: &Class| {
            self.heap.names(class.attributes).is_some_and(|names| {
                names.values.values().any(
                    |value| matches!(&value.kind, Kind::Function(own) if Rc::ptr_eq(own, function)),
                )
            })
        };
        if holds(class) {
            return Some(Kind::Class(class.clone()).into());
        }
        class
            .order
            .iter()
            .find(|base| matches!(&base.kind, Kind::Class(base) if holds(base)))
            .cloned()
    }

    /// An attribute of `super()`: looked up after the class whose method runs.
    pub(crate) fn super_attribute(
        &mut self,
        value: &Val,
        name: &str,
        span: Span,
    ) -> Result<Val, Raise> {
        let (Some(class), Some(receiver)) =
            (self.state(value, "class"), self.state(value, "receiver"))
        else {
            return Ok(Val::NONE);
        };
        let (Kind::Class(class), Kind::Instance(own, _) | Kind::Class(own)) =
            (&class.kind, &receiver.kind)
        else {
            return Ok(Val::NONE);
        };
        let own: Val = Kind::Class(own.clone()).into();
        let Kind::Class(own_class) = &own.kind else {
            return Ok(Val::NONE);
        };
        let line: Vec<Val> = std::iter::once(own.clone())
            .chain(own_class.order.iter().cloned())
            .collect();
        let after = line
            .iter()
            .position(|one| matches!(&one.kind, Kind::Class(one) if Rc::ptr_eq(one, class)));
        for base in line.into_iter().skip(after.map_or(0, |at| at + 1)) {
            let Kind::Class(base) = &base.kind else {
                continue;
            };
            if let Some(found) = self.heap.name(base.attributes, name).cloned() {
                return match &found.kind {
                    Kind::Function(function) if function.access == Access::Property => {
                        let method =
                            Kind::Method(Rc::new((receiver.clone(), found.clone()))).into();
                        self.call(&method, Args::default(), span)
                    }
                    Kind::Function(function) if function.access != Access::Static => {
                        Ok(Kind::Method(Rc::new((receiver.clone(), found.clone()))).into())
                    }
                    _ => Ok(found),
                };
            }
        }
        if let Some(entries) = self.own_dict(&receiver) {
            // Of an empty dict, `__init__` is `update`.
            let name = if name == "__init__" { "update" } else { name };
            if name == "__setitem__" {
                let method = Val::native("builtins.dict.__setitem__");
                return Ok(Kind::Method(Rc::new((entries, method))).into());
            }
            if let Some(found) = methods::attribute(self, &entries, name, span) {
                return found;
            }
            let reason = super::unknown(Cause::Code, format!("dict.{name}()"), span);
            self.lose(&receiver, &reason);
            return Ok(Kind::Unknown(reason).into());
        }
        if matches!(
            name,
            "__init__" | "__init_subclass__" | "setup" | "pre_setup" | "post_setup"
        ) {
            return Ok(Val::native("builtins.super.nothing"));
        }
        Ok(self.unknown(Cause::Package, format!("super().{name}"), span))
    }

    /// What iterating a class gives: the members of an enum.
    pub(crate) fn members(&self, class: &Class) -> Items {
        let names = self.heap.names(class.attributes);
        // A second name of a member is not a second member.
        let mut seen = Vec::new();
        let mut is_new = |value: &&Val| match &value.kind {
            Kind::Instance(own, id) if own.path == class.path && !seen.contains(id) => {
                seen.push(*id);
                true
            }
            _ => false,
        };
        let values = names.into_iter().flat_map(|names| names.values.values());
        Items {
            items: values.filter(|value| is_new(value)).cloned().collect(),
            rest: None,
        }
    }

    fn make_members(&mut self, class: &Rc<Class>) {
        let Some(names) = self.heap.names(class.attributes) else {
            return;
        };
        let values: Vec<(Rc<str>, Val)> = names
            .values
            .iter()
            .filter(|(name, value)| {
                !name.starts_with('_') && !matches!(value.kind, Kind::Function(_) | Kind::Class(_))
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut last = 0;
        for (name, value) in values {
            let value = match &value.kind {
                Kind::Object(path, _) if &**path == "enum.auto" => {
                    if is_text_enum(class) {
                        Val::str(name.to_lowercase())
                    } else {
                        Val::int(last + 1)
                    }
                }
                // Choices of Django: the value, then its label.
                Kind::Tuple(pair) if is_django_choices(class) && pair.items.len() == 2 => {
                    pair.items[0].clone()
                }
                _ => value,
            };
            last = value.as_int().unwrap_or(last);
            // A second name of the same value is another name of the same member.
            let twin = self.members(class).items.into_iter().find(|member| {
                let known = self.state(member, "value");
                known.is_some_and(|known| self.equal(&known, &value, 0) == Some(true))
            });
            if let Some(twin) = twin {
                self.heap.bind(class.attributes, &name, twin);
                continue;
            }
            let mut state = Names::default();
            state.values.insert("name".into(), Val::str(name.clone()));
            state.values.insert("value".into(), value);
            let id = self.heap.add(Object::Names(state));
            let member = Kind::Instance(class.clone(), id).into();
            self.heap.bind(class.attributes, &name, member);
        }
    }

    fn member_by_value(
        &mut self,
        class: &Rc<Class>,
        args: &Args,
        span: Span,
    ) -> Result<Val, Raise> {
        let Some(wanted) = args.positional.first() else {
            return Ok(self.unknown(Cause::Code, "an enum is called", span));
        };
        let members = self.members(class).items;
        self.lift(&[wanted], span, &mut |eval, values| {
            let wanted = Key::of(&values[0]);
            let found = members.iter().find(|member| {
                let value = eval.state(member, "value");
                wanted.is_some() && value.as_ref().and_then(Key::of) == wanted
            });
            found.cloned().ok_or_else(|| {
                Raise::new(
                    "ValueError",
                    format!("not a valid {}", class.name),
                    Some(span),
                )
            })
        })
    }

    fn enum_list(&mut self, class: &Rc<Class>, name: &str) -> Val {
        let members = self.members(class).items;
        let part =
            |eval: &Self, member: &Val, part: &str| eval.state(member, part).unwrap_or(Val::NONE);
        let items = members
            .iter()
            .map(|member| match name {
                "names" | "__members__" => part(self, member, "name"),
                "values" => part(self, member, "value"),
                _ => self.unknown(Cause::Package, "labels of choices", class.span),
            })
            .collect();
        self.list(items)
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

/// The nearest base outside the project that has a say in attributes.
pub(crate) fn foreign_base(class: &Class) -> Option<Rc<str>> {
    class.order.iter().find_map(|base| match &base.kind {
        Kind::Native(path) => match &**path {
            "builtins.object" | "typing.NamedTuple" | "abc.ABC" | "typing.Generic"
            | "typing.TypedDict" | "typing.Protocol" => None,
            path if path.ends_with("Error") || path.ends_with("Exception") => None,
            path if path.starts_with("enum.") => None,
            _ => Some(path.clone()),
        },
        Kind::Class(_) => None,
        _ => Some("a base class that is not known".into()),
    })
}

fn is_dict(base: &Val) -> bool {
    matches!(&base.kind, Kind::Native(path)
        if matches!(&**path, "builtins.dict" | "collections.OrderedDict"))
}

pub(crate) fn is_enum(class: &Class) -> bool {
    class.order.iter().any(|base| {
        matches!(&base.kind, Kind::Native(path) if matches!(
            &**path,
            "enum.Enum" | "enum.IntEnum" | "enum.StrEnum" | "enum.Flag" | "enum.IntFlag"
                | "django.db.models.TextChoices" | "django.db.models.IntegerChoices"
                | "django.db.models.Choices"
        ))
    })
}

fn is_django_choices(class: &Class) -> bool {
    class.order.iter().any(
        |base| matches!(&base.kind, Kind::Native(path) if path.starts_with("django.db.models.")),
    )
}

fn is_text_enum(class: &Class) -> bool {
    class.order.iter().any(|base| {
        matches!(&base.kind, Kind::Native(path) if matches!(
            &**path,
            "enum.StrEnum" | "builtins.str" | "django.db.models.TextChoices"
        ))
    })
}

/// Whether members of an enum are strings or integers themselves.
pub(crate) fn is_str_enum(class: &Class) -> bool {
    is_enum(class)
        && class.order.iter().any(|base| {
            matches!(&base.kind, Kind::Native(path) if matches!(
                &**path,
                "enum.StrEnum" | "enum.IntEnum" | "builtins.str" | "builtins.int"
                    | "django.db.models.TextChoices" | "django.db.models.IntegerChoices"
            ))
        })
}

/// The linearisation of the bases (C3, as Python does it; where that fails, depth first).
fn ancestors(bases: &[Val]) -> Vec<Val> {
    let same = |one: &Val, two: &Val| match (&one.kind, &two.kind) {
        (Kind::Class(a), Kind::Class(b)) => Rc::ptr_eq(a, b),
        (Kind::Native(a), Kind::Native(b)) => a == b,
        _ => false,
    };
    let mut lines: Vec<Vec<Val>> = bases
        .iter()
        .map(|base| {
            let mut line = vec![base.clone()];
            if let Kind::Class(class) = &base.kind {
                line.extend(class.order.iter().cloned());
            }
            line
        })
        .collect();
    lines.push(bases.to_vec());
    let mut order = Vec::new();
    loop {
        lines.retain(|line| !line.is_empty());
        let Some(head) = lines
            .iter()
            .map(|line| &line[0])
            .find(|head| {
                !lines
                    .iter()
                    .any(|line| line[1..].iter().any(|other| same(head, other)))
            })
            .or_else(|| lines.first().map(|line| &line[0]))
            .cloned()
        else {
            return order;
        };
        for line in &mut lines {
            let is_head = |one: &Val| same(one, &head) || is_nameless(one) && is_nameless(&head);
            if line.first().is_some_and(is_head) {
                line.remove(0);
            }
            line.retain(|one| !same(one, &head));
        }
        order.push(head);
    }
}

/// A base that is neither a class nor a path, so that it is equal to nothing.
fn is_nameless(base: &Val) -> bool {
    !matches!(base.kind, Kind::Class(_) | Kind::Native(_))
}

/// Names with annotations in a class body, and the annotations as text.
fn annotated(body: &[ast::Stmt], text: &dyn Fn(&ast::Expr) -> Rc<str>) -> Vec<(Rc<str>, Rc<str>)> {
    body.iter()
        .filter_map(|statement| match statement {
            ast::Stmt::AnnAssign(node) => match &*node.target {
                ast::Expr::Name(name) => Some((name.id.as_str().into(), text(&node.annotation))),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn is_dataclass_decorator(path: &str) -> bool {
    matches!(
        path,
        "dataclasses.dataclass" | "attr.s" | "attrs.define" | "attrs.frozen" | "attr.dataclass"
    )
}
