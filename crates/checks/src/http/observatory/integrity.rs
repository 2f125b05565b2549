//! The test of scripts from elsewhere.

use super::View;
use crate::domains::site;

/// Results from good to bad, where one script decides against another.
const WORSE: [&str; 4] = [
    "sri-implemented-and-all-scripts-loaded-securely",
    "sri-implemented-but-external-scripts-not-loaded-securely",
    "sri-not-implemented-but-external-scripts-loaded-securely",
    "sri-not-implemented-and-external-scripts-not-loaded-securely",
];

pub(super) fn result(view: &View<'_>) -> &'static str {
    let kind = view.answer.value("content-type").unwrap_or_default();
    let is_html = ["text/html", "application/xhtml+xml"]
        .contains(&kind.split(';').next().unwrap_or_default());
    let Some(page) = view.answer.content.page.as_ref().filter(|_| is_html) else {
        return "sri-not-implemented-response-not-html";
    };
    if page.scripts.is_empty() {
        return "sri-not-implemented-but-no-scripts-loaded";
    }
    let own = site(View::host(&view.page.request.url));
    let mut worst: Option<usize> = None;
    let mut is_foreign = false;
    for script in &page.scripts {
        let Some(src) = script.src.as_deref().filter(|src| !src.is_empty()) else {
            continue;
        };
        let has_hash = script
            .integrity
            .as_deref()
            .is_some_and(|hash| !hash.is_empty());
        let is_absolute = src.starts_with("https://") || src.starts_with("http://");
        let has_host_alone = src.starts_with("//") && !src.starts_with("///");
        let is_own = match (is_absolute, has_host_alone) {
            (true, _) => site(View::host(src)) == own,
            (false, is_elsewhere) => !is_elsewhere,
        };
        // An address without a scheme counts as insecure, whatever the page came by.
        let is_secure = match is_absolute {
            true => src.starts_with("https://"),
            false => !has_host_alone && view.page.is_secure(),
        };
        let mut note = |rank: usize| worst = worst.max(Some(rank));
        if is_own {
            if has_hash && is_secure && worst.is_none() {
                worst = Some(0);
            }
            continue;
        }
        is_foreign = true;
        match (has_hash, is_secure) {
            (true, true) => {}
            (true, false) => note(1),
            (false, true) => note(2),
            (false, false) => note(3),
        }
    }
    match worst {
        Some(rank) => WORSE[rank],
        None if is_foreign => "sri-implemented-and-external-scripts-loaded-securely",
        None => "sri-not-implemented-but-all-scripts-loaded-from-secure-origin",
    }
}
