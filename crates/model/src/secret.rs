//! Values that must not reach a screen, a file or a log.

use std::fmt;

use serde::{Serialize, Serializer};
use smallvec::SmallVec;

/// A secret string. `Debug`, `Display` and `Serialize` print its length and a short fingerprint.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for measuring and comparing. It must not be put into a message.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Six hexadecimal digits that tell equal secrets from different ones.
    ///
    /// 24 bits of FNV-1a (Fowler, Noll, Vo; 64-bit parameters from RFC 9923 section 5), folded: too
    /// few to tell which of many guesses is right, enough to see that two places hold the same key.
    pub fn fingerprint(&self) -> String {
        const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let hash = self.0.bytes().fold(OFFSET_BASIS, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(PRIME)
        });
        format!("{:06x}", (hash ^ (hash >> 24) ^ (hash >> 48)) & 0x00ff_ffff)
    }
}

/// Whether a variable, setting or key of this name holds a secret.
///
/// By the words that it is made of: `PASSWORD_RESET_TIMEOUT`, `AUTH_PASSWORD_VALIDATORS`,
/// `STRIPE_PUBLIC_KEY` and `CSRF_COOKIE_NAME` are no secrets, `SECRET_KEY_PROD` is one.
pub fn names_a_secret(name: &str) -> bool {
    let words: SmallVec<[&str; 8]> = name
        .split(['_', '-', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    // What says which of several it is does not make it harmless.
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit());
    let is_which = |word: &&&str| is_one(&WHICH, word) || is_number(word);
    let tail = words.iter().rev().take_while(is_which).count();
    let Some((last, before)) = words[..words.len() - tail].split_last() else {
        return false;
    };
    let is_address = || {
        let is_pass = words.last().is_some_and(|word| is_one(&["PASS"], word));
        is_pass && before.last().is_some_and(|word| is_one(&PROTOCOLS, word))
    };
    let is_harmless = is_one(&HARMLESS_LAST, last)
        || words.iter().any(|word| is_one(&HARMLESS, word))
        || is_address();
    let is_key = is_one(&["KEY", "KEYS"], last)
        && (before.is_empty() || before.iter().any(|word| is_one(&KEY_KINDS, word)));
    !is_harmless && (is_key || words.iter().any(|word| is_one(&SECRETS, word)))
}

/// Whether a word is one of these, in letters of either case.
fn is_one(known: &[&str], word: &str) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Words that name a secret wherever they stand.
const SECRETS: [&str; 15] = [
    "SECRET",
    "SECRETS",
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PASSPHRASE",
    "PWD",
    "TOKEN",
    "APIKEY",
    "CREDENTIALS",
    "CREDENTIAL",
    "SALT",
    "DSN",
    "PRIVATEKEY",
    "SECRETKEY",
];

/// Words of which one makes a `KEY` at the end secret.
const KEY_KINDS: [&str; 15] = [
    "SECRET",
    "API",
    "ACCESS",
    "PRIVATE",
    "SIGNING",
    "ENCRYPTION",
    "FERNET",
    "MASTER",
    "AUTH",
    "AUTHKEY",
    "LICENSE",
    "SERVICE",
    "WEBHOOK",
    "ACCOUNT",
    "HASH",
];

/// Words at the end that say which of several secrets it is.
const WHICH: [&str; 14] = [
    "FALLBACK",
    "FALLBACKS",
    "OLD",
    "PREVIOUS",
    "BASE64",
    "B64",
    "DEV",
    "DEVELOPMENT",
    "TEST",
    "STAGING",
    "PROD",
    "PRODUCTION",
    "LIVE",
    "DEFAULT",
];

/// What nginx's `*_pass` directives are named after: `UWSGI_PASS` is the address that they hand
/// requests to. `PROXY_PASS` is not among them, since it is as often the password of a proxy.
const PROTOCOLS: [&str; 4] = ["UWSGI", "FASTCGI", "SCGI", "GRPC"];

/// Words that make a name harmless wherever they stand.
const HARMLESS: [&str; 5] = ["PUBLIC", "PUBLISHABLE", "VALIDATORS", "HASHERS", "RESET"];

/// Words at the end for what is said about a secret: where it lies, how long it holds, its kind.
const HARMLESS_LAST: [&str; 54] = [
    "FILE",
    "PATH",
    "DIR",
    "URL",
    "NAME",
    "AGE",
    "LIFETIME",
    "EXPIRE",
    "EXPIRY",
    "EXPIRES",
    "EXPIRATION",
    "TIMEOUT",
    "TTL",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
    "WEEKS",
    "DURATION",
    "LIMIT",
    "COUNT",
    "CLASS",
    "CLASSES",
    "HEADER",
    "HEADERS",
    "TYPE",
    "TYPES",
    "MODEL",
    "PREFIX",
    "FIELD",
    "CLAIM",
    "LENGTH",
    "ALGORITHM",
    "SERIALIZER",
    "BACKEND",
    "FORM",
    "FORMS",
    "TEMPLATE",
    "MODULE",
    "STORAGE",
    "HOST",
    "PORT",
    "USER",
    "USERNAME",
    "REGION",
    "ENDPOINT",
    "ISSUER",
    "AUDIENCE",
    "VERSION",
    "FORMAT",
    "POLICY",
    "RATE",
    "ENABLED",
    "REQUIRED",
];

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.0.chars().count();
        write!(
            f,
            "<secret: {length} characters, fingerprint {}>",
            self.fingerprint()
        )
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_format_shows_the_value() {
        let secret = Secret::new("correct horse battery staple");
        for shown in [
            secret.to_string(),
            format!("{secret:?}"),
            format!("{:#?}", Some(&secret)),
        ] {
            assert!(!shown.contains("horse"), "{shown}");
            assert!(shown.contains("28 characters"), "{shown}");
        }
        assert_ne!(secret.fingerprint(), Secret::new("another").fingerprint());
    }

    #[test]
    fn names_tell_secrets_by_their_words() {
        for name in [
            "SECRET_KEY",
            "SECRET_KEY_FALLBACKS",
            "DB_PASSWORD",
            "password",
            "AWS_SECRET_ACCESS_KEY",
            "STRIPE_API_KEY",
            "STRIPE_WEBHOOK_SECRET",
            "SENTRY_DSN",
            "SIGNING_KEY",
            "EMAIL_HOST_PASSWORD",
            "GITHUB_TOKEN",
            "SECRET_KEY_2",
            "SECRET_KEY_PROD",
            "DB_PASS",
            "KEY",
            "PASSWORD_FOR_REPLICA",
            "HTTP_PROXY_PASS",
            "UWSGI_STATS_PASS",
            "OPENAI_API_KEY_LIVE",
            "CACHE_HASH_KEY",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in [
            "DD_UWSGI_PASS",
            "NGINX_FASTCGI_PASS",
            "PASSWORD_RESET_TIMEOUT",
            "AUTH_PASSWORD_VALIDATORS",
            "PASSWORD_HASHERS",
            "CSRF_COOKIE_NAME",
            "CACHE_KEY_PREFIX",
            "PRIMARY_KEY",
            "DEFAULT_AUTO_FIELD",
            "AXES_USERNAME_FORM_FIELD",
            "KEY_PREFIX",
            "STRIPE_PUBLIC_KEY",
            "ACCESS_TOKEN_LIFETIME",
            "CACHE_MIDDLEWARE_KEY_PREFIX",
            "PASSWORD_CHANGE_URL",
            "SECRET_KEY_FILE",
            "TOKEN_BACKEND",
            "DEBUG",
            "2",
            "",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
    }
}
