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
}
