//! Where code sets up a service that errors are reported to.

use tightship_model::{Cause, Value};

use super::syntax::{Bounded, Ranged, TextRange, Visitor, ast, chain, visitor};

/// Functions that set up a tracker, by module.
const FUNCTIONS: [(&str, &str); 9] = [
    ("sentry_sdk", "init"),
    ("rollbar", "init"),
    ("bugsnag", "configure"),
    ("honeybadger.honeybadger", "configure"),
    ("elasticapm", "Client"),
    ("logfire", "configure"),
    ("azure.monitor.opentelemetry", "configure_azure_monitor"),
    ("newrelic.agent", "initialize"),
    ("appsignal", "Appsignal"),
];

/// Texts one of which stands in every module with such a call.
pub(crate) const SIGNS: [&str; 8] = [
    "sentry_sdk",
    "rollbar",
    "bugsnag",
    "honeybadger",
    "elasticapm",
    "logfire",
    "newrelic",
    "appsignal",
];

/// A call, its keywords and their places.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) function: String,
    pub(crate) keywords: Vec<(String, Value, TextRange)>,
    pub(crate) range: TextRange,
}

/// The calls in a module that set up a tracker.
pub(crate) fn calls(module: &ast::ModModule) -> Vec<Found> {
    let mut reader = Reader::default();
    reader.visit_body(&module.body);
    reader.found
}

#[derive(Default)]
struct Reader {
    /// Names of the module, and the dotted paths that they stand for.
    names: Vec<(String, String)>,
    found: Vec<Found>,
    depth: usize,
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::Import(import) => {
                for alias in &import.names {
                    let path = alias.name.to_string();
                    let bound = alias
                        .asname
                        .as_ref()
                        .map_or(path.clone(), ToString::to_string);
                    self.names.push((bound, path));
                }
            }
            ast::Stmt::ImportFrom(import) if import.level == 0 => {
                let Some(module) = &import.module else { return };
                for alias in &import.names {
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                    self.names.push((bound, format!("{module}.{}", alias.name)));
                }
            }
            _ => {}
        }
        self.deeper(|reader| visitor::walk_stmt(reader, statement));
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        if let ast::Expr::Call(call) = expression
            && let Some(function) = self.function(&call.func)
        {
            let named = call.arguments.keywords.iter();
            let named =
                named.filter_map(|keyword| Some((keyword.arg.as_ref()?.as_str(), &keyword.value)));
            // `sentry_sdk.init` names its first parameter so.
            let first = call.arguments.args.first().map(|dsn| ("dsn", dsn));
            self.found.push(Found {
                function,
                keywords: named
                    .chain(first)
                    .map(|(name, value)| (name.to_owned(), literal(value), value.range()))
                    .collect(),
                range: call.range(),
            });
        }
        self.deeper(|reader| visitor::walk_expr(reader, expression));
    }
}

impl Reader {
    /// The dotted path of a function that sets up a tracker.
    fn function(&self, callee: &ast::Expr) -> Option<String> {
        let written = dotted(callee)?;
        FUNCTIONS.into_iter().find_map(|(module, name)| {
            let path = format!("{module}.{name}");
            let is_named = self.names.iter().any(|(bound, stands_for)| {
                written
                    .strip_prefix(bound.as_str())
                    .is_some_and(|rest| format!("{stands_for}{rest}") == path)
            });
            is_named.then_some(path)
        })
    }
}

impl Bounded for Reader {
    fn depth(&mut self) -> &mut usize {
        &mut self.depth
    }
}

/// `a.b.c` as text; such chains are short, longer ones name no function of the table.
fn dotted(expression: &ast::Expr) -> Option<String> {
    const MOST_PARTS: usize = 5;
    let (name, parts) = chain(expression)?;
    (parts.len() <= MOST_PARTS).then(|| [&[name], parts.as_slice()].concat().join("."))
}

fn literal(expression: &ast::Expr) -> Value {
    match expression {
        ast::Expr::BooleanLiteral(literal) => Value::Bool(literal.value),
        ast::Expr::NoneLiteral(_) => Value::None,
        ast::Expr::StringLiteral(literal) => Value::Str(literal.value.to_str().to_owned()),
        _ => Value::unknown(Cause::Code, "it is computed", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::syntax;

    fn functions(text: &str) -> Vec<String> {
        let found = calls(&syntax::parse(text).module);
        found.into_iter().map(|call| call.function).collect()
    }

    #[test]
    fn calls_are_known_by_what_was_imported() {
        assert_eq!(
            functions(
                "import sentry_sdk\nimport rollbar as r\nfrom sentry_sdk import init as start\n\
                 def f():\n    sentry_sdk.init(dsn='x')\nr.init('t')\nstart()\n\
                 import newrelic.agent\nnewrelic.agent.initialize('newrelic.ini')\n"
            ),
            [
                "sentry_sdk.init",
                "rollbar.init",
                "sentry_sdk.init",
                "newrelic.agent.initialize"
            ]
        );
        assert!(functions("init()\nsentry_sdk.init()\nfrom app import init\ninit()").is_empty());
    }
}
