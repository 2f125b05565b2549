//! Masks the literals in source files that hold a secret.

use std::collections::BTreeSet;
use std::rc::Rc;

use tightship_model::{Span, names_a_secret};

use super::eval::Evaluator;
use super::export::{SHORTEST, SHORTEST_PART};
use super::syntax::{self, Ranged, TextRange, Visitor, ast};

/// Masks, in all modules that were evaluated, the literals that hold a secret, and those that stand
/// under a secret's name, also in branches that were not taken.
pub(super) fn mark_secrets(
    eval: &mut Evaluator<'_>,
    secrets: &BTreeSet<Rc<str>>,
    parts: &[(Span, Rc<str>)],
) {
    let sources: Vec<_> = eval.sources.iter().copied().collect();
    for source in sources {
        let Some(parsed) = eval.tree.parsed(source) else {
            continue;
        };
        if parsed.is_deep {
            continue;
        }
        let mut masker = Masker {
            secrets,
            parts: parts
                .iter()
                .filter(|(place, _)| place.source == source)
                .collect(),
            depth: 0,
            under_secret: false,
            found: Vec::new(),
        };
        for statement in &parsed.module.body {
            masker.visit_stmt(statement);
        }
        for (start, end) in masker.found {
            eval.tree.mark_secret(Span::new(source, start, end));
        }
    }
}

struct Masker<'s> {
    secrets: &'s BTreeSet<Rc<str>>,
    /// The places in this source that secrets passed, and what they became.
    parts: Vec<&'s (Span, Rc<str>)>,
    depth: usize,
    /// Inside of what is assigned to a secret's name.
    under_secret: bool,
    found: Vec<(u32, u32)>,
}

impl Masker<'_> {
    fn under(&mut self, is_secret: bool, expr: &ast::Expr) {
        let before = self.under_secret;
        self.under_secret |= is_secret;
        self.visit_expr(expr);
        self.under_secret = before;
    }

    fn literal(&mut self, text: &str, range: TextRange) {
        let (start, end) = (range.start().to_u32(), range.end().to_u32());
        let is_known = self.secrets.iter().any(|secret| {
            **secret == *text
                || secret.len() >= SHORTEST
                    && text.len() >= SHORTEST
                    && (text.contains(&**secret) || secret.contains(text))
        });
        let is_part = text.len() >= SHORTEST_PART
            && self.parts.iter().any(|(place, secret)| {
                place.start <= start && end <= place.end && secret.contains(text)
            });
        if !text.is_empty() && (is_known || is_part || self.under_secret && !is_name(text)) {
            self.found.push((start, end));
        }
    }
}

impl<'a> Visitor<'a> for Masker<'_> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        if self.depth > syntax::DEEPEST {
            return;
        }
        self.depth += 1;
        match statement {
            ast::Stmt::Assign(node) => {
                let is_secret = node.targets.iter().any(names_secret);
                node.targets
                    .iter()
                    .for_each(|target| self.visit_expr(target));
                self.under(is_secret, &node.value);
            }
            ast::Stmt::AnnAssign(node) => {
                if let Some(value) = &node.value {
                    self.under(names_secret(&node.target), value);
                }
            }
            _ => syntax::visitor::walk_stmt(self, statement),
        }
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expr: &'a ast::Expr) {
        if self.depth > syntax::DEEPEST {
            return;
        }
        self.depth += 1;
        match expr {
            ast::Expr::StringLiteral(node) => {
                for part in &node.value {
                    self.literal(part.as_str(), part.content_range());
                }
            }
            ast::Expr::FString(node) => {
                for part in node.value.elements() {
                    if let Some(literal) = part.as_literal() {
                        self.literal(literal, literal.range());
                    }
                }
                syntax::visitor::walk_expr(self, expr);
            }
            ast::Expr::Dict(node) => {
                for item in &node.items {
                    let is_secret = matches!(
                        &item.key,
                        Some(ast::Expr::StringLiteral(key)) if names_a_secret(key.value.to_str())
                    );
                    self.under(is_secret, &item.value);
                }
            }
            ast::Expr::Call(node) => {
                self.visit_expr(&node.func);
                let reads_secret = matches!(
                    node.arguments.args.first(),
                    Some(ast::Expr::StringLiteral(name)) if names_a_secret(name.value.to_str())
                );
                for (at, argument) in node.arguments.args.iter().enumerate() {
                    self.under(reads_secret && at > 0, argument);
                }
                for keyword in &node.arguments.keywords {
                    let is_secret = keyword.arg.as_ref().is_some_and(|name| {
                        names_a_secret(name) || reads_secret && name.as_str() == "default"
                    });
                    self.under(is_secret, &keyword.value);
                }
            }
            _ => syntax::visitor::walk_expr(self, expr),
        }
        self.depth -= 1;
    }
}

fn names_secret(target: &ast::Expr) -> bool {
    match target {
        ast::Expr::Name(name) => names_a_secret(&name.id),
        ast::Expr::Attribute(node) => names_a_secret(&node.attr),
        ast::Expr::Subscript(node) => {
            matches!(&*node.slice, ast::Expr::StringLiteral(key) if names_a_secret(key.value.to_str()))
        }
        _ => false,
    }
}

/// What looks like the name of a variable, a path or a module is not a secret itself.
fn is_name(text: &str) -> bool {
    let all = |allowed: fn(char) -> bool| text.chars().all(allowed);
    all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') && text.contains('_')
        || text.contains('/')
        || text.len() < 2
}
