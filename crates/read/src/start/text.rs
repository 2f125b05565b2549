//! Words of a start command with their variables put in.

use std::collections::{BTreeMap, BTreeSet};

use tightship_model::{Cause, Dependent, Environment, Link, Traced, Trail, Value, Variable};

use super::shell::{Part, Word};
use crate::interpolate::text_value;

/// Bytes that a word may grow to.
const LONGEST: usize = 16 * 1024;

/// Links of a trail.
const MOST_LINKS: usize = 12;

/// Nesting of `${A:-${B}}`.
const DEEPEST: usize = 16;

/// A word after expansion.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text {
    /// Variables that are not known count as unset.
    pub(super) text: String,
    pub(super) open: BTreeSet<String>,
    /// Whether a command computes a part of it.
    pub(super) is_computed: bool,
    pub(super) links: Vec<Link>,
}

impl Text {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    pub(super) fn known(&self) -> Option<&str> {
        (self.open.is_empty() && !self.is_computed).then_some(self.text.as_str())
    }

    /// The part behind a prefix.
    pub(super) fn without(&self, prefix: &str) -> Option<Self> {
        Some(Self {
            text: self.text.strip_prefix(prefix)?.to_owned(),
            ..self.clone()
        })
    }

    /// The value under a name; `make` gives it its type.
    pub(super) fn value(
        &self,
        name: &str,
        link: Link,
        make: &dyn Fn(&str, &str) -> Value,
    ) -> Traced<Value> {
        let span = link.span;
        let mut links = vec![link];
        links.extend(self.links.iter().take(MOST_LINKS).cloned());
        let trail = Trail::new(links);
        if self.is_computed {
            let reason = format!("a command computes {name}");
            return Traced::new(Value::unknown(Cause::Code, reason, span), trail);
        }
        if self.open.is_empty() {
            return Traced::new(make(name, &self.text), trail);
        }
        let dependent = Dependent {
            variables: self.open.iter().cloned().collect(),
            unset: Some(Traced::new(make(name, &self.text), trail.clone())),
            others: Vec::new(),
            exhaustive: false,
        };
        Traced::new(Value::Environment(Box::new(dependent)), trail)
    }

    fn add(&mut self, other: &Self) {
        if self.text.len() + other.text.len() > LONGEST {
            self.is_computed = true;
            return;
        }
        self.text.push_str(&other.text);
        self.open.extend(other.open.iter().cloned());
        self.is_computed |= other.is_computed;
        let room = MOST_LINKS.saturating_sub(self.links.len());
        self.links.extend(other.links.iter().take(room).cloned());
    }
}

/// A text as a value, secret where its name says so.
pub(super) fn plain(name: &str, text: &str) -> Value {
    text_value(name, text.to_owned())
}

/// What a shell knows of variables.
#[derive(Clone, Debug)]
pub(super) struct Variables<'a> {
    pub(super) outside: &'a Environment,
    pub(super) own: BTreeMap<String, Text>,
    /// `$1`, `$2`, …
    pub(super) arguments: Vec<Text>,
}

