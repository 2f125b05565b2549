//! Which route of the URL configuration a path leads to, as Django's resolver tries them.

use tightship_model::{Cause, Pattern, Route, Routes, Settings, Unknown, View};

use super::{Known, settings};
use crate::compiled::{USUAL, compiled};

/// The answer of the resolver.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved<'a> {
    To(&'a Route),
    /// No route: 404.
    Nowhere,
}

/// Resolves a request path (`/orders/7/`), in Django's order.
pub fn resolve<'a>(routes: &'a Routes, settings: &Settings, path: &str) -> Known<Resolved<'a>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    for route in &routes.routes {
        if matches(route, settings, path)? {
            let reason = match (&route.when, &route.view) {
                (Some(condition), _) => format!("the route exists under {condition}"),
                // The admin answers every path below it.
                (None, View::Admin) => return Ok(Resolved::To(route)),
                (None, View::Package(module)) => {
                    format!("whether {module} has a route for {path} is not known")
                }
                (None, _) if route.patterns.contains(&Pattern::Open) => {
                    format!("whether there is a route for {path} is not known")
                }
                (None, _) => return Ok(Resolved::To(route)),
            };
            return Err(Unknown::new(Cause::Code, reason, Some(route.span)));
        }
    }
    match routes.unread.first() {
        None => Ok(Resolved::Nowhere),
        Some(unread) => Err(Unknown::new(
            Cause::Code,
            format!("some routes are not known: {}", unread.reason),
            Some(unread.span),
        )),
    }
}

/// Whether a path leads to a route.
fn matches(route: &Route, settings: &Settings, path: &str) -> Known<bool> {
    let unknown = |reason: &str| Unknown::new(Cause::Code, reason, Some(route.span));
    let mut rest = path;
    for (at, pattern) in route.patterns.iter().enumerate() {
        let is_end = at + 1 == route.patterns.len();
        let consumed = match pattern {
            Pattern::Open => return Ok(true),
            Pattern::Unknown(reason) => return Err(unknown(reason)),
            Pattern::Language { default_is_bare } => {
                match language(settings, rest, *default_is_bare)? {
                    Some(length) => Some(length),
                    None => return Ok(false),
                }
            }
            Pattern::Path(text) if !text.contains('<') => {
                let fits = match is_end {
                    true => rest == text,
                    false => rest.starts_with(text.as_str()),
                };
                fits.then_some(text.len())
            }
            Pattern::Path(text) => {
                let Some(regex) = path_regex(text, is_end) else {
                    return Err(unknown("a path converter of the project's own"));
                };
                // Most routes differ in the text before their first converter.
                let plain = text.split('<').next().unwrap_or_default();
                match rest.starts_with(plain) {
                    true => consumed(&regex, rest).map_err(|reason| unknown(&reason))?,
                    false => None,
                }
            }
            Pattern::Regex(text) => consumed(text, rest).map_err(|reason| unknown(&reason))?,
        };
        match consumed {
            Some(length) => rest = &rest[length..],
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// How many bytes of `path` the search of a regular expression leaves behind; `None` where it
/// finds nothing.
fn consumed(regex: &str, path: &str) -> Result<Option<usize>, String> {
    let regex = compiled(&regex.replace(r"\Z", r"\z"), USUAL)
        .ok_or_else(|| "a regular expression that is not understood".to_owned())?;
    match regex.find(path) {
        Ok(found) => Ok(found.map(|found| found.end())),
        Err(_) => Err("a regular expression that takes too long".to_owned()),
    }
}

/// `django.urls.resolvers._route_to_regex`; `None` for a converter that is not Django's.
fn path_regex(route: &str, is_end: bool) -> Option<String> {
    let mut regex = "^".to_owned();
    let mut rest = route;
    while let Some(start) = rest.find('<') {
        let (text, after) = rest.split_at(start);
        let end = after.find('>')?;
        let converter = match after[1..end].split_once(':') {
            Some((converter, _)) => converter,
            None => "str",
        };
        regex.push_str(&fancy_regex::escape(text));
        regex.push_str(match converter {
            "int" => "[0-9]+",
            "str" => "[^/]+",
            "slug" => "[-a-zA-Z0-9_]+",
            "uuid" => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "path" => ".+",
            _ => return None,
        });
        rest = &after[end + 1..];
    }
    regex.push_str(&fancy_regex::escape(rest));
    if is_end {
        regex.push_str(r"\z");
    }
    Some(regex)
}

/// The language prefix of a path: its length, `None` where no path without one matches.
fn language(settings: &Settings, path: &str, default_is_bare: bool) -> Known<Option<usize>> {
    let first = path.split('/').next().unwrap_or_default();
    let languages = settings::value(settings, "LANGUAGES")?;
    let is_language = languages.value.as_items().is_some_and(|items| {
        items.items.iter().any(|pair| {
            let code = pair.value.as_items().and_then(|pair| pair.items.first());
            code.and_then(|code| code.value.as_str())
                .is_some_and(|code| code.eq_ignore_ascii_case(first))
        })
    });
    if is_language && path.len() > first.len() {
        return Ok(Some(first.len() + 1));
    }
    Ok(default_is_bare.then_some(0))
}
