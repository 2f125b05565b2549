//! `re`, for patterns that mean the same to Python and to the `regex` crate.

use std::rc::Rc;

use regex::{Captures, Regex, RegexBuilder};
use tightship_model::{Cause, Span};

use crate::python::eval::{Evaluator, Raise};
use crate::python::value::{Args, Kind, Made, Val};

/// The class under which a compiled pattern is known, by the call that made it.
pub(crate) const COMPILED: &str = "re.compile";

/// Calls a function of `re`, or a method of a compiled pattern or of a match.
pub(super) fn call(
    eval: &mut Evaluator<'_>,
    path: &str,
    receiver: Option<&Val>,
    args: &Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    let name = path.strip_prefix("re.")?;
    if let Some(method) = name.strip_prefix("Match.") {
        return method_of_match(eval, method, receiver?, args, span).map(Ok);
    }
    if name == "compile" {
        let made = Made {
            class: COMPILED.into(),
            positional: args.positional.clone(),
            keywords: args.keywords.clone(),
        };
        return Some(Ok(Kind::Made(Rc::new(made)).into()));
    }
    if !FUNCTIONS.contains(&name) {
        return None;
    }
    let (name, args) = (name.to_owned(), args.clone());
    let operands: Vec<&Val> = args.values().collect();
    Some(eval.lift(&operands, span, &mut |eval, values| {
        let lifted = Args {
            positional: values[..args.positional.len()].to_vec(),
            keywords: args
                .keywords
                .iter()
                .zip(&values[args.positional.len()..])
                .map(|((name, _), value)| (name.clone(), value.clone()))
                .collect(),
            rest: None,
        };
        Ok(run(eval, &name, &lifted)
            .unwrap_or_else(|| eval.unknown(Cause::Code, "a regular expression", span)))
    }))
}

/// A method of a compiled pattern: the function of the same name with the pattern in front.
pub(crate) fn call_compiled(
    eval: &mut Evaluator<'_>,
    pattern: &Val,
    method: &str,
    mut args: Args,
    span: Span,
) -> Option<Result<Val, Raise>> {
    if !matches!(&pattern.kind, Kind::Made(made) if &*made.class == COMPILED) {
        return None;
    }
    args.positional.insert(0, pattern.clone());
    call(eval, &format!("re.{method}"), None, &args, span)
}

fn run(eval: &mut Evaluator<'_>, name: &str, args: &Args) -> Option<Val> {
    let (pattern, mut flags) = pattern_of(args.at(0, "pattern")?)?;
    let replaces = matches!(name, "sub" | "subn");
    let text = args.at(if replaces { 2 } else { 1 }, "string")?.as_str()?;
    let (count_at, flags_at) = match name {
        "sub" => (Some(3), 4),
        "split" => (Some(2), 3),
        _ => (None, 2),
    };
    if let Some(given) = args.at(flags_at, "flags") {
        flags |= given.as_int()?;
    }
    let most = match count_at.and_then(|at| args.at(at, COUNTS)) {
        Some(count) => usize::try_from(count.as_int()?).ok()?,
        None => args
            .keyword("count")
            .or(args.keyword("maxsplit"))
            .map_or(Some(0), |count| usize::try_from(count.as_int()?).ok())?,
    };
    let anchored = match name {
        "match" => format!(r"\A(?:{pattern})"),
        "fullmatch" => format!(r"\A(?:{pattern})\z"),
        _ => pattern,
    };
    // Python's `$` also matches before a newline that ends the text.
    if text.ends_with('\n') && anchored.contains('$') {
        return None;
    }
    let regex = compiled(&anchored, flags)?;
    // Python finds empty matches where Rust does not: right behind another match.
    if matches!(name, "sub" | "split" | "findall") && regex.is_match("") {
        return None;
    }
    Some(match name {
        "match" | "fullmatch" | "search" => match regex.captures(text) {
            Some(captures) => matched(eval, &regex, &captures),
            None => Val::NONE,
        },
        "sub" => {
            let replacement = replacement(args.at(1, "repl")?.as_str()?)?;
            let most = if most == 0 { usize::MAX } else { most };
            let mut out = String::new();
            let mut end = 0;
            for captures in regex.captures_iter(text).take(most) {
                let whole = captures.get(0)?;
                out.push_str(&text[end..whole.start()]);
                for part in &replacement {
                    match part {
                        Part::Text(text) => out.push_str(text),
                        Part::Group(group) => {
                            out.push_str(captures.get(*group).map_or("", |found| found.as_str()));
                        }
                    }
                }
                end = whole.end();
            }
            out.push_str(&text[end..]);
            Val::str(out)
        }
        "split" => {
            let most = if most == 0 { usize::MAX } else { most };
            let mut parts = Vec::new();
            let mut end = 0;
            for captures in regex.captures_iter(text).take(most) {
                let whole = captures.get(0)?;
                parts.push(Val::str(&text[end..whole.start()]));
                parts.extend(captures.iter().skip(1).map(group_value));
                end = whole.end();
            }
            parts.push(Val::str(&text[end..]));
            eval.list(parts)
        }
        "findall" => {
            let found = regex
                .captures_iter(text)
                .map(|captures| {
                    let text = |group: usize| {
                        Val::str(captures.get(group).map_or("", |found| found.as_str()))
                    };
                    match captures.len() {
                        1 => text(0),
                        2 => text(1),
                        more => Val::tuple((1..more).map(text).collect()),
                    }
                })
                .collect();
            eval.list(found)
        }
        "escape" => return None,
        _ => return None,
    })
}

