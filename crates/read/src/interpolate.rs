//! `$NAME` and `${NAME:-default}` in Compose files, Dockerfiles and start scripts.
//!
//! The forms are those of the Compose specification (chapter "Interpolation"); Dockerfiles and
//! shells share them. A variable that is not known leaves the text open: it is then given as it
//! reads while the variable is unset.

use std::collections::BTreeSet;

use tightship_model::{Dependent, Link, Secret, Traced, Trail, Value, names_a_secret};

/// Nesting of `${A:-${B:-…}}`.
const DEEPEST: usize = 32;

/// What is known of a variable that a text refers to.
pub(crate) enum Found {
    Set(String, Trail),
    Unset,
    Open,
}

/// A text with its variables put in.
#[derive(Debug, Default)]
pub(crate) struct Interpolated {
    /// The text, open variables taken as unset. `None` where the reader then refuses to start:
    /// `${NAME:?message}`.
    pub(crate) text: Option<String>,
    /// The text with nothing in place of what the reader demands, where [`Self::text`] is `None`:
    /// what surrounds it is known all the same.
    pub(crate) without_demanded: String,
    /// The variables that are open and that the text depends on.
    pub(crate) open: BTreeSet<String>,
    /// Those of them that have no default.
    pub(crate) blank: BTreeSet<String>,
    /// Those of them without which the reader refuses to start.
    pub(crate) demanded: BTreeSet<String>,
    /// Why Compose refuses the text, where its `${…}` is no substitution.
    pub(crate) fault: Option<&'static str>,
    /// Where the variables that were put in come from.
    pub(crate) links: Vec<Link>,
    is_refused: bool,
}

/// Puts the variables into `text`. A `$$` is a `$`; what is no variable stays as it is.
pub(crate) fn interpolate(text: &str, lookup: &dyn Fn(&str) -> Found) -> Interpolated {
    let mut result = Interpolated::default();
    let expanded = result.expand(text, lookup, 0);
    match result.is_refused {
        true => result.without_demanded = expanded,
        false => result.text = Some(expanded),
    }
    result
}

impl Interpolated {
    /// The value of the variable `name`, whose trail begins with `link`.
    pub(crate) fn into_value(self, name: &str, link: Link) -> Traced<Value> {
        let mut links = vec![link];
        links.extend(self.links);
        let trail = Trail::new(links);
        let known = self.text.map(|text| text_value(name, text));
        if self.open.is_empty()
            && let Some(value) = known
        {
            return Traced::new(value, trail);
        }
        let dependent = Dependent {
            variables: self.open.into_iter().collect(),
            unset: known.map(|value| Traced::new(value, trail.clone())),
            others: Vec::new(),
            exhaustive: false,
        };
        Traced::new(Value::Environment(Box::new(dependent)), trail)
    }

    fn expand(&mut self, text: &str, lookup: &dyn Fn(&str) -> Found, depth: usize) -> String {
        let mut result = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            result.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                result.push('$');
                rest = after;
                continue;
            }
            if let Some(inner) = rest.strip_prefix('{') {
                if let Some(end) = closing(inner)
                    && depth < DEEPEST
                {
                    result.push_str(&self.braced(&inner[..end], lookup, depth));
                    rest = &inner[end + 1..];
                } else {
                    self.fault = Some("`${` has no `}`");
                    result.push('$');
                }
                continue;
            }
            let length = name_length(rest);
            if length == 0 {
                result.push('$');
                continue;
            }
            let name = &rest[..length];
            match self.value_of(name, lookup) {
                Some(value) => result.push_str(&value),
                None => self.leave_blank(name),
            }
            rest = &rest[length..];
        }
        result.push_str(rest);
        result
    }

    /// What stands between the braces: a name, and what to do when it is unset or empty.
    fn braced(&mut self, inner: &str, lookup: &dyn Fn(&str) -> Found, depth: usize) -> String {
        let length = name_length(inner);
        let (name, operation) = inner.split_at(length);
        let (counts_empty, operator) = match operation.strip_prefix(':') {
            Some(rest) => (true, rest),
            None => (false, operation),
        };
        let is_form = operation.is_empty() || operator.starts_with(['-', '+', '?']);
        if length == 0 || !is_form {
            self.fault = Some("`${…}` holds no name with `-`, `+` or `?` behind it");
        }
        if length == 0 {
            return format!("${{{inner}}}");
        }
        let value = self.value_of(name, lookup);
        let value = value.filter(|value| !(counts_empty && value.is_empty()));
        match operator.chars().next() {
            Some('-') => match value {
                Some(value) => value,
                None => self.expand(&operator[1..], lookup, depth + 1),
            },
            Some('+') => match value {
                Some(_) => self.expand(&operator[1..], lookup, depth + 1),
                None => String::new(),
            },
            Some('?') => {
                if value.is_none() && self.open.contains(name) {
                    self.demanded.insert(name.to_owned());
                }
                self.is_refused |= value.is_none();
                value.unwrap_or_default()
            }
            _ => {
                if value.is_none() {
                    self.leave_blank(name);
                }
                value.unwrap_or_default()
            }
        }
    }

    fn value_of(&mut self, name: &str, lookup: &dyn Fn(&str) -> Found) -> Option<String> {
        match lookup(name) {
            Found::Set(value, trail) => {
                self.links.extend(trail.links().iter().cloned());
                Some(value)
            }
            Found::Unset => None,
            Found::Open => {
                self.open.insert(name.to_owned());
                None
            }
        }
    }

    fn leave_blank(&mut self, name: &str) {
        if self.open.contains(name) {
            self.blank.insert(name.to_owned());
        }
    }
}

