//! Keys of TLS 1.3 for what a server says in its handshake: RFC 8446, 5.2, 5.3 and 7.1.

use ring::aead::{
    AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey,
};
use ring::digest::{Digest, digest};
use ring::hkdf::{HKDF_SHA256, HKDF_SHA384, KeyType, Prk, Salt};

use super::wire::{put_u16s, put_vector};

/// Suites whose records are read here; those with CCM are not in ring.
pub(super) const SUITES: [u32; 3] = [0x1301, 0x1302, 0x1303];

/// Reads the records of the server's handshake, in their order.
pub(super) struct Reader {
    key: LessSafeKey,
    iv: [u8; NONCE_LEN],
    sequence: u64,
}

impl Reader {
    /// `secret` is what both sides agreed on, `hellos` the two messages that came before. `None` for a
    /// suite that is none of [`SUITES`].
    pub(super) fn new(suite: u32, secret: &[u8], hellos: &[u8]) -> Option<Self> {
        let (hash, cipher) = match suite {
            0x1301 => (HKDF_SHA256, &AES_128_GCM),
            0x1302 => (HKDF_SHA384, &AES_256_GCM),
            0x1303 => (HKDF_SHA256, &CHACHA20_POLY1305),
            _ => return None,
        };
        let of_messages = |messages: &[u8]| -> Digest {
            digest(hash.hmac_algorithm().digest_algorithm(), messages)
        };
        let none = of_messages(&[]);
        let length = none.as_ref().len();
        // There is no secret of an earlier connection.
        let zeros = vec![0; length];
        let early = Salt::new(hash, &zeros).extract(&zeros);
        let derived = expand(&early, "derived", none.as_ref(), length)?;
        let handshake = Salt::new(hash, &derived).extract(secret);
        let hellos = of_messages(hellos);
        let theirs = expand(&handshake, "s hs traffic", hellos.as_ref(), length)?;
        let theirs = Prk::new_less_safe(hash, &theirs);
        let key = expand(&theirs, "key", &[], cipher.key_len())?;
        Some(Self {
            key: LessSafeKey::new(UnboundKey::new(cipher, &key).ok()?),
            iv: expand(&theirs, "iv", &[], NONCE_LEN)?.try_into().ok()?,
            sequence: 0,
        })
    }

    /// Kind and content of the next record, whose body this is.
    pub(super) fn open(&mut self, body: &[u8]) -> Option<(u8, Vec<u8>)> {
        let mut head = vec![0x17, 3, 3];
        put_u16s(&mut head, &[u16::try_from(body.len()).ok()?]);
        let mut nonce = self.iv;
        for (byte, other) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *byte ^= other;
        }
        self.sequence += 1;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let mut plain = body.to_vec();
        let length = self
            .key
            .open_in_place(nonce, Aad::from(head), &mut plain)
            .ok()?
            .len();
        plain.truncate(length);
        // Zeros may stand behind the kind, which stands behind the content.
        let end = plain.iter().rposition(|byte| *byte != 0)?;
        let kind = plain[end];
        plain.truncate(end);
        Some((kind, plain))
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label.
fn expand(secret: &Prk, label: &str, context: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut info = Vec::new();
    put_u16s(&mut info, &[u16::try_from(length).ok()?]);
    put_vector(&mut info, 1, |out| {
        out.extend_from_slice(b"tls13 ");
        out.extend_from_slice(label.as_bytes());
    });
    put_vector(&mut info, 1, |out| out.extend_from_slice(context));
    let mut out = vec![0; length];
    let info = [info.as_slice()];
    secret
        .expand(&info, Length(length))
        .ok()?
        .fill(&mut out)
        .ok()?;
    Some(out)
}
