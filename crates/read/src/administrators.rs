//! Where the project makes an administrator: `createsuperuser` and `create_superuser` in shell scripts,
//! `create_superuser` in migrations and commands of manage.py. A password that stands there as text is
//! part of the fact, and no screen may show it.

use tightship_model::{Administrator, MadeBy, PasswordText, SourceId, Span};

use crate::compose::is_development_name;
use crate::files::Tree;
use crate::python::syntax::{Bounded, Ranged, TextRange, Visitor, ast, visitor};

/// The two ways to make one: the command of manage.py and the method of its user model.
const MAKERS: [&str; 2] = ["createsuperuser", "create_superuser"];

/// Parts of paths that tell of what only developers and tests run.
const DEVELOPERS: [&str; 9] = [
    "dev", "local", "test", "seed", "example", "demo", "fake", "fixture", "sample",
];

/// The scripts among the files that were read. The passwords in them are hidden.
pub(crate) fn of_scripts(tree: &mut Tree) -> Vec<Administrator> {
    let found: Vec<(Administrator, Vec<Span>)> = tree
        .sources()
        .iter()
        .filter(|(_, source)| is_script(&source.path, source.raw()))
        .filter_map(|(id, source)| of_script(id, source.raw()))
        .collect();
    let mut made = Vec::new();
    for (administrator, secrets) in found {
        for secret in secrets {
            tree.mark_secret(secret);
        }
        made.push(administrator);
    }
    made
}

/// Whether a Python file may make an administrator when the site starts.
pub(crate) fn may_make(path: &str, text: &str) -> bool {
    runner(path).is_some() && text.contains("create_superuser(")
}

/// How a Python file is run, where a start of the project may run it.
pub(crate) fn runner(path: &str) -> Option<MadeBy> {
    let mut parts = path.strip_suffix(".py")?.rsplit('/');
    let name = parts.next()?;
    let by = match (parts.next()?, parts.next()) {
        ("migrations", _) => MadeBy::Migration,
        ("commands", Some("management")) => MadeBy::Command(name.to_owned()),
        _ => return None,
    };
    (!is_of_developers(path)).then_some(by)
}

/// The calls in a module that make an administrator with a text as the password: the function, and that
/// text.
pub(crate) fn of_module(module: &ast::ModModule) -> Vec<(TextRange, TextRange)> {
    let mut calls = Calls::default();
    calls.visit_body(&module.body);
    calls.found
}

#[derive(Default)]
struct Calls {
    found: Vec<(TextRange, TextRange)>,
    depth: usize,
}

impl<'a> Visitor<'a> for Calls {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        self.deeper(|calls| visitor::walk_stmt(calls, statement));
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        if let ast::Expr::Call(call) = expression {
            let password = password_of_call(call);
            let made = password.map(|password| (call.func.range(), password));
            self.found.extend(made);
        }
        self.deeper(|calls| visitor::walk_expr(calls, expression));
    }
}

impl Bounded for Calls {
    fn depth(&mut self) -> &mut usize {
        &mut self.depth
    }
}

/// The password of a call of `create_superuser`, where it is a text: the keyword, or the third of
/// (name, mail address, password), as `UserManager.create_superuser` takes them (Django 6.0).
fn password_of_call(call: &ast::ExprCall) -> Option<TextRange> {
    let is_maker =
        matches!(&*call.func, ast::Expr::Attribute(method) if method.attr.as_str() == MAKERS[1]);
    if !is_maker {
        return None;
    }
    let mut keywords = call.arguments.keywords.iter();
    let keyword = keywords.find(|keyword| keyword.arg.as_deref() == Some("password"));
    let value = match keyword {
        Some(keyword) => &keyword.value,
        None => call.arguments.args.get(2)?,
    };
    match value {
        ast::Expr::StringLiteral(text) if !text.value.is_empty() => Some(text.range),
        _ => None,
    }
}

fn is_script(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_shell = name.ends_with(".sh") || text.starts_with("#!/bin/");
    is_shell && !is_of_developers(path)
}

fn is_of_developers(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    DEVELOPERS.iter().any(|word| lower.contains(word))
}

