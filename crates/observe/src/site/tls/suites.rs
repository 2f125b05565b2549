//! Which versions are spoken, which suites are accepted, and who chooses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tightship_model::site::tls::{Auth, Preference, Protocol, Suite, Support, Version, suites};

use super::answer::Flight;
use super::connection::{Answer, Prober};
use super::elimination::{Cuts, End, Later, Taken, take};
use super::hello::Hello;
use super::notes::Notes;
use super::offer;

/// Some servers do not read more suites than this: their lists are short.
const OFFERED_AT_ONCE: usize = 120;
/// Parts in which suites of a far server are asked for side by side, less one.
const CUTS: usize = 11;

/// RFC 8446, 6.2.
const PROTOCOL_VERSION: u8 = 70;

/// What was found out about a version, and what was told on the way.
pub(super) struct Found {
    pub(super) protocol: Protocol,
    pub(super) notes: Notes,
}

/// All that is asked for versions from SSL 3.0 to TLS 1.2. `first` is the answer to [`usual`], where
/// that was asked for already.
pub(super) async fn look(prober: Arc<Prober>, version: Version, first: Option<Answer>) -> Found {
    let inquiry = Inquiry {
        prober,
        version,
        notes: Mutex::default(),
    };
    let all = candidates();
    let mut favourite = Err(End::Refused);
    let mut told = first;
    for list in all.chunks(OFFERED_AT_ONCE) {
        favourite = match told.take() {
            Some(answer) => inquiry.read(answer, list),
            None => inquiry.choose(list.to_vec()).await,
        };
        if favourite != Err(End::Refused) {
            break;
        }
    }
    let (taken, preference) = match favourite {
        Ok(favourite) => inquiry.look_further(&all, favourite).await,
        Err(end) => (
            Taken {
                chosen: Vec::new(),
                end,
            },
            Preference::Unknown,
        ),
    };
    Found {
        protocol: protocol(version, taken, preference),
        notes: inquiry
            .notes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
    }
}

pub(super) fn protocol(version: Version, taken: Taken<u32>, preference: Preference) -> Protocol {
    let support = match (taken.end, taken.chosen.is_empty()) {
        (_, false) => Support::Yes,
        (End::Lost(reason), true) => Support::Unknown { reason },
        (_, true) => Support::No,
    };
    Protocol {
        version,
        support,
        suites: taken.chosen,
        preference,
    }
}

/// The questions about one version.
struct Inquiry {
    prober: Arc<Prober>,
    version: Version,
    notes: Mutex<Notes>,
}

