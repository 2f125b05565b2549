//! The words that a policy is made of, as csp_evaluator 1.1.8 knows them (CSP 1 to 3, Trusted Types,
//! and words that drafts once had).

/// Directives that are no fetches.
const OTHERS: [&str; 18] = [
    "prefetch-src",
    "base-uri",
    "plugin-types",
    "sandbox",
    "disown-opener",
    "form-action",
    "frame-ancestors",
    "navigate-to",
    "report-to",
    "report-uri",
    "block-all-mixed-content",
    "upgrade-insecure-requests",
    "reflected-xss",
    "referrer",
    "require-sri-for",
    "trusted-types",
    "require-trusted-types-for",
    "webrtc",
];

/// Directives that `default-src` stands in for.
pub(super) const FETCHES: [&str; 16] = [
    "child-src",
    "connect-src",
    "default-src",
    "font-src",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "object-src",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "worker-src",
];

/// Keywords, without their ticks.
const KEYWORDS: [&str; 13] = [
    "self",
    "none",
    "unsafe-inline",
    "unsafe-eval",
    "wasm-eval",
    "wasm-unsafe-eval",
    "strict-dynamic",
    "unsafe-hashed-attributes",
    "unsafe-hashes",
    "report-sample",
    "block",
    "allow",
    "inline-speculation-rules",
];

const HASHES: [&str; 3] = ["sha256-", "sha384-", "sha512-"];

pub(super) fn directives() -> impl Iterator<Item = &'static str> {
    FETCHES.into_iter().chain(OTHERS)
}

pub(super) fn is_directive(word: &str) -> bool {
    directives().any(|known| known == word)
}

/// A keyword, a nonce or a hash that lacks its ticks.
pub(super) fn lacks_ticks(word: &str) -> bool {
    KEYWORDS.contains(&word)
        || word.starts_with("nonce-")
        || HASHES.iter().any(|start| word.starts_with(start))
}

pub(super) fn is_keyword(word: &str) -> bool {
    quoted(word).is_some_and(|inner| KEYWORDS.contains(&inner))
}

/// `https:`
pub(super) fn is_scheme(word: &str) -> bool {
    word.strip_suffix(':').is_some_and(|scheme| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || "+.-".contains(one))
    })
}

/// What stands in a nonce, whatever it is made of.
pub(super) fn nonce(word: &str) -> Option<&str> {
    quoted(word)?
        .strip_prefix("nonce-")
        .filter(|nonce| !nonce.is_empty())
}

pub(super) fn is_nonce(word: &str) -> bool {
    nonce(word).is_some_and(is_base64)
}

pub(super) fn is_hash(word: &str) -> bool {
    quoted(word).is_some_and(|inner| {
        let mut digests = HASHES.iter().filter_map(|start| inner.strip_prefix(start));
        digests.any(is_base64)
    })
}

fn quoted(word: &str) -> Option<&str> {
    word.strip_prefix('\'')?.strip_suffix('\'')
}

/// CSP 3, section 2.3.1: `base64-value`.
fn is_base64(text: &str) -> bool {
    let body = text.strip_suffix('=').unwrap_or(text);
    let body = body.strip_suffix('=').unwrap_or(body);
    !body.is_empty()
        && body
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "+/_-".contains(one))
}
