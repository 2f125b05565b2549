//! Cipher suites: codes, names, and what the names say.
//!
//! Codes and names are those of IANA's registry "TLS Cipher Suites", with the EXPORT1024 suites of
//! draft-ietf-tls-56-bit-ciphersuites and the cipher kinds of SSL 2.0; OpenSSL's names are printed by
//! `openssl ciphers -V -stdname` of 3.0, those of dropped suites stand in ciphers(1) of 1.0.2. All else
//! is read off the name, so that there is nothing to get wrong twice.

use std::sync::OnceLock;

/// A cipher suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Two bytes in TLS, three in SSL 2.0 (those are above 0xffff).
    pub code: u32,
    /// `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`
    pub name: &'static str,
    /// `ECDHE-RSA-AES128-GCM-SHA256`; `None` where OpenSSL never had it.
    pub openssl: Option<&'static str>,
    pub exchange: Exchange,
    pub auth: Auth,
    /// `AES`, `CHACHA20`, `3DES`, …; `NULL` for none.
    pub cipher: &'static str,
    /// Strength of the key in bits, as attacks see it: 112 for 3DES.
    pub bits: u16,
    pub mode: Mode,
    /// Weakened on purpose for export.
    pub export: bool,
}

/// How the key is agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// TLS 1.3: chosen apart from the suite, always ephemeral.
    Any,
    Rsa,
    StaticDh,
    StaticEcdh,
    Dhe,
    Ecdhe,
    /// Pre-shared keys alone, Kerberos, SRP and other passwords.
    Shared,
}

/// How the server shows who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    Any,
    Rsa,
    Dss,
    Ecdsa,
    Anonymous,
    /// By a secret that both sides know.
    Shared,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Null,
    Stream,
    Cbc,
    Aead,
}

impl Suite {
    /// Whether recorded traffic stays secret when the server's key is stolen later.
    pub fn has_forward_secrecy(&self) -> bool {
        matches!(
            self.exchange,
            Exchange::Any | Exchange::Dhe | Exchange::Ecdhe
        )
    }

    /// Whether the cipher works on blocks of 64 bits (SWEET32).
    pub fn has_small_blocks(&self) -> bool {
        self.mode == Mode::Cbc && matches!(self.cipher, "3DES" | "DES" | "DES40" | "IDEA" | "RC2")
    }

    /// Whether it belongs to TLS 1.3, which chooses key exchange and signature apart.
    pub fn is_tls13(&self) -> bool {
        self.exchange == Exchange::Any
    }
}

/// All suites, by code.
pub fn suites() -> &'static [Suite] {
    static SUITES: OnceLock<Vec<Suite>> = OnceLock::new();
    SUITES.get_or_init(|| {
        let mut suites: Vec<_> = include_str!("suites.txt")
            .lines()
            .filter_map(read)
            .collect();
        suites.sort_by_key(|suite| suite.code);
        suites
    })
}

/// The suite of a code; `None` for one that is not in the table.
pub fn suite(code: u32) -> Option<&'static Suite> {
    let suites = suites();
    let index = suites
        .binary_search_by_key(&code, |suite| suite.code)
        .ok()?;
    suites.get(index)
}

fn read(line: &'static str) -> Option<Suite> {
    let mut words = line.split(' ');
    let code = u32::from_str_radix(words.next()?, 16).ok()?;
    let name = words.next()?;
    let openssl = words.next().filter(|name| *name != "-");
    let bare = name.strip_prefix("TLS_").unwrap_or(name);
    let (agreement, cipher) = bare.split_once("_WITH_").unwrap_or(("", bare));
    let (exchange, auth) = agreement_of(agreement, name);
    let (cipher, bits, mode) = cipher_of(cipher, name)?;
    Some(Suite {
        code,
        name,
        openssl,
        exchange,
        auth,
        cipher,
        bits,
        mode,
        export: name.contains("EXPORT"),
    })
}

fn agreement_of(agreement: &str, name: &str) -> (Exchange, Auth) {
    if name.starts_with("SSL_CK_") {
        return (Exchange::Rsa, Auth::Rsa);
    }
    if agreement.is_empty() {
        return (Exchange::Any, Auth::Any);
    }
    let agreement = agreement
        .trim_end_matches("1024")
        .trim_end_matches("_EXPORT");
    match agreement {
        "RSA" => (Exchange::Rsa, Auth::Rsa),
        "RSA_PSK" => (Exchange::Rsa, Auth::Shared),
        "DH_RSA" => (Exchange::StaticDh, Auth::Rsa),
        "DH_DSS" => (Exchange::StaticDh, Auth::Dss),
        "DHE_RSA" => (Exchange::Dhe, Auth::Rsa),
        "DHE_DSS" => (Exchange::Dhe, Auth::Dss),
        "DHE_PSK" | "PSK_DHE" => (Exchange::Dhe, Auth::Shared),
        "DH_anon" => (Exchange::Dhe, Auth::Anonymous),
        "ECDH_RSA" => (Exchange::StaticEcdh, Auth::Rsa),
        "ECDH_ECDSA" => (Exchange::StaticEcdh, Auth::Ecdsa),
        "ECDHE_RSA" => (Exchange::Ecdhe, Auth::Rsa),
        "ECDHE_ECDSA" => (Exchange::Ecdhe, Auth::Ecdsa),
        "ECDHE_PSK" => (Exchange::Ecdhe, Auth::Shared),
        "ECDH_anon" => (Exchange::Ecdhe, Auth::Anonymous),
        _ => (Exchange::Shared, Auth::Shared),
    }
}

