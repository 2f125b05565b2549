//! Boxes that name a setting.

use super::Found;
use super::words::Words;

/// A setting, the row that it is about, and what it must be where it is a switch.
type Named = (&'static str, &'static str, Option<&'static str>);

#[rustfmt::skip]
static NAMES: &[Named] = &[
    ("DEBUG", "A1.1", Some("false")),
    ("SECRET_KEY", "A1.2", None),
    ("DJANGO_KEY", "A1.2", None),
    ("DJANGO_SECRET_KEY", "A1.2", None),
    ("SECRET_KEY_FALLBACKS", "X1", None),
    ("ALLOWED_HOSTS", "A1.3", None),
    ("EMAIL_BACKEND", "A1.4", None),
    ("EMAIL_HOST_PASSWORD", "A1.5", None),
    ("DATABASE_URL", "A1.6", None),
    ("DATABASES", "A1.6", None),
    ("SESSION_COOKIE_SECURE", "A2.1", Some("true")),
    ("CSRF_COOKIE_SECURE", "A2.2", Some("true")),
    ("SECURE_SSL_REDIRECT", "A2.3", Some("true")),
    ("SECURE_HSTS_SECONDS", "A2.4", None),
    ("SECURE_HSTS_PRELOAD", "X26", Some("true")),
    ("SECURE_HSTS_INCLUDE_SUBDOMAINS", "X26", Some("true")),
    ("SESSION_COOKIE_HTTPONLY", "A2.5", Some("true")),
    ("SESSION_COOKIE_SAMESITE", "A2.6", Some("lax strict")),
    ("X_FRAME_OPTIONS", "A2.7", Some("deny sameorigin")),
    ("SECURE_CSP", "A2.8", None),
    ("SECURE_REFERRER_POLICY", "X10", None),
    ("SECURE_CROSS_ORIGIN_OPENER_POLICY", "X10", None),
    ("SECURE_PROXY_SSL_HEADER", "A10.3", None),
    ("SESSION_COOKIE_NAME", "X25", None),
    ("CSRF_COOKIE_NAME", "X25", None),
    ("SESSION_COOKIE_AGE", "X13", None),
    ("SESSION_SERIALIZER", "X19", None),
    ("ACCOUNT_EMAIL_VERIFICATION", "A3.1", Some("mandatory")),
    ("ACCOUNT_ADAPTER", "A3.2", None),
    ("AXES_FAILURE_LIMIT", "A3.4", None),
    ("AXES_COOLOFF_TIME", "A3.5", None),
    ("AXES_COOLOFF_DURATION", "A3.5", None),
    ("CSRF_TRUSTED_ORIGINS", "B1.4", None),
    ("CORS_ALLOWED_ORIGINS", "B3.1", None),
    ("CORS_ALLOWED_ORIGIN_REGEXES", "B3.2", None),
    ("CORS_ALLOW_ALL_ORIGINS", "B3.3", Some("false")),
    ("CORS_ORIGIN_ALLOW_ALL", "B3.3", Some("false")),
    ("AUTH_PASSWORD_VALIDATORS", "B7.3", None),
    ("PASSWORD_HASHERS", "X11", None),
    ("ACCESS_TOKEN_LIFETIME", "B7.1", None),
    ("REFRESH_TOKEN_LIFETIME", "B7.2", None),
    ("LOGGING", "X8", None),
    ("MEDIA_ROOT", "A5.3", None),
    ("STATIC_ROOT", "A5.1", None),
];

/// Words with which a box is about another place or another time.
const ELSEWHERE: [&str; 9] = [
    "staging",
    "local",
    "development",
    "developer",
    "dev$",
    "laptop",
    "demo",
    "temporar",
    "document",
];

/// Words with which a box asks something else of a setting than which value it has.
const OTHERWISE: [&str; 11] = [
    "writable",
    "writeable",
    "rotat",
    "histor",
    "vault",
    "replica",
    "review",
    "differ",
    "backed",
    "backup",
    "etc$",
];

/// How settings that are not in the table begin: a box that names one asks for more than is proven.
const FAMILIES: [&str; 12] = [
    "ACCOUNT_",
    "AXES_",
    "CORS_",
    "CSRF_",
    "DATA_UPLOAD_",
    "EMAIL_",
    "FILE_UPLOAD_",
    "LANGUAGE_",
    "PASSWORD_",
    "SECURE_",
    "SESSION_",
    "X_FRAME_",
];

/// Words that turn a statement round.
const NOT: [&str; 7] = ["no", "not", "never", "without", "disable", "dont", "remove"];

/// The rows of the settings that the text names. `None` where it names none; `Some(None)` where it wants
/// of one something else than its row does: then its other words bind it to nothing either.
pub(super) fn find(text: &str, words: &Words) -> Option<Option<Found>> {
    let is_known = |name: &str| NAMES.iter().any(|(known, ..)| *known == name);
    let mut names = constants(text).map(|(_, name)| name);
    names.any(is_known).then(|| all(text, words))
}

/// The rows of all settings that the text names, if it wants of each what its row wants.
fn all(text: &str, words: &Words) -> Option<Found> {
    let is_elsewhere = ELSEWHERE.iter().any(|stem| words.has(stem));
    let is_excluded = words.has("production") && says_not(text);
    if (is_elsewhere && !is_excluded) || OTHERWISE.iter().any(|stem| words.has(stem)) {
        return None;
    }
    let mut found: Option<Found> = None;
    for (place, name) in constants(text) {
        let Some((_, row, wanted)) = NAMES.iter().find(|(known, ..)| *known == name) else {
            match FAMILIES.iter().any(|family| name.starts_with(family)) {
                true => return None,
                false => continue,
            }
        };
        let value = value(&text[place + name.len()..]);
        if says_opposite(name, *wanted, value.as_deref(), &text[..place], words) {
            return None;
        }
        match &mut found {
            None => {
                let confidence = if value.is_some() { 98 } else { 95 };
                found = Some(Found::row(row, confidence, format!("the setting {name}")));
            }
            Some(found) if found.row == Some(row) || found.more.contains(row) => {}
            Some(found) => {
                found.more.push(row);
                found.because.push_str(&format!(", {name}"));
            }
        }
    }
    found
}

/// Words of capitals, each with its place.
fn constants(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.split(move |c: char| !is_part(c))
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// Whether the text wants something else of the setting than its row does.
fn says_opposite(
    name: &str,
    wanted: Option<&str>,
    value: Option<&str>,
    before: &str,
    words: &Words,
) -> bool {
    let has = |stems: &[&str]| stems.iter().any(|stem| words.has(stem));
    match name {
        // The level of a log, a package.
        "DEBUG" if has(&["log", "logs", "logging", "logger", "level", "toolbar"]) => return true,
        "DATABASES" | "DATABASE_URL" if words.has("sqlite") => {
            return !has(&["postgres", "not", "no", "instead"]);
        }
        _ => {}
    }
    let (Some(wanted), Some(value)) = (wanted, value) else {
        return false;
    };
    let is_wanted = wanted.split(' ').any(|wanted| wanted == value);
    let before = Words::of(before);
    is_wanted == NOT.iter().any(|not| before.has(not))
}

fn says_not(text: &str) -> bool {
    text.contains("(not ")
}

/// The value behind `=` or `:`, in lower case and without quotes.
fn value(rest: &str) -> Option<String> {
    let rest = rest.trim_start_matches(['`', ' ']);
    let rest = rest.strip_prefix('=').or_else(|| rest.strip_prefix(':'))?;
    let word = rest
        .trim_start_matches(['=', ' ', '"', '\'', '`'])
        .split([' ', '"', '\'', '`', ')', ','])
        .next()?;
    (!word.is_empty()).then(|| word.to_lowercase())
}
