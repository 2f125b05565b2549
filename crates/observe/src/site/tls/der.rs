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
