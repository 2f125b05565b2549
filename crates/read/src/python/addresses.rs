//! Where code takes the first address of X-Forwarded-For.
//!
//! Proxies append to the header, so its first entry is what the visitor wrote. Followed are the
//! header's text through variables of one function, `strip()`, `or` and conditions, its list through
//! `split(",")` and comprehensions, and then the entry `[0]`.

use std::collections::BTreeSet;

use super::syntax::{Bounded, DEEPEST, Ranged, TextRange, Visitor, ast, visitor};

/// Texts one of which stands in every module that reads the header.
pub(crate) const SIGNS: [&str; 3] = ["HTTP_X_FORWARDED_FOR", "X-Forwarded-For", "x-forwarded-for"];

/// The places in a module where the first entry is taken.
pub(crate) fn firsts(module: &ast::ModModule) -> Vec<TextRange> {
    let mut reader = Reader::default();
    reader.visit_body(&module.body);
    reader.found
}

#[derive(Default)]
struct Reader {
    found: Vec<TextRange>,
    /// Variables of the function that hold the header's text.
    texts: BTreeSet<String>,
    /// Those that hold its entries.
    lists: BTreeSet<String>,
    depth: usize,
}

/// What an expression holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Text,
    List,
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::FunctionDef(_) => {
                let outer = (
                    std::mem::take(&mut self.texts),
                    std::mem::take(&mut self.lists),
                );
                self.deeper(|reader| visitor::walk_stmt(reader, statement));
                (self.texts, self.lists) = outer;
                return;
            }
            ast::Stmt::Assign(assign) => {
                if let [ast::Expr::Name(target)] = assign.targets.as_slice() {
                    self.keep(target.id.as_str(), self.holds(&assign.value, 0));
                }
            }
            _ => {}
        }
        self.deeper(|reader| visitor::walk_stmt(reader, statement));
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        match expression {
            ast::Expr::Named(named) => {
                if let ast::Expr::Name(target) = &*named.target {
                    self.keep(target.id.as_str(), self.holds(&named.value, 0));
                }
            }
            ast::Expr::Subscript(item)
                if is_zero(&item.slice) && self.holds(&item.value, 0) == Some(Holds::List) =>
            {
                self.found.push(item.range());
            }
            _ => {}
        }
        self.deeper(|reader| visitor::walk_expr(reader, expression));
    }
}

impl Reader {
    fn keep(&mut self, name: &str, holds: Option<Holds>) {
        self.texts.remove(name);
        self.lists.remove(name);
        match holds {
            Some(Holds::Text) => self.texts.insert(name.to_owned()),
            Some(Holds::List) => self.lists.insert(name.to_owned()),
            None => false,
        };
    }

    fn holds(&self, expression: &ast::Expr, depth: usize) -> Option<Holds> {
        if depth > DEEPEST {
            return None;
        }
        let inner = |expression| self.holds(expression, depth + 1);
        match expression {
            ast::Expr::Name(name) if self.texts.contains(name.id.as_str()) => Some(Holds::Text),
            ast::Expr::Name(name) if self.lists.contains(name.id.as_str()) => Some(Holds::List),
            ast::Expr::Named(named) => inner(&named.value),
            ast::Expr::Subscript(item) if names_header(&item.slice) => Some(Holds::Text),
            ast::Expr::BoolOp(either) => either.values.iter().find_map(inner),
            ast::Expr::If(either) => inner(&either.body).or_else(|| inner(&either.orelse)),
            ast::Expr::ListComp(list) => match list.generators.as_slice() {
                [one] => inner(&one.iter).filter(|holds| *holds == Holds::List),
                _ => None,
            },
            ast::Expr::Call(call) => {
                let ast::Expr::Attribute(method) = &*call.func else {
                    return None;
                };
                let first = call.arguments.args.first();
                match method.attr.as_str() {
                    "get" if first.is_some_and(names_header) => Some(Holds::Text),
                    "strip" | "replace" | "lower" => inner(&method.value),
                    "split" | "partition"
                        if first.is_some_and(is_comma)
                            && inner(&method.value) == Some(Holds::Text) =>
                    {
                        Some(Holds::List)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl Bounded for Reader {
    fn depth(&mut self) -> &mut usize {
        &mut self.depth
    }
}

fn names_header(expression: &ast::Expr) -> bool {
    let ast::Expr::StringLiteral(literal) = expression else {
        return false;
    };
    let name = literal.value.to_str();
    name == "HTTP_X_FORWARDED_FOR" || name.eq_ignore_ascii_case("X-Forwarded-For")
}

fn is_comma(expression: &ast::Expr) -> bool {
    matches!(expression, ast::Expr::StringLiteral(literal) if literal.value.to_str().trim() == ",")
}

fn is_zero(expression: &ast::Expr) -> bool {
    matches!(
        expression,
        ast::Expr::NumberLiteral(literal)
            if matches!(&literal.value, ast::Number::Int(number) if number.as_u8() == Some(0))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::syntax;

    fn count(text: &str) -> usize {
        firsts(&syntax::parse(text).module).len()
    }

    #[test]
    fn the_first_entry_is_found_however_it_is_taken() {
        for text in [
            "def f(r):\n    return r.META['HTTP_X_FORWARDED_FOR'].split(',')[0]\n",
            "def f(r):\n    x = r.META.get('HTTP_X_FORWARDED_FOR')\n    if x:\n        ip = x.split(',')[0].strip()\n",
            "def f(r):\n    x = r.headers.get('X-Forwarded-For', '')\n    ips = [i.strip() for i in x.split(',')]\n    return ips[0]\n",
            "def f(r):\n    x = r.META.get('HTTP_X_FORWARDED_FOR') or r.META['REMOTE_ADDR']\n    return x.partition(',')[0]\n",
            "def f(r):\n    if x := r.headers.get('x-forwarded-for'):\n        return x.split(', ')[0]\n",
        ] {
            assert_eq!(count(text), 1, "{text}");
        }
    }

    #[test]
    fn other_entries_and_other_headers_are_not() {
        for text in [
            "def f(r):\n    return r.META['HTTP_X_FORWARDED_FOR'].split(',')[-1]\n",
            "def f(r):\n    return r.META['HTTP_ACCEPT'].split(',')[0]\n",
            "def f(r):\n    x = r.META['HTTP_X_FORWARDED_FOR']\n    x = clean(x)\n    return x.split(',')[0]\n",
            "def f(r):\n    x = r.META['HTTP_X_FORWARDED_FOR']\ndef g(x):\n    return x.split(',')[0]\n",
            "HEADER = 'HTTP_X_FORWARDED_FOR'\n",
        ] {
            assert_eq!(count(text), 0, "{text}");
        }
    }
}
