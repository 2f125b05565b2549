//! Keys of DKIM (RFC 6376, section 3.6.1).

use tightship_model::site::dns::{Data, Kind};
use tightship_model::{Deployment, Outcome};

use super::look::{Seen, public};

/// A record that holds a key, or held one.
pub(super) struct Key<'a> {
    /// `s1._domainkey.shop.example`
    pub(super) name: String,
    pub(super) text: &'a str,
    pub(super) state: State,
}

pub(super) enum State {
    /// Bits of its modulus.
    Rsa(usize),
    Ed25519,
    /// `p` is empty: it was taken back.
    Revoked,
    /// No key of a kind that is known: why.
    Unreadable(&'static str),
}

/// What was found for the selectors that the user named.
pub(super) struct Keys<'a> {
    pub(super) seen: Seen<'a>,
    pub(super) keys: Vec<Key<'a>>,
    /// Selectors without a record at any of the domains.
    pub(super) missing: Vec<&'a str>,
}

/// The keys of the named selectors, or the verdict that says why none was looked for.
pub(super) fn keys(deployment: &Deployment) -> Result<Keys<'_>, Outcome> {
    let seen = public(deployment)?;
    if seen.dns.selectors.is_empty() {
        // Selectors cannot be listed: only mail itself tells them.
        return Err(Outcome::Unknown {
            reason: "no DKIM selector is known".to_owned(),
            remedy: "name the one that your mail carries as s= with --dkim-selector".to_owned(),
            trail: tightship_model::Trail::default(),
        });
    }
    let mut found = Keys {
        seen,
        keys: Vec::new(),
        missing: Vec::new(),
    };
    for selector in &seen.dns.selectors {
        let before = found.keys.len();
        for domain in &seen.dns.mail {
            let name = format!("{selector}._domainkey.{}", domain.name);
            let answer = seen.answer(&name, Kind::Txt)?;
            let texts = answer.of(&name, Kind::Txt).filter_map(|data| match data {
                Data::Txt(text) => Some(text.as_str()),
                _ => None,
            });
            found.keys.extend(texts.map(|text| Key {
                state: state(text),
                name: name.clone(),
                text,
            }));
        }
        if found.keys.len() == before {
            found.missing.push(selector);
        }
    }
    Ok(found)
}

fn state(text: &str) -> State {
    let tag = |wanted: &str| {
        text.split(';').find_map(|tag| {
            let (name, value) = tag.split_once('=')?;
            (name.trim() == wanted).then(|| value.trim())
        })
    };
    match (tag("v"), tag("k").unwrap_or("rsa"), tag("p")) {
        (Some(version), _, _) if version != "DKIM1" => State::Unreadable("v is not DKIM1"),
        (_, _, None) => State::Unreadable("it has no p"),
        (_, _, Some("")) => State::Revoked,
        (_, "ed25519", Some(_)) => State::Ed25519,
        (_, "rsa", Some(key)) => {
            rsa_bits(key).map_or(State::Unreadable("p is no RSA key"), State::Rsa)
        }
        _ => State::Unreadable("k is neither rsa nor ed25519"),
    }
}

/// The bits of an RSA key, from the length of its SubjectPublicKeyInfo in base64: around the modulus
/// stand 34 to 40 bytes of structure with the usual exponent 65537 (RFC 5280, section 4.1; RFC 8017,
/// A.1.1). A few bytes more or less do not matter for lengths that are multiples of 256 bits.
fn rsa_bits(key: &str) -> Option<usize> {
    const STRUCTURE: usize = 30;
    const STEP: usize = 256;
    let letters = key.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if !letters.clone().all(|byte| is_base64(&byte)) {
        return None;
    }
    let bytes = letters.filter(|byte| *byte != b'=').count() * 3 / 4;
    let bits = bytes.checked_sub(STRUCTURE)? * 8 / STEP * STEP;
    (bits > 0).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_keys_are_those_of_openssl() {
        // Bytes of `openssl rsa -pubout -outform DER` for keys of these lengths.
        for (bits, bytes) in [
            (512, 94),
            (1024, 162),
            (2048, 294),
            (3072, 422),
            (4096, 550),
        ] {
            let letters = "A".repeat((bytes * 4_usize).div_ceil(3));
            assert_eq!(rsa_bits(&letters), Some(bits), "{bits}");
        }
        assert_eq!(rsa_bits("MIIB"), None);
        assert_eq!(rsa_bits(&"é".repeat(300)), None);
    }

    #[test]
    fn records_are_keys_or_not() {
        assert!(matches!(
            state("v=DKIM1; k=ed25519; p=AAAA"),
            State::Ed25519
        ));
        assert!(matches!(state("p="), State::Revoked));
        assert!(matches!(state("v=spf1 -all"), State::Unreadable(_)));
        assert!(matches!(
            state("v=DKIM1; k=dsa; p=AAAA"),
            State::Unreadable(_)
        ));
    }
}
