//! `os.environ.setdefault("DJANGO_SETTINGS_MODULE", …)` and its kin in Python code.

use tightship_model::{SourceId, Span};

use crate::python::syntax::{Ranged, ast};
use crate::python::syntax::{Visitor, visitor};

/// Nesting of statements that is followed.
const DEEPEST: usize = 50;

/// One place that gives the variable a value.
#[derive(Debug)]
pub(super) struct Assignment {
    /// `None` where it is computed.
    pub(super) module: Option<String>,
    pub(super) span: Span,
    /// `os.environ[…] =`, which wins over the environment.
    pub(super) is_forced: bool,
    /// Below a test of `sys.argv`, as projects do for their tests.
    pub(super) is_for_tests: bool,
}

/// All places in a module that give `variable` a value.
pub(super) fn assignments(
    source: SourceId,
    module: &ast::ModModule,
    variable: &str,
) -> Vec<Assignment> {
    let mut finder = Finder {
        source,
        variable,
        found: Vec::new(),
        depth: 0,
        tests: 0,
    };
    finder.visit_body(&module.body);
    finder.found
}

struct Finder<'a> {
    source: SourceId,
    variable: &'a str,
    found: Vec<Assignment>,
    depth: usize,
    tests: usize,
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        match statement {
            ast::Stmt::Expr(statement) => self.call(&statement.value),
            ast::Stmt::Assign(assign) => {
                if assign
                    .targets
                    .iter()
                    .any(|target| self.is_environment_item(target))
                {
                    self.add(&assign.value, true);
                }
                self.call(&assign.value);
            }
            ast::Stmt::If(branch) => {
                let is_test = reads_arguments(&branch.test);
                self.tests += usize::from(is_test);
                self.visit_body(&branch.body);
                self.tests -= usize::from(is_test);
                for clause in &branch.elif_else_clauses {
                    self.visit_body(&clause.body);
                }
            }
            statement => visitor::walk_stmt(self, statement),
        }
        self.depth -= 1;
    }

    // Only statements matter here; expressions may be nested without bound.
    fn visit_expr(&mut self, _: &'a ast::Expr) {}
}

impl Finder<'_> {
    fn call(&mut self, expression: &ast::Expr) {
        let ast::Expr::Call(call) = expression else {
            return;
        };
        let is_setdefault = matches!(&*call.func, ast::Expr::Attribute(function) if function.attr.as_str() == "setdefault");
        if let [name, value] = &*call.arguments.args
            && is_setdefault
            && self.is_name(name)
        {
            self.add(value, false);
        }
    }

    fn is_environment_item(&self, target: &ast::Expr) -> bool {
        matches!(target, ast::Expr::Subscript(item) if self.is_name(&item.slice))
    }

    fn is_name(&self, expression: &ast::Expr) -> bool {
        string(expression).is_some_and(|(text, _)| text == self.variable)
    }

    fn add(&mut self, value: &ast::Expr, is_forced: bool) {
        let (module, range) = match string(value).or_else(|| default_of_call(value)) {
            Some((module, range)) => (Some(module), range),
            None => (None, value.range()),
        };
        if module.as_deref().is_none_or(crate::command::is_dotted) {
            self.found.push(Assignment {
                module,
                span: Span::new(self.source, range.start().to_u32(), range.end().to_u32()),
                is_forced: is_forced && default_of_call(value).is_none(),
                is_for_tests: self.tests > 0,
            });
        }
    }
}

fn string(expression: &ast::Expr) -> Option<(String, crate::python::syntax::TextRange)> {
    match expression {
        ast::Expr::StringLiteral(literal) => {
            Some((literal.value.to_str().to_owned(), literal.range()))
        }
        _ => None,
    }
}

/// `os.environ.get("NAME", "default")`, `os.getenv(…)`, `config("NAME", default="default")`.
fn default_of_call(expression: &ast::Expr) -> Option<(String, crate::python::syntax::TextRange)> {
    let ast::Expr::Call(call) = expression else {
        return None;
    };
    let keyword = call.arguments.keywords.iter().find(|keyword| {
        keyword
            .arg
            .as_ref()
            .is_some_and(|name| name.as_str() == "default")
    });
    string(
        keyword
            .map(|keyword| &keyword.value)
            .or(call.arguments.args.get(1))?,
    )
}

/// Whether a condition looks at `sys.argv`.
fn reads_arguments(test: &ast::Expr) -> bool {
    struct Search(bool, usize);
    impl<'a> Visitor<'a> for Search {
        fn visit_expr(&mut self, expression: &'a ast::Expr) {
            if let ast::Expr::Attribute(attribute) = expression {
                self.0 |= attribute.attr.as_str() == "argv";
            }
            if self.1 < DEEPEST {
                self.1 += 1;
                visitor::walk_expr(self, expression);
                self.1 -= 1;
            }
        }
    }
    let mut search = Search(false, 0);
    search.visit_expr(test);
    search.0
}
