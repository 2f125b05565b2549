//! The ClientHello, as data: what is offered, and its bytes.

use tightship_model::site::tls::Version;

use super::wire::{put_u16s, put_vector};

/// RFC 5746, 3.3: says that renegotiation would be secure, to servers that choke on extensions.
const RENEGOTIATION_SCSV: u16 = 0x00ff;
/// RFC 7507.
const FALLBACK_SCSV: u16 = 0x5600;

pub(super) mod extension {
    pub(in super::super) const SERVER_NAME: u16 = 0;
    pub(in super::super) const STATUS_REQUEST: u16 = 5;
    pub(in super::super) const GROUPS: u16 = 10;
    pub(in super::super) const POINT_FORMATS: u16 = 11;
    pub(in super::super) const SIGNATURES: u16 = 13;
    pub(in super::super) const HEARTBEAT: u16 = 15;
    pub(in super::super) const ALPN: u16 = 16;
    pub(in super::super) const TIMESTAMPS: u16 = 18;
    pub(in super::super) const ENCRYPT_THEN_MAC: u16 = 22;
    pub(in super::super) const EXTENDED_MASTER_SECRET: u16 = 23;
    pub(in super::super) const TICKET: u16 = 35;
    pub(in super::super) const VERSIONS: u16 = 43;
    pub(in super::super) const KEY_SHARE: u16 = 51;
    pub(in super::super) const RENEGOTIATION_INFO: u16 = 0xff01;
}

/// What a ClientHello offers.
#[derive(Clone, Debug)]
pub(super) struct Hello {
    pub(super) version: Version,
    /// Codes of suites; only those of two bytes are sent.
    pub(super) suites: Vec<u32>,
    pub(super) groups: Vec<u16>,
    pub(super) signatures: Vec<u16>,
    pub(super) server_name: Option<String>,
    pub(super) alpn: Vec<&'static str>,
    /// Offers DEFLATE.
    pub(super) compression: bool,
    /// Claims to be a fallback.
    pub(super) fallback: bool,
    /// TLS 1.3: the group of a key, and the key.
    pub(super) key_share: Option<(u16, Vec<u8>)>,
    /// What older servers may choke on is left out.
    pub(super) extensions: bool,
    pub(super) session_id: Vec<u8>,
    /// Empty to ask for one; `None` where no ticket shall come.
    pub(super) ticket: Option<Vec<u8>>,
    /// RFC 7366.
    pub(super) encrypt_then_mac: bool,
    /// What a renegotiation is tied to: empty the first time (RFC 5746, 3.4).
    pub(super) verified: Vec<u8>,
}

impl Hello {
    /// The hello as one TLS record.
    pub(super) fn record(&self) -> Vec<u8> {
        let mut out = vec![0x16];
        // RFC 8446, 5.1 and RFC 5246, appendix E.1: the first record says TLS 1.0.
        let outer: u16 = if self.version == Version::Ssl3 {
            0x0300
        } else {
            0x0301
        };
        out.extend_from_slice(&outer.to_be_bytes());
        put_vector(&mut out, 2, |out| out.extend(self.message()));
        out
    }

    /// The hello as a message of the handshake, without a record around it.
    pub(super) fn message(&self) -> Vec<u8> {
        let mut out = vec![1];
        put_vector(&mut out, 3, |out| self.put_body(out));
        out
    }

    fn put_body(&self, out: &mut Vec<u8>) {
        let legacy = self.version.min(Version::Tls12);
        out.extend_from_slice(&legacy.code().to_be_bytes());
        out.extend_from_slice(&random());
        put_vector(out, 1, |out| out.extend_from_slice(&self.session_id));
        put_vector(out, 2, |out| self.put_suites(out));
        put_vector(out, 1, |out| {
            if self.compression {
                out.push(1);
            }
            out.push(0);
        });
        // SSL 3.0 knows no extensions.
        if self.extensions && self.version > Version::Ssl3 {
            put_vector(out, 2, |out| self.put_extensions(out));
        }
    }

    fn put_suites(&self, out: &mut Vec<u8>) {
        let codes: Vec<u16> = self
            .suites
            .iter()
            .filter_map(|code| u16::try_from(*code).ok())
            .collect();
        put_u16s(out, &codes);
        if self.version < Version::Tls13 && !self.extensions || self.version == Version::Ssl3 {
            put_u16s(out, &[RENEGOTIATION_SCSV]);
        }
        if self.fallback {
            put_u16s(out, &[FALLBACK_SCSV]);
        }
    }

    fn put_extensions(&self, out: &mut Vec<u8>) {
        if let Some(name) = &self.server_name {
            put_extension(out, extension::SERVER_NAME, |out| {
                put_vector(out, 2, |out| {
                    out.push(0);
                    put_vector(out, 2, |out| out.extend_from_slice(name.as_bytes()));
                });
            });
        }
        put_extension(out, extension::STATUS_REQUEST, |out| {
            out.extend_from_slice(&[1, 0, 0, 0, 0]);
        });
        put_extension(out, extension::GROUPS, |out| {
            put_vector(out, 2, |out| put_u16s(out, &self.groups));
        });
        put_extension(out, extension::POINT_FORMATS, |out| {
            out.extend_from_slice(&[1, 0]);
        });
        if self.version >= Version::Tls12 {
            put_extension(out, extension::SIGNATURES, |out| {
                put_vector(out, 2, |out| put_u16s(out, &self.signatures));
            });
        }
        self.put_alpn(out);
        put_extension(out, extension::TIMESTAMPS, |_| {});
        if self.version < Version::Tls13 {
            put_extension(out, extension::HEARTBEAT, |out| out.push(1));
            if self.encrypt_then_mac {
                put_extension(out, extension::ENCRYPT_THEN_MAC, |_| {});
            }
            put_extension(out, extension::EXTENDED_MASTER_SECRET, |_| {});
            if let Some(ticket) = &self.ticket {
                put_extension(out, extension::TICKET, |out| out.extend_from_slice(ticket));
            }
            put_extension(out, extension::RENEGOTIATION_INFO, |out| {
                put_vector(out, 1, |out| out.extend_from_slice(&self.verified));
            });
        } else {
            self.put_tls13(out);
        }
    }

    fn put_alpn(&self, out: &mut Vec<u8>) {
        if self.alpn.is_empty() {
            return;
        }
        put_extension(out, extension::ALPN, |out| {
            put_vector(out, 2, |out| {
                for protocol in &self.alpn {
                    put_vector(out, 1, |out| out.extend_from_slice(protocol.as_bytes()));
                }
            });
        });
    }

    fn put_tls13(&self, out: &mut Vec<u8>) {
        put_extension(out, extension::VERSIONS, |out| {
            put_vector(out, 1, |out| put_u16s(out, &[Version::Tls13.code()]));
        });
        put_extension(out, extension::KEY_SHARE, |out| {
            put_vector(out, 2, |out| {
                if let Some((group, key)) = &self.key_share {
                    put_u16s(out, &[*group]);
                    put_vector(out, 2, |out| out.extend_from_slice(key));
                }
            });
        });
    }
}

fn put_extension(out: &mut Vec<u8>, kind: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    put_u16s(out, &[kind]);
    put_vector(out, 2, fill);
}

/// Bytes that differ each time. They protect nothing here, so that no generator is asked for: no
/// handshake of this observer carries anything.
pub(super) fn random() -> [u8; 32] {
    use std::hash::{BuildHasher, RandomState};
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&RandomState::new().hash_one(0_u8).to_be_bytes());
    }
    bytes
}