impl Inquiry {
    /// Everything beside the suite that the server takes first of all.
    async fn look_further(&self, all: &[u32], favourite: u32) -> (Taken<u32>, Preference) {
        // Once the other way round: who chooses, and does it read a list of this length to its end?
        let turned: Vec<u32> = all.iter().rev().copied().collect();
        let mut last = self.choose(turned.clone()).await;
        let reads_all = last.as_ref().is_ok_and(|last| {
            let place = turned.iter().position(|code| code == last);
            place.is_some_and(|place| place >= OFFERED_AT_ONCE)
        });
        if !reads_all && all.len() > OFFERED_AT_ONCE {
            last = self
                .choose(all[..OFFERED_AT_ONCE].iter().rev().copied().collect())
                .await;
        }
        let server_chooses = last == Ok(favourite);
        let mut known = vec![favourite];
        known.extend(last.ok().filter(|last| *last != favourite));

        let left: Vec<u32> = all
            .iter()
            .copied()
            .filter(|code| !known.contains(code))
            .collect();
        let at_once = if reads_all {
            left.len()
        } else {
            OFFERED_AT_ONCE
        };
        // In the server's order suites only come one after the other.
        let cuts = match server_chooses {
            true => Cuts::none(),
            false => Cuts::if_far(&self.prober, CUTS),
        };
        let mut lists = Vec::new();
        let mut end = End::Refused;
        for list in left.chunks(at_once.max(1)) {
            let taken = take(list.to_vec(), &cuts, &|list| -> Later<'_, _> {
                Box::pin(self.choose(list))
            })
            .await;
            lists.push(taken.chosen);
            end = end.worse(taken.end);
        }
        let others = if server_chooses {
            self.merge(lists).await
        } else {
            lists.concat()
        };
        let preference = preference(all, &known, &others);
        let mut chosen = [&known[..1], &others, &known[1..]].concat();
        if preference == Preference::Client {
            chosen.sort_by_key(|code| all.iter().position(|other| other == code));
        }
        (Taken { chosen, end }, preference)
    }

    /// The suite that the server takes of a list.
    async fn choose(&self, list: Vec<u32>) -> Result<u32, End> {
        let hello = self.hello(list);
        let answer = self.prober.ask(&hello, self.prober.whole_flight()).await;
        self.read(answer, &hello.suites)
    }

    /// Offers suites; what was not chosen yet of groups and signatures stands first, so that a server
    /// that goes by the client's order shows that in passing.
    fn hello(&self, suites: Vec<u32>) -> Hello {
        let mut hello = offer(&self.prober, self.version, suites);
        let (groups, signatures) = self.noted(|notes| (notes.groups(), notes.signatures()));
        hello.groups.sort_by_key(|code| groups.contains(code));
        hello
            .signatures
            .sort_by_key(|code| signatures.contains(code));
        hello
    }

    /// What was chosen of the list.
    fn read(&self, answer: Answer, list: &[u32]) -> Result<u32, End> {
        let flight = flight(answer)?;
        let chosen = chosen(&flight, self.version, list)?;
        self.noted(|notes| notes.keep(flight));
        Ok(chosen)
    }

    fn noted<T>(&self, act: impl FnOnce(&mut Notes) -> T) -> T {
        act(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Joins lists, each in the server's order, to one in the server's order.
    async fn merge(&self, lists: Vec<Vec<u32>>) -> Vec<u32> {
        let mut lists: Vec<_> = lists.into_iter().map(VecDeque::from).collect();
        lists.retain(|list| !list.is_empty());
        let mut merged = Vec::new();
        while lists.len() > 1 {
            let heads = lists
                .iter()
                .filter_map(|list| list.front().copied())
                .collect();
            let Ok(next) = self.choose(heads).await else {
                break;
            };
            for list in &mut lists {
                if list.front() == Some(&next) {
                    list.pop_front();
                }
            }
            merged.push(next);
            lists.retain(|list| !list.is_empty());
        }
        merged.extend(lists.into_iter().flatten());
        merged
    }
}

/// Who chooses: `known` are the choice of all suites in our order, and that of all the other way round
/// where it is another.
fn preference(all: &[u32], known: &[u32], others: &[u32]) -> Preference {
    let accepted = |code: &&u32| known.contains(code) || others.contains(code);
    match known {
        [_] if others.is_empty() => Preference::Unknown,
        [_] => Preference::Server,
        [first, last]
            if all.iter().find(accepted) == Some(first)
                && all.iter().rev().find(accepted) == Some(last) =>
        {
            Preference::Client
        }
        _ => Preference::Unknown,
    }
}

/// What was said, or why there was nothing.
pub(super) fn flight(answer: Answer) -> Result<Flight, End> {
    match answer {
        Answer::Flight(flight) => Ok(*flight),
        Answer::Alert(PROTOCOL_VERSION) => Err(End::Version),
        // A server that hangs up on what it does not like; that it does so on everything is found by
        // the control at the end.
        Answer::Alert(_) | Answer::Closed => Err(End::Refused),
        Answer::Silent => Err(End::Lost("no answer in time".to_owned())),
        Answer::NotTls(_) => Err(End::Lost("the answer is not TLS".to_owned())),
        Answer::Unreachable(reason) => Err(End::Lost(format!("no connection: {reason}"))),
        Answer::TooMuch => Err(End::Lost("the answer does not end".to_owned())),
        Answer::Spent => Err(End::Lost("the budget was used up".to_owned())),
    }
}

/// The suite of a ServerHello, if it has this version and is among those that were offered.
pub(super) fn chosen(flight: &Flight, version: Version, list: &[u32]) -> Result<u32, End> {
    let Some(hello) = &flight.hello else {
        return Err(End::Refused);
    };
    if hello.version != version.code() {
        return Err(End::Version);
    }
    if list.contains(&hello.suite) {
        Ok(hello.suite)
    } else {
        Err(End::Lost(format!(
            "the server chose suite {:04x}, which was not offered",
            hello.suite
        )))
    }
}

/// All suites below TLS 1.3, first those that OpenSSL ever had with certificates, which is what servers
/// have.
fn candidates() -> Vec<u32> {
    let (usual, rare): (Vec<_>, Vec<_>) = suites()
        .iter()
        .filter(|suite| !suite.is_tls13() && suite.code <= 0xffff)
        .partition(|suite| suite.openssl.is_some() && suite.auth != Auth::Shared);
    let (mut usual, late): (Vec<_>, Vec<_>) =
        usual.into_iter().partition(|suite| !is_unusual(suite));
    // Signatures of short keys cost servers least, those for DHE most.
    usual.sort_by_key(|suite| (suite.auth == Auth::Rsa, !suite.has_forward_secrecy()));
    let mut all: Vec<u32> = Vec::new();
    all.extend(usual.iter().map(|suite| suite.code));
    all.extend(late.iter().map(|suite| suite.code));
    all.extend(rare.iter().map(|suite| suite.code));
    all
}

fn is_unusual(suite: &Suite) -> bool {
    use tightship_model::site::tls::Exchange;
    matches!(suite.exchange, Exchange::StaticDh | Exchange::StaticEcdh)
        || matches!(suite.cipher, "ARIA" | "SEED" | "IDEA")
        || suite.auth == Auth::Dss
}

/// The suites that nearly every server has some of, few enough for any.
pub(super) fn usual() -> Vec<u32> {
    let mut all = candidates();
    all.truncate(OFFERED_AT_ONCE);
    all
}
