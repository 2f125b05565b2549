//! Which suite a client gets, read off what the server accepts and who chooses.

use tightship_model::site::tls::{Preference, Suite, Tls, Version, suite};

/// What a client offers, by the kinds of suites in its order, and the newest version that it speaks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    pub(super) name: &'static str,
    newest: Version,
    /// OpenSSL's names.
    suites: &'static [&'static str],
}

/// The reference clients: browsers as they are, the last one of Windows 8.1, and one from before TLS
/// 1.3. Orders as their vendors document them, suites of DSS left out.
pub(super) const REFERENCE: &[Client] = &[
    Client {
        name: "Chrome and Firefox",
        newest: Version::Tls13,
        suites: &[
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
            "ECDHE-RSA-CHACHA20-POLY1305",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-AES256-SHA",
            "ECDHE-ECDSA-AES128-SHA",
            "ECDHE-RSA-AES128-SHA",
            "ECDHE-RSA-AES256-SHA",
            "AES128-GCM-SHA256",
            "AES256-GCM-SHA384",
            "AES128-SHA",
            "AES256-SHA",
        ],
    },
    Client {
        name: "Safari before TLS 1.3",
        newest: Version::Tls12,
        suites: &[
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-SHA384",
            "ECDHE-ECDSA-AES128-SHA256",
            "ECDHE-ECDSA-AES256-SHA",
            "ECDHE-ECDSA-AES128-SHA",
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES256-SHA384",
            "ECDHE-RSA-AES128-SHA256",
            "ECDHE-RSA-AES256-SHA",
            "ECDHE-RSA-AES128-SHA",
            "AES256-GCM-SHA384",
            "AES128-GCM-SHA256",
            "AES256-SHA256",
            "AES128-SHA256",
            "AES256-SHA",
            "AES128-SHA",
            "ECDHE-ECDSA-DES-CBC3-SHA",
            "ECDHE-RSA-DES-CBC3-SHA",
            "DES-CBC3-SHA",
            "ECDHE-ECDSA-RC4-SHA",
            "ECDHE-RSA-RC4-SHA",
            "RC4-SHA",
            "RC4-MD5",
        ],
    },
    Client {
        name: "Internet Explorer 11",
        newest: Version::Tls12,
        suites: &[
            "ECDHE-RSA-AES256-SHA384",
            "ECDHE-RSA-AES128-SHA256",
            "ECDHE-RSA-AES256-SHA",
            "ECDHE-RSA-AES128-SHA",
            "DHE-RSA-AES256-GCM-SHA384",
            "DHE-RSA-AES128-GCM-SHA256",
            "AES256-GCM-SHA384",
            "AES128-GCM-SHA256",
            "AES256-SHA256",
            "AES128-SHA256",
            "AES256-SHA",
            "AES128-SHA",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-SHA384",
            "ECDHE-ECDSA-AES128-SHA256",
            "ECDHE-ECDSA-AES256-SHA",
            "ECDHE-ECDSA-AES128-SHA",
            "DES-CBC3-SHA",
            "RC4-SHA",
            "RC4-MD5",
        ],
    },
];

impl Client {
    /// The version and suite that this client gets; `None` where both have nothing in common.
    pub(super) fn gets(&self, tls: &Tls) -> Option<(Version, &'static Suite)> {
        let version = tls
            .versions()
            .rev()
            .find(|version| *version <= self.newest)?;
        let protocol = tls.protocol(version)?;
        let offered = |suite: &Suite| {
            version == Version::Tls13
                || suite
                    .openssl
                    .is_some_and(|name| self.suites.contains(&name))
        };
        let accepted = || protocol.suites.iter().filter_map(|code| suite(*code));
        let chosen = match protocol.preference {
            Preference::Client if version != Version::Tls13 => self
                .suites
                .iter()
                .find_map(|name| accepted().find(|suite| suite.openssl == Some(name))),
            _ => accepted().find(|suite| offered(suite)),
        }?;
        Some((version, chosen))
    }
}
