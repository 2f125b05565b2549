//! What a list of ciphers in OpenSSL's language lets in, of the suites of TLS 1.2 and older.
//!
//! Source: `openssl-ciphers(1)` of OpenSSL 3.0, and its `ssl/s3_lib.c` for what each keyword
//! stands for. Suites with a pre-shared key or a password (PSK, SRP) take part in no web server and
//! are left out.

/// A cipher suite with the keywords that choose it.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) name: &'static str,
    keywords: &'static str,
}

/// How a suite fails its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weakness {
    /// Without forward secrecy, or in CBC mode: not in Mozilla's guideline 6.0.
    Dated,
    /// Blocks of 64 bits, or a cipher that nobody keeps up.
    Weak,
    /// No key, no proof of the server, or a key that is found.
    Broken,
}

impl Suite {
    pub(super) fn weakness(&self) -> Option<Weakness> {
        let is = |keyword| self.has(keyword);
        if ["NULL", "aNULL", "RC4", "DES", "EXPORT"]
            .into_iter()
            .any(is)
        {
            return Some(Weakness::Broken);
        }
        if ["3DES", "SEED", "IDEA"].into_iter().any(is) {
            return Some(Weakness::Weak);
        }
        (is("kRSA") || !is("AEAD")).then_some(Weakness::Dated)
    }

    fn has(&self, keyword: &str) -> bool {
        self.name == keyword || self.keywords.split(' ').any(|one| one == keyword)
    }
}

/// The suites that a list lets in. `None` for a list with a word that is not known here.
pub(super) fn let_in(list: &str) -> Option<Vec<&'static Suite>> {
    let mut chosen: Vec<&Suite> = Vec::new();
    let mut killed: Vec<&str> = Vec::new();
    for word in list.split([':', ',', ' ']).filter(|word| !word.is_empty()) {
        let (sign, text) = match word.as_bytes().first() {
            Some(sign @ (b'!' | b'-' | b'+')) => (Some(*sign), &word[1..]),
            _ => (None, word),
        };
        if text.starts_with('@') {
            continue;
        }
        let matching = matching(text)?;
        match sign {
            Some(b'!') => killed.extend(matching.iter().map(|suite| suite.name)),
            Some(b'-') => chosen.retain(|one| !matching.iter().any(|two| two.name == one.name)),
            Some(_) => {}
            None => {
                let is_new = |suite: &&Suite, chosen: &[&Suite]| {
                    !chosen.iter().any(|one| one.name == suite.name)
                };
                for suite in matching {
                    if is_new(&suite, &chosen) {
                        chosen.push(suite);
                    }
                }
            }
        }
    }
    chosen.retain(|suite| !killed.contains(&suite.name));
    Some(chosen)
}

/// The suites of one word: keywords joined by `+` must all fit.
fn matching(text: &str) -> Option<Vec<&'static Suite>> {
    let mut found: Vec<&Suite> = SUITES.iter().collect();
    for keyword in text.split('+') {
        let canonical = ALIASES
            .iter()
            .find(|(alias, _)| *alias == keyword)
            .map_or(keyword, |(_, meant)| meant);
        match canonical {
            // Everything but what encrypts nothing.
            "ALL" => found.retain(|suite| !suite.has("NULL")),
            "DEFAULT" => found.retain(|suite| !suite.has("NULL") && !suite.has("aNULL")),
            keyword if NONE.contains(&keyword) || keyword.starts_with("TLS_") => found.clear(),
            keyword => {
                if !SUITES.iter().any(|suite| suite.has(keyword)) {
                    return None;
                }
                found.retain(|suite| suite.has(keyword));
            }
        }
    }
    Some(found)
}

/// Words that choose nothing of what is listed here.
const NONE: [&str; 24] = [
    "ADH-AES128-CCM",
    "ARIA",
    "ARIA128",
    "ARIA256",
    "ARIAGCM",
    "AESCCM",
    "AESCCM8",
    "COMPLEMENTOFALL",
    "DSS",
    "EXP",
    "EXPORT40",
    "EXPORT56",
    "FZA",
    "GOST",
    "KRB5",
    "LOW",
    "PSK",
    "SRP",
    "aDSS",
    "aPSK",
    "aSRP",
    "kPSK",
    "kSRP",
    "kGOST",
];

