//! Headers that nginx adds to a response or to the request that it hands on.

use tightship_model::nginx::{Directive, Word};

use super::context::Context;

/// A header as a directive gives it.
pub(super) struct Header<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

impl Header<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The headers of one `add_header`, `proxy_set_header` or `more_set_headers`.
pub(super) fn added(directive: &Directive) -> impl Iterator<Item = Header<'_>> {
    let is_more = directive.is("more_set_headers");
    let pair = (!is_more)
        .then(|| {
            Some(Header {
                name: directive.argument(0)?,
                value: directive.argument(1).unwrap_or_default(),
            })
        })
        .flatten();
    let more = if is_more {
        headers_more(&directive.arguments)
    } else {
        Vec::new()
    };
    pair.into_iter().chain(more)
}

/// The `Name: value` parameters of `more_set_headers`, without its options `-s 404 -t type -r -a`.
fn headers_more(words: &[Word]) -> Vec<Header<'_>> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "-s" | "-t" => {
                words.next();
            }
            "-r" | "-a" => {}
            text => {
                let (name, value) = text.split_once(':').unwrap_or((text, ""));
                found.push(Header {
                    name: name.trim(),
                    value: value.trim_start_matches(' '),
                });
            }
        }
    }
    found
}

/// The `add_header` or `add_trailer` directives that hold in a place, with the way in which
/// `add_header_inherit` or `add_trailer_inherit` (nginx 1.29.3) hands them on.
pub(super) fn handed_on<'a>(
    context: &Context<'a>,
    name: &str,
    inheritance: &str,
) -> Vec<&'a Directive> {
    let mut found: Vec<&Directive> = Vec::new();
    for level in context.levels() {
        let own: Vec<_> = level.own(name).collect();
        let merges = level.value(inheritance).and_then(|one| one.argument(0)) == Some("merge");
        let stops = level
            .own(inheritance)
            .any(|one| one.argument(0) == Some("off"));
        found.extend(own.iter().copied());
        if stops || (!own.is_empty() && !merges) {
            break;
        }
    }
    found
}

/// The headers that make a browser keep a promise of the site, in lower case: losing one of them
/// weakens it. (The list of Mozilla's HTTP Observatory, with those of cross-origin isolation.)
pub(super) const PROTECTIVE: [&str; 10] = [
    "content-security-policy",
    "content-security-policy-report-only",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
];

pub(super) fn is_protective(name: &str) -> bool {
    PROTECTIVE.contains(&name.to_ascii_lowercase().as_str())
}