/// Name, strength in bits and mode of the cipher.
fn cipher_of(cipher: &'static str, name: &str) -> Option<(&'static str, u16, Mode)> {
    const STRENGTHS: [(&str, &str, u16); 24] = [
        ("AES_128", "AES", 128),
        ("AES_256", "AES", 256),
        ("AEGIS_128L", "AEGIS", 128),
        ("AEGIS_256", "AEGIS", 256),
        ("ARIA_128", "ARIA", 128),
        ("ARIA_256", "ARIA", 256),
        ("CAMELLIA_128", "CAMELLIA", 128),
        ("CAMELLIA_256", "CAMELLIA", 256),
        ("CHACHA20", "CHACHA20", 256),
        ("SM4", "SM4", 128),
        ("SEED", "SEED", 128),
        ("IDEA", "IDEA", 128),
        ("3DES", "3DES", 112),
        ("DES40", "DES40", 40),
        ("DES_CBC_40", "DES40", 40),
        ("DES", "DES", 56),
        ("RC4_128", "RC4", 128),
        ("RC4_40", "RC4", 40),
        ("RC4_56", "RC4", 56),
        ("RC2_CBC_40", "RC2", 40),
        ("RC2_CBC_56", "RC2", 56),
        // Integrity alone: RFC 9150.
        ("SHA256_SHA256", "NULL", 0),
        ("SHA384_SHA384", "NULL", 0),
        ("NULL", "NULL", 0),
    ];
    if let Some(kind) = name.strip_prefix("SSL_CK_") {
        return ssl2_cipher_of(kind);
    }
    let (_, family, bits) = STRENGTHS
        .into_iter()
        .find(|(prefix, ..)| cipher.starts_with(prefix))?;
    let mode = match family {
        "NULL" => Mode::Null,
        "RC4" => Mode::Stream,
        "CHACHA20" | "AEGIS" => Mode::Aead,
        _ if cipher.contains("_GCM") || cipher.contains("_CCM") => Mode::Aead,
        _ => Mode::Cbc,
    };
    Some((family, bits, mode))
}

fn ssl2_cipher_of(kind: &str) -> Option<(&'static str, u16, Mode)> {
    Some(match kind {
        "RC4_128_WITH_MD5" => ("RC4", 128, Mode::Stream),
        "RC4_128_EXPORT40_WITH_MD5" => ("RC4", 40, Mode::Stream),
        "RC2_128_CBC_WITH_MD5" => ("RC2", 128, Mode::Cbc),
        "RC2_128_CBC_EXPORT40_WITH_MD5" => ("RC2", 40, Mode::Cbc),
        "IDEA_128_CBC_WITH_MD5" => ("IDEA", 128, Mode::Cbc),
        "DES_64_CBC_WITH_MD5" => ("DES", 56, Mode::Cbc),
        "DES_192_EDE3_CBC_WITH_MD5" => ("3DES", 112, Mode::Cbc),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        assert_eq!(
            suites().len(),
            include_str!("suites.txt").lines().count(),
            "a name that is not understood"
        );
        assert!(suites().is_sorted_by(|left, right| left.code < right.code));
    }

    #[test]
    fn names_say_what_suites_are() {
        let strong = suite(0xc02f).expect("in the table");
        assert_eq!(strong.openssl, Some("ECDHE-RSA-AES128-GCM-SHA256"));
        assert_eq!(
            (strong.exchange, strong.auth, strong.bits, strong.mode),
            (Exchange::Ecdhe, Auth::Rsa, 128, Mode::Aead)
        );
        let weak = suite(0x0062).expect("in the table");
        assert_eq!(
            (weak.exchange, weak.cipher, weak.bits, weak.export),
            (Exchange::Rsa, "DES", 56, true)
        );
        assert!(suite(0x000a).is_some_and(Suite::has_small_blocks));
        assert!(suite(0xc0b4).is_some_and(|suite| suite.mode == Mode::Null));
        assert_eq!(suite(0xfafa), None);
    }
}
