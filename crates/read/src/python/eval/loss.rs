//! What is not known any more: after a loop of unknown length, and where the evaluator gave up.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Cause, Unknown};

use super::{Evaluator, Raise, unknown};
use crate::python::heap::{Id, Object};
use crate::python::methods::is_data;
use crate::python::syntax::ast;
use crate::python::syntax::visitor::{Visitor, walk_expr, walk_pattern, walk_stmt};
use crate::python::value::{Chain, Code, Function, Kind, Val};

/// How much of what a piece of code names it may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// What it changes as far as its words tell.
    Changed,
    /// Everything that it names, and everything inside of that: it ran, no one knows how far.
    Named,
}

/// The way of a loss through the heap.
struct Loss {
    reason: Rc<Unknown>,
    extent: Extent,
    objects: BTreeSet<Id>,
    /// Functions whose code was looked at, by address.
    functions: BTreeSet<usize>,
}

impl Evaluator<'_> {
    /// The names that a statement would have bound are not known, as it raised.
    pub(super) fn lose_bindings(&mut self, statement: &ast::Stmt, raise: &Raise) {
        let Some(scope) = self.scope() else {
            return;
        };
        let span = self.span(statement);
        let cause = if raise.is_bound {
            Cause::Bound
        } else {
            Cause::Error
        };
        let body = std::slice::from_ref(statement);
        if raise.is_bound {
            let reason = unknown(cause, raise.text(), span);
            self.lose_code(&Words::of(body), scope, Extent::Named, &reason);
        }
        let mut names = Vec::new();
        bound_names(statement, &mut names);
        if names.is_empty() && !raise.is_bound {
            // Nothing that the statement binds can say that the program stops here.
            let reason = format!("the program stops: {}", raise.text());
            self.open_names(scope, unknown(Cause::Error, reason, span));
        }
        let reason = unknown(cause, raise.text(), span);
        for name in names {
            let value = Val::from(Kind::Unknown(reason.clone()));
            let trail = Chain::at(span, format!("sets {name}"));
            self.heap.bind(scope, &name, value.with_trail(trail));
        }
    }

    /// What a loop of unknown length touches is not known.
    pub(super) fn lose_loop(&mut self, statement: &ast::Stmt, reason: &Rc<Unknown>) {
        let body = std::slice::from_ref(statement);
        let Some(scope) = self.scope() else {
            return;
        };
        if let Some(id) = self.frame().and_then(|frame| frame.yields)
            && yields(body)
        {
            self.leave_open(id, reason);
        }
        self.lose_code(&Words::of(body), scope, Extent::Changed, reason);
        let mut names = Vec::new();
        bound_names(statement, &mut names);
        for name in names {
            self.bind(&name, Kind::Unknown(reason.clone()).into());
        }
        // Any turn of it may have been the last.
        self.maybe_any(self.span(statement));
    }

    /// The object, and what is inside it, may have been changed in ways that are not known: what
    /// changes a part of it from here on does so unseen.
    pub(crate) fn lose(&mut self, value: &Val, reason: &Rc<Unknown>) {
        let mut seen = BTreeSet::new();
        let mut left = vec![value.clone()];
        while let Some(value) = left.pop() {
            let others = value.open.iter().flat_map(|open| &open.others);
            left.extend(others.map(|other| other.value.clone()));
            match &value.kind {
                Kind::List(id) | Kind::Set(id) | Kind::Dict(id) | Kind::Iterator(id) => {
                    if !seen.insert(*id) {
                        continue;
                    }
                    left.extend(self.heap.object(*id).values());
                    for id in [*id, self.heap.origin(*id)] {
                        let lost = self.heap.object(id).lost(reason);
                        self.heap.write(id, lost);
                    }
                }
                Kind::Instance(_, id) | Kind::Module(_, id) => {
                    if let Object::Names(names) = self.heap.change(*id) {
                        names.rest = Some(reason.clone());
                        for value in names.values.values_mut() {
                            *value = Kind::Unknown(reason.clone()).into();
                        }
                    }
                }
                Kind::Tuple(sequence) => left.extend(sequence.items.iter().cloned()),
                Kind::OneOf(cases) => left.extend(cases.iter().map(|case| case.value.clone())),
                _ => {}
            }
        }
    }

    /// What code of the running scope changes, as far as its words tell, is not known.
    pub(super) fn lose_words(&mut self, words: &Words, reason: &Rc<Unknown>) {
        if let Some(scope) = self.scope() {
            self.lose_code(words, scope, Extent::Changed, reason);
        }
    }

    /// Any of the names that stand for data may have been bound anew, and others bound.
    pub(crate) fn lose_data(&mut self, id: Id, reason: &Rc<Unknown>) {
        if let Object::Names(names) = self.heap.change(id) {
            names.rest = Some(reason.clone());
            for value in names.values.values_mut().filter(|value| is_data(value)) {
                *value = Kind::Unknown(reason.clone()).into();
            }
        }
    }

    /// What calls of a function, no one knows how many, change is not known.
    pub(super) fn lose_by_calls(&mut self, function: &Val, reason: &Rc<Unknown>) {
        let mut loss = Loss {
            reason: reason.clone(),
            extent: Extent::Changed,
            objects: BTreeSet::new(),
            functions: BTreeSet::new(),
        };
        self.lose_inside(function, &mut loss);
    }

    fn lose_code(&mut self, words: &Words, scope: Id, extent: Extent, reason: &Rc<Unknown>) {
        let mut scopes = vec![scope];
        if let Some(frame) = self.frame() {
            scopes.extend(frame.home.enclosing.iter().copied());
            scopes.push(frame.home.globals);
        }
        let mut loss = Loss {
            reason: reason.clone(),
            extent,
            objects: BTreeSet::new(),
            functions: BTreeSet::new(),
        };
        // What functions that are written in it declare, their calls may have bound.
        for name in &words.declared {
            for scope in &scopes {
                if let Some(value) = self.heap.name(*scope, name).cloned() {
                    self.lose_inside(&value, &mut loss);
                    let lost = Kind::Unknown(reason.clone()).into();
                    self.heap.bind(*scope, name, lost);
                }
            }
        }
        self.lose_what_it_names(words, &scopes, &mut loss);
    }

    /// `scopes` are those in which the code finds its names, nearest first.
    fn lose_what_it_names(&mut self, words: &Words, scopes: &[Id], loss: &mut Loss) {
        if words.writes_environment {
            self.lose_environment(&loss.reason);
        }
        if words.writes_names
            && let Some(globals) = scopes.last().copied()
            && let Some(span) = loss.reason.span
        {
            let why = Kind::Unknown(loss.reason.clone()).into();
            self.open_scope(globals, &why, span);
        }
        let mut names: BTreeSet<&Rc<str>> = words.changed.iter().collect();
        if loss.extent == Extent::Named {
            names.extend(&words.named);
        }
        let find = |eval: &Self, name: &str| {
            let found = scopes.iter().find_map(|scope| eval.heap.name(*scope, name));
            found.cloned()
        };
        for (callee, arguments) in &words.calls {
            if &**callee == "setattr" {
                names.extend(arguments);
            }
            let Some(callee) = find(self, callee) else {
                continue;
            };
            if matches!(callee.kind, Kind::Native(_)) && callee.open.is_none() {
                continue;
            }
            names.extend(arguments);
            self.lose_inside(&callee, loss);
        }
        let values: Vec<Val> = names
            .into_iter()
            .filter_map(|name| find(self, name))
            .collect();
        for value in values {
            self.lose_inside(&value, loss);
        }
    }

    /// The object, what is inside it, and what its code changes when it is called.
    fn lose_inside(&mut self, value: &Val, loss: &mut Loss) {
        let mut left = vec![value.clone()];
        while let Some(value) = left.pop() {
            let others = value.open.iter().flat_map(|open| &open.others);
            left.extend(others.map(|other| other.value.clone()));
            match &value.kind {
                Kind::List(id)
                | Kind::Set(id)
                | Kind::Dict(id)
                | Kind::Iterator(id)
                | Kind::Instance(_, id)
                | Kind::Object(_, id)
                | Kind::Module(_, id) => {
                    if !loss.objects.insert(*id) {
                        continue;
                    }
                    left.extend(self.heap.object(*id).values());
                    if let Kind::Instance(class, _) = &value.kind {
                        left.push(Kind::Class(class.clone()).into());
                    }
                    self.lose(&value, &loss.reason);
                }
                Kind::Class(class) if loss.objects.insert(class.attributes) => {
                    left.extend(self.heap.object(class.attributes).values());
                }
                Kind::Tuple(sequence) => left.extend(sequence.items.iter().cloned()),
                Kind::OneOf(cases) => left.extend(cases.iter().map(|case| case.value.clone())),
                Kind::Method(parts) => left.extend([parts.0.clone(), parts.1.clone()]),
                Kind::Bound(parts) => left.push(parts.0.clone()),
                Kind::Made(made) => {
                    left.extend(made.positional.iter().cloned());
                    left.extend(made.keywords.iter().map(|(_, value)| value.clone()));
                }
                Kind::Function(function) => self.lose_by_call(function, loss),
                _ => {}
            }
        }
    }

    fn lose_by_call(&mut self, function: &Rc<Function>, loss: &mut Loss) {
        if !loss.functions.insert(Rc::as_ptr(function) as usize) {
            return;
        }
        let words = match &function.code {
            Code::Def(node) => Words::of(&node.body),
            Code::Lambda(node) => Words::of_expr(&node.body),
        };
        let home = &function.home;
        for name in &words.declared {
            let scope = home
                .enclosing
                .iter()
                .copied()
                .find(|scope| self.heap.name(*scope, name).is_some())
                .unwrap_or(home.globals);
            if let Some(value) = self.heap.name(scope, name).cloned() {
                self.lose_inside(&value, loss);
            }
            let lost = Kind::Unknown(loss.reason.clone()).into();
            self.heap.bind(scope, name, lost);
        }
        let mut scopes = home.enclosing.clone();
        scopes.push(home.globals);
        self.lose_what_it_names(&words, &scopes, loss);
    }
}