/// What one script makes, and the places of the passwords themselves.
fn of_script(id: SourceId, text: &str) -> Option<(Administrator, Vec<Span>)> {
    let span = |(start, end): (usize, usize)| Span::new(id, start as u32, end as u32);
    let creations: Vec<(usize, usize)> = lines(text)
        .filter_map(|(start, line)| {
            let (at, word) = MAKERS
                .iter()
                .find_map(|word| Some((line.find(word)?, word)))?;
            Some((start + at, start + at + word.len()))
        })
        .collect();
    let first = *creations.first()?;
    let mut passwords = Vec::new();
    let mut secrets = Vec::new();
    for given in variables(text) {
        passwords.push(PasswordText {
            variable: Some(given.name.to_owned()),
            span: span(given.holder),
        });
        secrets.push(span(given.secret));
    }
    for creation in &creations {
        if let Some(secret) = literal_of_call(text, creation.1) {
            passwords.push(PasswordText {
                variable: None,
                span: span(*creation),
            });
            secrets.push(span(secret));
        }
    }
    // Hidden all the same, and nobody's in production.
    if creations
        .iter()
        .all(|one| is_for_developers(&text[..one.0]))
    {
        passwords.clear();
    }
    let made = Administrator {
        by: MadeBy::Script,
        span: span(first),
        passwords,
    };
    Some((made, secrets))
}

/// Whether a script is at a place where it comes to with the developers' settings only:
/// `if [ "$DJANGO_SETTINGS_MODULE" = "shop.settings.local" ]`.
fn is_for_developers(before: &str) -> bool {
    let mut around: Vec<bool> = Vec::new();
    for (_, line) in lines(before) {
        let line = line.trim();
        let asks_for = |line: &str| {
            let mut words = line.split([' ', '"', '\'', '[', ']', ';']);
            line.contains('=') && !line.contains("!=") && words.any(is_development_name)
        };
        match line.split([' ', ';']).next() {
            Some("if") => around.push(asks_for(line)),
            Some("elif") => around
                .last_mut()
                .into_iter()
                .for_each(|one| *one = asks_for(line)),
            Some("else") => around.last_mut().into_iter().for_each(|one| *one = false),
            Some("fi") => _ = around.pop(),
            _ => {}
        }
    }
    around.contains(&true)
}

/// A variable that a script has a text for.
struct Given<'a> {
    name: &'a str,
    holder: (usize, usize),
    secret: (usize, usize),
}

/// `NAME=text`, `${NAME:-text}`: each variable once.
fn variables(text: &str) -> Vec<Given<'_>> {
    let mut found: Vec<Given<'_>> = Vec::new();
    for (start, line) in lines(text) {
        let words = line
            .match_indices(|c: char| !is_word(c))
            .map(|(at, separator)| at + separator.len())
            .chain([0]);
        for at in words {
            let length = line[at..].find(|c| !is_word(c)).unwrap_or(line.len() - at);
            let name = &line[at..at + length];
            if !is_password_of_administrator(name) {
                continue;
            }
            let rest = &line[at + length..];
            let Some(value) = [":-", ":=", "="]
                .iter()
                .find_map(|sign| rest.strip_prefix(sign))
            else {
                continue;
            };
            let value = value.trim_start_matches(['"', '\'']);
            let literal: &str = value
                .split(|c: char| c.is_whitespace() || "\"'$}`;()".contains(c))
                .next()
                .unwrap_or_default();
            if !literal.is_empty() && found.iter().all(|known| known.name != name) {
                let secret = start + line.len() - value.len();
                found.push(Given {
                    name,
                    holder: (start + at, start + at + length),
                    secret: (secret, secret + literal.len()),
                });
            }
        }
    }
    found
}

/// `ADMIN_PASSWORD`, `DJANGO_SUPERUSER_PASSWORD`.
fn is_password_of_administrator(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split('_').collect();
    let is_password = words
        .last()
        .is_some_and(|last| matches!(*last, "PASSWORD" | "PASS" | "PASSWD"));
    is_password
        && words
            .iter()
            .any(|word| matches!(*word, "ADMIN" | "SUPERUSER" | "SU" | "ROOT"))
}

/// The longest call that is looked at, in bytes.
const LONGEST_CALL: usize = 1_000;

