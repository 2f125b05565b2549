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

/// Words that turn a statement round.
const NOT: [&str; 7] = ["no", "not", "never", "without", "disable", "dont", "remove"];

/// The row of the first setting that the text names, if the text wants of it what the row wants.
pub(super) fn find(text: &str, words: &Words) -> Option<Found> {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let (place, name) = text
        .split(|c: char| !is_part(c))
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .find(|(_, word)| NAMES.iter().any(|(name, ..)| name == word))?;
    let (name, row, wanted) = NAMES.iter().find(|(known, ..)| *known == name)?;
    let is_elsewhere = ELSEWHERE.iter().any(|stem| words.has(stem)) && !words.has("production");
    let is_excluded = ELSEWHERE.iter().any(|stem| words.has(stem)) && words.has("production");
    if is_elsewhere || (is_excluded && !says_not(text)) {
        return None;
    }
    let value = value(&text[place + name.len()..]);
    if let (Some(wanted), Some(value)) = (wanted, &value) {
        let is_wanted = wanted.split(' ').any(|wanted| wanted == value);
        let negated = NOT.iter().any(|not| Words::of(&text[..place]).has(not));
        if is_wanted == negated {
            return None;
        }
    }
    let confidence = if value.is_some() { 98 } else { 95 };
    Some(Found::row(row, confidence, format!("the setting {name}")))
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
