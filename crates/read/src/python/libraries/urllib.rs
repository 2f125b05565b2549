//! `urllib.parse` of the standard library: URLs taken apart and put together.

use indexmap::IndexMap;
use tightship_model::{Cause, Span};

use super::reading::{Answer, Call, lifted};
use crate::python::eval::{Evaluator, Raise};
use crate::python::format;
use crate::python::methods;
use crate::python::stdlib::texts::{quote, unquote};
use crate::python::value::{Args, Kind, Val};
use crate::urls::{Refusal, Url};

pub(super) fn call(eval: &mut Evaluator<'_>, call: &Call<'_>) -> Answer {
    match call.path {
        "urllib.parse.urlparse" | "urllib.parse.urlsplit" => {
            let text = call.argument(0, "url")?;
            if call.args.positional.len() + call.args.keywords.len() > 1 {
                return None;
            }
            let is_split = call.path.ends_with("split");
            Some(lifted(eval, text, call.span, &mut |eval, text| {
                let Some(text) = text.as_str() else {
                    return Ok(eval.unknown_because(text));
                };
                let parsed = match is_split {
                    true => Url::split(text),
                    false => Url::parse(text),
                };
                match parsed {
                    Ok(url) => Ok(object(eval, &url)),
                    Err(refusal) => Err(call.raise(refusal.class, refusal.message)),
                }
            }))
        }
        "urllib.parse.urlencode" if call.args.values().count() == 1 => {
            Some(urlencode(eval, call.argument(0, "query")?, call.span))
        }
        "urllib.parse.parse_qs" | "urllib.parse.parse_qsl" if call.args.values().count() == 1 => {
            let text = call.argument(0, "qs")?;
            Some(lifted(eval, text, call.span, &mut |eval, text| {
                Ok(text
                    .as_str()
                    .and_then(|query| fields(eval, query, call.name() == "parse_qs"))
                    .unwrap_or_else(|| eval.unknown(Cause::Code, "a query", call.span)))
            }))
        }
        "urllib.parse.urljoin" if call.args.values().count() == 2 => {
            let operands = [call.argument(0, "base")?, call.argument(1, "url")?];
            Some(eval.lift(&operands, call.span, &mut |eval, values| {
                let (Some(base), Some(url)) = (values[0].as_str(), values[1].as_str()) else {
                    return Ok(eval.unknown(Cause::Code, "urljoin() of this", call.span));
                };
                match joined(base, url) {
                    Ok(Some(text)) => Ok(Val::str(text)),
                    Ok(None) => Ok(eval.unknown(Cause::Code, "URLs that are not HTTP", call.span)),
                    Err(refusal) => Err(call.raise(refusal.class, refusal.message)),
                }
            }))
        }
        "urllib.parse.ParseResult.geturl" => eval.state(call.receiver?, "url").map(Ok),
        _ => None,
    }
}

fn object(eval: &mut Evaluator<'_>, url: &Url) -> Val {
    let text = |part: &str| Val::str(part);
    let maybe = |part: Option<String>| part.map_or(Val::NONE, Val::str);
    let port = match url.port() {
        Ok(port) => port.map_or(Val::NONE, |port| Val::int(port.into())),
        // Asking for it raises; who does not ask is not told.
        Err(_) => Kind::Unbound.into(),
    };
    let state = vec![
        ("scheme", text(&url.scheme)),
        ("netloc", text(&url.netloc)),
        ("path", text(&url.path)),
        ("params", text(&url.params)),
        ("query", text(&url.query)),
        ("fragment", text(&url.fragment)),
        ("username", maybe(url.username())),
        ("password", maybe(url.password())),
        ("hostname", maybe(url.hostname())),
        ("port", port),
        ("url", text(&url.to_text())),
    ];
    eval.object("urllib.parse.ParseResult", state)
}

