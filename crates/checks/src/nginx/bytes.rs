//! Sets of bytes: what a text may hold.

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes([u64; 4]);

impl Bytes {
    pub(super) const NONE: Self = Self([0; 4]);
    pub(super) const ALL: Self = Self([u64::MAX; 4]);

    pub(super) const fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut set = Self::NONE;
        let mut at = 0;
        while at < bytes.len() {
            set = set.with(bytes[at]);
            at += 1;
        }
        set
    }

    pub(super) const fn range(first: u8, last: u8) -> Self {
        let mut set = Self::NONE.with(last);
        let mut byte = first;
        while byte < last {
            set = set.with(byte);
            byte += 1;
        }
        set
    }

    const fn with(self, byte: u8) -> Self {
        let mut set = self.0;
        set[byte as usize / 64] |= 1 << (byte % 64);
        Self(set)
    }

    pub(super) fn holds(self, byte: u8) -> bool {
        self.0[usize::from(byte / 64)] & (1 << (byte % 64)) != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::NONE
    }

    pub(super) const fn or(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a | e, b | f, c | g, d | h])
    }

    pub(super) const fn and(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a & e, b & f, c & g, d & h])
    }

    pub(super) const fn without(self, other: Self) -> Self {
        let [a, b, c, d] = other.0;
        self.and(Self([!a, !b, !c, !d]))
    }

    pub(super) fn is_within(self, other: Self) -> bool {
        self.without(other).is_empty()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |byte| self.holds(*byte))
    }
}

impl FromIterator<u8> for Bytes {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        bytes.into_iter().fold(Self::NONE, Self::with)
    }
}
