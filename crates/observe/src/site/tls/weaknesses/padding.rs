//! Oracles of CBC: whether it was the padding or the MAC that was wrong must not show.
//!
//! Source: Merget, Somorovsky, Aviram, Young, Fliegenschmidt, Schwenk, Shavitt, "Scalable Scanning and
//! Automatic Classification of TLS Padding Oracle Vulnerabilities", USENIX Security 2019, section 4.

use std::sync::Arc;

use tightship_model::site::tls::{Mode, Probe, Protocol, WeaknessKind, suite};
use tokio::task::JoinSet;

use super::talk::Heard;
use super::{TIMES, of_tls12, unknown};
use crate::site::tls::connection::Prober;
use crate::site::tls::secret::padded;
use crate::site::tls::whole::{DATA, Whole, finishable, greeting};

/// What is sent; the right record makes the control, since it is answered.
const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// The verdicts on the four faults, none where no suite of TLS 1.2 works in CBC mode.
pub(super) async fn look(
    prober: &Arc<Prober>,
    protocols: &[Protocol],
) -> Vec<(WeaknessKind, Option<Probe>)> {
    let suites: Vec<u32> = of_tls12(protocols)
        .into_iter()
        .filter(|code| suite(*code).is_some_and(|suite| suite.mode == Mode::Cbc))
        .collect();
    if suites.is_empty() {
        return Vec::new();
    }
    let suites = finishable(&suites);
    let answers = match suites.as_slice() {
        [] => Err(unknown("its suites in CBC mode are not of AES")),
        _ => ask(prober, &suites).await,
    };
    KINDS
        .iter()
        .map(|(kind, judge)| {
            let probe = match &answers {
                Ok(answers) => judge(answers),
                Err(probe) => probe.clone(),
            };
            (*kind, Some(probe))
        })
        .collect()
}

type Judge = fn(&Answers) -> Probe;

const KINDS: [(WeaknessKind, Judge); 4] = [
    (WeaknessKind::PoodleTls, poodle),
    (WeaknessKind::PaddingOracle, oracle),
    (WeaknessKind::AesNiPadding, no_room),
    (WeaknessKind::ZeroLength, zero_length),
];

/// What each record is answered with, three times the same where that says something.
struct Answers(Vec<(Record, Heard)>);

impl Answers {
    fn to(&self, record: Record) -> &Heard {
        self.0
            .iter()
            .find(|(other, _)| *other == record)
            .map_or(&Heard::Silence, |(_, heard)| heard)
    }

    fn is_data(&self, record: Record) -> bool {
        matches!(self.to(record), Heard::Record(DATA, _))
    }

    /// Whether the answers differ, and in which words.
    fn compare(&self, one: Record, other: Record) -> Option<String> {
        (self.to(one) != self.to(other)).then(|| {
            format!(
                "three times {} is answered by {} and {} by {}",
                one.name(),
                self.to(one).name(),
                other.name(),
                self.to(other).name()
            )
        })
    }
}

/// Every record once, and three times where answers to wrong ones differ, each on a connection of its own.
async fn ask(prober: &Arc<Prober>, suites: &[u32]) -> Result<Answers, Probe> {
    let first = every_record(prober, suites).await?;
    if !first.is_data(Record::Right) {
        return Err(unknown(format!(
            "the control is answered by {}",
            first.to(Record::Right).name()
        )));
    }
    let wrong = |record: Record| first.to(record) != first.to(Record::WrongMac);
    if Record::ALL[1..].iter().any(|record| wrong(*record)) {
        for _ in 1..TIMES {
            let again = every_record(prober, suites).await?;
            let differs = |record: &&Record| first.to(**record) != again.to(**record);
            if let Some(record) = Record::ALL.iter().find(differs) {
                return Err(unknown(format!(
                    "answers to {} differ from time to time",
                    record.name()
                )));
            }
        }
    }
    Ok(first)
}

async fn every_record(prober: &Arc<Prober>, suites: &[u32]) -> Result<Answers, Probe> {
    let mut asked = JoinSet::new();
    for (place, record) in Record::ALL.into_iter().enumerate() {
        let (prober, suites) = (Arc::clone(prober), suites.to_vec());
        asked.spawn(async move { (place, answer(&prober, &suites, record).await) });
    }
    let mut heard = asked.join_all().await;
    heard.sort_by_key(|(place, _)| *place);
    let answers: Option<Vec<_>> = Record::ALL
        .into_iter()
        .zip(heard)
        .map(|(record, (_, heard))| Some((record, heard?)))
        .collect();
    answers
        .map(Answers)
        .ok_or_else(|| unknown("a handshake with CBC could not be finished"))
}