impl Variables<'_> {
    /// The texts that a word becomes: several where it is `"$@"`.
    pub(super) fn expand(&self, word: &Word) -> Vec<Text> {
        if word.parts == [Part::Arguments] {
            return self.arguments.clone();
        }
        let is_bare_variable = matches!(word.parts.as_slice(), [Part::Variable(_)]);
        let text = self.one(word);
        // An unquoted variable that holds several words becomes several.
        if is_bare_variable && text.known().is_some_and(|text| text.contains(' ')) {
            let words = text.text.split_whitespace();
            return words
                .map(|word| Text {
                    text: word.to_owned(),
                    ..text.clone()
                })
                .collect();
        }
        if is_bare_variable && text.known() == Some("") {
            return Vec::new();
        }
        vec![text]
    }

    /// The word as one text.
    pub(super) fn one(&self, word: &Word) -> Text {
        let mut text = Text::default();
        for part in &word.parts {
            match part {
                Part::Text(part) => text.add(&Text::new(part.as_str())),
                Part::Variable(inner) | Part::Quoted(inner) => text.add(&self.braced(inner, 0)),
                Part::Computed => text.is_computed = true,
                Part::Arguments => {
                    for (at, argument) in self.arguments.iter().enumerate() {
                        if at > 0 {
                            text.add(&Text::new(" "));
                        }
                        text.add(argument);
                    }
                }
            }
        }
        text
    }

    /// What a variable holds; `None` where it is unset.
    pub(super) fn variable(&self, name: &str) -> Option<Text> {
        if let Ok(number) = name.parse::<usize>() {
            let at = number.checked_sub(1)?;
            return self.arguments.get(at).cloned();
        }
        if let Some(own) = self.own.get(name) {
            return Some(own.clone());
        }
        match self.outside.variable(name) {
            Variable::Unset => None,
            Variable::Open(trail) => Some(Text {
                open: [name.to_owned()].into(),
                links: trail.map_or_else(Vec::new, |trail| trail.links().to_vec()),
                ..Text::default()
            }),
            Variable::Set(value) => Some(of_value(value)),
        }
    }

    /// What stands between braces: a name, and what to do when it is unset or empty.
    fn braced(&self, inner: &str, depth: usize) -> Text {
        let length = inner
            .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
            .unwrap_or(inner.len());
        let (name, rest) = inner.split_at(length);
        let value = self.variable(name);
        if depth > DEEPEST || (name.is_empty() && rest != "#") {
            return Text {
                is_computed: true,
                ..Text::default()
            };
        }
        if rest.is_empty() {
            return value.unwrap_or_default();
        }
        if inner == "#" {
            return Text::new(self.arguments.len().to_string());
        }
        let (takes_empty, rest) = match rest.strip_prefix(':') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let is_there = match &value {
            None => false,
            Some(value) => !(takes_empty && value.text.is_empty()),
        };
        let open = value.as_ref().map(|value| value.open.clone());
        let mut result = match (rest.chars().next(), is_there) {
            (Some('-' | '=' | '?'), true) => value.unwrap_or_default(),
            (Some('-' | '='), false) | (Some('+'), true) => self.nested(&rest[1..], depth),
            (Some('+'), false) => Text::default(),
            _ => Text {
                is_computed: true,
                ..Text::default()
            },
        };
        result.open.extend(open.into_iter().flatten());
        result
    }

    fn nested(&self, text: &str, depth: usize) -> Text {
        let mut result = Text::default();
        let mut rest = text.trim_matches(['"', '\'']);
        while let Some(at) = rest.find('$') {
            result.add(&Text::new(&rest[..at]));
            rest = &rest[at + 1..];
            let (inner, after) = match rest.strip_prefix('{') {
                Some(inner) => {
                    let end = closing(inner);
                    (&inner[..end], inner.get(end + 1..).unwrap_or(""))
                }
                None => {
                    let end = rest
                        .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
                        .unwrap_or(rest.len());
                    rest.split_at(end)
                }
            };
            result.add(&self.braced(inner, depth + 1));
            rest = after;
        }
        result.add(&Text::new(rest));
        result
    }
}

fn closing(text: &str) -> usize {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn of_value(value: &Traced<Value>) -> Text {
    let links = value.trail.links().to_vec();
    match &value.value {
        Value::Environment(dependent) => Text {
            text: dependent
                .unset
                .as_ref()
                .and_then(|unset| unset.value.as_str())
                .unwrap_or_default()
                .to_owned(),
            open: dependent.variables.iter().cloned().collect(),
            links,
            is_computed: false,
        },
        value => Text {
            text: value.as_str().unwrap_or_default().to_owned(),
            is_computed: value.as_str().is_none(),
            links,
            ..Text::default()
        },
    }
}
