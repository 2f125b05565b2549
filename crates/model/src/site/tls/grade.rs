//! A grade after the SSL Labs Server Rating Guide.

use serde::{Deserialize, Serialize};

/// The letters, best first. [`Self::M`] and [`Self::T`] stand outside the scale: the name does not
/// match, the certificate is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Letter {
    APlus,
    A,
    AMinus,
    B,
    C,
    D,
    E,
    F,
    M,
    T,
}

impl Letter {
    pub fn name(self) -> &'static str {
        match self {
            Self::APlus => "A+",
            Self::A => "A",
            Self::AMinus => "A-",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::M => "M",
            Self::T => "T",
        }
    }
}

/// A grade, how it comes about, and what stands in the way of a better one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grade {
    /// Version of the guide.
    pub guide: String,
    pub letter: Letter,
    /// The letter that protocols, keys and ciphers alone would give, where names or trust fail.
    pub if_trusted: Option<Letter>,
    pub scores: Scores,
    /// Worst first.
    pub reasons: Vec<Reason>,
    /// What the guide asks for and nobody knows; some of it might lower the letter.
    pub untried: Vec<String>,
}

impl Grade {
    /// The letter, and what it was given without: `A+, without …`.
    pub fn letter_as_far_as_known(&self) -> String {
        match self.untried.as_slice() {
            [] => self.letter.name().to_owned(),
            untried => format!("{}, without {}", self.letter.name(), untried.join(" and ")),
        }
    }
}

/// Percentages, rounded down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scores {
    pub protocol: u32,
    pub key_exchange: u32,
    pub cipher: u32,
    /// 30 % protocol, 30 % key exchange, 40 % cipher; 0 where one of them is 0.
    pub total: u32,
}

/// A clause of the guide that keeps the grade down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The best letter that is left.
    pub at_best: Letter,
    /// The clause, with the version of the guide that brought it: `2009q: TLS 1.0 or 1.1`.
    pub clause: String,
    /// What was seen.
    pub seen: String,
}
