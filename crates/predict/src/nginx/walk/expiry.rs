//! How long an answer may be kept:
//! [expires](https://nginx.org/en/docs/http/ngx_http_headers_module.html#expires).

use super::Walk;
use crate::nginx::answer::{Header, Text};

impl Walk<'_, '_, '_> {
    /// Sets the two headers; `is_certain` where the status is known to be one that gets them.
    pub(super) fn expires(&mut self, is_certain: bool, is_file: bool) {
        let Some(directive) = self.scope.one("expires") else {
            return;
        };
        let Some(word) = directive.arguments.last() else {
            return;
        };
        let is_modified = directive.arguments.len() == 2;
        let (time, control) = match self.expand(word) {
            Text::Known(text) => match expiry(&text, is_modified, is_file) {
                Some(found) => found,
                None => return,
            },
            unknown @ Text::NotKnown { .. } => {
                let header = |name| Header {
                    is_certain: false,
                    span: Some(directive.span),
                    ..Header::new(name, unknown.clone())
                };
                self.out
                    .extend([header("Expires"), header("Cache-Control")]);
                return;
            }
        };
        // A header of the server behind gives its place to the new one.
        for (name, value) in [("Expires", time), ("Cache-Control", control)] {
            let header = Header {
                span: Some(directive.span),
                is_certain,
                ..Header::new(name, value)
            };
            let is_it = |header: &Header| header.name.eq_ignore_ascii_case(name);
            match self.out.iter().position(is_it) {
                Some(place) => {
                    self.out[place].value = header.value;
                    let mut later = place + 1;
                    while let Some(again) = self.out[later..].iter().position(is_it) {
                        later += again;
                        self.take_back(later);
                    }
                }
                None => self.out.push(header),
            }
        }
    }
}

/// The `Expires` and `Cache-Control` of an `expires`; `None` for `off` and what nginx passes over.
fn expiry(text: &str, is_modified: bool, is_file: bool) -> Option<(Text, Text)> {
    let later = || Text::not_known("the time");
    match text {
        "off" => return None,
        "epoch" => {
            return Some((
                Text::from("Thu, 01 Jan 1970 00:00:01 GMT"),
                Text::from("no-cache"),
            ));
        }
        "max" => {
            return Some((
                Text::from("Thu, 31 Dec 2037 23:55:55 GMT"),
                Text::from("max-age=315360000"),
            ));
        }
        _ => {}
    }
    if text.starts_with('@') {
        return Some((later(), later()));
    }
    let (is_past, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let seconds = seconds(text)?;
    let control = if is_past && seconds > 0 {
        Text::from("no-cache")
    } else if is_modified && is_file && seconds > 0 {
        later()
    } else {
        Text::Known(format!("max-age={seconds}"))
    };
    Some((later(), control))
}

/// A time as nginx writes it, in seconds: `1h 30m`, `7d`, `3600`.
fn seconds(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            's' | ' ' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            'M' => 2_592_000,
            'y' => 31_536_000,
            _ => return None,
        };
        if digits.is_empty() && c == ' ' {
            continue;
        }
        total = total.checked_add(digits.parse::<u64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    if digits.is_empty() {
        return (!text.is_empty()).then_some(total);
    }
    total.checked_add(digits.parse().ok()?)
}
