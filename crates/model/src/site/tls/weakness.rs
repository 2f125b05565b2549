//! Known faults of TLS implementations, probed for by value.

use serde::{Deserialize, Serialize};

/// One fault, and what the probe saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weakness {
    pub kind: WeaknessKind,
    pub probe: Probe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WeaknessKind {
    /// CVE-2014-0160
    Heartbleed,
    /// CVE-2014-0224
    CcsInjection,
    /// CVE-2016-9244
    Ticketbleed,
    /// Bleichenbacher's oracle, CVE-2017-13099 and others.
    Robot,
    /// CVE-2014-8730: the padding of CBC is not looked at in TLS either.
    PoodleTls,
    /// Whether padding or MAC was wrong shows: GOLDENDOODLE, Zombie POODLE, Sleeping POODLE.
    PaddingOracle,
    /// CVE-2016-2107
    AesNiPadding,
    /// CVE-2019-1559
    ZeroLength,
}

impl WeaknessKind {
    /// What it is called in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Heartbleed => "Heartbleed",
            Self::CcsInjection => "early ChangeCipherSpec",
            Self::Ticketbleed => "Ticketbleed",
            Self::Robot => "ROBOT",
            Self::PoodleTls => "POODLE over TLS",
            Self::PaddingOracle => "padding oracle",
            Self::AesNiPadding => "CVE-2016-2107",
            Self::ZeroLength => "CVE-2019-1559",
        }
    }
}

/// What a probe showed. A verdict stands on three equal observations and a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Probe {
    /// The fault shows; `seen` says by what.
    Vulnerable {
        seen: String,
    },
    /// It does not; `seen` says by what.
    Safe {
        seen: String,
    },
    Unknown {
        reason: String,
    },
}
