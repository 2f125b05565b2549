//! Keys of TLS 1.2, and records under them: RFC 5246, 5, 6.2.3, 6.3 and 8.1.
//!
//! By hand, because no library lets anybody send a record that is wrong in one chosen place, or take
//! up a session with an identifier of one's own.

use aes::cipher::generic_array::GenericArray;
use aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::{digest, hmac};
use tightship_model::site::tls::{Mode, Suite};

const BLOCK: usize = 16;
/// Of both, the nonce's explicit part and the tag: RFC 5288, 3.
const NONCE: usize = 8;
const TAG: usize = 16;
const SALT: usize = 4;

/// The hash of a suite, for its secrets and for its handshake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash(hmac::Algorithm, &'static digest::Algorithm);

impl Hash {
    pub(super) fn of(suite: &Suite) -> Self {
        if suite.name.ends_with("_SHA384") {
            Self(hmac::HMAC_SHA384, &digest::SHA384)
        } else {
            Self(hmac::HMAC_SHA256, &digest::SHA256)
        }
    }

    pub(super) fn of_messages(self, messages: &[u8]) -> Vec<u8> {
        digest::digest(self.1, messages).as_ref().to_vec()
    }

    /// The pseudorandom function: RFC 5246, 5.
    pub(super) fn expand(self, secret: &[u8], label: &str, seed: &[u8], length: usize) -> Vec<u8> {
        let key = hmac::Key::new(self.0, secret);
        let seed = [label.as_bytes(), seed].concat();
        let mut out = Vec::new();
        let mut round = hmac::sign(&key, &seed);
        while out.len() < length {
            out.extend_from_slice(hmac::sign(&key, &[round.as_ref(), &seed].concat()).as_ref());
            round = hmac::sign(&key, round.as_ref());
        }
        out.truncate(length);
        out
    }
}

/// Whether records can be protected under a suite.
pub(super) fn is_known(suite: &Suite) -> bool {
    mac_of(suite).is_some() || is_gcm(suite)
}

fn is_gcm(suite: &Suite) -> bool {
    suite.cipher == "AES" && suite.name.contains("_GCM_")
}

/// The algorithm of the MAC of a suite with AES in CBC mode.
fn mac_of(suite: &Suite) -> Option<hmac::Algorithm> {
    if suite.cipher != "AES" || suite.mode != Mode::Cbc {
        return None;
    }
    match suite.name.rsplit('_').next()? {
        "SHA" => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        "SHA256" => Some(hmac::HMAC_SHA256),
        "SHA384" => Some(hmac::HMAC_SHA384),
        _ => None,
    }
}

/// One direction of a connection.
pub(super) struct Keys {
    cipher: Cipher,
    sequence: u64,
}

enum Cipher {
    Cbc {
        key: Aes,
        mac: Box<hmac::Key>,
    },
    Gcm {
        key: Box<LessSafeKey>,
        salt: [u8; SALT],
    },
}

enum Aes {
    Short(Box<Aes128>),
    Long(Box<Aes256>),
}

impl Keys {
    /// The keys of client and server. `None` for a suite that is not known here.
    pub(super) fn pair(suite: &Suite, master: &[u8], seed: &[u8]) -> Option<(Self, Self)> {
        let key = usize::from(suite.bits / 8);
        let (mac, iv) = match mac_of(suite) {
            Some(mac) => (mac.digest_algorithm().output_len(), 0),
            None => (0, SALT),
        };
        let block = Hash::of(suite).expand(master, "key expansion", seed, 2 * (mac + key + iv));
        let mut rest = block.as_slice();
        let mut take = |length| {
            let (head, tail) = rest.split_at_checked(length)?;
            rest = tail;
            Some(head)
        };
        let (mac, other_mac) = (take(mac)?, take(mac)?);
        let (key, other_key) = (take(key)?, take(key)?);
        let (iv, other_iv) = (take(iv)?, take(iv)?);
        Some((
            Self::new(suite, mac, key, iv)?,
            Self::new(suite, other_mac, other_key, other_iv)?,
        ))
    }