/// The names in a piece of code, by what it does with them.
#[derive(Default)]
pub(super) struct Words {
    /// Names whose objects it may change in place: `X[..] = `, `X.append(..)`, and those that it
    /// gives another name.
    changed: Vec<Rc<str>>,
    pub(super) named: Vec<Rc<str>>,
    /// Names that it binds.
    pub(super) bound: Vec<Rc<str>>,
    /// Names that it calls, with the names among the arguments.
    calls: Vec<(Rc<str>, Vec<Rc<str>>)>,
    /// Names that are declared global or nonlocal.
    pub(super) declared: Vec<Rc<str>>,
    writes_environment: bool,
    /// It may bind names that are computed: through `globals()` and the like.
    pub(super) writes_names: bool,
}

impl Words {
    pub(super) fn of(body: &[ast::Stmt]) -> Self {
        let mut words = Self::default();
        body.iter()
            .for_each(|statement| words.visit_stmt(statement));
        words
    }

    pub(super) fn of_expr(expr: &ast::Expr) -> Self {
        let mut words = Self::default();
        words.visit_expr(expr);
        words
    }

    pub(super) fn of_comprehension(
        elements: &[&ast::Expr],
        generators: &[ast::Comprehension],
    ) -> Self {
        let mut words = Self::default();
        elements
            .iter()
            .for_each(|element| words.visit_expr(element));
        for clause in generators {
            words.visit_expr(&clause.target);
            words.visit_expr(&clause.iter);
            clause.ifs.iter().for_each(|test| words.visit_expr(test));
        }
        words
    }

