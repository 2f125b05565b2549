//! Sentences of security documents that settings or packages can be held against.

use std::ops::Range;
use std::sync::LazyLock;

use regex_lite::Regex;
use tightship_model::documents::{Claim, Promise};

use super::Document;

/// Words that make a sentence advice, a plan, a condition or a complaint instead of a promise.
const NO_PROMISE: [&str; 30] = [
    "should",
    "must ",
    "recommend",
    "consider",
    "todo",
    "planned",
    "plan to",
    "will be",
    "can be",
    "could",
    "may ",
    "might",
    "not yet",
    "if you",
    "when you",
    "optional",
    "make sure",
    "ensure ",
    "[ ]",
    "before you",
    "by default",
    "for example",
    "configure",
    "see below",
    "without ",
    "left off",
    "replace ",
    // A policy lists so what is not worth a report.
    "absence of",
    "lack of",
    "missing ",
];

/// Packages that protect, by the name that one installs them by.
const PACKAGES: [&str; 19] = [
    "argon2-cffi",
    "django-allauth",
    "django-auditlog",
    "django-axes",
    "django-cors-headers",
    "django-csp",
    "django-defender",
    "django-easy-audit",
    "django-guardian",
    "django-honeypot",
    "django-otp",
    "django-permissions-policy",
    "django-ratelimit",
    "django-simple-history",
    "django-two-factor-auth",
    "djangorestframework-simplejwt",
    "sentry-sdk",
    "whitenoise",
    "django-cryptography",
];

/// Collects the promises of a document on security, or of its sections on that.
pub(super) fn collect(document: &Document<'_>, claims: &mut Vec<Claim>) {
    let name = document
        .path
        .rsplit('/')
        .next()
        .unwrap_or(document.path)
        .to_lowercase();
    let is_whole = name.contains("security") || name.contains("hardening");
    for paragraph in &document.layout.paragraphs {
        if !is_whole && !is_on_security(document, paragraph.start) {
            continue;
        }
        let mut start = paragraph.start;
        for sentence in sentences(&document.text[paragraph.clone()]) {
            let range = start..start + sentence.len();
            start = range.end;
            promises(document, range, claims);
        }
    }
}

/// The sentences and the items of a list; together they are the whole text.
fn sentences(text: &str) -> Vec<&str> {
    let mut start = 0;
    let mut ends: Vec<usize> = [". ", ".\n", "\n-", "\n*"]
        .iter()
        .flat_map(|end| text.match_indices(end))
        .map(|(at, _)| at + 1)
        .collect();
    ends.sort_unstable();
    ends.push(text.len());
    ends.into_iter()
        .map(|end| {
            let sentence = &text[start..end];
            start = end;
            sentence
        })
        .collect()
}

fn promises(document: &Document<'_>, range: Range<usize>, claims: &mut Vec<Claim>) {
    let sentence = &document.text[range.clone()];
    let lower = sentence.to_lowercase().replace(['*', '`', '\n'], " ");
    if NO_PROMISE.iter().any(|word| lower.contains(word)) {
        return;
    }
    let trimmed = sentence.trim();
    let start = range.start + (sentence.len() - sentence.trim_start().len());
    let span = document.span(start..start + trimmed.len());
    let mut promise = |promise| claims.push(Claim { promise, span });
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if lower.contains("http") && has(&["redirect"]) {
        promise(Promise::HttpsRedirect);
    }
    if has(&["hsts", "strict-transport-security"]) {
        promise(Promise::Hsts {
            seconds: years(&lower),
            subdomains: lower.contains("subdomain"),
        });
    }
    if lower.contains("cookie") {
        if words(&lower).any(|word| word == "secure") {
            promise(Promise::SecureCookies);
        }
        if lower.contains("httponly") {
            promise(Promise::ReadableByServerOnly);
        }
    }
    if has(&["content security policy", "content-security-policy"]) {
        promise(Promise::ContentSecurityPolicy);
    }
    if lower.contains("x-frame-options") {
        let value = ["deny", "sameorigin"]
            .into_iter()
            .find(|value| lower.contains(value));
        promise(Promise::Framing(value.unwrap_or("deny").to_uppercase()));
    }
    if lower.contains("lock") && has(&["attempt", "failed login", "failures"]) {
        promise(Promise::Lockout {
            attempts: number(&lower),
        });
    }
    if has(&["two factor", "two-factor", "2fa", "mfa", "multi-factor"]) {
        promise(Promise::TwoFactors);
    }
    if let Some(least) = password_length(&lower) {
        promise(Promise::PasswordLength(least));
    }
    if let Some(hasher) = ["argon2", "bcrypt", "scrypt"]
        .into_iter()
        .find(|name| lower.contains(name))
    {
        promise(Promise::Hasher(hasher.to_owned()));
    }
    if lower.contains("token")
        && has(&["live", "expire", "lifetime", "valid for"])
        && !lower.contains("csrf")
    {
        let refresh = lower.find("refresh").unwrap_or(usize::MAX);
        if let Some((_, seconds)) = duration(&lower).filter(|(at, _)| *at < refresh) {
            promise(Promise::TokenLifetime(seconds));
        }
    }
    if lower.contains("token") && has(&["blacklist", "blocklist", "denylist"]) {
        promise(Promise::TokenBlacklist);
    }
    if has(&["rate limit", "rate-limit", "throttl"]) {
        promise(Promise::RateLimit);
    }
    if DEBUG_OFF
        .as_ref()
        .is_some_and(|debug| debug.is_match(&lower))
    {
        promise(Promise::DebugOff);
    }
    for package in PACKAGES {
        if words(&lower).any(|word| word == package) {
            promise(Promise::Package(package.to_owned()));
        }
    }
    for word in document.layout.words_in(&range) {
        let set = setting(&document.text[word.range.clone()]);
        // A setting that opens to everybody is named to warn of it.
        if let Some((name, literal)) = set.filter(|(name, _)| !name.contains("ALLOW_ALL")) {
            promise(Promise::Setting { name, literal });
        }
    }
}

