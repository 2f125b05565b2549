//! Quotes, escapes and `$` variables of a word (Dockerfile reference, "Environment replacement").

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

use regex::Regex;
use tightship_model::{Cause, Dependent, Link, Span, Traced, Trail, Value};

use crate::interpolate::text_value;

/// Nesting of `${A:-${B:-…}}`.
const DEEPEST: usize = 32;

/// Bytes that a word may grow to: `ENV A=$A$A` doubles each time.
const LONGEST: usize = 64 * 1024;

/// Links of a trail.
const MOST_LINKS: usize = 16;

/// A word with its variables put in.
#[derive(Clone, Debug, Default)]
pub(super) struct Expanded {
    /// Variables that are not known count as unset.
    pub(super) text: String,
    /// Arguments of the build that decide and that are not known.
    pub(super) open: BTreeSet<String>,
    /// A variable that the base image may set.
    pub(super) inherited: Option<String>,
    pub(super) is_too_long: bool,
    pub(super) links: Vec<Link>,
}

/// What is known of a variable.
#[derive(Clone, Debug)]
pub(super) enum Found<'a> {
    Set(&'a Expanded),
    Unset,
    /// Only the base image knows.
    Inherited,
}

/// Puts variables in and takes quotes away; the error is why BuildKit refuses.
pub(super) fn word<'a>(
    text: &str,
    escape: char,
    lookup: &dyn Fn(&str) -> Found<'a>,
) -> Result<Expanded, String> {
    let mut lexer = Lexer {
        chars: text.chars().peekable(),
        escape,
        lookup,
        result: Expanded::default(),
        depth: 0,
    };
    let text = lexer.until(None, false)?;
    let mut result = lexer.result;
    result.is_too_long |= text.len() > LONGEST;
    result.text = match result.is_too_long {
        true => String::new(),
        false => text,
    };
    result.links.truncate(MOST_LINKS);
    Ok(result)
}

impl Expanded {
    pub(super) fn known(&self) -> Option<&str> {
        let is_known = self.open.is_empty() && self.inherited.is_none() && !self.is_too_long;
        is_known.then_some(self.text.as_str())
    }

    /// The value under a name, which may say that it is secret; the trail begins with `link`.
    pub(super) fn value(&self, name: &str, link: Link, span: Span) -> Traced<Value> {
        let mut links = vec![link];
        links.extend(self.links.iter().cloned());
        let trail = Trail::new(links);
        if self.is_too_long {
            let reason = format!("{name} grows beyond {} KiB", LONGEST / 1024);
            return Traced::new(Value::unknown(Cause::Bound, reason, Some(span)), trail);
        }
        if let Some(variable) = &self.inherited {
            let reason = format!("{variable} is what the base image says");
            return Traced::new(Value::unknown(Cause::Package, reason, Some(span)), trail);
        }
        let known = text_value(name, self.text.clone());
        if self.open.is_empty() {
            return Traced::new(known, trail);
        }
        let dependent = Dependent {
            variables: self.open.iter().cloned().collect(),
            unset: Some(Traced::new(known, trail.clone())),
            others: Vec::new(),
            exhaustive: false,
        };
        Traced::new(Value::Environment(Box::new(dependent)), trail)
    }
}

struct Lexer<'t, 'l, 'a> {
    chars: Peekable<Chars<'t>>,
    escape: char,
    lookup: &'l dyn Fn(&str) -> Found<'a>,
    result: Expanded,
    depth: usize,
}