    fn changes(&mut self, expr: &ast::Expr) {
        self.changed.extend(root(expr));
    }
}

impl<'a> Visitor<'a> for Words {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::AugAssign(node) => self.changes(&node.target),
            // What a name stands for may be changed through that name.
            ast::Stmt::Assign(node) => self.changed.extend(names_in(&node.value)),
            ast::Stmt::For(node) => self.changed.extend(names_in(&node.iter)),
            ast::Stmt::Global(node) => {
                let names = node.names.iter().map(|name| name.as_str().into());
                self.declared.extend(names);
            }
            ast::Stmt::Nonlocal(node) => {
                let names = node.names.iter().map(|name| name.as_str().into());
                self.declared.extend(names);
            }
            ast::Stmt::ImportFrom(node) => {
                self.writes_names |= node.names.iter().any(|alias| alias.name.as_str() == "*");
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        match expr {
            ast::Expr::Name(name) => {
                if name.ctx == ast::ExprContext::Store {
                    self.bound.push(name.id.as_str().into());
                }
                self.named.push(name.id.as_str().into());
            }
            ast::Expr::Named(node) => self.changed.extend(names_in(&node.value)),
            ast::Expr::Call(node) => match &*node.func {
                ast::Expr::Attribute(method) => {
                    self.changes(&method.value);
                    self.writes_environment |= writes_environment(method);
                }
                ast::Expr::Name(name) => {
                    let name = name.id.as_str();
                    self.writes_names |=
                        matches!(name, "globals" | "locals" | "vars" | "setattr" | "exec");
                    self.writes_environment |= LOADERS.contains(&name);
                    let positional = node.arguments.args.iter();
                    let keywords = node.arguments.keywords.iter();
                    let arguments = positional
                        .chain(keywords.map(|keyword| &keyword.value))
                        .flat_map(names_in);
                    self.calls.push((name.into(), arguments.collect()));
                }
                _ => {}
            },
            ast::Expr::Subscript(node) if node.ctx != ast::ExprContext::Load => {
                self.changes(&node.value);
                self.writes_environment |= is_environment(&node.value);
            }
            ast::Expr::Attribute(node) if node.ctx != ast::ExprContext::Load => {
                self.changes(&node.value);
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

/// Functions that put the content of a file into the environment.
const LOADERS: [&str; 3] = ["load_dotenv", "read_env", "read_envfile"];

fn writes_environment(method: &ast::ExprAttribute) -> bool {
    let name = method.attr.as_str();
    LOADERS.contains(&name)
        || matches!(name, "putenv" | "unsetenv")
        || is_environment(&method.value)
            && matches!(name, "setdefault" | "update" | "pop" | "clear")
}

/// `os.environ`, `environ`.
fn is_environment(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Name(name) => name.id.as_str() == "environ",
        ast::Expr::Attribute(node) => node.attr.as_str() == "environ",
        _ => false,
    }
}

/// `a` of `a.b[c]`.
fn root(expr: &ast::Expr) -> Option<Rc<str>> {
    match expr {
        ast::Expr::Name(name) => Some(name.id.as_str().into()),
        ast::Expr::Attribute(node) => root(&node.value),
        ast::Expr::Subscript(node) => root(&node.value),
        _ => None,
    }
}

/// The names in an expression whose objects its value may hold or be.
fn names_in(expr: &ast::Expr) -> Vec<Rc<str>> {
    struct Names(Vec<Rc<str>>);

    impl<'a> Visitor<'a> for Names {
        fn visit_expr(&mut self, expr: &'a ast::Expr) {
            match expr {
                ast::Expr::Name(name) => self.0.push(name.id.as_str().into()),
                ast::Expr::Compare(_) | ast::Expr::UnaryOp(_) | ast::Expr::FString(_) => {}
                _ => walk_expr(self, expr),
            }
        }
    }

    let mut names = Names(Vec::new());
    names.visit_expr(expr);
    names.0
}

/// Whether a function body holds a `yield` of its own.
pub(super) fn yields(body: &[ast::Stmt]) -> bool {
    struct Search(bool);

    impl<'a> Visitor<'a> for Search {
        fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
            if !matches!(
                statement,
                ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_)
            ) {
                walk_stmt(self, statement);
            }
        }

        fn visit_expr(&mut self, expr: &'a ast::Expr) {
            match expr {
                ast::Expr::Yield(_) | ast::Expr::YieldFrom(_) => self.0 = true,
                ast::Expr::Lambda(_) => {}
                _ => walk_expr(self, expr),
            }
        }
    }

    let mut search = Search(false);
    body.iter()
        .for_each(|statement| search.visit_stmt(statement));
    search.0
}

/// Whether a `return` stands in a block.
pub(super) fn leaves(body: &[ast::Stmt]) -> bool {
    holds(body, |statement| matches!(statement, ast::Stmt::Return(_)))
}

/// Whether a block may be left for another place of its function.
pub(super) fn jumps(body: &[ast::Stmt]) -> bool {
    let is_jump = |statement: &ast::Stmt| {
        matches!(
            statement,
            ast::Stmt::Return(_) | ast::Stmt::Break(_) | ast::Stmt::Continue(_)
        )
    };
    holds(body, is_jump)
}

/// Whether a block may leave the loop around it for its next turn or its end.
pub(super) fn turns(body: &[ast::Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        ast::Stmt::Break(_) | ast::Stmt::Continue(_) => true,
        ast::Stmt::For(node) => turns(&node.orelse),
        ast::Stmt::While(node) => turns(&node.orelse),
        ast::Stmt::If(node) => {
            let clauses = node.elif_else_clauses.iter();
            turns(&node.body) || clauses.clone().any(|clause| turns(&clause.body))
        }
        ast::Stmt::With(node) => turns(&node.body),
        ast::Stmt::Match(node) => node.cases.iter().any(|case| turns(&case.body)),
        ast::Stmt::Try(node) => {
            let handlers = node.handlers.iter();
            let mut handlers = handlers.map(|ast::ExceptHandler::ExceptHandler(one)| &one.body);
            [&node.body, &node.orelse, &node.finalbody]
                .into_iter()
                .any(|body| turns(body))
                || handlers.any(|body| turns(body))
        }
        _ => false,
    })
}

