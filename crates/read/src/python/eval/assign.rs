//! Binding names, entries and attributes, and taking them away.

use std::rc::Rc;

use tightship_model::{Cause, Span};

use super::objects::{Items, uncertain};
use super::{Evaluator, Raise, unknown};
use crate::python::heap::Object;
use crate::python::methods;
use crate::python::syntax::ast;
use crate::python::value::{Access, Args, Kind, Val};

impl Evaluator<'_> {
    /// Assigns to a target. `span` is the statement.
    pub(crate) fn assign(
        &mut self,
        target: &ast::Expr,
        value: Val,
        span: Span,
    ) -> Result<(), Raise> {
        match target {
            ast::Expr::Name(name) => {
                let value = if self.is_module_scope() {
                    self.said(value, span, format!("sets {}", name.id))
                } else {
                    let trail = self.with_conditions(&value.trail);
                    value.with_trail(trail)
                };
                self.bind(&name.id, value);
                Ok(())
            }
            ast::Expr::Attribute(node) => {
                let owner = self.eval(&node.value)?;
                let value = self.said(value, span, format!("sets {}", node.attr));
                self.set_attribute(&owner, &node.attr, value, span)
            }
            ast::Expr::Subscript(node) => {
                let owner = self.eval(&node.value)?;
                let index = self.eval(&node.slice)?;
                let text = self.text(self.span(target));
                let value = self.said(value, span, format!("sets {text}"));
                self.set_item(&owner, &index, value, span)
            }
            ast::Expr::List(node) => self.unpack(&node.elts, &value, span),
            ast::Expr::Tuple(node) => self.unpack(&node.elts, &value, span),
            ast::Expr::Starred(node) => self.assign(&node.value, value, span),
            _ => Ok(()),
        }
    }

    /// A value with the step of its assignment in front, and what led there behind.
    fn said(&self, value: Val, span: Span, text: String) -> Val {
        let trail = self.with_conditions(&value.trail).before(Some(span), text);
        value.with_trail(trail)
    }

    fn is_module_scope(&self) -> bool {
        self.frame()
            .is_none_or(|frame| frame.locals == frame.home.globals)
    }

    /// Binds a name in the running scope.
    pub(crate) fn bind(&mut self, name: &str, value: Val) {
        let Some(frame) = self.frame() else {
            return;
        };
        let scope = if frame.declared_global.iter().any(|global| **global == *name) {
            frame.home.globals
        } else if frame.declared_nonlocal.iter().any(|outer| **outer == *name) {
            let enclosing = frame.home.enclosing.iter();
            enclosing
                .copied()
                .find(|scope| self.heap.name(*scope, name).is_some())
                .unwrap_or(frame.locals)
        } else {
            frame.locals
        };
        let value = self.original(value);
        self.heap.bind(scope, name, value);
    }

    /// Binds the name of `:=`, which a comprehension leaves to the scope around it.
    pub(crate) fn bind_outside(&mut self, name: &str, value: Val) {
        let mut inner = Vec::new();
        while self
            .frames
            .last()
            .is_some_and(|frame| frame.is_comprehension)
        {
            inner.extend(self.frames.pop());
        }
        self.bind(name, value);
        self.frames.extend(inner.into_iter().rev());
    }

    fn unpack(&mut self, targets: &[ast::Expr], value: &Val, span: Span) -> Result<(), Raise> {
        let value = self.in_order(value, span);
        let Items { items, rest } = self.iterate(&value, span)?;
        let star = targets
            .iter()
            .position(|target| matches!(target, ast::Expr::Starred(_)));
        if let Some(reason) = rest {
            let unfit = Raise::new("ValueError", "more or fewer values than names", Some(span));
            self.maybe(
                unfit,
                "there are more or fewer values than names".to_owned(),
            );
            for target in targets {
                let value = Val::from(Kind::Unknown(reason.clone()));
                self.assign(target, value.with_trail(Default::default()), span)?;
            }
            return Ok(());
        }
        let fits = match star {
            Some(_) => items.len() + 1 >= targets.len(),
            None => items.len() == targets.len(),
        };
        if !fits {
            return Err(Raise::new(
                "ValueError",
                format!("{} values for {} names", items.len(), targets.len()),
                Some(span),
            ));
        }
        let outer = value.trail.clone();
        let mut items = items.into_iter().map(|item| {
            let trail = item.trail.and(&outer);
            item.with_trail(trail)
        });
        let middle = (items.len() + 1).saturating_sub(targets.len());
        for target in targets {
            if let ast::Expr::Starred(node) = target {
                let list: Vec<_> = items.by_ref().take(middle).collect();
                let list = self.list(list);
                self.assign(&node.value, list, span)?;
            } else if let Some(item) = items.next() {
                self.assign(target, item, span)?;
            }
        }
        Ok(())
    }

    pub(crate) fn set_attribute(
        &mut self,
        owner: &Val,
        name: &str,
        value: Val,
        span: Span,
    ) -> Result<(), Raise> {
        if owner.is_choice() {
            self.per_world(owner, span, &mut |eval, owner| {
                let owner = eval.closed(owner);
                eval.set_attribute(&owner, name, value.clone(), span)?;
                Ok(Val::NONE)
            })?;
            return Ok(());
        }
        match &owner.kind {
            Kind::Instance(class, _) if self.class_attribute(class, "__setattr__").is_some() => {
                match (
                    self.class_attribute(class, "__setattr__"),
                    self.own_dict(owner),
                ) {
                    (Some(setter), Some(entries)) if sets_item(&setter) => {
                        self.set_item(&entries, &Val::str(name), value, span)?;
                    }
                    _ => {
                        let reason = unknown(Cause::Code, "an own __setattr__", span);
                        self.lose(owner, &reason);
                    }
                }
            }
            Kind::Instance(class, id) => match self.class_attribute(class, name) {
                Some(found) if matches!(&found.kind, Kind::Function(one) if one.access == Access::Property) =>
                {
                    self.set_property(owner, &found, name, value, span)?;
                }
                _ => self.heap.bind(*id, name, value),
            },
            Kind::Module(_, id) | Kind::Object(_, id) => {
                self.heap.bind(*id, name, value);
            }
            Kind::Class(class) => self.heap.bind(class.attributes, name, value),
            _ => {}
        }
        Ok(())
    }

    fn set_property(
        &mut self,
        owner: &Val,
        property: &Val,
        name: &str,
        value: Val,
        span: Span,
    ) -> Result<(), Raise> {
        let Kind::Function(function) = &property.kind else {
            return Ok(());
        };
        match &function.setter {
            Some(setter) => {
                let args = Args::positional(vec![owner.clone(), value]);
                self.call(&setter.clone(), args, span).map(drop)
            }
            None => Err(Raise::new(
                "AttributeError",
                format!("property '{name}' has no setter"),
                Some(span),
            )),
        }
    }

    /// `del owner.name`.
    pub(crate) fn delete_attribute(
        &mut self,
        owner: &Val,
        name: &str,
        span: Span,
    ) -> Result<(), Raise> {
        let owner = &self.settled(owner);
        let own = match &owner.kind {
            Kind::Instance(_, id) => Some(*id),
            Kind::Class(class) => Some(class.attributes),
            Kind::Module(_, id) => Some(*id),
            _ => None,
        };
        let names = own.and_then(|id| self.heap.names(id));
        match names.map(|names| (names.values.get(name), &names.rest)) {
            _ if owner.open.is_some() => {}
            Some((Some(value), _)) if value.is_settled() => {
                return self.set_attribute(owner, name, Kind::Unbound.into(), span);
            }
            Some((None, None)) if matches!(owner.kind, Kind::Instance(..) | Kind::Class(_)) => {
                let message = format!("'{}' object has no attribute '{name}'", owner.type_name());
                return Err(Raise::new("AttributeError", message, Some(span)));
            }
            _ => {}
        }
        let reason = unknown(
            Cause::Code,
            "an attribute is deleted that may not be there",
            span,
        );
        self.lose(owner, &reason);
        self.maybe_any(span);
        Ok(())
    }

    /// `owner[index] = value`.
    pub(crate) fn set_item(
        &mut self,
        owner: &Val,
        index: &Val,
        value: Val,
        span: Span,
    ) -> Result<(), Raise> {
        if owner.is_choice() {
            self.per_world(owner, span, &mut |eval, owner| {
                let owner = eval.closed(owner);
                eval.set_item(&owner, index, value.clone(), span)?;
                Ok(Val::NONE)
            })?;
            return Ok(());
        }
        if index.is_choice() && matches!(owner.kind, Kind::Dict(_) | Kind::List(_)) {
            self.per_world(index, span, &mut |eval, index| {
                let index = eval.closed(index);
                eval.set_item(owner, &index, value.clone(), span)?;
                Ok(Val::NONE)
            })?;
            return Ok(());
        }
        match &owner.kind {
            Kind::Dict(_) | Kind::List(_) => {
                methods::set_item(self, owner, index, value, span)?;
            }
            Kind::Native(path) if &**path == "os.environ" => {
                if let Some(name) = index.as_str() {
                    self.write_variable(name, value);
                }
            }
            Kind::Module(_, id) => {
                // `globals()[name]`: the namespace as a mapping.
                self.set_name(*id, index, value, span);
            }
            Kind::Instance(class, _) if self.class_attribute(class, "__setitem__").is_some() => {
                let method = self.attribute(owner, "__setitem__", span)?;
                let args = vec![index.clone(), value];
                self.call(&method, Args::positional(args), span)?;
            }
            Kind::Instance(..) => {
                if let Some(entries) = self.own_dict(owner) {
                    self.set_item(&entries, index, value, span)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A value in the one case that is being run.
    fn closed(&self, value: &Val) -> Val {
        match value.kind {
            Kind::Open => value.clone(),
            _ => Val {
                open: None,
                ..value.clone()
            },
        }
    }

    /// Binds a name that is computed; one that is not known makes the namespace open.
    pub(crate) fn set_name(
        &mut self,
        scope: crate::python::heap::Id,
        name: &Val,
        value: Val,
        span: Span,
    ) {
        match name.as_str() {
            Some(text) if name.is_settled() => {
                let text: Rc<str> = text.into();
                let value = self.said(value, span, format!("sets {text}"));
                self.heap.bind(scope, &text, value);
            }
            _ => self.open_scope(scope, name, span),
        }
    }

    /// Any name of the scope may have been set.
    pub(crate) fn open_scope(&mut self, scope: crate::python::heap::Id, why: &Val, span: Span) {
        let reason = if why.is_settled() {
            unknown(Cause::Code, "names are set that are not known", span)
        } else {
            uncertain(why)
        };
        if let Object::Names(names) = self.heap.change(scope) {
            for (name, value) in &mut names.values {
                let is_setting = !name.starts_with('_') && !name.chars().any(char::is_lowercase);
                if is_setting {
                    *value = Kind::Unknown(reason.clone()).into();
                }
            }
            names.rest = Some(reason);
        }
    }

    pub(crate) fn augmented(&mut self, node: &ast::StmtAugAssign) -> Result<(), Raise> {
        let span = self.span(node);
        match &*node.target {
            ast::Expr::Name(name) => {
                let before = self.name(&name.id, self.span(name))?;
                let value = self.eval(&node.value)?;
                let after = self.in_place(node.op, &before, &value, span)?;
                let after = if self.is_module_scope() {
                    let trail = after.trail.and(&value.trail);
                    self.said(
                        after.with_trail(trail),
                        span,
                        format!("changes {}", name.id),
                    )
                } else {
                    after
                };
                self.bind(&name.id, after);
            }
            ast::Expr::Subscript(target) => {
                let owner = self.eval(&target.value)?;
                let index = self.eval(&target.slice)?;
                let before = self.subscript(&owner, &index, span)?;
                let value = self.eval(&node.value)?;
                let after = self.in_place(node.op, &before, &value, span)?;
                let text = self.text(self.span(&*node.target));
                let after = self.said(after, span, format!("changes {text}"));
                self.set_item(&owner, &index, after, span)?;
            }
            ast::Expr::Attribute(target) => {
                let owner = self.eval(&target.value)?;
                let before = self.attribute(&owner, &target.attr, span)?;
                let value = self.eval(&node.value)?;
                let after = self.in_place(node.op, &before, &value, span)?;
                self.set_attribute(&owner, &target.attr, after, span)?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn delete(&mut self, target: &ast::Expr) -> Result<(), Raise> {
        let span = self.span(target);
        match target {
            ast::Expr::Name(name) => {
                self.name(&name.id, span)?;
                self.bind(&name.id, Kind::Unbound.into());
            }
            ast::Expr::Subscript(node) => {
                let owner = self.eval(&node.value)?;
                let index = self.eval(&node.slice)?;
                match &owner.kind {
                    _ if owner.is_several() => {
                        self.per_case(&owner, span, &mut |eval, owner| {
                            methods::delete_item(eval, owner, &index, span)?;
                            Ok(Val::NONE)
                        })?;
                    }
                    Kind::Dict(_) | Kind::List(_) => {
                        methods::delete_item(self, &owner, &index, span)?;
                    }
                    Kind::Native(path) if &**path == "os.environ" => {
                        if let Some(name) = index.as_str() {
                            self.write_variable(name, Val::NONE);
                        }
                    }
                    Kind::Module(_, id) => {
                        self.set_name(*id, &index, Kind::Unbound.into(), span);
                    }
                    Kind::Instance(class, _)
                        if self.own_dict(&owner).is_some()
                            && self.class_attribute(class, "__delitem__").is_none() =>
                    {
                        let entries = self.own_dict(&owner).unwrap_or(Val::NONE);
                        methods::delete_item(self, &entries, &index, span)?;
                    }
                    _ => {
                        let reason = unknown(Cause::Code, "an entry is deleted", span);
                        self.lose(&owner, &reason);
                    }
                }
            }
            ast::Expr::Attribute(node) => {
                let owner = self.eval(&node.value)?;
                self.delete_attribute(&owner, &node.attr, span)?;
            }
            ast::Expr::List(node) => {
                for target in &node.elts {
                    self.delete(target)?;
                }
            }
            ast::Expr::Tuple(node) => {
                for target in &node.elts {
                    self.delete(target)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// `__setattr__ = dict.__setitem__`.
fn sets_item(setter: &Val) -> bool {
    matches!(&setter.kind, Kind::Native(path) if &**path == "builtins.dict.__setitem__")
}
