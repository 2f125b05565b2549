//! The only module that names ruff's crates. They are published without a promise of stability
//! (0.0.x): everything else in this crate says `syntax::ast` and `syntax::parse`.

pub(crate) use ruff_python_ast as ast;
pub(crate) use ruff_text_size::{Ranged, TextRange, TextSize};

/// A parsed module and the errors in it; the parser recovers, so there is a tree in any case.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) module: ast::ModModule,
    /// The first syntax error: its byte offset and what the parser says of it.
    pub(crate) error: Option<(u32, String)>,
}

/// Parses a module. Any text gives a tree.
pub(crate) fn parse(text: &str) -> Parsed {
    let parsed = ruff_python_parser::parse_unchecked(
        text,
        ruff_python_parser::ParseOptions::from(ruff_python_parser::Mode::Module),
    );
    let error = parsed
        .errors()
        .first()
        .map(|error| (error.location.start().to_u32(), error.error.to_string()));
    let module = match parsed.into_syntax() {
        ast::Mod::Module(module) => module,
        ast::Mod::Expression(_) => unreachable!("parsed as a module"),
    };
    Parsed { module, error }
}

/// Parses one expression; `None` where the text is not exactly one.
pub(crate) fn parse_expression(text: &str) -> Option<ast::Expr> {
    let parsed = ruff_python_parser::parse_expression(text).ok()?;
    Some(*parsed.into_syntax().body)
}
