//! Where code keeps uploads, and where it has nginx hand out a protected file.

use super::syntax::{Bounded, DEEPEST, Ranged, TextRange, Visitor, ast, visitor};

/// Texts one of which stands in every module that has something to say.
pub(crate) const SIGNS: [&str; 3] = ["models.FileField(", "models.ImageField(", REDIRECT];

const REDIRECT: &str = "X-Accel-Redirect";

#[derive(Default)]
pub(crate) struct Uploads {
    /// Fields of models that keep a file.
    pub(crate) fields: Vec<TextRange>,
    /// The beginning of the path in an `X-Accel-Redirect`, as far as it is a literal.
    pub(crate) redirects: Vec<(String, TextRange)>,
}

impl Uploads {
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.redirects.is_empty()
    }
}

pub(crate) fn of(module: &ast::ModModule) -> Uploads {
    let mut reader = Reader::default();
    reader.visit_body(&module.body);
    reader.found
}

#[derive(Default)]
struct Reader {
    found: Uploads,
    depth: usize,
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        if let ast::Stmt::Assign(assign) = statement
            && let [ast::Expr::Subscript(target)] = assign.targets.as_slice()
            && text(&target.slice) == Some(REDIRECT)
            && let Some(beginning) = beginning(&assign.value)
        {
            self.found.redirects.push((beginning, assign.range()));
        }
        self.deeper(|reader| visitor::walk_stmt(reader, statement));
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        match expression {
            ast::Expr::Call(call) => {
                if let ast::Expr::Attribute(field) = &*call.func
                    && matches!(field.attr.as_str(), "FileField" | "ImageField")
                    && matches!(&*field.value, ast::Expr::Name(name) if name.id.as_str() == "models")
                {
                    self.found.fields.push(call.range());
                }
            }
            // `HttpResponse(headers={"X-Accel-Redirect": ...})`
            ast::Expr::Dict(dict) => {
                for item in &dict.items {
                    if item.key.as_ref().and_then(text) == Some(REDIRECT)
                        && let Some(beginning) = beginning(&item.value)
                    {
                        self.found.redirects.push((beginning, item.value.range()));
                    }
                }
            }
            _ => {}
        }
        self.deeper(|reader| visitor::walk_expr(reader, expression));
    }
}

impl Bounded for Reader {
    fn depth(&mut self) -> &mut usize {
        &mut self.depth
    }
}

fn text(expression: &ast::Expr) -> Option<&str> {
    match expression {
        ast::Expr::StringLiteral(literal) => Some(literal.value.to_str()),
        _ => None,
    }
}

/// The literal folder that a path begins with, up to its last slash: of `"/files/" + name`,
/// `f"/files/{name}"`, `"/files/%s" % name` and `"/files/{}".format(name)`.
fn beginning(value: &ast::Expr) -> Option<String> {
    let mut value = value;
    for _ in 0..DEEPEST {
        value = match value {
            ast::Expr::BinOp(sum) => &sum.left,
            ast::Expr::Call(call) => match &*call.func {
                ast::Expr::Attribute(method) if method.attr.as_str() == "format" => &method.value,
                _ => return None,
            },
            ast::Expr::FString(formatted) => {
                let first = formatted.value.elements().next()?;
                return folder(first.as_literal()?);
            }
            literal => return folder(text(literal)?),
        };
    }
    None
}

fn folder(text: &str) -> Option<String> {
    let plain = text.split(['%', '{']).next().unwrap_or(text);
    let end = plain.rfind('/')?;
    (plain.starts_with('/') && end > 0).then(|| plain[..=end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::syntax;

    #[test]
    fn redirects_are_told_by_their_folder() {
        for value in [
            "'/protected/' + name",
            "f'/protected/{name}'",
            "'/protected/%s' % name",
            "'/protected/{}'.format(name)",
            "'/protected/a.pdf'",
        ] {
            for code in [
                format!("r['X-Accel-Redirect'] = {value}\n"),
                format!("r = R(headers={{'X-Accel-Redirect': {value}}})\n"),
            ] {
                let found = of(&syntax::parse(&code).module).redirects;
                let folders: Vec<_> = found.iter().map(|(folder, _)| folder.as_str()).collect();
                assert_eq!(folders, ["/protected/"], "{code}");
            }
        }
        for value in ["path", "f'{root}/a'", "'/a'", "other['X-Accel-Redirect']"] {
            let code = format!("r['X-Accel-Redirect'] = {value}\n");
            assert!(
                of(&syntax::parse(&code).module).redirects.is_empty(),
                "{code}"
            );
        }
    }

    #[test]
    fn only_fields_of_models_keep_files() {
        let code = "class A(models.Model):\n    f = models.FileField()\nclass F(forms.Form):\n    f = forms.FileField()\n";
        assert_eq!(of(&syntax::parse(code).module).fields.len(), 1);
    }
}