/// `urlencode(query)` of a dict or of pairs.
fn urlencode(eval: &mut Evaluator<'_>, query: &Val, span: Span) -> Result<Val, Raise> {
    let pairs = Args::positional(vec![query.clone()]);
    let pairs = methods::mapping(eval, &pairs, span)?;
    // Pairs may name a key twice, which a dict does not.
    let known = eval.settled(query);
    if pairs.rest.is_some() || eval.entries(&known).is_none() {
        return Ok(eval.unknown(Cause::Code, "urlencode() of this", span));
    }
    let words: Vec<&Val> = pairs
        .entries
        .values()
        .flat_map(|(key, value)| [key, value])
        .collect();
    eval.lift(&words, span, &mut |eval, words| {
        let mut texts = Vec::new();
        for word in words {
            let text = match &word.kind {
                Kind::Bytes(_) => None,
                _ => format::text(eval, word),
            };
            match text {
                Some(text) => texts.push(quote(&text, "", true)),
                None => return Ok(eval.unknown_because(word)),
            }
        }
        let pairs = texts.chunks(2).map(|pair| pair.join("="));
        Ok(Val::str(pairs.collect::<Vec<_>>().join("&")))
    })
}

/// `parse_qs` and `parse_qsl` without options: fields that are empty are left out. `None` for what
/// is not UTF-8.
fn fields(eval: &mut Evaluator<'_>, query: &str, by_name: bool) -> Option<Val> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for field in query.split('&') {
        match field.split_once('=') {
            Some((name, value)) if !value.is_empty() => {
                pairs.push((unquote(name, true)?, unquote(value, true)?));
            }
            _ => {}
        }
    }
    if !by_name {
        let pairs = pairs.into_iter();
        let pairs = pairs.map(|(name, value)| Val::tuple(vec![Val::str(name), Val::str(value)]));
        return Some(eval.list(pairs.collect()));
    }
    let mut named: IndexMap<String, Vec<Val>> = IndexMap::new();
    for (name, value) in pairs {
        named.entry(name).or_default().push(Val::str(value));
    }
    let entries = named
        .into_iter()
        .map(|(name, values)| (Val::str(name), eval.list(values)));
    let entries = entries.collect();
    Some(eval.dict(entries))
}

/// `urljoin(base, url)` (RFC 3986, section 5.2, as Python 3.12 has it); `None` for schemes whose
/// paths it joins in other ways.
fn joined(base: &str, url: &str) -> Result<Option<String>, Refusal> {
    if base.is_empty() || url.is_empty() {
        return Ok(Some(if base.is_empty() { url } else { base }.to_owned()));
    }
    let base = Url::parse(base)?;
    let mut target = Url::parse(url)?;
    if !matches!(&*base.scheme, "" | "http" | "https") {
        return Ok(None);
    }
    if !target.scheme.is_empty() && target.scheme != base.scheme {
        return Ok(Some(url.to_owned()));
    }
    target.scheme = base.scheme;
    if !target.netloc.is_empty() {
        return Ok(Some(target.to_text()));
    }
    target.netloc = base.netloc;
    if target.path.is_empty() && target.params.is_empty() {
        target.path = base.path;
        target.params = base.params;
        if target.query.is_empty() {
            target.query = base.query;
        }
        return Ok(Some(target.to_text()));
    }
    target.path = merged(&base.path, &target.path);
    Ok(Some(target.to_text()))
}

/// A path seen from another one, without `.` and `..`.
fn merged(base: &str, path: &str) -> String {
    let folder = match base.rfind('/') {
        Some(at) => &base[..=at],
        None if base.is_empty() => "/",
        None => "",
    };
    let whole = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}{path}")
    };
    let last = whole.matches('/').count();
    let mut kept: Vec<&str> = Vec::new();
    for (at, part) in whole.split('/').enumerate() {
        match part {
            ".." => {
                kept.pop();
            }
            "." => {}
            "" if at > 0 && at < last && !path.starts_with('/') => {}
            part => kept.push(part),
        }
    }
    if whole.ends_with("/.") || whole.ends_with("/..") || matches!(&*whole, "." | "..") {
        kept.push("");
    }
    match kept.join("/") {
        joined if joined.is_empty() => "/".to_owned(),
        joined => joined,
    }
}