async fn answer(prober: &Prober, suites: &[u32], record: Record) -> Option<Heard> {
    let _place = prober.place().await?;
    let mut whole = Whole::begin(prober, greeting(prober, suites.to_vec())).await?;
    let mac = |bytes| whole.keys().next_mac(DATA, bytes);
    let blocks = record.blocks(mac)?;
    let content = whole.keys().encrypt(&blocks)?;
    whole.say_as_is(&content).await?;
    Some(match whole.hear(prober.very_long()).await {
        // How long the answer to the request is says nothing.
        Heard::Record(DATA, _) => Heard::Record(DATA, 0),
        heard => heard,
    })
}

/// CVE-2014-8730: the bytes of the padding are not looked at.
fn poodle(answers: &Answers) -> Probe {
    match answers.is_data(Record::WrongPadding) {
        true => Probe::Vulnerable {
            seen: "three times a request with wrong padding is answered as if it were right"
                .to_owned(),
        },
        false => safe(answers, Record::WrongPadding),
    }
}

/// GOLDENDOODLE, Zombie POODLE and Sleeping POODLE: the answer tells a wrong MAC from a wrong padding.
fn oracle(answers: &Answers) -> Probe {
    // Where wrong padding is taken, that is POODLE and told as such.
    let told = [Record::WrongPadding, Record::TooLong]
        .into_iter()
        .filter(|record| !answers.is_data(*record))
        .find_map(|record| answers.compare(Record::WrongMac, record));
    match told {
        Some(seen) => Probe::Vulnerable { seen },
        None => safe(answers, Record::WrongMac),
    }
}

/// CVE-2016-2107: OpenSSL with AES-NI answers record_overflow where padding leaves no room for a MAC.
fn no_room(answers: &Answers) -> Probe {
    const RECORD_OVERFLOW: u8 = 22;
    let told = (*answers.to(Record::NoRoom) == Heard::Alert(RECORD_OVERFLOW))
        .then(|| answers.compare(Record::WrongMac, Record::NoRoom))
        .flatten();
    match told {
        Some(seen) => Probe::Vulnerable { seen },
        None => safe(answers, Record::NoRoom),
    }
}

/// CVE-2019-1559: OpenSSL tells them apart where a record is empty.
fn zero_length(answers: &Answers) -> Probe {
    if [poodle(answers), oracle(answers)]
        .iter()
        .any(|probe| matches!(probe, Probe::Vulnerable { .. }))
    {
        return unknown("records with content tell the same");
    }
    match answers.compare(Record::EmptyWrongMac, Record::EmptyWrongPadding) {
        Some(seen) => Probe::Vulnerable { seen },
        None => safe(answers, Record::EmptyWrongMac),
    }
}

fn safe(answers: &Answers, record: Record) -> Probe {
    Probe::Safe {
        seen: format!(
            "{} is answered by {}",
            record.name(),
            answers.to(record).name()
        ),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Record {
    Right,
    WrongMac,
    WrongPadding,
    TooLong,
    NoRoom,
    EmptyWrongMac,
    EmptyWrongPadding,
}

impl Record {
    const ALL: [Self; 7] = [
        Self::Right,
        Self::WrongMac,
        Self::WrongPadding,
        Self::TooLong,
        Self::NoRoom,
        Self::EmptyWrongMac,
        Self::EmptyWrongPadding,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Right => "a right record",
            Self::WrongMac => "a wrong MAC",
            Self::WrongPadding => "a wrong padding",
            Self::TooLong => "a padding longer than the record",
            Self::NoRoom => "a padding that leaves no room for the MAC",
            Self::EmptyWrongMac => "an empty record with a wrong MAC",
            Self::EmptyWrongPadding => "an empty record with a wrong padding",
        }
    }

    /// What is encrypted, with the MAC that `mac` gives for the bytes.
    fn blocks(self, mac: impl Fn(&'static [u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
        let request = match self {
            Self::NoRoom => return Some(vec![31; 32]),
            Self::EmptyWrongMac | Self::EmptyWrongPadding => &[][..],
            _ => REQUEST,
        };
        let mut mac = mac(request)?;
        if matches!(self, Self::WrongMac | Self::EmptyWrongMac) {
            *mac.first_mut()? ^= 0x80;
        }
        let length = request.len() + mac.len();
        let mut blocks = padded(&[request, &mac].concat());
        match self {
            Self::WrongPadding | Self::EmptyWrongPadding => {
                // The first byte of a padding of at least two; the last one is its length.
                if blocks.len() - length < 2 {
                    blocks.extend([16; 16]);
                    *blocks.get_mut(length)? = 16;
                }
                *blocks.get_mut(length)? ^= 0x80;
            }
            Self::TooLong => *blocks.last_mut()? = 0xff,
            _ => {}
        }
        Some(blocks)
    }
}