impl Lexer<'_, '_, '_> {
    /// Everything up to `stop`, or to the end.
    fn until(&mut self, stop: Option<char>, keeps_escapes: bool) -> Result<String, String> {
        let mut text = String::new();
        while let Some(c) = self.chars.next() {
            if Some(c) == stop {
                return Ok(text);
            }
            match c {
                '\'' => self.single_quoted(&mut text)?,
                '"' => self.double_quoted(&mut text, keeps_escapes)?,
                '$' => self.variable(&mut text)?,
                c if c == self.escape => {
                    if keeps_escapes {
                        text.push(c);
                    }
                    text.extend(self.chars.next());
                }
                c => text.push(c),
            }
            if text.len() > LONGEST {
                self.result.is_too_long = true;
                text.clear();
            }
        }
        match stop {
            Some(stop) => Err(format!("`{stop}` is missing after `$`")),
            None => Ok(text),
        }
    }

    fn single_quoted(&mut self, text: &mut String) -> Result<(), String> {
        loop {
            match self.chars.next() {
                Some('\'') => return Ok(()),
                Some(c) => text.push(c),
                None => return Err("a single quote is never closed".to_owned()),
            }
        }
    }

    fn double_quoted(&mut self, text: &mut String, keeps_escapes: bool) -> Result<(), String> {
        loop {
            match self.chars.next() {
                Some('"') => return Ok(()),
                Some('$') => self.variable(text)?,
                Some(c) if c == self.escape => {
                    if keeps_escapes {
                        text.push(c);
                    }
                    match self.chars.peek().copied() {
                        None => {}
                        Some(next) if next == '"' || next == '$' || next == self.escape => {
                            text.push(next);
                            self.chars.next();
                        }
                        Some(_) => text.push(c),
                    }
                }
                Some(c) => text.push(c),
                None => return Err("a double quote is never closed".to_owned()),
            }
        }
    }

    /// What stands behind a `$`.
    fn variable(&mut self, text: &mut String) -> Result<(), String> {
        if self.chars.peek() != Some(&'{') {
            let name = self.name();
            match name.is_empty() {
                true => text.push('$'),
                false => text.push_str(&self.lookup(&name).unwrap_or_default()),
            }
            return Ok(());
        }
        self.chars.next();
        let name = self.name();
        if name.is_empty() {
            return Err("`${` without a name".to_owned());
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("`${{` is nested more than {DEEPEST} deep"));
        }
        let value = self.braced(&name)?;
        self.depth -= 1;
        text.push_str(&value);
        Ok(())
    }

    fn braced(&mut self, name: &str) -> Result<String, String> {
        let missing = || "`}` is missing after `${`".to_owned();
        let mut operator = self.chars.next().ok_or_else(missing)?;
        let empty_is_unset = operator == ':';
        if empty_is_unset {
            operator = self.chars.next().ok_or_else(missing)?;
        }
        match operator {
            '}' if !empty_is_unset => Ok(self.lookup(name).unwrap_or_default()),
            '-' | '+' | '?' => {
                let word = self.until(Some('}'), false)?;
                let value = self.lookup(name);
                let value = value.filter(|value| !(empty_is_unset && value.is_empty()));
                match (operator, value) {
                    ('-', value) => Ok(value.unwrap_or(word)),
                    ('+', value) => Ok(value.map(|_| word).unwrap_or_default()),
                    (_, Some(value)) => Ok(value),
                    (_, None) => Err(format!("{name} must be set")),
                }
            }
            '#' | '%' if !empty_is_unset => {
                let is_longest = self.chars.next_if_eq(&operator).is_some();
                let pattern = self.until(Some('}'), true)?;
                let value = self.lookup(name).unwrap_or_default();
                without(&value, &pattern, operator == '%', is_longest)
            }
            '/' if !empty_is_unset => {
                let replaces_all = self.chars.next_if_eq(&'/').is_some();
                let pattern = self.until(Some('/'), true)?;
                let replacement = self.until(Some('}'), true)?;
                let value = self.lookup(name).unwrap_or_default();
                let pattern = compiled(&shell_pattern(&pattern, true, false))?;
                let limit = usize::from(!replaces_all);
                let replaced = pattern.replacen(&value, limit, regex::NoExpand(&replacement));
                Ok(replaced.into_owned())
            }
            other => Err(format!("`{other}` is no operator of `${{`")),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        let is_special = |c: &char| matches!(c, '@' | '*' | '#' | '?' | '-' | '$' | '!' | '0');
        if let Some(special) = self.chars.next_if(is_special) {
            return special.to_string();
        }
        let is_number = self.chars.peek().is_some_and(char::is_ascii_digit);
        let belongs = |c: &char| match is_number {
            true => c.is_ascii_digit(),
            false => c.is_alphanumeric() || *c == '_',
        };
        while let Some(c) = self.chars.next_if(belongs) {
            name.push(c);
        }
        name
    }

    /// The text of a variable, `None` where it is unset; what is not known is noted.
    fn lookup(&mut self, name: &str) -> Option<String> {
        match (self.lookup)(name) {
            Found::Set(value) => {
                self.result.open.extend(value.open.iter().cloned());
                self.result.is_too_long |= value.is_too_long;
                let inherited = value.inherited.clone();
                self.result.inherited = self.result.inherited.take().or(inherited);
                let room = MOST_LINKS.saturating_sub(self.result.links.len());
                let links = value.links.iter().take(room).cloned();
                self.result.links.extend(links);
                Some(value.text.clone())
            }
            Found::Inherited => {
                self.result.inherited.get_or_insert_with(|| name.to_owned());
                None
            }
            Found::Unset => None,
        }
    }
}

/// The text without what the pattern matches at its start or end.
fn without(text: &str, pattern: &str, at_end: bool, longest: bool) -> Result<String, String> {
    if !at_end {
        let pattern = compiled(&format!("^{}", shell_pattern(pattern, longest, false)))?;
        return Ok(pattern.replace(text, regex::NoExpand("")).into_owned());
    }
    // The shortest end is the shortest start of the text read backwards.
    let pattern = compiled(&format!("^{}", shell_pattern(pattern, longest, true)))?;
    let backwards: String = text.chars().rev().collect();
    let kept = pattern.replace(&backwards, regex::NoExpand(""));
    Ok(kept.chars().rev().collect())
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|_| "a pattern behind `${` is too large".to_owned())
}

/// `*` and `?` as in a shell, everything else as it stands.
fn shell_pattern(pattern: &str, longest: bool, backwards: bool) -> String {
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' if longest => "(?s:.*)".to_owned(),
            '*' => "(?s:.*?)".to_owned(),
            '?' => "(?s:.)".to_owned(),
            '\\' => regex::escape(&chars.next().unwrap_or('\\').to_string()),
            c => regex::escape(&c.to_string()),
        });
    }
    if backwards {
        parts.reverse();
    }
    parts.concat()
}
