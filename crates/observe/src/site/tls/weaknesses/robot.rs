//! Bleichenbacher's oracle.

use std::sync::Arc;

use num_bigint::BigUint;
use tightship_model::site::tls::{Auth, Exchange, Probe, Protocol, suite};
use tokio::task::JoinSet;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::talk::{Heard, Talk};
use super::{TIMES, unknown};
use crate::site::tls::connection::Prober;
use crate::site::tls::wire::put_vector;

/// Bleichenbacher's oracle: whether the padding of a premaster is right must not show. `None` where no
/// suite takes the key by RSA.
///
/// Source: Böck, Somorovsky, Young, "Return Of Bleichenbacher's Oracle Threat", 2018, section 3.
pub(super) async fn robot(prober: &Arc<Prober>, protocol: &Protocol) -> Option<Probe> {
    let suites: Vec<u32> = protocol
        .suites
        .iter()
        .copied()
        .filter(|code| {
            suite(*code).is_some_and(|suite| {
                suite.exchange == Exchange::Rsa && suite.auth == Auth::Rsa && !suite.export
            })
        })
        .collect();
    if suites.is_empty() {
        return None;
    }
    let mut first: Option<Vec<Heard>> = None;
    for _ in 0..TIMES {
        let Some(heard) = every_padding(prober, protocol, &suites).await else {
            return Some(unknown("the handshake does not get that far"));
        };
        let is_told = heard.iter().any(|other| *other != heard[0]);
        match &first {
            Some(first) if *first != heard => {
                return Some(unknown(
                    "answers to the same padding differ from time to time",
                ));
            }
            None if !is_told => {
                return Some(Probe::Safe {
                    seen: format!(
                        "right and wrong paddings are answered by {}",
                        heard[0].name()
                    ),
                });
            }
            _ => first = Some(heard),
        }
    }
    let heard = first?;
    let place = heard.iter().position(|other| *other != heard[0])?;
    Some(Probe::Vulnerable {
        seen: format!(
            "three times right padding is answered by {} and {} by {}",
            heard[0].name(),
            Padding::ALL[place].name(),
            heard[place].name()
        ),
    })
}

/// What each padding is answered with, each on a connection of its own.
async fn every_padding(
    prober: &Arc<Prober>,
    protocol: &Protocol,
    suites: &[u32],
) -> Option<Vec<Heard>> {
    let mut asked = JoinSet::new();
    for (place, padding) in Padding::ALL.into_iter().enumerate() {
        let (prober, protocol) = (Arc::clone(prober), protocol.clone());
        let suites = suites.to_vec();
        asked.spawn(async move {
            let heard = padded(&prober, &protocol, &suites, padding).await;
            (place, heard)
        });
    }
    let mut heard = asked.join_all().await;
    heard.sort_by_key(|(place, _)| *place);
    heard.into_iter().map(|(_, heard)| heard).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Padding {
    Right,
    WrongStart,
    ZeroEarly,
    NoZero,
    WrongVersion,
}

impl Padding {
    const ALL: [Self; 5] = [
        Self::Right,
        Self::WrongStart,
        Self::ZeroEarly,
        Self::NoZero,
        Self::WrongVersion,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Right => "right padding",
            Self::WrongStart => "a wrong start",
            Self::ZeroEarly => "an early zero",
            Self::NoZero => "no zero",
            Self::WrongVersion => "a wrong version",
        }
    }

    /// PKCS #1, 7.2.1, of this length: 00 02, bytes that are not zero, 00, version and 46 bytes.
    fn block(self, length: usize, version: [u8; 2]) -> Option<Vec<u8>> {
        const SECRET: usize = 48;
        let mut block = vec![0x5a; length];
        let secret = length.checked_sub(SECRET)?;
        block.get_mut(..2)?.copy_from_slice(&[0, 2]);
        *block.get_mut(secret.checked_sub(1)?)? = 0;
        block.get_mut(secret..secret + 2)?.copy_from_slice(&version);
        match self {
            Self::Right => {}
            Self::WrongStart => block.get_mut(..2)?.copy_from_slice(&[0x41, 0x17]),
            Self::ZeroEarly => *block.get_mut(length / 4)? = 0,
            Self::NoZero => *block.get_mut(secret - 1)? = 0x5a,
            Self::WrongVersion => block.get_mut(secret..secret + 2)?.copy_from_slice(&[2, 2]),
        }
        Some(block)
    }
}

/// Ends a handshake with a premaster of this padding and a Finished that cannot be right.
async fn padded(
    prober: &Prober,
    protocol: &Protocol,
    suites: &[u32],
    padding: Padding,
) -> Option<Heard> {
    let _place = prober.place().await?;
    let mut talk = Talk::begin(prober, protocol, suites.to_vec()).await?;
    let version = talk.version;
    let secret = encrypted(talk.flight.certificates.first()?, |length| {
        padding.block(length, version)
    })?;
    let mut message = vec![16];
    put_vector(&mut message, 3, |out| {
        put_vector(out, 2, |out| out.extend_from_slice(&secret));
    });
    let mut bytes = talk.record(0x16, &message);
    bytes.extend(talk.record(0x14, &[1]));
    bytes.extend(talk.record(0x16, &[0x5a; 64]));
    talk.say(prober, &bytes).await;
    Some(talk.hear(prober, prober.very_long()).await)
}

/// A premaster as RSA suites send it, under the key of this certificate.
pub(in crate::site::tls) fn sealed(certificate: &[u8], premaster: &[u8]) -> Option<Vec<u8>> {
    encrypted(certificate, |length| {
        let mut block = Padding::Right.block(length, [3, 3])?;
        let start = length.checked_sub(premaster.len())?;
        block.get_mut(start..)?.copy_from_slice(premaster);
        Some(block)
    })
}

/// What `block` gives for the length of the key, encrypted with it.
fn encrypted(certificate: &[u8], block: impl Fn(usize) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let (modulus, exponent) = key_of(certificate)?;
    let length = usize::try_from(modulus.bits().div_ceil(8)).ok()?;
    let block = BigUint::from_bytes_be(&block(length)?);
    let digits = block.modpow(&exponent, &modulus).to_bytes_be();
    let mut secret = vec![0; length.checked_sub(digits.len())?];
    secret.extend_from_slice(&digits);
    Some(secret)
}

/// Modulus and exponent; `None` for what is no RSA key or longer than is sensible.
fn key_of(der: &[u8]) -> Option<(BigUint, BigUint)> {
    const LONGEST: u64 = 8192;
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed() else {
        return None;
    };
    let modulus = BigUint::from_bytes_be(key.modulus);
    let exponent = BigUint::from_bytes_be(key.exponent);
    // An exponent as long as the modulus would keep this thread busy.
    ((512..=LONGEST).contains(&modulus.bits()) && exponent.bits() <= 64)
        .then_some((modulus, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paddings_are_wrong_in_one_place() {
        let right = Padding::Right.block(256, [3, 3]).expect("long enough");
        assert_eq!(right[..2], [0, 2]);
        assert_eq!(right[207..210], [0, 3, 3]);
        assert!(right[2..207].iter().all(|byte| *byte != 0));
        for other in &Padding::ALL[1..] {
            let block = other.block(256, [3, 3]).expect("long enough");
            let differing = (0..256)
                .filter(|place| block[*place] != right[*place])
                .count();
            assert!((1..=2).contains(&differing), "{other:?}");
        }
        assert_eq!(Padding::Right.block(40, [3, 3]), None);
    }
}
