//! Bytes as TLS lays them out: numbers in network order and vectors that begin with their length.

/// Reads from the front; every answer is `None` where too little is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        Some(head)
    }

    /// A number of `width` bytes, at most four.
    pub(super) fn number(&mut self, width: usize) -> Option<u32> {
        let bytes = self.take(width)?;
        Some(
            bytes
                .iter()
                .fold(0, |value, byte| (value << 8) | u32::from(*byte)),
        )
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        u16::try_from(self.number(2)?).ok()
    }

    /// A vector whose length stands before it in `width` bytes.
    pub(super) fn vector(&mut self, width: usize) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number(width)?).ok()?;
        self.take(length)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Appends what `fill` writes, with its length before it in `width` bytes. Lengths that do not fit are
/// the caller's fault and cut off; nothing that this observer sends comes near.
pub(super) fn put_vector(out: &mut Vec<u8>, width: usize, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.resize(start + width, 0);
    fill(out);
    let length = out.len() - start - width;
    let bytes = length.to_be_bytes();
    out[start..start + width].copy_from_slice(&bytes[bytes.len() - width..]);
}

/// Appends numbers of two bytes.
pub(super) fn put_u16s(out: &mut Vec<u8>, numbers: &[u16]) {
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}
