//! One line: `{"hash":"…","entry":{"prev":["…"],"act":{…},"signature":"…"}}`.
//!
//! The hash is that of the bytes of the entry as they stand, so that nothing depends on how a later
//! version would write it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::Act;

const BEFORE_HASH: &str = "{\"hash\":\"";
const BEFORE_ENTRY: &str = "\",\"entry\":";
const AFTER_ENTRY: &str = "}";

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// An entry as it stands in a line.
#[derive(Clone, Debug)]
pub struct Entry {
    /// In hexadecimal digits.
    pub hash: String,
    pub act: Act,
    /// What a signature covers: the act as it was written.
    pub payload: String,
    /// A signature by `ssh-keygen -Y sign`, in its armour.
    pub signature: Option<String>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct Written<'a> {
    /// Hashes of the lines that were last.
    pub(super) prev: Vec<String>,
    #[serde(borrow)]
    pub(super) act: &'a RawValue,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) signature: Option<String>,
}

/// A line taken apart, its hash held to be true.
pub(super) struct Line<'a> {
    pub(super) hash: Hash,
    pub(super) written: Written<'a>,
}

impl<'a> Line<'a> {
    /// Reads a line without its line break; says what is wrong with it.
    pub(super) fn read(text: &'a str) -> Result<Self, &'static str> {
        const FORM: &str = "is not of the form of an entry";
        let rest = text.strip_prefix(BEFORE_HASH).ok_or(FORM)?;
        let (hash, rest) = rest.split_once(BEFORE_ENTRY).ok_or(FORM)?;
        let raw = rest.strip_suffix(AFTER_ENTRY).ok_or(FORM)?;
        let hash = parse_hash(hash).ok_or("holds no hash")?;
        if hash_of(raw.as_bytes()) != hash {
            return Err("was changed: its hash is another");
        }
        let written = serde_json::from_str(raw).map_err(|_| FORM)?;
        Ok(Self { hash, written })
    }

    pub(super) fn entry(&self) -> Result<Entry, &'static str> {
        let payload = self.written.act.get();
        Ok(Entry {
            hash: hex(&self.hash),
            act: serde_json::from_str(payload).map_err(|_| "is an act in no known form")?,
            payload: payload.to_owned(),
            signature: self.written.signature.clone(),
        })
    }
}

/// A new line, with its line break, behind the lines of these hashes.
pub(super) fn write(prev: &[Hash], payload: &str, signature: Option<String>) -> Option<String> {
    let written = Written {
        prev: prev.iter().map(hex).collect(),
        act: serde_json::from_str(payload).ok()?,
        signature,
    };
    let raw = serde_json::to_string(&written).ok()?;
    let hash = hex(&hash_of(raw.as_bytes()));
    Some(format!(
        "{BEFORE_HASH}{hash}{BEFORE_ENTRY}{raw}{AFTER_ENTRY}\n"
    ))
}

pub(crate) fn hash_of(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

pub(crate) fn hex(hash: &Hash) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    hash.iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

pub(super) fn parse_hash(text: &str) -> Option<Hash> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut hash = [0; 32];
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return None;
    }
    for (place, pair) in hash.iter_mut().zip(bytes.chunks_exact(2)) {
        *place = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}
