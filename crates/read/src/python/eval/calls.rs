//! Attributes and calls.

use std::rc::Rc;

use tightship_model::{Cause, Span, Unknown};

use super::branches::Flow;
use super::lift::is_class_name;
use super::{DEEPEST_CALL, Evaluator, Frame, Raise, uncertain, unknown};
use crate::python::heap::{Id, Names, Object};
use crate::python::syntax::ast;
use crate::python::value::{Access, Args, Code, Function, Home, Kind, Made, Val, last_part};
use crate::python::{builtins, libraries, methods, stdlib};

impl Evaluator<'_> {
    /// `value.name`.
    pub(crate) fn attribute(&mut self, value: &Val, name: &str, span: Span) -> Result<Val, Raise> {
        self.step()?;
        if value.open.is_some() && !methods::is_data(value) {
            let found = self.lift(&[value], span, &mut |eval, values| {
                eval.attribute(&values[0], name, span)
            })?;
            return Ok(self.load(found));
        }
        let found = match &value.kind {
            Kind::Unknown(_) => {
                self.maybe_any(span);
                value.clone()
            }
            _ if !value.is_settled() && !methods::is_data(value) => {
                return self.lift(&[value], span, &mut |eval, values| {
                    eval.attribute(&values[0], name, span)
                });
            }
            Kind::Module(module, id) => self.module_attribute(module, *id, name, span)?,
            Kind::Native(path) => self.native_attribute(path, name, span)?,
            Kind::Class(class) => match self.class_member(class, value, name, span)? {
                Some(found) => found,
                None => self.missing_member(class, name, span)?,
            },
            Kind::Instance(class, id) => match self.heap.name(*id, name).cloned() {
                Some(found) => found,
                None => match self.class_member(class, value, name, span)? {
                    Some(found) => match self.heap.names(*id).and_then(|own| own.rest.clone()) {
                        // One of its own may stand before that of its class.
                        Some(rest) if methods::is_data(&found) => Kind::Unknown(rest).into(),
                        _ => found,
                    },
                    None => match self.heap.names(*id).and_then(|names| names.rest.clone()) {
                        Some(rest) => Kind::Unknown(rest).into(),
                        None => self.missing_attribute(class, value, name, span)?,
                    },
                },
            },
            Kind::Object(class, id) => {
                if &**class == "builtins.super" {
                    return self.super_attribute(value, name, span);
                }
                match libraries::attribute(self, class, Some(value), name, span) {
                    Some(found) => found?,
                    None => match self.heap.name(*id, name).cloned() {
                        Some(found) if stdlib::shows_state(class) => found,
                        _ => Kind::Bound(Rc::new((value.clone(), name.into()))).into(),
                    },
                }
            }
            Kind::Made(made) => match (&*made.class, name) {
                (stdlib::regexes::COMPILED, _) => {
                    Kind::Bound(Rc::new((value.clone(), name.into()))).into()
                }
                (_, "args") => Val::tuple(made.positional.clone()),
                ("builtins.ModuleNotFoundError", "name") if !made.keywords.is_empty() => {
                    made.keywords[0].1.clone()
                }
                _ => self.unknown(
                    Cause::Package,
                    format!(
                        "what {}().{name} is, its package decides",
                        last_part(&made.class)
                    ),
                    span,
                ),
            },
            Kind::Function(function) => match name {
                "__name__" | "__qualname__" => Val::str(function.name.clone()),
                "__doc__" => Val::NONE,
                _ => self.unknown(Cause::Code, "an attribute of a function", span),
            },
            // Not settled: a method that changes its object must not be given a copy.
            _ => match methods::attribute(self, value, name, span) {
                Some(found) => found?,
                None => {
                    return Err(Raise::new(
                        "AttributeError",
                        format!("'{}' object has no attribute '{name}'", value.type_name()),
                        Some(span),
                    ));
                }
            },
        };
        Ok(self.load(found))
    }

    fn module_attribute(
        &mut self,
        module: &str,
        id: Id,
        name: &str,
        span: Span,
    ) -> Result<Val, Raise> {
        if let Some(found) = self.heap.name(id, name) {
            return Ok(found.clone());
        }
        if name == "__dict__" {
            return Ok(Kind::Module(module.into(), id).into());
        }
        // `globals().update`: the namespace stands for its dict.
        if methods::is_mapping_method(name) {
            let receiver = Val::from(Kind::Module(module.into(), id));
            return Ok(Kind::Bound(Rc::new((receiver, name.into()))).into());
        }
        match self.heap.names(id).and_then(|names| names.rest.clone()) {
            Some(rest) => Ok(Kind::Unknown(rest).into()),
            None => Err(Raise::new(
                "AttributeError",
                format!("module '{module}' has no attribute '{name}'"),
                Some(span),
            )),
        }
    }

    fn native_attribute(&mut self, path: &str, name: &str, span: Span) -> Result<Val, Raise> {
        if let Some(found) = libraries::attribute(self, path, None, name, span) {
            return found;
        }
        if name == "__name__" || name == "__qualname__" {
            return Ok(Val::str(last_part(path)));
        }
        let full = format!("{path}.{name}");
        let full = libraries::canonical(&full);
        Ok(stdlib::constant(self, full, span).unwrap_or_else(|| Val::native(full)))
    }

    /// Calls a value.
    pub(crate) fn call(&mut self, callee: &Val, args: Args, span: Span) -> Result<Val, Raise> {
        self.step()?;
        // A method of data knows itself for what its receiver may be.
        let knows = match &callee.kind {
            Kind::Bound(bound) => methods::is_data(&bound.0),
            kind => matches!(kind, Kind::Open),
        };
        if callee.open.is_some() && !knows {
            let variables = callee.variables();
            let result = self.per_case(callee, span, &mut |eval, callee| {
                let callee = Val {
                    open: None,
                    ..callee.clone()
                };
                eval.call(&callee, args.clone(), span)
            })?;
            return Ok(result.depending_on(&variables));
        }
        match &callee.kind {
            Kind::Native(path) => self.call_native(path, None, args, span),
            Kind::Function(function) => self.call_function(function, None, args, span),
            Kind::Class(class) => self.instantiate(class, args, span),
            Kind::Method(method) => {
                let mut args = args;
                args.positional.insert(0, method.0.clone());
                match &method.1.kind {
                    Kind::Function(function) => {
                        let owner = self.owner_of(&method.0, function);
                        let owner = owner.map(|class| (class, method.0.clone()));
                        self.call_function(function, owner, args, span)
                    }
                    _ => self.call(&method.1, args, span),
                }
            }
            Kind::Bound(bound) => {
                let (receiver, name) = &**bound;
                match &receiver.kind {
                    Kind::Object(class, _) => {
                        let path = format!("{class}.{name}");
                        self.call_native(&path, Some(receiver), args, span)
                    }
                    _ if gives_code(&args) => {
                        self.calling_back(Some(receiver), &args.clone(), span, |eval| {
                            methods::call(eval, receiver, name, args, span)
                        })
                    }
                    _ => methods::call(self, receiver, name, args, span),
                }
            }
            Kind::Instance(class, _) => match self.class_attribute(class, "__call__") {
                Some(_) => {
                    let method = self.attribute(callee, "__call__", span)?;
                    self.call(&method, args, span)
                }
                None => Ok(self.unknown(Cause::Code, "an object is called", span)),
            },
            Kind::Object(class, _) => {
                let path = format!("{class}.__call__");
                self.call_native(&path, Some(callee), args, span)
            }
            Kind::OneOf(_) => self.per_case(callee, span, &mut |eval, callee| {
                eval.call(callee, args.clone(), span)
            }),
            Kind::Unknown(reason) => {
                let reason = reason.clone();
                self.lose_arguments(&args, &reason);
                self.maybe_any(span);
                Ok(Kind::Unknown(reason).into())
            }
            Kind::Open | Kind::Unbound | Kind::Made(_) => {
                let result = self.unknown_because(callee);
                if let Kind::Unknown(reason) = &result.kind {
                    self.lose_arguments(&args, &reason.clone());
                }
                self.maybe_any(span);
                Ok(result)
            }
            _ => Err(Raise::new(
                "TypeError",
                format!("'{}' object is not callable", callee.type_name()),
                Some(span),
            )),
        }
    }

    /// Calls something outside the project by its path: a model of it, or a guess at what stays.
    pub(crate) fn call_native(
        &mut self,
        path: &str,
        receiver: Option<&Val>,
        args: Args,
        span: Span,
    ) -> Result<Val, Raise> {
        if !gives_code(&args) {
            return self.call_model(path, receiver, args, span);
        }
        self.calling_back(receiver, &args.clone(), span, |eval| {
            eval.call_model(path, receiver, args, span)
        })
    }

    /// Why it is not known for what a function of these values will call code of the project that is
    /// among them.
    fn open_beside_code(&mut self, values: &[Val]) -> Option<Rc<Unknown>> {
        values.iter().find_map(|value| {
            let value = self.settled(value);
            match self.items(&value) {
                _ if !value.is_settled() => Some(uncertain(&value)),
                Some(items) => items.rest,
                None => None,
            }
        })
    }

    /// Calls a function that may call code of the project. Where no one knows for what, it is not
    /// known what that changes, if it changes anything.
    fn calling_back(
        &mut self,
        receiver: Option<&Val>,
        args: &Args,
        span: Span,
        run: impl FnOnce(&mut Self) -> Result<Val, Raise>,
    ) -> Result<Val, Raise> {
        let values: Vec<Val> = receiver.into_iter().chain(args.values()).cloned().collect();
        let Some(reason) = &self.open_beside_code(&values) else {
            return run(self);
        };
        let codes: Vec<Val> = args.values().filter(|v| is_own_code(v)).cloned().collect();
        let mark = self.maybe.len();
        self.heap.begin();
        let result = run(self);
        let noted = self.maybe.len();
        self.heap.begin();
        let any = Args {
            rest: Some(reason.clone()),
            ..Args::default()
        };
        let calls = codes.iter().map(|code| self.call(code, any.clone(), span));
        let fails = calls.filter(Result::is_err).count() > 0;
        self.maybe.truncate(noted);
        let changes = self.heap.undo();
        let done = self.heap.undo();
        if changes.0.is_empty() && !fails {
            self.heap.apply(done);
            return result;
        }
        self.maybe.truncate(mark);
        for value in &values {
            self.lose(value, reason);
        }
        for code in &codes {
            self.lose_by_calls(code, reason);
        }
        self.maybe_any(span);
        Ok(Kind::Unknown(reason.clone()).into())
    }

    fn call_model(
        &mut self,
        path: &str,
        receiver: Option<&Val>,
        args: Args,
        span: Span,
    ) -> Result<Val, Raise> {
        if let Some(result) = libraries::call(self, path, receiver, &args, span) {
            return result;
        }
        if let Some(name) = path.strip_prefix("builtins.") {
            if LAZY.contains(&name) {
                return self.lazy_builtin(name, &args, span);
            }
            if let Some(result) = builtins::call(self, name, &args, span) {
                return result;
            }
        }
        if let Some(result) = stdlib::call(self, path, receiver, &args, span) {
            return result;
        }
        self.opaque(path, args, span)
    }

    /// A builtin that takes what it goes over, and calls what it is given for that, only when
    /// something is taken from it.
    fn lazy_builtin(&mut self, name: &str, args: &Args, span: Span) -> Result<Val, Raise> {
        let over = args.positional.iter().map(|value| self.settled(value));
        let over: Vec<Val> = over.collect();
        let run = |eval: &mut Self| match builtins::call(eval, name, args, span) {
            Some(result) => result,
            None => eval.opaque(&format!("builtins.{name}"), args.clone(), span),
        };
        let calls = matches!(name, "map" | "filter");
        let made = match over.split_first() {
            Some((function, _)) if calls => Some(self.read_from(vec![function.clone()])),
            _ => None,
        };
        let iterator = match made {
            Some(_) => self.lazily(&[], span, run)?,
            None => run(self)?,
        };
        if let Some(made) = made {
            self.reads(&iterator, &made);
        }
        self.goes_over(&iterator, &over);
        Ok(iterator)
    }

    /// A call into a package that is not modelled. A class, or a compiled pattern, is known by its
    /// call; a function may
    /// give anything, raise anything and change what it is given.
    fn opaque(&mut self, path: &str, args: Args, span: Span) -> Result<Val, Raise> {
        let is_made = is_class_name(path) || path == "re.compile";
        if args.rest.is_none() && is_made || is_exception(path) {
            return Ok(Kind::Made(Rc::new(Made {
                class: path.into(),
                positional: args.positional,
                keywords: args.keywords,
            }))
            .into());
        }
        let reason = unknown(
            Cause::Package,
            format!("what {path}() gives, its package decides"),
            span,
        );
        if !stdlib::leaves_arguments_alone(path) {
            self.lose_arguments(&args, &reason);
        }
        self.maybe_any(span);
        Ok(Kind::Unknown(reason).into())
    }

    /// An exception of any class may have been raised here.
    pub(crate) fn maybe_any(&mut self, span: Span) {
        if self.tries > 0 {
            let class = self.unknown(Cause::Package, "an exception of any class", span);
            let text = self.text(span);
            let raise = Raise::of(class, "", None, Some(span));
            self.maybe(raise, format!("{text} fails"));
        }
    }

    /// Objects that were given to code which is not known may have been changed by it.
    fn lose_arguments(&mut self, args: &Args, reason: &Rc<Unknown>) {
        let values: Vec<Val> = args.values().cloned().collect();
        for value in &values {
            if let Kind::Module(_, id) = value.kind {
                let why = Kind::Unknown(reason.clone()).into();
                self.open_scope(
                    id,
                    &why,
                    reason
                        .span
                        .unwrap_or(Span::new(tightship_model::SourceId(0), 0, 0)),
                );
            } else {
                self.lose(value, reason);
            }
        }
    }

    fn call_function(
        &mut self,
        function: &Rc<Function>,
        method_of: Option<(Val, Val)>,
        args: Args,
        span: Span,
    ) -> Result<Val, Raise> {
        let locals = self.heap.add(Object::Names(Names::default()));
        let yields = function
            .is_generator
            .then(|| self.heap.add(Object::List(Default::default())));
        self.bind_parameters(function, args, locals, span)?;
        let mut frame = self.frame_of(function, locals);
        frame.method_of = method_of;
        let Some(id) = yields else {
            return self.run_function(function, frame, span);
        };
        frame.yields = yields;
        let given = self.heap.object(locals).values();
        let made = self.read_by_call(function, given);
        let iterator = self.lazily(&[locals, id], span, |eval| {
            eval.run_function(function, frame, span)?;
            Ok(Kind::Iterator(id).into())
        })?;
        self.reads(&iterator, &made);
        Ok(iterator)
    }

    /// The scope of a call.
    pub(super) fn frame_of(&self, function: &Function, locals: Id) -> Frame {
        Frame {
            locals,
            home: function.home.clone(),
            declared_global: Vec::new(),
            declared_nonlocal: Vec::new(),
            yields: None,
            method_of: None,
            is_class: false,
            is_comprehension: false,
            managed: None,
        }
    }

    pub(super) fn run_function(
        &mut self,
        function: &Function,
        frame: Frame,
        span: Span,
    ) -> Result<Val, Raise> {
        if self.frames.len() >= DEEPEST_CALL {
            let reason = format!("calls are nested deeper than {DEEPEST_CALL} levels");
            return Err(Raise::bound(reason).at(span));
        }
        self.frames.push(frame);
        let conditions = std::mem::take(&mut self.conditions);
        let flow = match &function.code {
            Code::Def(node) => self.block(&node.body),
            Code::Lambda(node) => self.flow_of(|eval| eval.eval(&node.body)),
        };
        let flow = self.resume(flow, Flow::is_next, |_| Flow::Return(Val::NONE));
        let flow = self.without_raises(flow);
        self.conditions = conditions;
        self.frames.pop();
        match flow {
            Flow::Raise(raise) => Err(raise),
            Flow::Return(value) => Ok(value),
            _ => Ok(Val::NONE),
        }
    }

    /// The home of code that is written in the running scope.
    pub(crate) fn home_of_inner(&self) -> Home {
        let Some(frame) = self.frame() else {
            return Home {
                module: "".into(),
                source: tightship_model::SourceId(0),
                globals: self.loaded,
                enclosing: Vec::new(),
            };
        };
        let mut home = frame.home.clone();
        if frame.locals != home.globals && !frame.is_class {
            home.enclosing.insert(0, frame.locals);
        }
        home
    }

    /// How decorators make a class hand out a function, and those that wrap it.
    pub(crate) fn decorators(
        &mut self,
        decorators: &[ast::Decorator],
    ) -> Result<(Access, Vec<Val>), Raise> {
        let mut access = Access::Plain;
        let mut others = Vec::new();
        for decorator in decorators {
            if setting(decorator).is_some() {
                continue;
            }
            let value = self.eval(&decorator.expression)?;
            match &value.kind {
                Kind::Native(path) => match &**path {
                    "builtins.staticmethod" => access = Access::Static,
                    "builtins.classmethod" => access = Access::ClassMethod,
                    "builtins.property" | "abc.abstractproperty" => access = Access::Property,
                    "functools.cached_property" | "django.utils.functional.cached_property" => {
                        access = Access::Cached;
                    }
                    _ => others.push(value),
                },
                _ => others.push(value),
            }
        }
        Ok((access, others))
    }

    /// What a function is that may be written to set a property: `@name.setter`.
    pub(super) fn as_setter(
        &mut self,
        decorators: &[ast::Decorator],
        function: Val,
    ) -> Result<Val, Raise> {
        let Some(node) = decorators.iter().find_map(setting) else {
            return Ok(function);
        };
        let property = self.eval(&node.value)?;
        Ok(match &property.kind {
            Kind::Function(own) if node.attr.as_str() == "setter" => {
                let own = Function {
                    setter: Some(function),
                    ..Function::clone(own)
                };
                Kind::Function(Rc::new(own)).into()
            }
            _ => property,
        })
    }

    /// A function or class as its decorator leaves it.
    pub(crate) fn decorated(
        &mut self,
        decorator: &Val,
        value: Val,
        span: Span,
    ) -> Result<Val, Raise> {
        if let Kind::Native(path) = &decorator.kind
            && stdlib::decorates_without_change(path)
        {
            return Ok(value);
        }
        if let Kind::Object(class, _) = &decorator.kind
            && &**class == "functools.identity"
        {
            return Ok(value);
        }
        self.call(decorator, Args::positional(vec![value]), span)
    }

    /// `super()` in a method.
    pub(crate) fn super_object(&mut self, span: Span) -> Result<Val, Raise> {
        let method_of = self
            .frames
            .iter()
            .rev()
            .find_map(|frame| frame.method_of.clone());
        match method_of {
            Some((class, receiver)) => Ok(self.object(
                "builtins.super",
                vec![("class", class), ("receiver", receiver)],
            )),
            None => Ok(self.unknown(Cause::Code, "super() outside of a method", span)),
        }
    }
}

/// `name.setter` and `name.deleter`.
fn setting(decorator: &ast::Decorator) -> Option<&ast::ExprAttribute> {
    match &decorator.expression {
        ast::Expr::Attribute(node) if matches!(node.attr.as_str(), "setter" | "deleter") => {
            Some(node)
        }
        _ => None,
    }
}

/// Whether functions whose code may change something are among the arguments.
fn gives_code(args: &Args) -> bool {
    args.values().any(is_own_code)
}

fn is_own_code(value: &Val) -> bool {
    matches!(
        value.kind,
        Kind::Function(_) | Kind::Method(_) | Kind::Bound(_)
    )
}

/// Exceptions are classes whatever their names look like.
pub(crate) fn is_exception(path: &str) -> bool {
    let name = last_part(path);
    name.ends_with("Error") || name.ends_with("Exception") || name == "ImproperlyConfigured"
}

/// Builtins that take what they go over only when something is taken from them.
const LAZY: [&str; 6] = ["enumerate", "filter", "iter", "map", "reversed", "zip"];