/// Whether a statement of some kind stands in a block, at any depth, but in no function of its own.
fn holds(body: &[ast::Stmt], is_wanted: fn(&ast::Stmt) -> bool) -> bool {
    struct Search(bool, fn(&ast::Stmt) -> bool);

    impl<'a> Visitor<'a> for Search {
        fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
            match statement {
                ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_) => {}
                _ if self.1(statement) => self.0 = true,
                _ => walk_stmt(self, statement),
            }
        }
    }

    let mut search = Search(false, is_wanted);
    body.iter()
        .for_each(|statement| search.visit_stmt(statement));
    search.0
}

/// The names that a statement binds in its scope, in any of its branches.
pub(crate) fn bound_names(statement: &ast::Stmt, names: &mut Vec<Rc<str>>) {
    struct Binder<'n>(&'n mut Vec<Rc<str>>);

    impl<'a> Visitor<'a> for Binder<'_> {
        fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
            match statement {
                ast::Stmt::FunctionDef(node) => self.0.push(node.name.as_str().into()),
                ast::Stmt::ClassDef(node) => self.0.push(node.name.as_str().into()),
                ast::Stmt::Import(node) => {
                    for alias in &node.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                        let first = name.split('.').next().unwrap_or(name);
                        self.0.push(first.into());
                    }
                }
                ast::Stmt::ImportFrom(node) => {
                    for alias in &node.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                        if name != "*" {
                            self.0.push(name.into());
                        }
                    }
                }
                _ => walk_stmt(self, statement),
            }
        }

        fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
            let name = match pattern {
                ast::Pattern::MatchAs(node) => &node.name,
                ast::Pattern::MatchStar(node) => &node.name,
                ast::Pattern::MatchMapping(node) => &node.rest,
                _ => &None,
            };
            self.0.extend(name.iter().map(|name| name.as_str().into()));
            walk_pattern(self, pattern);
        }

        fn visit_expr(&mut self, expr: &'a ast::Expr) {
            match expr {
                ast::Expr::Name(name) if name.ctx == ast::ExprContext::Store => {
                    self.0.push(name.id.as_str().into());
                }
                ast::Expr::Lambda(_)
                | ast::Expr::ListComp(_)
                | ast::Expr::SetComp(_)
                | ast::Expr::DictComp(_)
                | ast::Expr::Generator(_) => {}
                _ => walk_expr(self, expr),
            }
        }
    }

    Binder(names).visit_stmt(statement);
}