    fn new(suite: &Suite, mac: &[u8], key: &[u8], iv: &[u8]) -> Option<Self> {
        let cipher = match mac_of(suite) {
            Some(algorithm) => Cipher::Cbc {
                key: Aes::new(key)?,
                mac: Box::new(hmac::Key::new(algorithm, mac)),
            },
            None if is_gcm(suite) => {
                let algorithm = match suite.bits {
                    128 => &AES_128_GCM,
                    _ => &AES_256_GCM,
                };
                Cipher::Gcm {
                    key: Box::new(LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?)),
                    salt: iv.try_into().ok()?,
                }
            }
            None => return None,
        };
        Some(Self {
            cipher,
            sequence: 0,
        })
    }

    /// What stands in a record of this kind for these bytes.
    pub(super) fn seal(&mut self, kind: u8, bytes: &[u8]) -> Option<Vec<u8>> {
        let sequence = self.count();
        match &self.cipher {
            Cipher::Cbc { .. } => {
                let mac = self.mac(sequence, kind, bytes)?;
                self.encrypt(&padded(&[bytes, &mac].concat()))
            }
            Cipher::Gcm { key, salt } => {
                let explicit = sequence.to_be_bytes();
                let nonce = nonce(*salt, explicit);
                let mut sealed = bytes.to_vec();
                let head = head(sequence, kind, bytes.len());
                key.seal_in_place_append_tag(nonce, Aad::from(head), &mut sealed)
                    .ok()?;
                Some([explicit.as_slice(), &sealed].concat())
            }
        }
    }

    /// What a record of this kind says. MACs of CBC are taken off and not verified: nothing that is
    /// heard is trusted.
    pub(super) fn open(&mut self, kind: u8, sealed: &[u8]) -> Option<Vec<u8>> {
        let sequence = self.count();
        match &self.cipher {
            Cipher::Cbc { key, mac } => {
                let (iv, body) = sealed.split_at_checked(BLOCK)?;
                let mut plain = key.decrypt(iv, body)?;
                let padding = usize::from(*plain.last()?) + 1;
                let mac = mac.algorithm().digest_algorithm().output_len();
                plain.truncate(plain.len().checked_sub(padding + mac)?);
                Some(plain)
            }
            Cipher::Gcm { key, salt } => {
                let (explicit, body) = sealed.split_at_checked(NONCE)?;
                let nonce = nonce(*salt, explicit.try_into().ok()?);
                let head = head(sequence, kind, body.len().checked_sub(TAG)?);
                let mut plain = body.to_vec();
                let length = key
                    .open_in_place(nonce, Aad::from(head), &mut plain)
                    .ok()?
                    .len();
                plain.truncate(length);
                Some(plain)
            }
        }
    }

    /// The MAC of the next record of application data, had it these bytes; `None` without CBC.
    pub(super) fn next_mac(&self, kind: u8, bytes: &[u8]) -> Option<Vec<u8>> {
        self.mac(self.sequence, kind, bytes)
    }

    /// A record's content of these blocks, whatever they say; `None` without CBC.
    pub(super) fn encrypt(&self, blocks: &[u8]) -> Option<Vec<u8>> {
        let Cipher::Cbc { key, .. } = &self.cipher else {
            return None;
        };
        let mut last = super::hello::random()[..BLOCK].to_vec();
        let mut out = last.clone();
        for block in blocks.chunks(BLOCK) {
            for (byte, other) in last.iter_mut().zip(block) {
                *byte ^= other;
            }
            key.encrypt(&mut last);
            out.extend_from_slice(&last);
        }
        Some(out)
    }

    fn mac(&self, sequence: u64, kind: u8, bytes: &[u8]) -> Option<Vec<u8>> {
        let Cipher::Cbc { mac, .. } = &self.cipher else {
            return None;
        };
        let head = head(sequence, kind, bytes.len());
        let tag = hmac::sign(mac, &[head.as_slice(), bytes].concat());
        Some(tag.as_ref().to_vec())
    }

    fn count(&mut self) -> u64 {
        let sequence = self.sequence;
        self.sequence += 1;
        sequence
    }
}

impl Aes {
    fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Some(Self::Short(Box::new(Aes128::new_from_slice(key).ok()?))),
            32 => Some(Self::Long(Box::new(Aes256::new_from_slice(key).ok()?))),
            _ => None,
        }
    }

    /// `block` is one block.
    fn encrypt(&self, block: &mut [u8]) {
        let block = GenericArray::from_mut_slice(block);
        match self {
            Self::Short(key) => key.encrypt_block(block),
            Self::Long(key) => key.encrypt_block(block),
        }
    }

    fn decrypt(&self, iv: &[u8], body: &[u8]) -> Option<Vec<u8>> {
        (body.len().is_multiple_of(BLOCK)).then_some(())?;
        let mut last = iv;
        let mut out = Vec::with_capacity(body.len());
        for sealed in body.chunks(BLOCK) {
            let mut block = GenericArray::clone_from_slice(sealed);
            match self {
                Self::Short(key) => key.decrypt_block(&mut block),
                Self::Long(key) => key.decrypt_block(&mut block),
            }
            out.extend(block.iter().zip(last).map(|(byte, other)| byte ^ other));
            last = sealed;
        }
        Some(out)
    }
}

/// With the shortest padding that fills the last block: RFC 5246, 6.2.3.2.
pub(super) fn padded(bytes: &[u8]) -> Vec<u8> {
    let length = BLOCK - bytes.len() % BLOCK;
    let mut out = bytes.to_vec();
    out.resize(bytes.len() + length, u8::try_from(length - 1).unwrap_or(0));
    out
}

/// What the MAC covers before the bytes: sequence, kind, version and length.
fn head(sequence: u64, kind: u8, length: usize) -> [u8; 13] {
    let mut head = [0; 13];
    head[..8].copy_from_slice(&sequence.to_be_bytes());
    head[8..11].copy_from_slice(&[kind, 3, 3]);
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    head[11..].copy_from_slice(&length.to_be_bytes());
    head
}

fn nonce(salt: [u8; SALT], explicit: [u8; NONCE]) -> Nonce {
    let mut bytes = [0; SALT + NONCE];
    bytes[..SALT].copy_from_slice(&salt);
    bytes[SALT..].copy_from_slice(&explicit);
    Nonce::assume_unique_for_key(bytes)
}
