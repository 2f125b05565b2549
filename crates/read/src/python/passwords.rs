//! Where code stores a password that a client sent.
//!
//! Counted are a serializer of Django REST framework that stores its `validated_data`, and any
//! code that stores `request.data` or `request.POST` without asking a form or a serializer. A form's `cleaned_data`, and the data of a
//! serializer that is used elsewhere, may have been validated in another module: they do not count.

use std::collections::BTreeSet;

use super::syntax::{Bounded, DEEPEST, Ranged, TextRange, Visitor, ast, visitor};

/// Texts one of which stands in every module that stores a password.
pub(crate) const SIGNS: [&str; 3] = ["create_user(", "set_password(", "make_password("];

/// Texts that tell that a module validates passwords: by Django's validators, or by a measure of its
/// own that is stricter.
const VALIDATES: [&str; 3] = ["validate_password", "password_validation", "zxcvbn"];

/// The calls in a module that store a password of a client: the function and the place.
pub(crate) fn writes(module: &ast::ModModule) -> Vec<(String, TextRange)> {
    let mut reader = Reader::default();
    reader.visit_body(&module.body);
    reader.found
}

pub(crate) fn validates(text: &str) -> bool {
    VALIDATES.iter().any(|word| text.contains(word))
}

#[derive(Default)]
struct Reader {
    found: Vec<(String, TextRange)>,
    /// Names that stand for `rest_framework.serializers`, and for its classes.
    serializers: BTreeSet<String>,
    /// Whether the class that is read is a serializer of REST framework itself.
    in_serializer: bool,
    /// Whether that class speaks of a password.
    has_password: bool,
    /// Variables of the function that hold data of the client.
    sent: BTreeSet<String>,
    /// Whether the function has asked a form or a serializer (`is_valid()`).
    has_asked: bool,
    depth: usize,
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::ImportFrom(import) => self.import(import),
            ast::Stmt::ClassDef(class) => {
                let outer = (self.in_serializer, self.has_password);
                if class.name.as_str() != "Meta" {
                    self.in_serializer = self.is_serializer(class);
                    self.has_password = names_password(&class.body);
                }
                self.deeper(|reader| visitor::walk_stmt(reader, statement));
                (self.in_serializer, self.has_password) = outer;
                return;
            }
            ast::Stmt::FunctionDef(_) => {
                let sent = std::mem::take(&mut self.sent);
                let has_asked = std::mem::take(&mut self.has_asked);
                self.deeper(|reader| visitor::walk_stmt(reader, statement));
                (self.sent, self.has_asked) = (sent, has_asked);
                return;
            }
            ast::Stmt::Assign(assign) => {
                if let [ast::Expr::Name(target)] = assign.targets.as_slice() {
                    let name = target.id.to_string();
                    if self.is_sent(&assign.value) {
                        self.sent.insert(name);
                    } else {
                        self.sent.remove(&name);
                    }
                }
            }
            _ => {}
        }
        self.deeper(|reader| visitor::walk_stmt(reader, statement));
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        if let ast::Expr::Call(call) = expression {
            self.call(call);
        }
        self.deeper(|reader| visitor::walk_expr(reader, expression));
    }
}

impl Reader {
    fn import(&mut self, import: &ast::StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        for alias in &import.names {
            let is_one = match module {
                "rest_framework" => alias.name.as_str() == "serializers",
                "rest_framework.serializers" => true,
                _ => false,
            };
            if is_one {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                self.serializers.insert(bound.to_string());
            }
        }
    }

    fn is_serializer(&self, class: &ast::StmtClassDef) -> bool {
        let mut bases = class.bases().iter();
        bases.len() > 0
            && bases.all(|base| {
                let name = match base {
                    ast::Expr::Attribute(attribute) => &*attribute.value,
                    base => base,
                };
                matches!(name, ast::Expr::Name(name) if self.serializers.contains(name.id.as_str()))
            })
    }

    fn call(&mut self, call: &ast::ExprCall) {
        let function = match &*call.func {
            ast::Expr::Attribute(method) if is_of_others(&method.value) => return,
            ast::Expr::Attribute(method) => method.attr.as_str(),
            ast::Expr::Name(function) => function.id.as_str(),
            _ => return,
        };
        let keywords = call.arguments.keywords.iter();
        let stores = match function {
            // `create_user(**validated_data)` where the serializer has a password.
            "is_valid" => {
                self.has_asked = true;
                false
            }
            "create_user" => {
                keywords.clone().any(|keyword| match &keyword.arg {
                    None => self.has_password && self.is_sent(&keyword.value),
                    Some(name) => name.as_str() == "password" && self.is_sent(&keyword.value),
                }) || call
                    .arguments
                    .args
                    .get(2)
                    .is_some_and(|password| self.is_sent(password))
            }
            "set_password" | "make_password" => call
                .arguments
                .args
                .first()
                .is_some_and(|password| self.is_sent(password)),
            _ => false,
        };
        if stores {
            self.found.push((function.to_owned(), call.range()));
        }
    }

