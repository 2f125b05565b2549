//! Texts and conditions, as far as names of the module and the evaluated settings tell.

use tightship_model::{Traced, Value};

use super::super::syntax::ast;
use super::scope::Scope;

impl Scope<'_> {
    /// The text of an expression of literals, names of this module and settings.
    pub(super) fn text(&self, expression: &ast::Expr) -> Option<String> {
        match expression {
            ast::Expr::StringLiteral(literal) => Some(literal.value.to_str().to_owned()),
            ast::Expr::Name(name) => self.texts.get(name.id.as_str()).cloned(),
            ast::Expr::Attribute(_) => {
                let setting = self.setting(expression)?;
                setting.value.as_str().map(str::to_owned)
            }
            ast::Expr::BinOp(sum) if sum.op == ast::Operator::Add => {
                Some(self.text(&sum.left)? + &self.text(&sum.right)?)
            }
            ast::Expr::FString(text) => {
                let mut whole = String::new();
                for element in text.value.elements() {
                    match element {
                        ast::InterpolatedStringElement::Literal(literal) => {
                            whole.push_str(&literal.value);
                        }
                        ast::InterpolatedStringElement::Interpolation(part) => {
                            whole.push_str(&self.text(&part.expression)?);
                        }
                    }
                }
                Some(whole)
            }
            // `_("about/")`: the text as written is that of the source language.
            ast::Expr::Call(call) => {
                let function = self.dotted(&call.func)?;
                let is_translation = function.starts_with("django.utils.translation.gettext");
                match &*call.arguments.args {
                    [text] if is_translation => self.text(text),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The setting that `settings.NAME` reads.
    pub(super) fn setting(&self, expression: &ast::Expr) -> Option<Traced<Value>> {
        let path = self.dotted(expression)?;
        let name = path.strip_prefix("django.conf.settings.")?;
        Some(self.settings.get(name)?.value.into_owned())
    }

    /// The truth of a condition on settings, as far as the evaluated settings tell.
    pub(super) fn decide(&self, condition: &ast::Expr) -> Option<bool> {
        match condition {
            ast::Expr::UnaryOp(not) if not.op == ast::UnaryOp::Not => {
                Some(!self.decide(&not.operand)?)
            }
            ast::Expr::BoolOp(operation) => {
                let is_and = operation.op == ast::BoolOp::And;
                let answers: Vec<_> = operation
                    .values
                    .iter()
                    .map(|value| self.decide(value))
                    .collect();
                match answers.contains(&Some(!is_and)) {
                    true => Some(!is_and),
                    false if answers.iter().all(Option::is_some) => Some(is_and),
                    false => None,
                }
            }
            ast::Expr::Compare(compare) => {
                let ([operator], [right]) = (&*compare.ops, &*compare.comparators) else {
                    return None;
                };
                let wanted = self.text(&compare.left)?;
                let items = self.setting(right)?;
                let items = items.value.as_items()?;
                let is_in = items
                    .items
                    .iter()
                    .any(|item| item.value.as_str() == Some(&wanted));
                let is_in = match is_in {
                    true => true,
                    false if items.rest.is_none() && items.items.iter().all(is_text) => false,
                    false => return None,
                };
                match operator {
                    ast::CmpOp::In => Some(is_in),
                    ast::CmpOp::NotIn => Some(!is_in),
                    _ => None,
                }
            }
            other => self.setting(other)?.value.truthy(),
        }
    }
}

fn is_text(item: &Traced<Value>) -> bool {
    item.value.as_str().is_some()
}