/// A match, as an object whose state holds its groups.
fn matched(eval: &mut Evaluator<'_>, regex: &Regex, captures: &Captures<'_>) -> Val {
    let groups = captures.iter().map(group_value).collect();
    let named = regex
        .capture_names()
        .enumerate()
        .filter_map(|(at, name)| Some((Val::str(name?), captures.get(at))))
        .map(|(name, group)| (name, group_value(group)))
        .collect();
    let named = eval.dict(named);
    eval.object(
        "re.Match",
        vec![("groups", Val::tuple(groups)), ("named", named)],
    )
}

fn method_of_match(
    eval: &mut Evaluator<'_>,
    method: &str,
    receiver: &Val,
    args: &Args,
    span: Span,
) -> Option<Val> {
    let groups = eval.state(receiver, "groups")?;
    let named = eval.state(receiver, "named")?;
    let all = eval.items(&groups)?.items;
    let mut one = |which: &Val| match which.as_str() {
        Some(_) => crate::python::methods::item(eval, &named, which, span).ok(),
        None => all.get(usize::try_from(which.as_int()?).ok()?).cloned(),
    };
    match (method, args.positional.as_slice()) {
        ("group", []) => one(&Val::int(0)),
        ("group" | "__getitem__", [which]) => one(which),
        ("group", many) => many.iter().map(one).collect::<Option<_>>().map(Val::tuple),
        ("groups", []) => Some(Val::tuple(all.get(1..)?.to_vec())),
        ("groupdict", []) => Some(named),
        _ => None,
    }
}

fn group_value(group: Option<regex::Match<'_>>) -> Val {
    group.map_or(Val::NONE, |group| Val::str(group.as_str()))
}

/// The text and flags of a pattern, compiled or not.
fn pattern_of(value: &Val) -> Option<(String, i128)> {
    match &value.kind {
        Kind::Str(text) => Some((text.to_string(), 0)),
        Kind::Made(made) if &*made.class == COMPILED => {
            let text = made.positional.first()?.as_str()?.to_owned();
            let named = made.keywords.iter().find(|(name, _)| &**name == "flags");
            let flags = made.positional.get(1).or(named.map(|(_, value)| value));
            Some((text, flags.map_or(Some(0), Val::as_int)?))
        }
        _ => None,
    }
}

/// The same pattern in Rust's dialect; `None` where the two dialects may differ.
fn compiled(pattern: &str, flags: i128) -> Option<Regex> {
    /// Bytes of a compiled pattern.
    const LARGEST: usize = 1 << 20;
    if flags & !(IGNORECASE | MULTILINE | DOTALL | VERBOSE) != 0 {
        return None;
    }
    if OTHER_MEANING.iter().any(|text| pattern.contains(text)) {
        return None;
    }
    RegexBuilder::new(pattern)
        .case_insensitive(flags & IGNORECASE != 0)
        .multi_line(flags & MULTILINE != 0)
        .dot_matches_new_line(flags & DOTALL != 0)
        .ignore_whitespace(flags & VERBOSE != 0)
        .size_limit(LARGEST)
        .build()
        .ok()
}

enum Part {
    Text(String),
    Group(usize),
}

/// What `re.sub` puts in: text, `\1` and `\g<1>`; `None` for other escapes.
fn replacement(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        parts.push(Part::Text(rest[..at].to_owned()));
        let after = &rest[at + 1..];
        if let Some(digit) = after.chars().next().and_then(|c| c.to_digit(10)) {
            parts.push(Part::Group(digit as usize));
            rest = &after[1..];
        } else if let Some(tail) = after.strip_prefix("g<") {
            let (number, tail) = tail.split_once('>')?;
            parts.push(Part::Group(number.parse().ok()?));
            rest = tail;
        } else if let Some(tail) = after.strip_prefix('\\') {
            parts.push(Part::Text("\\".to_owned()));
            rest = tail;
        } else {
            return None;
        }
    }
    parts.push(Part::Text(rest.to_owned()));
    Some(parts)
}

const FUNCTIONS: [&str; 6] = ["match", "fullmatch", "search", "sub", "split", "findall"];

/// What means something else to Python: its end of the text, brackets in brackets, operators on
/// sets of characters, and a count without its least.
const OTHER_MEANING: [&str; 6] = ["\\Z", "[[", "&&", "--", "~~", "{,"];

/// No keyword is called so: the number stands by position only.
const COUNTS: &str = "";

/// Values of `re.IGNORECASE` and its kin.
pub(super) const IGNORECASE: i128 = 2;
const MULTILINE: i128 = 8;
const DOTALL: i128 = 16;
const VERBOSE: i128 = 64;
