//! Classes of the project: definition, attributes, instances.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::enums::is_enum;
use super::instances::{fields, is_named_tuple};
use super::{Evaluator, Frame, Raise};
use crate::python::heap::{Id, Names, Object};
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
        let of = |id: Id| {
            let names = self.heap.names(id)?;
            let found = self.heap.name(id, name).cloned();
            // What Python itself asks for is hardly set by a name that is computed.
            let rest = names.rest.clone().filter(|_| !name.starts_with("__"));
            found.or_else(|| rest.map(|rest| Kind::Unknown(rest).into()))
        };
        of(class.attributes).or_else(|| {
            class.order.iter().find_map(|base| match &base.kind {
                Kind::Class(base) => of(base.attributes),
                _ => None,
            })
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

    /// `inspect.getmembers(instance)` without Python's own names, which begin with two underscores; `None`
    /// where a class that is not of the project may bring further ones.
    pub(crate) fn instance_members(
        &mut self,
        instance: &Val,
        span: Span,
    ) -> Result<Option<Val>, Raise> {
        let Kind::Instance(class, id) = &instance.kind else {
            return Ok(None);
        };
        let is_own = |base: &Val| match &base.kind {
            Kind::Class(_) => true,
            Kind::Native(path) => &**path == "builtins.object",
            _ => false,
        };
        let own = self.heap.names(*id);
        let is_open = own.is_some_and(|names| names.rest.is_some());
        if is_open || !class.order.iter().all(is_own) {
            return Ok(None);
        }
        let mut names = self.class_names(class);
        names.extend(own.into_iter().flat_map(|own| own.values.keys().cloned()));
        names.retain(|name| !name.starts_with("__"));
        names.sort();
        names.dedup();
        let mut members = Vec::new();
        for name in names {
            let value = self.attribute(instance, &name, span)?;
            members.push(Val::tuple(vec![Val::str(name), value]));
        }
        Ok(Some(self.list(members)))
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
            Access::Cached if is_instance => {
                let method: Val = bound(receiver.clone());
                let value = self.call(&method, Args::default(), span)?;
                self.set_state(receiver, name, value.clone());
                value
            }
            Access::Plain if is_instance => bound(receiver.clone()),
            Access::Plain | Access::Property | Access::Cached => value.clone(),
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
        let whose = format!("type object '{}'", class.name);
        let receiver = Kind::Class(class.clone()).into();
        self.inherited(class, &receiver, name, &whose, span)
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
                    Kind::Function(function)
                        if matches!(function.access, Access::Property | Access::Cached) =>
                    {
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

pub(super) fn is_dict(base: &Val) -> bool {
    matches!(&base.kind, Kind::Native(path)
        if matches!(&**path, "builtins.dict" | "collections.OrderedDict"))
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
