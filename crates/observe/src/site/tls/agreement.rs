//! Keys that both sides make and agree on a secret with, in the groups that ring knows.

use ring::agreement::{
    Algorithm, ECDH_P256, ECDH_P384, EphemeralPrivateKey, UnparsedPublicKey, X25519,
    agree_ephemeral,
};
use ring::rand::SystemRandom;

/// Codes of the groups, the fastest first: RFC 8446, 4.2.7.
pub(super) const GROUPS: [u16; 3] = [29, 23, 24];

/// A key of one's own, for one agreement.
pub(super) struct Own {
    private: EphemeralPrivateKey,
    pub(super) public: Vec<u8>,
}

impl Own {
    /// `None` for a group that is none of [`GROUPS`].
    pub(super) fn make(group: u16) -> Option<Self> {
        let algorithm: &Algorithm = match group {
            29 => &X25519,
            23 => &ECDH_P256,
            24 => &ECDH_P384,
            _ => return None,
        };
        let private = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new()).ok()?;
        let public = private.compute_public_key().ok()?.as_ref().to_vec();
        Some(Self { private, public })
    }

    /// The secret; `None` where the other side's key is none of this group.
    pub(super) fn agree(self, other: &[u8]) -> Option<Vec<u8>> {
        let other = UnparsedPublicKey::new(self.private.algorithm(), other);
        agree_ephemeral(self.private, &other, <[u8]>::to_vec).ok()
    }
}
