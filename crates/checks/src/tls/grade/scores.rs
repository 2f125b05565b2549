//! The three scores of the guide, and the letter of their sum.

use tightship_model::site::tls::{
    Auth, Exchange, GroupKind, KeyKind, Letter, Scores, Suite, Tls, Version, group_kind,
};

/// Scores before rounding: the best and the worst of protocols and ciphers, both counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact {
    /// Twice the score.
    protocol: u32,
    key_exchange: u32,
    /// Twice the score.
    cipher: u32,
}

pub(super) fn scores(tls: &Tls) -> Exact {
    let sum = |values: Vec<u32>| {
        values.iter().max().copied().unwrap_or(0) + values.iter().min().copied().unwrap_or(0)
    };
    Exact {
        protocol: sum(tls.versions().map(of_version).collect()),
        key_exchange: tls
            .accepted()
            .map(|(_, suite)| of_exchange(tls, suite))
            .min()
            .unwrap_or(0),
        cipher: sum(tls
            .accepted()
            .map(|(_, suite)| of_bits(suite.bits))
            .collect()),
    }
}

impl Exact {
    /// A hundred times the total.
    fn total(self) -> u32 {
        if self.protocol == 0 || self.key_exchange == 0 || self.cipher == 0 {
            return 0;
        }
        self.protocol * 15 + self.key_exchange * 30 + self.cipher * 20
    }

    /// Section "Overall rating": 80, 65, 50, 35, 20. What keeps an A from being an A+ are reasons.
    pub(super) fn letter(self) -> Letter {
        match self.total() {
            8000.. => Letter::APlus,
            6500.. => Letter::B,
            5000.. => Letter::C,
            3500.. => Letter::D,
            2000.. => Letter::E,
            _ => Letter::F,
        }
    }

    pub(super) fn rounded(self) -> Scores {
        Scores {
            protocol: self.protocol / 2,
            key_exchange: self.key_exchange,
            cipher: self.cipher / 2,
            total: self.total() / 100,
        }
    }
}

/// Table "Protocol support".
fn of_version(version: Version) -> u32 {
    match version {
        Version::Ssl2 => 0,
        Version::Ssl3 => 80,
        Version::Tls10 => 90,
        Version::Tls11 => 95,
        Version::Tls12 | Version::Tls13 => 100,
    }
}

/// Table "Cipher strength".
fn of_bits(bits: u16) -> u32 {
    match bits {
        0 => 0,
        1..128 => 20,
        128..256 => 80,
        256.. => 100,
    }
}

/// Table "Key exchange": the weaker of the certificate's key and the ephemeral one.
fn of_exchange(tls: &Tls, suite: &Suite) -> u32 {
    if suite.auth == Auth::Anonymous {
        return 0;
    }
    if suite.export {
        return 40;
    }
    let ephemeral = match suite.exchange {
        Exchange::Dhe => tls
            .dh
            .iter()
            .filter(|parameters| !parameters.export)
            .map(|parameters| parameters.bits)
            .min(),
        Exchange::Ecdhe => weakest(&tls.groups),
        Exchange::Any => weakest(&tls.groups13),
        _ => None,
    };
    let certificate = certificate_strength(tls, suite);
    match certificate.into_iter().chain(ephemeral).min() {
        Some(bits) => of_length(bits),
        // Neither is known: keys that both sides share, say.
        None => 0,
    }
}

/// The length of an RSA key that is as strong as the weakest of these groups.
fn weakest(groups: &[u16]) -> Option<u32> {
    groups
        .iter()
        .filter_map(|code| match group_kind(*code)? {
            GroupKind::Curve(bits) => Some(rsa_equivalent(bits)),
            GroupKind::Field(bits) => Some(bits),
            GroupKind::PostQuantum => None,
        })
        .min()
}

fn certificate_strength(tls: &Tls, suite: &Suite) -> Option<u32> {
    tls.chains
        .iter()
        .filter_map(|chain| chain.certificates.first())
        .filter(|own| match suite.auth {
            Auth::Rsa => matches!(own.key, KeyKind::Rsa { .. }),
            Auth::Dss => matches!(own.key, KeyKind::Dsa { .. }),
            Auth::Ecdsa => matches!(
                own.key,
                KeyKind::Ec { .. } | KeyKind::Ed25519 | KeyKind::Ed448
            ),
            _ => true,
        })
        .filter_map(|own| strength(&own.key))
        .min()
}

/// The length of an RSA key that is as strong; `None` for a kind that is not known.
pub(super) fn strength(key: &KeyKind) -> Option<u32> {
    match key {
        KeyKind::Rsa { bits, .. } | KeyKind::Dsa { bits } => Some(*bits),
        KeyKind::Ec { bits, .. } => Some(rsa_equivalent(*bits)),
        KeyKind::Ed25519 => Some(rsa_equivalent(255)),
        KeyKind::Ed448 => Some(rsa_equivalent(448)),
        KeyKind::Other(_) => None,
    }
}

/// NIST SP 800-57 part 1, table 2: curves of 160, 224, 256, 384 and 512 bits.
fn rsa_equivalent(bits: u32) -> u32 {
    match bits {
        0..160 => 512,
        160..224 => 1024,
        224..255 => 2048,
        255..384 => 3072,
        384..512 => 7680,
        _ => 15_360,
    }
}

fn of_length(bits: u32) -> u32 {
    match bits {
        0..512 => 20,
        512..1024 => 40,
        1024..2048 => 80,
        2048..4096 => 90,
        4096.. => 100,
    }
}
