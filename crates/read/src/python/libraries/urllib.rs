//! `urllib.parse` of the standard library: URLs taken apart.

use super::reading::{Answer, Call, lifted};
use crate::python::eval::Evaluator;
use crate::python::value::{Kind, Val};
use crate::urls::Url;

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