/// The value of a variable: secret where its name says so, or where it is an address with a
/// password in it.
pub(crate) fn text_value(name: &str, text: String) -> Value {
    if is_secret(name, &text) {
        Value::Secret(Secret::new(text))
    } else {
        Value::Str(text)
    }
}

/// Whether the text of a variable must not be shown.
pub(crate) fn is_secret(name: &str, text: &str) -> bool {
    let has_password = || {
        let (_, rest) = text.split_once("://")?;
        let (login, _) = rest.split_once('@')?;
        let (_, password) = login.split_once(':')?;
        Some(!password.is_empty())
    };
    !text.is_empty() && (names_a_secret(name) || has_password() == Some(true))
}

fn name_length(text: &str) -> usize {
    let is_part = |(at, c): &(usize, char)| {
        *c == '_' || c.is_ascii_alphabetic() || (*at > 0 && c.is_ascii_digit())
    };
    text.char_indices().take_while(is_part).count()
}

/// Where the brace that was opened before `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Found {
        match name {
            "SET" => Found::Set("value".to_owned(), Trail::default()),
            "EMPTY" => Found::Set(String::new(), Trail::default()),
            "UNSET" => Found::Unset,
            _ => Found::Open,
        }
    }

    #[test]
    fn every_form_of_the_specification() {
        for (text, expected) in [
            ("a$SET.b", Some("avalue.b")),
            ("${SET}", Some("value")),
            ("$$SET", Some("$SET")),
            ("${EMPTY-d}", Some("")),
            ("${EMPTY:-d}", Some("d")),
            ("${UNSET-d}", Some("d")),
            ("${UNSET:-${SET}x}", Some("valuex")),
            ("${UNSET:?why}", None),
            ("${EMPTY?why}", Some("")),
            ("${EMPTY:?why}", None),
            ("${SET+r}", Some("r")),
            ("${UNSET+r}", Some("")),
            ("${EMPTY:+r}", Some("")),
            ("${SET", Some("${SET")),
            ("100$", Some("100$")),
            ("$1", Some("$1")),
        ] {
            assert_eq!(
                interpolate(text, &lookup).text.as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn an_open_variable_is_named_and_its_default_given() {
        let result = interpolate("${TAG:-latest}-$OTHER", &lookup);
        assert_eq!(result.text.as_deref(), Some("latest-"));
        assert_eq!(
            result.open.into_iter().collect::<Vec<_>>(),
            ["OTHER", "TAG"]
        );
    }

    #[test]
    fn an_address_with_a_password_is_secret() {
        assert!(is_secret("DATABASE_URL", "postgres://u:p@db/x"));
        assert!(!is_secret("DATABASE_URL", "sqlite:///db.sqlite3"));
        assert!(!is_secret("SECRET_KEY", ""));
    }
}
