//! Where code puts something beside the password before Django's admin.

use super::syntax::{Bounded, Ranged, TextRange, Visitor, ast, visitor};

/// Texts one of which stands in every module that does.
pub(crate) const SIGNS: [&str; 4] = [
    "OTPAdmin",
    "AdminSiteOTP",
    "secure_admin_login",
    "site.login",
];

/// Classes of django-otp and django-two-factor-auth, and a decorator of allauth.
const NAMES: [&str; 6] = [
    "OTPAdminSite",
    "OTPAdminAuthenticationForm",
    "AdminSiteOTPRequired",
    "AdminSiteOTPRequiredMixin",
    "AdminSiteOTP",
    "secure_admin_login",
];

/// The names that are used, imports aside, and `site.login` where something is assigned to it.
pub(crate) fn of(module: &ast::ModModule) -> Vec<(String, TextRange)> {
    let mut reader = Reader::default();
    reader.visit_body(&module.body);
    reader.found
}

#[derive(Default)]
struct Reader {
    found: Vec<(String, TextRange)>,
    /// Local names of what was imported under another one.
    renamed: Vec<(String, String)>,
    depth: usize,
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    if let Some(bound) = &alias.asname {
                        let name = alias.name.to_string();
                        self.renamed.push((bound.to_string(), name));
                    }
                }
            }
            ast::Stmt::Assign(assign) => {
                for target in &assign.targets {
                    if let ast::Expr::Attribute(login) = target
                        && login.attr.as_str() == "login"
                        && is_site(&login.value)
                    {
                        self.found.push(("site.login".to_owned(), target.range()));
                    }
                }
            }
            _ => {}
        }
        self.deeper(|reader| visitor::walk_stmt(reader, statement));
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        let name = match expression {
            ast::Expr::Name(name) => name.id.as_str(),
            ast::Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        let renamed = self.renamed.iter().find(|(bound, _)| bound == name);
        let name = renamed.map_or(name, |(_, name)| name);
        if NAMES.contains(&name) {
            let found = (name.to_owned(), expression.range());
            self.found.push(found);
        }
        self.deeper(|reader| visitor::walk_expr(reader, expression));
    }
}

impl Bounded for Reader {
    fn depth(&mut self) -> &mut usize {
        &mut self.depth
    }
}

/// `admin.site`, `site`.
fn is_site(expression: &ast::Expr) -> bool {
    match expression {
        ast::Expr::Name(name) => name.id.as_str().ends_with("site"),
        ast::Expr::Attribute(attribute) => attribute.attr.as_str() == "site",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::syntax;

    #[test]
    fn only_what_is_used_counts() {
        for (code, expected) in [
            (
                "from django_otp.admin import OTPAdminSite\n# OTPAdminSite\n",
                &[][..],
            ),
            (
                "from django_otp.admin import OTPAdminSite as O\nadmin.site.__class__ = O\n",
                &["OTPAdminSite"],
            ),
            (
                "class Site(AdminSiteOTPRequired): pass\n",
                &["AdminSiteOTPRequired"],
            ),
            (
                "admin.site.login = secure_admin_login(admin.site.login)\n",
                &["site.login", "secure_admin_login"],
            ),
            ("print(admin.site.login)\n", &[]),
        ] {
            let found = of(&syntax::parse(code).module);
            let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, expected, "{code}");
        }
    }
}
