//! The variables of a configuration: where each gets its value.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tightship_model::nginx::{Configuration, Directive};
use tightship_predict::nginx::Matcher;

use super::bytes::Bytes;
use super::content::{Capture, Content, Part, builtin, parts};
use super::context::Context;
use super::pattern::Pattern;

/// The variables that a configuration defines.
pub(super) struct Variables<'a> {
    definitions: BTreeMap<String, Vec<Definition<'a>>>,
    /// Names whose value is being asked for, against circles.
    asked: RefCell<Vec<String>>,
}

/// The directives that may define one.
const DEFINING: [&str; 9] = [
    "auth_request_set",
    "geo",
    "if",
    "location",
    "map",
    "rewrite",
    "server_name",
    "set",
    "split_clients",
];

/// A place that gives a variable its value.
struct Definition<'a> {
    context: Context<'a>,
    directive: &'a Directive,
}

impl<'a> Variables<'a> {
    pub(super) fn of(configuration: &'a Configuration) -> Self {
        let mut definitions: BTreeMap<String, Vec<Definition<'a>>> = BTreeMap::new();
        configuration.visit_any(&DEFINING, &mut |around, directive| {
            let mut define = |name: &str| {
                let name = name.trim_start_matches('$').to_ascii_lowercase();
                definitions.entry(name).or_default().push(Definition {
                    context: Context::inside(configuration, around),
                    directive,
                });
            };
            match directive.name.text.as_str() {
                "set" | "auth_request_set" => define(directive.argument(0).unwrap_or_default()),
                "map" | "split_clients" | "geo" => {
                    let name = directive.arguments.last();
                    define(name.map_or("", |name| &name.text));
                    for key in directive.directives() {
                        group_names(&key.name.text)
                            .iter()
                            .for_each(|name| define(name));
                    }
                }
                _ => {
                    for pattern in patterns(directive) {
                        pattern.names().for_each(&mut define);
                    }
                }
            }
        });
        Self {
            definitions,
            asked: RefCell::default(),
        }
    }

    /// What a parameter of a directive may hold.
    pub(super) fn content(&self, text: &str, at: &Context<'a>, by: &Directive) -> Content {
        parts(text)
            .into_iter()
            .map(|part| self.part(part, at, by))
            .reduce(Content::then)
            .unwrap_or_else(|| Content::literal(""))
    }

    /// The parts of a parameter, with those of the `set` in the place of its variable: the name of
    /// each variable that is left, and what the part may hold.
    pub(super) fn spelled(
        &self,
        text: &str,
        at: &Context<'a>,
        by: &Directive,
    ) -> Vec<(Option<String>, Content)> {
        const DEEPEST: usize = 8;
        self.spell(text, at, by, DEEPEST)
    }

    fn spell(
        &self,
        text: &str,
        at: &Context<'a>,
        by: &Directive,
        depth: usize,
    ) -> Vec<(Option<String>, Content)> {
        let mut spelled = Vec::new();
        for part in parts(text) {
            let Part::Variable(name) = part else {
                spelled.push((None, self.part(part, at, by)));
                continue;
            };
            match self.sources(name, at).as_slice() {
                [(place, set)] if set.is("set") && depth > 0 && !std::ptr::eq(*set, by) => {
                    let value = set.argument(1).unwrap_or_default();
                    spelled.extend(self.spell(value, place, set, depth - 1));
                }
                _ => spelled.push((Some(name.to_owned()), self.part(part, at, by))),
            }
        }
        spelled
    }

    /// What one part of a parameter may hold.
    pub(super) fn part(&self, part: Part<'_>, at: &Context<'a>, by: &Directive) -> Content {
        match part {
            Part::Literal(text) => Content::literal(text),
            Part::Variable(name) => match name.parse() {
                Ok(number) => self.group(number, at, by),
                Err(_) => self.variable(&name.to_ascii_lowercase(), at),
            },
        }
    }

    /// The `set` directives and tables that may give a variable its value in a place.
    pub(super) fn sources(
        &self,
        name: &str,
        at: &Context<'a>,
    ) -> Vec<(Context<'a>, &'a Directive)> {
        self.definitions_for(&name.to_ascii_lowercase(), at)
            .into_iter()
            .map(|one| (one.context.clone(), one.directive))
            .collect()
    }