/// The password that a call in a shell script has as a text, by the place of its `(`:
/// `create_superuser('admin', 'a@shop.example', 'text')`, `create_superuser(…, password="text")`. A text
/// with `$` or `{` is the shell's or Python's to fill in.
fn literal_of_call(text: &str, open: usize) -> Option<(usize, usize)> {
    let arguments = arguments(text, open)?;
    let by_name = arguments.iter().find_map(|&(start, end)| {
        let value = text[start..end].strip_prefix("password")?.trim_start();
        let value = value.strip_prefix('=')?.trim_start();
        Some((end - value.len(), end))
    });
    let (start, end) = by_name.or_else(|| arguments.get(2).copied())?;
    let value = &text[start..end];
    let inner = value.trim_matches(['\\', '"', '\'']);
    let is_text = value.starts_with(['\\', '"', '\'']) && !inner.is_empty();
    let at = start + value.find(inner)?;
    (is_text && !inner.contains(['$', '{', '`'])).then_some((at, at + inner.len()))
}

/// The arguments of the call whose `(` stands at `open`, without the space around them.
fn arguments(text: &str, open: usize) -> Option<Vec<(usize, usize)>> {
    let rest = text.get(open..)?;
    if !rest.starts_with('(') {
        return None;
    }
    let mut found = Vec::new();
    let mut quote = None;
    let mut depth = 0_usize;
    let mut start = open + 1;
    for (at, c) in rest.char_indices().take(LONGEST_CALL) {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(c),
            ('(' | '[' | '{', None) => depth += 1,
            (',', None) if depth == 1 => {
                found.push(trimmed(text, start, open + at));
                start = open + at + 1;
            }
            (')' | ']' | '}', None) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    found.push(trimmed(text, start, open + at));
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    let inner = &text[start..end];
    let start = end - inner.trim_start().len();
    (start, start + text[start..end].trim_end().len())
}

/// The lines that are no comments, with where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        (!line.trim_start().starts_with('#')).then_some((at, line))
    })
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The passwords of a script, as they stand there.
    fn passwords(text: &str) -> Vec<String> {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(root.path().join("start.sh"), text).expect("a file");
        let mut tree = Tree::walk(root.path()).expect("a tree");
        let id = tree.read("start.sh").expect("a source");
        let found = of_script(id, tree.text(id));
        let secrets = found.map(|(_, secrets)| secrets).unwrap_or_default();
        let place = |span: &Span| span.start as usize..span.end as usize;
        secrets
            .iter()
            .map(|span| text[place(span)].to_owned())
            .collect()
    }

    #[test]
    fn passwords_are_found_however_the_call_is_quoted() {
        for call in [
            "manage.py shell -c \"U.objects.create_superuser('admin', 'a@b.example', 'quay-7')\"",
            "manage.py shell -c 'U.objects.create_superuser(\"admin\", \"a@b.example\", \"quay-7\")'",
            "echo \"U.objects.create_superuser(\\\"admin\\\", \\\"\\\", \\\"quay-7\\\")\" | manage.py shell",
            "python - <<EOF\nU.objects.create_superuser(\n    username='admin',\n    password='quay-7',\n)\nEOF",
            "manage.py shell -c \"U.objects.create_superuser('a', 'b', password = 'quay-7', name=f(1))\"",
            "export DJANGO_SUPERUSER_PASSWORD='quay-7'; manage.py createsuperuser --noinput",
            "A=${ADMIN_PASSWORD:-quay-7}\nmanage.py createsuperuser",
        ] {
            assert_eq!(passwords(call), ["quay-7"], "{call}");
        }
    }

    #[test]
    fn what_is_filled_in_is_no_password() {
        for call in [
            "manage.py shell -c \"U.objects.create_superuser('admin', '', '$ADMIN_PW')\"",
            "manage.py shell -c \"U.objects.create_superuser('admin', '', os.environ['PW'])\"",
            "manage.py shell -c \"U.objects.create_superuser('admin', '', f'{pw}')\"",
            "manage.py shell -c \"U.objects.create_superuser('admin', 'a@b.example')\"",
            "manage.py shell -c \"U.objects.create_superuser('admin', '', '')\"",
            "manage.py shell -c \"U.objects.create_superuser('admin', '', None)\"",
            "# U.objects.create_superuser('admin', '', 'quay-7')",
            "manage.py shell -c \"U.objects.create_superuser('admin', '', 'quay",
        ] {
            assert!(passwords(call).is_empty(), "{call}: {:?}", passwords(call));
        }
    }
}
