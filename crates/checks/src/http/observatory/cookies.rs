//! The test of cookies: the worst of all decides.

use tightship_model::site::http::{Answer, Purpose};

use super::View;
use crate::http::cookie::Cookie;

/// Results from good to bad; the first is that of no fault.
const WORSE: [&str; 8] = [
    "",
    "cookies-without-secure-flag-but-protected-by-hsts",
    "cookies-without-secure-flag",
    "cookies-session-without-secure-flag-but-protected-by-hsts",
    "cookies-samesite-flag-invalid",
    "cookies-anticsrf-without-samesite-flag",
    "cookies-session-without-httponly-flag",
    "cookies-session-without-secure-flag",
];

/// A cookie of a load balancer that the Observatory passes over.
const PASSED_OVER: &str = "heroku-session-affinity";

pub(super) fn result(view: &View<'_>, hsts: &str) -> &'static str {
    let has_hsts = hsts == "hsts-implemented-max-age-at-least-six-months";
    let mut worst = 0;
    let mut note = |result: &str| {
        let rank = WORSE.iter().position(|known| *known == result);
        worst = worst.max(rank.unwrap_or(0));
    };
    for value in view.answer.values("set-cookie") {
        if has_odd_same_site(value) {
            note("cookies-samesite-flag-invalid");
        }
    }
    let cookies = jar(view);
    if cookies.is_empty() {
        return "cookies-not-found";
    }
    let mut all_same_site = true;
    for cookie in &cookies {
        let name = cookie.name.to_ascii_lowercase();
        let is_session = name.contains("login") || name.contains("sess");
        let same_site = kept_same_site(cookie);
        all_same_site &= same_site.is_some();
        if !cookie.secure && same_site.as_deref() == Some("none") {
            note("cookies-samesite-flag-invalid");
        }
        match (cookie.secure, has_hsts) {
            (true, _) => {}
            (false, true) => note(WORSE[1]),
            (false, false) => note(WORSE[2]),
        }
        if name.contains("csrf") && same_site.is_none() {
            note("cookies-anticsrf-without-samesite-flag");
        }
        match (is_session && !cookie.secure, has_hsts) {
            (false, _) => {}
            (true, true) => note(WORSE[3]),
            (true, false) => note(WORSE[7]),
        }
        if is_session && !cookie.http_only {
            note("cookies-session-without-httponly-flag");
        }
    }
    match (worst, all_same_site) {
        (0, true) => "cookies-secure-with-httponly-sessions-and-samesite",
        (0, false) => "cookies-secure-with-httponly-sessions",
        _ => WORSE[worst],
    }
}

/// The cookies that a visit collects: those of the page on its way, and of robots.txt; a later one
/// takes the place of an earlier one, and a deletion takes it away.
fn jar<'a>(view: &View<'a>) -> Vec<Cookie<'a>> {
    let asked = view
        .http
        .all(Purpose::Page)
        .chain(view.http.all(Purpose::Robots));
    let answers = asked.filter_map(|exchange| exchange.answer());
    let mut jar: Vec<Cookie<'a>> = Vec::new();
    let set = |answer: &'a Answer| answer.values("set-cookie").filter_map(Cookie::parse);
    for cookie in answers.flat_map(set) {
        jar.retain(|known| (known.name, known.path) != (cookie.name, cookie.path));
        if !cookie.is_deletion() && !cookie.name.is_empty() && cookie.name != PASSED_OVER {
            jar.push(cookie);
        }
    }
    jar
}

/// The attribute as a jar keeps it: none where it is none of the three words.
fn kept_same_site(cookie: &Cookie<'_>) -> Option<String> {
    let word = cookie.same_site?.to_ascii_lowercase();
    ["lax", "strict", "none"]
        .contains(&word.as_str())
        .then_some(word)
}

fn has_odd_same_site(value: &str) -> bool {
    value.split(';').any(|part| {
        let mut words = part.trim().split('=');
        let is_it = words
            .next()
            .is_some_and(|name| name.trim().eq_ignore_ascii_case("samesite"));
        let word = words.next().unwrap_or_default().trim().to_ascii_lowercase();
        is_it && !["lax", "strict", "none"].contains(&word.as_str())
    })
}