    /// Whether an expression is data that the client sent: `validated_data`, an entry of it, or
    /// a variable that holds one.
    fn is_sent(&self, expression: &ast::Expr) -> bool {
        let mut rest = expression;
        for _ in 0..DEEPEST {
            rest = match rest {
                ast::Expr::Name(name) => {
                    let name = name.id.as_str();
                    return self.in_serializer && name == "validated_data"
                        || self.sent.contains(name);
                }
                ast::Expr::Attribute(attribute)
                    if matches!(attribute.attr.as_str(), "data" | "POST") =>
                {
                    return !self.has_asked && is_request(&attribute.value);
                }
                ast::Expr::Subscript(item) => &item.value,
                ast::Expr::Call(call) => match &*call.func {
                    ast::Expr::Attribute(method)
                        if matches!(method.attr.as_str(), "get" | "pop") =>
                    {
                        &method.value
                    }
                    _ => return false,
                },
                _ => return false,
            };
        }
        false
    }
}

impl Bounded for Reader {
    fn depth(&mut self) -> &mut usize {
        &mut self.depth
    }
}

/// `request`, `self.request`.
fn is_request(expression: &ast::Expr) -> bool {
    match expression {
        ast::Expr::Name(name) => name.id.as_str() == "request",
        ast::Expr::Attribute(attribute) => attribute.attr.as_str() == "request",
        _ => false,
    }
}

/// Whether a class has a field `password`, or lists one in its `Meta`.
fn names_password(body: &[ast::Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        ast::Stmt::Assign(assign) => {
            let is_field = assign.targets.iter().any(
                |target| matches!(target, ast::Expr::Name(name) if name.id.as_str() == "password"),
            );
            is_field || lists_password(&assign.value)
        }
        ast::Stmt::ClassDef(meta) => names_password(&meta.body),
        _ => false,
    })
}

fn lists_password(value: &ast::Expr) -> bool {
    let items = match value {
        ast::Expr::List(list) => &list.elts,
        ast::Expr::Tuple(tuple) => &tuple.elts,
        _ => return false,
    };
    let is_password = |item: &ast::Expr| matches!(item, ast::Expr::StringLiteral(literal) if literal.value.to_str() == "password");
    items.iter().any(is_password)
}

/// Whether a method is that of a service which keeps its users itself.
fn is_of_others(owner: &ast::Expr) -> bool {
    const SERVICES: [&str; 4] = ["firebase", "cognito", "auth0", "keycloak"];
    let name = match owner {
        ast::Expr::Name(name) => name.id.as_str(),
        ast::Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => return false,
    };
    let name = name.to_ascii_lowercase();
    SERVICES.iter().any(|service| name.contains(service))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::syntax;

    fn functions(text: &str) -> Vec<String> {
        let found = writes(&syntax::parse(text).module);
        found.into_iter().map(|(function, _)| function).collect()
    }

    #[test]
    fn what_a_client_sent_is_stored() {
        let serializer = "from rest_framework import serializers\n\
             class Register(serializers.ModelSerializer):\n\
             \x20   class Meta:\n        fields = ['name', 'password']\n\
             \x20   def create(self, validated_data):\n";
        for (body, expected) in [
            (
                "        return U.objects.create_user(**validated_data)\n",
                "create_user",
            ),
            (
                "        p = validated_data.pop('password')\n        u.set_password(p)\n",
                "set_password",
            ),
            (
                "        U(password=make_password(validated_data['password']))\n",
                "make_password",
            ),
        ] {
            assert_eq!(functions(&format!("{serializer}{body}")), [expected]);
        }
        assert_eq!(
            functions("def view(request):\n    request.user.set_password(request.data['new'])\n"),
            ["set_password"]
        );
    }

    #[test]
    fn what_code_makes_up_or_validates_elsewhere_is_not() {
        for text in [
            "user.set_password(get_random_string(20))",
            "def view(request):\n    if form.is_valid():\n        u.set_password(request.POST['p'])",
            "user.set_password(form.cleaned_data['password'])",
            "user.set_password(serializer.validated_data['password'])",
            "User.objects.create_user('demo', 'demo@example.org', 'demo')",
            "def view(request):\n    p = request.data['p']\n    p = check(p)\n    u.set_password(p)",
            "from djoser.serializers import Base\nclass R(Base):\n    def create(self, validated_data):\n        u.set_password(validated_data['password'])\n",
            "from rest_framework import serializers\nclass R(serializers.Serializer):\n    def create(self, validated_data):\n        User.objects.create_user(**validated_data)\n",
        ] {
            assert!(functions(text).is_empty(), "{text}");
        }
    }
}
