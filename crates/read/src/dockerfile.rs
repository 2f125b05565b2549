//! Dockerfiles: stages, ENV and ARG, the start command, and what is copied where.
//!
//! Tolerant: an instruction that is not understood is passed over.

use tightship_model::{SourceId, Span, Trail};

use crate::command::{self, Command};
use crate::image::{self, Instruction};
use crate::interpolate::{Found, interpolate};

#[derive(Clone, Debug)]
pub(crate) struct Dockerfile {
    pub(crate) path: String,
    /// ARGs before the first FROM.
    pub(crate) globals: Vec<Declaration>,
    pub(crate) stages: Vec<Stage>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Stage {
    pub(crate) name: Option<String>,
    pub(crate) base: String,
    /// ENV and ARG in their order, because later ones may refer to earlier ones.
    pub(crate) declarations: Vec<Declaration>,
    pub(crate) command: Option<Command>,
    pub(crate) entrypoint: Option<Command>,
    /// Source and destination of each COPY and ADD from the build context.
    pub(crate) copies: Vec<(String, String)>,
    /// Commands of RUN instructions.
    pub(crate) runs: Vec<Command>,
}

#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub(crate) is_arg: bool,
    pub(crate) name: String,
    /// Quotes taken away, a `$` that is no variable doubled; `None` for an ARG without a default.
    pub(crate) value: Option<String>,
    pub(crate) span: Span,
}

/// Reads any text.
pub(crate) fn parse(source: SourceId, path: &str, text: &str) -> Dockerfile {
    let mut file = Dockerfile {
        path: path.to_owned(),
        globals: Vec::new(),
        stages: Vec::new(),
    };
    for instruction in image::instructions(source, text) {
        file.take(&instruction);
    }
    for at in 0..file.stages.len() {
        let stage = &file.stages[at];
        let put_in = |text: &String| {
            let known = file.expand(stage, stage.declarations.len(), text);
            known.unwrap_or_else(|| text.clone())
        };
        let copies = stage.copies.iter();
        let copies = copies
            .map(|(from, to)| (put_in(from), put_in(to)))
            .collect();
        file.stages[at].copies = copies;
    }
    file
}

impl Dockerfile {
    /// The stages that make the image, the base first: those of `target`, else of the last one.
    pub(crate) fn chain(&self, target: Option<&str>) -> Vec<&Stage> {
        let named = |name: &str, before: usize| {
            self.stages[..before].iter().rposition(|stage| {
                stage
                    .name
                    .as_deref()
                    .is_some_and(|n| n.eq_ignore_ascii_case(name))
            })
        };
        let mut current = target
            .and_then(|target| named(target, self.stages.len()))
            .or(self.stages.len().checked_sub(1));
        let mut chain = Vec::new();
        while let Some(at) = current {
            chain.push(&self.stages[at]);
            current = named(&self.stages[at].base, at);
        }
        chain.reverse();
        chain
    }

    /// The value of a declaration of a stage, with what stands before it put in: `${NAME}.settings`.
    pub(crate) fn expanded(&self, stage: &Stage, at: usize) -> Option<String> {
        let value = stage.declarations.get(at)?.value.as_deref()?;
        self.expand(stage, at, value)
    }

    /// A text of a stage, with the first `before` declarations of it put in.
    fn expand(&self, stage: &Stage, before: usize, text: &str) -> Option<String> {
        let known = |name: &str| {
            let own = stage.declarations[..before]
                .iter()
                .rposition(|one| one.name == name);
            let own = own.and_then(|at| self.expanded(stage, at));
            let global = || {
                self.globals
                    .iter()
                    .find(|one| one.name == name)?
                    .value
                    .clone()
            };
            match own.or_else(global) {
                Some(value) => Found::Set(value, Trail::default()),
                None => Found::Open,
            }
        };
        interpolate(text, &known).text
    }

    /// The folders and files of the build context that an image of this file is made of.
    pub(crate) fn taken(&self) -> impl Iterator<Item = &str> {
        let copies = self.stages.iter().flat_map(|stage| &stage.copies);
        copies.map(|(from, _)| from.trim_start_matches("./").trim_matches('/'))
    }

