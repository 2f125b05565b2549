//! Values that must not reach a screen, a file or a log.

use std::fmt;

use serde::{Serialize, Serializer};

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
/// By the words that it is made of, so that `PASSWORD_RESET_TIMEOUT`, `AUTH_PASSWORD_VALIDATORS`
/// and `CSRF_COOKIE_NAME` are no secrets.
pub fn names_a_secret(name: &str) -> bool {
    const LAST_WORDS: [&str; 15] = [
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
    const KEY_KINDS: [&str; 14] = [
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
    ];
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper
        .split(['_', '-', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    let Some((last, before)) = words.split_last() else {
        return false;
    };
    // A number or FALLBACKS behind the name does not make it harmless.
    let (last, before) = match before.split_last() {
        Some((word, rest))
            if last.chars().all(|c| c.is_ascii_digit())
                || ["FALLBACKS", "OLD", "PREVIOUS", "BASE64", "B64"].contains(last) =>
        {
            (word, rest)
        }
        _ => (last, before),
    };
    LAST_WORDS.contains(last)
        || matches!(*last, "KEY" | "KEYS") && before.iter().any(|word| KEY_KINDS.contains(word))
}

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
        ] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in [
            "PASSWORD_RESET_TIMEOUT",
            "AUTH_PASSWORD_VALIDATORS",
            "PASSWORD_HASHERS",
            "CSRF_COOKIE_NAME",
            "CACHE_KEY_PREFIX",
            "PRIMARY_KEY",
            "DEFAULT_AUTO_FIELD",
            "AXES_USERNAME_FORM_FIELD",
            "",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
    }
}
