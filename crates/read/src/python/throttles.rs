//! The scopes of throttles that views of REST framework name.

use super::syntax::{DEEPEST, Ranged, TextRange, Visitor, ast, visitor};

/// The text that stands in every module with one.
pub(crate) const SIGNS: [&str; 1] = ["throttle_scope"];

/// `throttle_scope` of a view, with the names of its own throttles where it has its own.
pub(crate) struct Scope {
    pub(crate) scope: String,
    pub(crate) throttles: Option<Vec<String>>,
    pub(crate) range: TextRange,
}

pub(crate) fn of(module: &ast::ModModule) -> Vec<Scope> {
    let mut reader = Reader::default();
    reader.visit_body(&module.body);
    reader.found
}

#[derive(Default)]
struct Reader {
    found: Vec<Scope>,
    depth: usize,
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        if let ast::Stmt::ClassDef(class) = statement {
            self.found.extend(scope_of(class));
        }
        if self.depth < DEEPEST {
            self.depth += 1;
            visitor::walk_stmt(self, statement);
            self.depth -= 1;
        }
    }

    /// No class stands in an expression.
    fn visit_expr(&mut self, _: &'a ast::Expr) {}
}

fn scope_of(class: &ast::StmtClassDef) -> Option<Scope> {
    let mut found = None;
    let mut throttles = None;
    for statement in &class.body {
        let ast::Stmt::Assign(assign) = statement else {
            continue;
        };
        let [ast::Expr::Name(target)] = &*assign.targets else {
            continue;
        };
        match (target.id.as_str(), &*assign.value) {
            ("throttle_scope", ast::Expr::StringLiteral(text)) => {
                found = Some((text.value.to_str().to_owned(), assign.range()));
            }
            ("throttle_scope", _) => return None,
            ("throttle_classes", value) => throttles = Some(names(value)),
            _ => {}
        }
    }
    let (scope, range) = found?;
    Some(Scope {
        scope,
        throttles,
        range,
    })
}

/// The last names in a list or a tuple; something that is no name as it is.
fn names(value: &ast::Expr) -> Vec<String> {
    let elements = match value {
        ast::Expr::List(list) => &list.elts[..],
        ast::Expr::Tuple(tuple) => &tuple.elts[..],
        _ => return vec!["?".to_owned()],
    };
    let name = |element: &ast::Expr| match element {
        ast::Expr::Name(name) => name.id.to_string(),
        ast::Expr::Attribute(attribute) => attribute.attr.to_string(),
        _ => "?".to_owned(),
    };
    elements.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::syntax;

    #[test]
    fn scopes_are_those_of_classes() {
        let code = "throttle_scope = 'no'\n\
            class A(APIView):\n    throttle_scope = 'a'\n\
            class B(APIView):\n    throttle_scope = 'b'\n    throttle_classes = [t.ScopedRateThrottle]\n\
            class C(APIView):\n    throttle_scope = NAME\n";
        let found: Vec<_> = of(&syntax::parse(code).module)
            .into_iter()
            .map(|scope| (scope.scope, scope.throttles))
            .collect();
        let own = Some(vec!["ScopedRateThrottle".to_owned()]);
        assert_eq!(found, [("a".to_owned(), None), ("b".to_owned(), own)]);
    }
}
