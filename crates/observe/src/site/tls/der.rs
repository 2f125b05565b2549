//! DER, value by value.

use x509_parser::asn1_rs::{Any, FromDer as _};

/// One value of DER.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    /// Class, form and number, as they stand in its first byte.
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// Tag and length too.
    pub(super) whole: &'a [u8],
}

/// Takes the first value off.
pub(super) fn take<'a>(bytes: &mut &'a [u8]) -> Option<Value<'a>> {
    let (rest, any) = Any::from_der(bytes).ok()?;
    let whole = bytes.get(..bytes.len().checked_sub(rest.len())?)?;
    *bytes = rest;
    Some(Value {
        tag: *whole.first()?,
        content: any.data,
        whole,
    })
}

/// Takes the first value off where it has this tag.
pub(super) fn take_if<'a>(bytes: &mut &'a [u8], tag: u8) -> Option<Value<'a>> {
    if bytes.first() != Some(&tag) {
        return None;
    }
    take(bytes)
}

/// The certificates that a message of PKCS #7 carries for nothing else (RFC 5652, 5.1, of "certs-only");
/// `None` where it is no such message.
pub(in crate::site) fn pkcs7(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    /// 1.2.840.113549.1.7.2
    const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let mut message = take_if(&mut bytes, SEQUENCE)?.content;
    if take_if(&mut message, OID)?.content != SIGNED_DATA {
        return None;
    }
    let mut explicit = take_if(&mut message, TAGGED_0)?.content;
    let mut signed = take_if(&mut explicit, SEQUENCE)?.content;
    take_if(&mut signed, INTEGER)?;
    take_if(&mut signed, SET)?;
    take_if(&mut signed, SEQUENCE)?;
    let mut set = take_if(&mut signed, TAGGED_0)?.content;
    let mut found = Vec::new();
    while let Some(value) = take_if(&mut set, SEQUENCE) {
        found.push(value.whole.to_vec());
    }
    Some(found)
}

const INTEGER: u8 = 0x02;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const TAGGED_0: u8 = 0xa0;

/// A value of this tag and content.
pub(super) fn put(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let mut out = vec![tag];
    match content.len() {
        short @ 0..128 => out.push(u8::try_from(short).unwrap_or(0)),
        _ => {
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
            out.extend_from_slice(digits);
        }
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_put_is_taken(tag in 0x04_u8..0x1e, content in proptest::collection::vec(any::<u8>(), 0..700)) {
            let bytes = put(tag, &content);
            let mut rest = bytes.as_slice();
            let value = take(&mut rest).expect("DER");
            prop_assert_eq!((value.tag, value.content, value.whole), (tag, content.as_slice(), bytes.as_slice()));
            prop_assert!(rest.is_empty());
        }
    }
}