    /// What a variable may hold in a place.
    fn variable(&self, name: &str, at: &Context<'a>) -> Content {
        const DEEPEST: usize = 32;
        let definitions = self.definitions_for(name, at);
        if definitions.is_empty() {
            return match name {
                "uri" | "document_uri" => path_at(at),
                _ => builtin(name),
            };
        }
        let is_circle = {
            let asked = self.asked.borrow();
            asked.len() >= DEEPEST || asked.iter().any(|one| one == name)
        };
        if is_circle {
            return Content::untold();
        }
        self.asked.borrow_mut().push(name.to_owned());
        let content = definitions
            .into_iter()
            .map(|definition| self.defined(name, definition))
            .reduce(Content::or)
            .unwrap_or_default();
        self.asked.borrow_mut().pop();
        content
    }

    /// The definitions that may have run for a request that is in a place: those of the blocks
    /// around it, and of `if` blocks in these.
    fn definitions_for(&self, name: &str, at: &Context<'a>) -> Vec<&Definition<'a>> {
        let Some(definitions) = self.definitions.get(name) else {
            return Vec::new();
        };
        let around: Vec<_> = at.levels().map(|level| address(level.block())).collect();
        definitions
            .iter()
            .filter(|one| {
                let holder = one
                    .context
                    .levels()
                    .find(|level| !level.is("if") && !level.is("limit_except"));
                let own = (one.directive.is("location") || one.directive.is("if"))
                    && around.contains(&address(Some(one.directive)));
                let is_table = ["map", "geo", "split_clients"]
                    .iter()
                    .any(|table| one.directive.is(table));
                match &holder {
                    _ if is_table => true,
                    _ if one.directive.is("location") => own,
                    Some(holder) => around.contains(&address(holder.block())),
                    None => own,
                }
            })
            .collect()
    }

    /// The value that a definition gives.
    fn defined(&self, name: &str, definition: &Definition<'a>) -> Content {
        let Definition { context, directive } = definition;
        let value = directive.argument(1).unwrap_or_default();
        match directive.name.text.as_str() {
            "set" => self.assigned(value, context, directive),
            "auth_request_set" => self.content(value, context, directive),
            "map" | "split_clients" => self.mapped(name, directive, context),
            "geo" => located(directive),
            _ => self
                .captures_of(directive, context)
                .iter()
                .filter_map(|capture| capture.named(name))
                .reduce(Content::or)
                .unwrap_or_else(Content::untold),
        }
    }

    /// The value of a `set`, for which nginx escapes numbered groups anew
    /// (`ngx_http_script_copy_capture_code` while `quote` is on).
    fn assigned(&self, value: &str, at: &Context<'a>, by: &Directive) -> Content {
        parts(value)
            .into_iter()
            .map(|part| match part {
                Part::Variable(name) if name.parse::<usize>().is_ok() => {
                    self.part(part, at, by).escaped()
                }
                part => self.part(part, at, by),
            })
            .reduce(Content::then)
            .unwrap_or_else(|| Content::literal(""))
    }

    /// The values of a `map` or `split_clients`, or a group that a key of it captures.
    fn mapped(&self, name: &str, table: &'a Directive, at: &Context<'a>) -> Content {
        let subject = self.content(table.argument(0).unwrap_or_default(), at, table);
        let mut found: Option<Content> = None;
        let mut add = |content: Content| {
            found = Some(match found.take() {
                Some(known) => known.or(content),
                None => content,
            });
        };
        let result = table.arguments.last().map_or("", |last| last.text.as_str());
        let is_result = result.trim_start_matches('$').eq_ignore_ascii_case(name);
        let mut has_default = table.is("split_clients");
        for key in entries(table) {
            let pattern = Pattern::of_word(&key.name.text);
            let capture = pattern.map(|pattern| Capture {
                pattern,
                subject: subject.clone(),
            });
            if !is_result {
                if let Some(content) = capture.as_ref().and_then(|one| one.named(name)) {
                    add(content);
                }
                continue;
            }
            has_default |= key.is("default");
            let value = key.argument(0).unwrap_or_default();
            add(self.entry(value, capture.as_ref(), at, table));
        }
        if is_result && !has_default {
            add(Content::literal(""));
        }
        found.unwrap_or_else(Content::untold)
    }

    /// The value of one key, whose groups are those of the key where it is a pattern.
    fn entry(
        &self,
        value: &str,
        capture: Option<&Capture>,
        at: &Context<'a>,
        table: &Directive,
    ) -> Content {
        parts(value)
            .into_iter()
            .map(|part| {
                let own = match (part, capture) {
                    (Part::Variable(name), Some(capture)) => match name.parse() {
                        Ok(number) => capture.group(number),
                        Err(_) => capture.named(name),
                    },
                    _ => None,
                };
                own.unwrap_or_else(|| self.part(part, at, table))
            })
            .reduce(Content::then)
            .unwrap_or_else(|| Content::literal(""))
    }

    /// What a numbered group may hold for a directive: of its own pattern, or else of those that
    /// may have run before it.
    fn group(&self, number: usize, at: &Context<'a>, by: &Directive) -> Content {
        self.captures(at, by)
            .iter()
            .filter_map(|capture| capture.group(number))
            .reduce(Content::or)
            .unwrap_or_else(Content::untold)
    }

    /// The patterns whose groups a directive may see.
    pub(super) fn captures(&self, at: &Context<'a>, by: &Directive) -> Vec<Capture> {
        if by.is("rewrite") {
            return self.captures_of(by, at);
        }
        let mut found = Vec::new();
        for level in at.levels() {
            for before in level.directives() {
                if std::ptr::eq(before, by) && RUN_IN_ORDER.contains(&by.name.text.as_str()) {
                    break;
                }
                if before.is("rewrite") {
                    found.extend(self.captures_of(before, &level));
                }
            }
            let Some(block) = level.block() else { break };
            if let Some(outer) = level.parent() {
                found.extend(self.captures_of(block, &outer));
            }
            if block.is("server") {
                for names in level.own("server_name") {
                    found.extend(self.captures_of(names, &level));
                }
                break;
            }
            // The pattern of a location or an `if` has matched last where nothing follows it.
            if !found.is_empty() {
                break;
            }
        }
        found
    }

    /// The patterns that a directive holds a text against.
    fn captures_of(&self, directive: &Directive, at: &Context<'a>) -> Vec<Capture> {
        let subject = match directive.name.text.as_str() {
            "if" => {
                let variable = directive.argument(0).unwrap_or_default();
                self.content(variable.trim_start_matches('('), at, directive)
            }
            "server_name" => builtin("host"),
            "rewrite" if is_raw_at(directive, at) => builtin("request_uri"),
            _ => builtin("uri"),
        };
        patterns(directive)
            .into_iter()
            .map(|pattern| Capture {
                pattern,
                subject: subject.clone(),
            })
            .collect()
    }
}

/// Directives that run one after the other, in the order of the file.
const RUN_IN_ORDER: [&str; 5] = ["set", "if", "rewrite", "return", "break"];

/// The path in a place: the one of an exact location, of bytes that a whole pattern takes, raw
/// where a `rewrite` has put the raw one in, else any.
fn path_at(at: &Context<'_>) -> Content {
    if at.directives().iter().any(puts_raw_path) {
        return builtin("request_uri");
    }
    let mut path = builtin("uri");
    match at.matcher() {
        Some(Matcher::Exact(exact)) => {
            path = Content {
                made_of: path.made_of,
                ..Content::literal(&exact)
            };
        }
        Some(Matcher::Regex { pattern, caseless }) => {
            let pattern = Pattern::parse(&pattern, caseless);
            if let Some(pattern) = pattern.filter(Pattern::takes_all) {
                // `$` matches before a line break at the end, too.
                path.bytes = pattern.tree.bytes().or(Bytes::of("\n"));
            }
        }
        _ => {}
    }
    path
}

/// Whether the path at a `rewrite` is that which the client sent, because an earlier `rewrite`
/// that always runs has put `$request_uri` in its place.
fn is_raw_at(directive: &Directive, at: &Context<'_>) -> bool {
    at.directives()
        .iter()
        .take_while(|before| !std::ptr::eq(*before, directive))
        .any(puts_raw_path)
}

/// Whether a `rewrite` always puts the path that the client sent in the place of the decoded one.
fn puts_raw_path(rewrite: &Directive) -> bool {
    const EVERYTHING: [&str; 6] = ["^", ".*", "^.*", "^.*$", "(.*)", "^(.*)$"];
    let pattern = rewrite.argument(0).unwrap_or_default();
    takes_raw_path(rewrite) && EVERYTHING.contains(&pattern)
}

/// Whether a `rewrite` puts the path that the client sent in the place of the decoded one where it
/// matches.
pub(super) fn takes_raw_path(rewrite: &Directive) -> bool {
    rewrite.is("rewrite")
        && rewrite
            .argument(1)
            .is_some_and(|text| text.eq_ignore_ascii_case("$request_uri"))
}

/// The keys of a `map` or `split_clients` that have a value, without its parameters.
pub(super) fn entries(table: &Directive) -> impl Iterator<Item = &Directive> {
    const PARAMETERS: [&str; 3] = ["hostnames", "volatile", "include"];
    table
        .directives()
        .iter()
        .filter(|key| !PARAMETERS.contains(&key.name.text.as_str()) && !key.arguments.is_empty())
}

/// The values of a `geo`, in which variables are not replaced.
fn located(geo: &Directive) -> Content {
    const PARAMETERS: [&str; 6] = [
        "delete",
        "include",
        "proxy",
        "proxy_recursive",
        "ranges",
        "volatile",
    ];
    let keys = geo
        .directives()
        .iter()
        .filter(|key| !PARAMETERS.contains(&key.name.text.as_str()));
    let mut has_default = false;
    let mut found = Vec::new();
    for key in keys {
        has_default |= key.is("default");
        found.push(Content::literal(key.argument(0).unwrap_or_default()));
    }
    if !has_default {
        found.push(Content::literal(""));
    }
    found.into_iter().reduce(Content::or).unwrap_or_default()
}

/// The regular expressions that a directive itself holds a text against.
pub(super) fn patterns(directive: &Directive) -> Vec<Pattern> {
    words(directive)
        .into_iter()
        .filter_map(|(text, ignores_case)| Pattern::parse(text, ignores_case))
        .collect()
}

/// The texts of a directive's regular expressions, and whether they ignore case.
pub(super) fn words(directive: &Directive) -> Vec<(&str, bool)> {
    let argument = |index| directive.argument(index);
    match directive.name.text.as_str() {
        "location" => match (argument(0), argument(1)) {
            (Some("~"), Some(text)) => vec![(text, false)],
            (Some("~*"), Some(text)) => vec![(text, true)],
            (Some(text), None) => match (text.strip_prefix("~*"), text.strip_prefix('~')) {
                (Some(text), _) => vec![(text, true)],
                (None, Some(text)) => vec![(text, false)],
                (None, None) => Vec::new(),
            },
            _ => Vec::new(),
        },
        "server_name" => directive
            .texts()
            .filter_map(|text| Some((text.strip_prefix('~')?, false)))
            .collect(),
        "if" => condition(directive).map_or_else(Vec::new, |condition| {
            match condition.operator.trim_start_matches('!') {
                "~" => vec![(condition.right, false)],
                "~*" => vec![(condition.right, true)],
                _ => Vec::new(),
            }
        }),
        "rewrite" => argument(0).map_or_else(Vec::new, |text| vec![(text, false)]),
        _ => Vec::new(),
    }
}

/// The condition of an `if` that compares: `($http_host !~* "a")`.
pub(super) struct Condition<'a> {
    pub(super) left: &'a str,
    pub(super) operator: &'a str,
    pub(super) right: &'a str,
}

/// `None` for a condition that compares nothing.
pub(super) fn condition(directive: &Directive) -> Option<Condition<'_>> {
    let left = directive.argument(0)?.strip_prefix('(')?;
    let left = if left.is_empty() {
        directive.argument(1)?
    } else {
        left
    };
    let index = directive
        .texts()
        .position(|text| OPERATORS.contains(&text))?;
    let right = directive.argument(index + 1)?;
    let is_last = directive.arguments.len() == index + 2;
    Some(Condition {
        left,
        operator: directive.argument(index)?,
        right: if is_last {
            right.strip_suffix(')').unwrap_or(right)
        } else {
            right
        },
    })
}

const OPERATORS: [&str; 6] = ["=", "!=", "~", "~*", "!~", "!~*"];

/// The names of the groups in a key of a `map`.
fn group_names(key: &str) -> Vec<String> {
    Pattern::of_word(key).map_or_else(Vec::new, |pattern| {
        pattern.names().map(str::to_owned).collect()
    })
}

/// A block by where it is in memory, `None` for the main context.
fn address(block: Option<&Directive>) -> Option<*const Directive> {
    block.map(std::ptr::from_ref)
}