const ALIASES: [(&str, &str); 21] = [
    ("SUITEB128", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("RSA", "kRSA"),
    ("EECDH", "ECDHE"),
    ("ECDH", "kECDH"),
    ("kEECDH", "kECDH"),
    ("kECDHE", "kECDH"),
    ("EDH", "DHE"),
    ("DH", "kDH"),
    ("kEDH", "kDH"),
    ("kDHE", "kDH"),
    ("ADH", "ADH"),
    ("AECDH", "AECDH"),
    ("ECDSA", "aECDSA"),
    ("eNULL", "NULL"),
    ("SHA", "SHA1"),
    ("CHACHA20", "CHACHA20"),
    ("TLSv1", "SSLv3"),
    ("TLSv1.0", "SSLv3"),
    ("DES-CBC3-SHA", "DES-CBC3-SHA"),
    ("COMPLEMENTOFDEFAULT", "aNULL"),
    ("EXPORT", "EXPORT"),
];

const fn suite(name: &'static str, keywords: &'static str) -> Suite {
    Suite { name, keywords }
}

const SUITES: [Suite; 56] = [
    suite(
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "kECDH ECDHE aECDSA AES AES256 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-RSA-AES256-GCM-SHA384",
        "kECDH ECDHE aRSA AES AES256 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "kECDH ECDHE aECDSA CHACHA20 AEAD HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-RSA-CHACHA20-POLY1305",
        "kECDH ECDHE aRSA CHACHA20 AEAD HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "kECDH ECDHE aECDSA AES AES128 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-RSA-AES128-GCM-SHA256",
        "kECDH ECDHE aRSA AES AES128 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite(
        "DHE-RSA-AES256-GCM-SHA384",
        "kDH DHE aRSA AES AES256 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite(
        "DHE-RSA-CHACHA20-POLY1305",
        "kDH DHE aRSA CHACHA20 AEAD HIGH TLSv1.2",
    ),
    suite(
        "DHE-RSA-AES128-GCM-SHA256",
        "kDH DHE aRSA AES AES128 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-ECDSA-AES256-SHA384",
        "kECDH ECDHE aECDSA AES AES256 SHA384 HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-RSA-AES256-SHA384",
        "kECDH ECDHE aRSA AES AES256 SHA384 HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-ECDSA-AES128-SHA256",
        "kECDH ECDHE aECDSA AES AES128 SHA256 HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-RSA-AES128-SHA256",
        "kECDH ECDHE aRSA AES AES128 SHA256 HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-ECDSA-CAMELLIA256-SHA384",
        "kECDH ECDHE aECDSA CAMELLIA CAMELLIA256 SHA384 HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-RSA-CAMELLIA256-SHA384",
        "kECDH ECDHE aRSA CAMELLIA CAMELLIA256 SHA384 HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-RSA-CAMELLIA128-SHA256",
        "kECDH ECDHE aRSA CAMELLIA CAMELLIA128 SHA256 HIGH TLSv1.2",
    ),
    suite(
        "DHE-RSA-AES256-SHA256",
        "kDH DHE aRSA AES AES256 SHA256 HIGH TLSv1.2",
    ),
    suite(
        "DHE-RSA-AES128-SHA256",
        "kDH DHE aRSA AES AES128 SHA256 HIGH TLSv1.2",
    ),
    suite(
        "DHE-RSA-CAMELLIA256-SHA256",
        "kDH DHE aRSA CAMELLIA CAMELLIA256 SHA256 HIGH TLSv1.2",
    ),
    suite(
        "DHE-RSA-CAMELLIA128-SHA256",
        "kDH DHE aRSA CAMELLIA CAMELLIA128 SHA256 HIGH TLSv1.2",
    ),
    suite(
        "ECDHE-ECDSA-AES256-SHA",
        "kECDH ECDHE aECDSA AES AES256 SHA1 HIGH SSLv3",
    ),
    suite(
        "ECDHE-RSA-AES256-SHA",
        "kECDH ECDHE aRSA AES AES256 SHA1 HIGH SSLv3",
    ),
    suite(
        "ECDHE-ECDSA-AES128-SHA",
        "kECDH ECDHE aECDSA AES AES128 SHA1 HIGH SSLv3",
    ),
    suite(
        "ECDHE-RSA-AES128-SHA",
        "kECDH ECDHE aRSA AES AES128 SHA1 HIGH SSLv3",
    ),
    suite(
        "DHE-RSA-AES256-SHA",
        "kDH DHE aRSA AES AES256 SHA1 HIGH SSLv3",
    ),
    suite(
        "DHE-RSA-AES128-SHA",
        "kDH DHE aRSA AES AES128 SHA1 HIGH SSLv3",
    ),
    suite(
        "DHE-RSA-CAMELLIA256-SHA",
        "kDH DHE aRSA CAMELLIA CAMELLIA256 SHA1 HIGH SSLv3",
    ),
    suite(
        "DHE-RSA-CAMELLIA128-SHA",
        "kDH DHE aRSA CAMELLIA CAMELLIA128 SHA1 HIGH SSLv3",
    ),
    suite(
        "AES256-GCM-SHA384",
        "kRSA aRSA AES AES256 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite(
        "AES128-GCM-SHA256",
        "kRSA aRSA AES AES128 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite("AES256-SHA256", "kRSA aRSA AES AES256 SHA256 HIGH TLSv1.2"),
    suite("AES128-SHA256", "kRSA aRSA AES AES128 SHA256 HIGH TLSv1.2"),
    suite("AES256-SHA", "kRSA aRSA AES AES256 SHA1 HIGH SSLv3"),
    suite("AES128-SHA", "kRSA aRSA AES AES128 SHA1 HIGH SSLv3"),
    suite(
        "CAMELLIA256-SHA",
        "kRSA aRSA CAMELLIA CAMELLIA256 SHA1 HIGH SSLv3",
    ),
    suite(
        "CAMELLIA128-SHA",
        "kRSA aRSA CAMELLIA CAMELLIA128 SHA1 HIGH SSLv3",
    ),
    suite(
        "ADH-AES256-GCM-SHA384",
        "kDH ADH aNULL AES AES256 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite(
        "ADH-AES128-GCM-SHA256",
        "kDH ADH aNULL AES AES128 AESGCM AEAD HIGH TLSv1.2",
    ),
    suite("ADH-AES256-SHA", "kDH ADH aNULL AES AES256 SHA1 HIGH SSLv3"),
    suite("ADH-AES128-SHA", "kDH ADH aNULL AES AES128 SHA1 HIGH SSLv3"),
    suite(
        "AECDH-AES256-SHA",
        "kECDH AECDH aNULL AES AES256 SHA1 HIGH SSLv3",
    ),
    suite(
        "AECDH-AES128-SHA",
        "kECDH AECDH aNULL AES AES128 SHA1 HIGH SSLv3",
    ),
    suite("SEED-SHA", "kRSA aRSA SEED SHA1 MEDIUM SSLv3"),
    suite("DHE-RSA-SEED-SHA", "kDH DHE aRSA SEED SHA1 MEDIUM SSLv3"),
    suite("IDEA-CBC-SHA", "kRSA aRSA IDEA SHA1 MEDIUM SSLv3"),
    suite("DES-CBC3-SHA", "kRSA aRSA 3DES SHA1 MEDIUM SSLv3"),
    suite(
        "ECDHE-RSA-DES-CBC3-SHA",
        "kECDH ECDHE aRSA 3DES SHA1 MEDIUM SSLv3",
    ),
    suite(
        "DHE-RSA-DES-CBC3-SHA",
        "kDH DHE aRSA 3DES SHA1 MEDIUM SSLv3",
    ),
    suite("RC4-SHA", "kRSA aRSA RC4 SHA1 MEDIUM SSLv3"),
    suite("RC4-MD5", "kRSA aRSA RC4 MD5 MEDIUM SSLv3"),
    suite(
        "ECDHE-RSA-RC4-SHA",
        "kECDH ECDHE aRSA RC4 SHA1 MEDIUM SSLv3",
    ),
    suite("DES-CBC-SHA", "kRSA aRSA DES SHA1 SSLv3"),
    suite("EXP-DES-CBC-SHA", "kRSA aRSA DES EXPORT SHA1 SSLv3"),
    suite("NULL-SHA256", "kRSA aRSA NULL SHA256 TLSv1.2"),
    suite("NULL-SHA", "kRSA aRSA NULL SHA1 SSLv3"),
    suite("NULL-MD5", "kRSA aRSA NULL MD5 SSLv3"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(list: &str) -> Option<Weakness> {
        let suites = let_in(list).expect("a known list");
        suites.iter().filter_map(|suite| suite.weakness()).max()
    }

    #[test]
    fn lists_are_evaluated() {
        let names = |list: &str| -> Vec<_> {
            let_in(list)
                .expect("a known list")
                .iter()
                .map(|suite| suite.name)
                .collect()
        };
        assert_eq!(
            names("EECDH+AESGCM:!aECDSA"),
            ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"]
        );
        assert_eq!(names("RC4-SHA:AES128-SHA:-RC4"), ["AES128-SHA"]);
        assert_eq!(
            names("!AES128-SHA:AES128-SHA:@STRENGTH"),
            Vec::<&str>::new()
        );
        assert!(let_in("NO-SUCH-SUITE").is_none());
    }

    #[test]
    fn the_worst_suite_counts() {
        let intermediate = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
             ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
        assert_eq!(worst(intermediate), None);
        assert_eq!(worst("HIGH:!aNULL:!MD5"), Some(Weakness::Dated));
        assert_eq!(worst("HIGH:MEDIUM:!aNULL:!RC4"), Some(Weakness::Weak));
        assert_eq!(worst("HIGH:MEDIUM:!aNULL"), Some(Weakness::Broken));
        assert_eq!(worst("HIGH"), Some(Weakness::Broken));
        assert_eq!(worst("ECDHE+AESGCM:!aNULL"), None);
    }
}