    fn take(&mut self, instruction: &Instruction) {
        let arguments = instruction.arguments.trim();
        let span = instruction.span;
        if instruction.keyword == "FROM" {
            let words: Vec<&str> = arguments
                .split_whitespace()
                .filter(|word| !word.starts_with("--"))
                .collect();
            self.stages.push(Stage {
                base: words.first().copied().unwrap_or_default().to_owned(),
                name: match words.as_slice() {
                    [_, r#as, name, ..] if r#as.eq_ignore_ascii_case("as") => {
                        Some((*name).to_owned())
                    }
                    _ => None,
                },
                ..Stage::default()
            });
            return;
        }
        let Some(stage) = self.stages.last_mut() else {
            if instruction.keyword == "ARG" {
                self.globals.extend(declarations(arguments, span, true));
            }
            return;
        };
        match instruction.keyword.as_str() {
            "ENV" => stage
                .declarations
                .extend(declarations(arguments, span, false)),
            "ARG" => stage
                .declarations
                .extend(declarations(arguments, span, true)),
            "CMD" => stage.command = Some(command(arguments, span)),
            "ENTRYPOINT" => {
                stage.entrypoint = Some(command(arguments, span));
                // An ENTRYPOINT makes the CMD of the base image void.
                stage.command = None;
            }
            "RUN" => stage.runs.push(Command::shell(arguments, span)),
            "COPY" | "ADD" if !instruction.has_flag("from") => {
                let words = match json_words(arguments) {
                    Some(words) => words,
                    None => command::words(arguments),
                };
                let mut words: Vec<String> = words
                    .into_iter()
                    .filter(|word| !word.starts_with("--"))
                    .collect();
                if let Some(destination) = words.pop() {
                    let copies = words.into_iter().map(|from| (from, destination.clone()));
                    stage.copies.extend(copies);
                }
            }
            _ => {}
        }
    }
}

fn command(arguments: &str, span: Span) -> Command {
    match json_words(arguments) {
        // `["sh", "-c", "…"]` holds a command line of its own.
        Some(words) => Command {
            words: words
                .into_iter()
                .flat_map(|word| {
                    if word.contains(char::is_whitespace) {
                        command::words(&word)
                    } else {
                        vec![word]
                    }
                })
                .collect(),
            span,
        },
        None => Command::shell(arguments, span),
    }
}

fn json_words(arguments: &str) -> Option<Vec<String>> {
    serde_json::from_str(arguments.trim()).ok()
}

/// `A=1 B="x y"`, or the old `A all of this`.
fn declarations(arguments: &str, span: Span, is_arg: bool) -> Vec<Declaration> {
    let declaration = |name: &str, value: Option<String>| Declaration {
        is_arg,
        name: name.to_owned(),
        value,
        span,
    };
    let first = arguments.split_whitespace().next().unwrap_or("");
    if !first.contains('=') {
        if is_arg {
            return arguments
                .split_whitespace()
                .map(|name| declaration(name, None))
                .collect();
        }
        let (name, value) = arguments
            .split_once(char::is_whitespace)
            .unwrap_or((arguments, ""));
        return vec![declaration(name, Some(unquoted(value.trim())))];
    }
    let mut found = Vec::new();
    for word in quoted_words(arguments) {
        match word.split_once('=') {
            Some((name, value)) => found.push(declaration(name, Some(unquoted(value)))),
            None if is_arg => found.push(declaration(&word, None)),
            None => {}
        }
    }
    found
}

/// Words with their quotes still on.
fn quoted_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => {
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Takes quotes and backslashes away; a `$` that they protect is doubled.
fn unquoted(text: &str) -> String {
    let mut result = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => match chars.next() {
                Some('$') => result.push_str("$$"),
                Some(escaped) if quote.is_none() || matches!(escaped, '"' | '\\') => {
                    result.push(escaped);
                }
                Some(other) => result.extend(['\\', other]),
                None => result.push('\\'),
            },
            (Some('\''), '$') => result.push_str("$$"),
            (_, c) => result.push(c),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Dockerfile {
        parse(SourceId(0), "Dockerfile", text)
    }

    #[test]
    fn declarations_in_both_forms() {
        let file = read(
            "ARG V=3\nFROM python:$V AS base\nENV A=1 B=\"x y\" \\\n  # note\n  C='$x' D=a\\ b\nENV E all of this\nARG F\n",
        );
        let found: Vec<_> = file.stages[0]
            .declarations
            .iter()
            .map(|d| (d.name.as_str(), d.value.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                ("A", Some("1")),
                ("B", Some("x y")),
                ("C", Some("$$x")),
                ("D", Some("a b")),
                ("E", Some("all of this")),
                ("F", None),
            ]
        );
        assert_eq!(file.globals[0].name, "V");
    }

    #[test]
    fn stages_build_on_each_other() {
        let file = read(
            "FROM python AS base\nENV A=1\nFROM node AS assets\nFROM base AS web\nRUN <<EOF\nCMD no\nEOF\nCMD [\"gunicorn\", \"x\"]\n",
        );
        let chain = file.chain(None);
        assert_eq!(chain.len(), 2);
        assert_eq!(chain[0].declarations[0].name, "A");
        assert!(chain[1].command.as_ref().is_some_and(Command::is_server));
        assert_eq!(file.chain(Some("assets")).len(), 1);
    }
}