// A handful of sentences is searched: building the patterns costs more than all of the searching,
// so the engine is the one that builds fast.
static DEBUG_OFF: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\bdebug\b *(mode )?(is|=|is set to|set to) *(always )?(off|false|disabled)").ok()
});
static DURATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"([0-9]+|one|two|five|ten|fifteen|thirty)[ -](minute|hour|day|week)").ok()
});
static YEARS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"([0-9]+|one|a|two)[ -](year|month)").ok());
static LENGTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?:at least|minimum(?: length)?(?: of)?|min\.?) *([0-9]+)|([0-9]+)\+? (?:or more )?characters",
    )
    .ok()
});
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"([0-9]+|three|five|ten)(?: consecutive| failed| unsuccessful| wrong| login)* (?:attempt|failure|login)").ok()
});

fn years(lower: &str) -> Option<u64> {
    const YEAR: u64 = 31_536_000;
    const MONTH: u64 = 30 * 86_400;
    let captures = YEARS.as_ref()?.captures(lower)?;
    let count = count(captures.get(1)?.as_str())?;
    let unit = if &captures[2] == "year" { YEAR } else { MONTH };
    count.checked_mul(unit)
}

/// The first length of time, and where it stands.
fn duration(lower: &str) -> Option<(usize, u64)> {
    let captures = DURATION.as_ref()?.captures(lower)?;
    let unit = match &captures[2] {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => 7 * 86_400,
    };
    let seconds = count(captures.get(1)?.as_str())?.checked_mul(unit)?;
    Some((captures.get(0)?.start(), seconds))
}

fn password_length(lower: &str) -> Option<u64> {
    if !lower.contains("password") || !lower.contains("character") {
        return None;
    }
    let captures = LENGTH.as_ref()?.captures(lower)?;
    let digits = captures.get(1).or_else(|| captures.get(2))?;
    digits.as_str().parse().ok()
}

fn number(lower: &str) -> Option<u64> {
    count(NUMBER.as_ref()?.captures(lower)?.get(1)?.as_str())
}

fn count(word: &str) -> Option<u64> {
    Some(match word {
        "a" | "one" => 1,
        "two" => 2,
        "three" => 3,
        "five" => 5,
        "ten" => 10,
        "fifteen" => 15,
        "thirty" => 30,
        digits => digits.parse().ok()?,
    })
}

/// `NAME` or `NAME = literal`.
fn setting(code: &str) -> Option<(String, Option<String>)> {
    let (name, literal) = match code.split_once('=') {
        Some((name, literal)) => (name.trim(), Some(literal.trim().to_owned())),
        None => (code.trim(), None),
    };
    let is_name = name.contains('_')
        && name
            .bytes()
            .all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit());
    is_name.then(|| (name.to_owned(), literal))
}

fn words(lower: &str) -> impl Iterator<Item = &str> {
    lower.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
}

/// Whether the nearest heading above is on security.
fn is_on_security(document: &Document<'_>, at: usize) -> bool {
    let above = document.layout.heading_above(at);
    above.is_some_and(|heading| {
        let heading = document.text[heading.clone()].to_lowercase();
        heading.contains("security") || heading.contains("hardening")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::layout::Layout;
    use tightship_model::SourceId;

    fn claimed(path: &str, text: &str) -> Vec<Promise> {
        let document = Document {
            path,
            text,
            layout: Layout::of(path, text),
            source: SourceId(0),
        };
        let mut claims = Vec::new();
        collect(&document, &mut claims);
        claims.into_iter().map(|claim| claim.promise).collect()
    }

    #[test]
    fn promises_are_read_with_their_measure() {
        let text = "- **HTTPS everywhere.** Plain HTTP is redirected. HSTS is sent for two years and \
            includes all subdomains.\n- **Cookies** are Secure and HttpOnly.\n\
            - **Logins** lock after 5 failed attempts. Staff use two factors.\n\
            - Passwords have at least 12 characters and are stored with Argon2.\n\
            - API tokens live for 15 minutes; a used refresh token is blacklisted.\n\
            - We use `django-csp`. `SECURE_SSL_REDIRECT = True` holds.\n- `DEBUG` is off in production.\n";
        assert_eq!(
            claimed("docs/SECURITY.md", text),
            [
                Promise::HttpsRedirect,
                Promise::Hsts {
                    seconds: Some(63_072_000),
                    subdomains: true
                },
                Promise::SecureCookies,
                Promise::ReadableByServerOnly,
                Promise::Lockout { attempts: Some(5) },
                Promise::TwoFactors,
                Promise::PasswordLength(12),
                Promise::Hasher("argon2".to_owned()),
                Promise::TokenLifetime(900),
                Promise::TokenBlacklist,
                Promise::Package("django-csp".to_owned()),
                Promise::Setting {
                    name: "SECURE_SSL_REDIRECT".to_owned(),
                    literal: Some("True".to_owned()),
                },
                Promise::DebugOff,
            ]
        );
    }

    #[test]
    fn advice_and_plans_are_no_promise() {
        let text = "# Shop\n\nHSTS is sent.\n\n## Security\n\nYou should enable HSTS.\n\n\
            - [ ] rate limits\n\nRate limits are planned.\n\nTwo-factor logins.\n\n## Other\n\nHSTS.\n";
        assert_eq!(claimed("README.md", text), [Promise::TwoFactors]);
    }
}
