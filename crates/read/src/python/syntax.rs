//! The only module that names ruff's crates. They are published without a promise of stability
//! (0.0.x): everything else in this crate says `syntax::ast` and `syntax::parse`.

use std::sync::Arc;

pub(crate) use ruff_python_ast as ast;
pub(crate) use ruff_python_ast::visitor::{self, Visitor};
pub(crate) use ruff_text_size::{Ranged, TextRange};

/// A parsed module and the errors in it; the parser recovers, so there is a tree in any case.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) module: Arc<ast::ModModule>,
    /// The first syntax error: its byte offset and what the parser says of it.
    pub(crate) error: Option<(u32, String)>,
    /// Whether it nests so deep that nothing may follow it on the stack.
    pub(crate) is_deep: bool,
}

/// Parses a module. Any text gives a tree. Python refuses a file with a NUL byte, which is a binary
/// one: what stands before it is read.
pub(crate) fn parse(text: &str) -> Parsed {
    let nul = text.find('\0');
    let parsed = ruff_python_parser::parse_unchecked(
        &text[..nul.unwrap_or(text.len())],
        ruff_python_parser::ParseOptions::from(ruff_python_parser::Mode::Module),
    );
    let error = parsed
        .errors()
        .first()
        .map(|error| (error.location.start().to_u32(), error.error.to_string()))
        .or_else(|| Some((u32::try_from(nul?).ok()?, "a NUL byte".to_owned())));
    let module = match parsed.into_syntax() {
        ast::Mod::Module(module) => module,
        ast::Mod::Expression(_) => unreachable!("parsed as a module"),
    };
    let module = Arc::new(module);
    let is_deep = is_deep(&module);
    if is_deep {
        // Freeing a tree recurses as deep as the tree is, and would overflow the stack.
        std::mem::forget(Arc::clone(&module));
    }
    Parsed {
        module,
        error,
        is_deep,
    }
}

/// Nesting up to which a visitor may follow expressions on a thread's stack.
pub(crate) const DEEPEST: usize = 200;

/// A visitor that goes no deeper than [`DEEPEST`].
pub(crate) trait Bounded: Sized {
    /// How deep it is.
    fn depth(&mut self) -> &mut usize;

    fn deeper(&mut self, walk: impl FnOnce(&mut Self)) {
        if *self.depth() < DEEPEST {
            *self.depth() += 1;
            walk(self);
            *self.depth() -= 1;
        }
    }
}

/// The name that a chain of attributes begins with, and the attributes: `a` and `b`, `c` of `a.b.c`.
pub(crate) fn chain(expression: &ast::Expr) -> Option<(&str, Vec<&str>)> {
    let mut parts = Vec::new();
    let mut current = expression;
    while let ast::Expr::Attribute(attribute) = current {
        parts.push(attribute.attr.as_str());
        current = &attribute.value;
    }
    let ast::Expr::Name(name) = current else {
        return None;
    };
    parts.reverse();
    Some((name.id.as_str(), parts))
}

/// Whether expressions or blocks nest deeper than [`DEEPEST`] in a statement that is long enough
/// for that to matter.
fn is_deep(module: &ast::ModModule) -> bool {
    const LONG: u32 = 20_000;
    let mut measure = Measure {
        depth: 0,
        is_deep: false,
    };
    for statement in &module.body {
        if statement.range().len().to_u32() > LONG {
            measure.visit_stmt(statement);
        }
    }
    measure.is_deep
}

struct Measure {
    depth: usize,
    is_deep: bool,
}

impl Measure {
    fn deeper(&mut self, walk: impl FnOnce(&mut Self)) {
        if self.depth >= DEEPEST {
            self.is_deep = true;
        }
        if !self.is_deep {
            self.depth += 1;
            walk(self);
            self.depth -= 1;
        }
    }
}

impl<'a> Visitor<'a> for Measure {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        self.deeper(|measure| visitor::walk_stmt(measure, statement));
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        self.deeper(|measure| visitor::walk_expr(measure, expression));
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        self.deeper(|measure| visitor::walk_pattern(measure, pattern));
    }
}

/// Parses one expression; `None` where the text is not exactly one.
pub(crate) fn parse_expression(text: &str) -> Option<ast::Expr> {
    let parsed = ruff_python_parser::parse_expression(text).ok()?;
    Some(*parsed.into_syntax().body)
}

/// The module of a `from … import` in `module`, relative ones made absolute.
pub(crate) fn absolute(import: &ast::StmtImportFrom, module: &str, is_package: bool) -> String {
    let named = import.module.as_ref().map_or("", |module| module.as_str());
    if import.level == 0 {
        return named.to_owned();
    }
    let mut package = module;
    for _ in 0..import.level - u32::from(is_package) {
        package = package.rsplit_once('.').map_or("", |(package, _)| package);
    }
    match (package, named) {
        ("", named) => named.to_owned(),
        (package, "") => package.to_owned(),
        (package, named) => format!("{package}.{named}"),
    }
}
