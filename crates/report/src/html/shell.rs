//! What all pages share: the policy, the style, the script, the head and the foot.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

/// The style that each page begins with.
macro_rules! style {
    ($($file:literal),*) => {
        concat!(include_str!("../html/page.css"), $(include_str!($file)),*)
    };
}
pub(crate) use style;

pub(crate) const SCRIPT: &str = include_str!("page.js");

pub(crate) struct Shell<'a> {
    pub(crate) policy: String,
    pub(crate) style: &'static str,
    pub(crate) script: &'static str,
    /// Whose page it is.
    pub(crate) name: String,
    pub(crate) version: &'a str,
    /// The day in UTC: `2026-11-22`.
    pub(crate) judged_on: Option<&'a str>,
    /// What the filters show and hide: `findings`.
    pub(crate) noun: &'static str,
}

/// Nothing is allowed but the one script and the one style of a page, by their hashes (Content
/// Security Policy Level 3, section 6.7.3.3).
pub(crate) fn policy(style: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(style)
    )
}

/// The last part of a folder; `None` where that is no name.
pub(crate) fn last_part(root: &str) -> Option<&str> {
    let last = root.trim_end_matches('/').rsplit('/').next();
    last.filter(|name| !matches!(*name, "" | "." | ".."))
}
