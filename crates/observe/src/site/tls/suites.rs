//! Which versions are spoken, which suites are accepted, and who chooses.
//!
//! One connection shows one suite: the server chooses, the choice is taken off the list, and it is
//! asked again until it refuses.

use std::sync::Arc;
use std::time::Duration;

use tightship_model::site::tls::{Auth, Preference, Protocol, Suite, Support, Version, suites};
use tokio::task::JoinSet;

use super::answer::Flight;
use super::connection::{Answer, Prober, Until};
use super::offer;

/// Some servers do not read more suites than this: their lists are short.
const OFFERED_AT_ONCE: usize = 120;
/// After so many suites in a row, a far server is asked for the rest side by side.
const IN_A_ROW: usize = 1;
/// From here on waiting costs more than connections.
pub(super) const FAR: Duration = Duration::from_millis(20);

/// RFC 8446, 6.2.
const PROTOCOL_VERSION: u8 = 70;

/// All that is asked for versions from SSL 3.0 to TLS 1.2.
pub(super) async fn look(prober: Arc<Prober>, version: Version, far: Duration) -> Protocol {
    let mut lists = candidates().into_iter();
    let first = take(&prober, version, lists.next().unwrap_or_default(), far).await;
    let mut taken = vec![first.suites];
    let mut end = first.end;
    if end != End::Version {
        let mut others = JoinSet::new();
        for (place, list) in lists.enumerate() {
            let prober = Arc::clone(&prober);
            others.spawn(async move { (place, take(&prober, version, list, far).await) });
        }
        let mut found: Vec<_> = others.join_all().await;
        found.sort_by_key(|(place, _)| *place);
        for (_, one) in found {
            taken.push(one.suites);
            end = end.worse(one.end);
        }
    }
    taken.retain(|list| !list.is_empty());
    let preference = match taken.first() {
        Some(list) => preference(&prober, version, list).await,
        None => Preference::Unknown,
    };
    let suites = if preference == Preference::Server && far < FAR {
        merge(&prober, version, taken).await
    } else {
        taken.concat()
    };
    protocol(version, suites, preference, end)
}

/// All that is asked for TLS 1.3. A server that gets no key asks for one and thereby names suite and
/// group: neither side computes anything.
pub(super) async fn look13(prober: Arc<Prober>) -> Protocol {
    let list: Vec<u32> = suites()
        .iter()
        .filter(|suite| suite.is_tls13())
        .map(|suite| suite.code)
        .collect();
    let taken = take(&prober, Version::Tls13, list, Duration::ZERO).await;
    let preference = preference(&prober, Version::Tls13, &taken.suites).await;
    protocol(Version::Tls13, taken.suites, preference, taken.end)
}

fn protocol(version: Version, suites: Vec<u32>, preference: Preference, end: End) -> Protocol {
    let support = match (&end, suites.is_empty()) {
        (_, false) => Support::Yes,
        (End::Lost(reason), true) => Support::Unknown {
            reason: reason.clone(),
        },
        (_, true) => Support::No,
    };
    Protocol {
        version,
        support,
        suites,
        preference,
    }
}

/// Why a list of suites was not asked for further.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    /// None of the rest is accepted.
    Refused,
    /// The version is not.
    Version,
    /// No answer.
    Lost(String),
}

impl End {
    fn worse(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Lost(_), _) => self,
            _ => other,
        }
    }
}

struct Taken {
    suites: Vec<u32>,
    end: End,
}

/// Takes suites of the list until the server refuses the rest.
async fn take(prober: &Arc<Prober>, version: Version, mut left: Vec<u32>, far: Duration) -> Taken {
    let mut suites = Vec::new();
    loop {
        if left.is_empty() {
            return Taken {
                suites,
                end: End::Refused,
            };
        }
        if suites.len() >= IN_A_ROW && far >= FAR {
            return take_rest(prober, version, suites, left).await;
        }
        match choose(prober, version, left.clone()).await {
            Ok(chosen) => {
                left.retain(|code| *code != chosen);
                suites.push(chosen);
            }
            Err(end) => return Taken { suites, end },
        }
    }
}

/// The rest of a long list, in parts that are asked for side by side.
async fn take_rest(
    prober: &Arc<Prober>,
    version: Version,
    mut suites: Vec<u32>,
    left: Vec<u32>,
) -> Taken {
    const PARTS: usize = 12;
    let mut parts = JoinSet::new();
    for part in 0..PARTS {
        let list: Vec<u32> = left.iter().skip(part).step_by(PARTS).copied().collect();
        let prober = Arc::clone(prober);
        // Boxed, because it is a part of itself; it never splits again.
        let work = Box::pin(async move { take_in_a_row(&prober, version, list).await });
        parts.spawn(async move { (part, work.await) });
    }
    let mut found = parts.join_all().await;
    found.sort_by_key(|(part, _)| *part);
    let mut end = End::Refused;
    for (_, one) in found {
        suites.extend(one.suites);
        end = end.worse(one.end);
    }
    Taken { suites, end }
}

async fn take_in_a_row(prober: &Arc<Prober>, version: Version, mut left: Vec<u32>) -> Taken {
    let mut suites = Vec::new();
    while !left.is_empty() {
        match choose(prober, version, left.clone()).await {
            Ok(chosen) => {
                left.retain(|code| *code != chosen);
                suites.push(chosen);
            }
            Err(end) => return Taken { suites, end },
        }
    }
    Taken {
        suites,
        end: End::Refused,
    }
}

/// The suite that the server takes of a list.
async fn choose(prober: &Prober, version: Version, list: Vec<u32>) -> Result<u32, End> {
    let mut hello = offer(prober, version, list);
    let mut answer = prober.ask(&hello, Until::Hello).await;
    if version == Version::Tls13
        && matches!(answer, Answer::Alert(alert) if alert != PROTOCOL_VERSION)
    {
        // Servers that cannot ask again.
        hello.key_share = true;
        answer = prober.ask(&hello, Until::Hello).await;
    }
    match answer {
        Answer::Flight(flight) => chosen(&flight, version, &hello.suites),
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

fn chosen(flight: &Flight, version: Version, list: &[u32]) -> Result<u32, End> {
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

/// Who chooses: the same suites are offered the other way round.
async fn preference(prober: &Prober, version: Version, taken: &[u32]) -> Preference {
    let [first, .., last] = taken else {
        return Preference::Unknown;
    };
    let turned = taken.iter().rev().copied().collect();
    match choose(prober, version, turned).await {
        Ok(choice) if choice == *first => Preference::Server,
        Ok(choice) if choice == *last => Preference::Client,
        _ => Preference::Unknown,
    }
}

/// Joins lists, each in the server's order, to one in the server's order.
async fn merge(prober: &Prober, version: Version, lists: Vec<Vec<u32>>) -> Vec<u32> {
    let mut lists: Vec<_> = lists
        .into_iter()
        .map(std::collections::VecDeque::from)
        .collect();
    let mut merged = Vec::new();
    while lists.len() > 1 {
        let heads = lists
            .iter()
            .filter_map(|list| list.front().copied())
            .collect();
        let Ok(next) = choose(prober, version, heads).await else {
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

/// All suites below TLS 1.3 in lists that are short enough for any server: first those that OpenSSL
/// ever had with certificates, which is what servers have.
fn candidates() -> Vec<Vec<u32>> {
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
    all.chunks(OFFERED_AT_ONCE).map(<[u32]>::to_vec).collect()
}

fn is_unusual(suite: &Suite) -> bool {
    use tightship_model::site::tls::Exchange;
    matches!(suite.exchange, Exchange::StaticDh | Exchange::StaticEcdh)
        || matches!(suite.cipher, "ARIA" | "SEED" | "IDEA")
        || suite.auth == Auth::Dss
}

/// The suites that nearly every server has some of.
pub(super) fn usual() -> Vec<u32> {
    candidates().into_iter().next().unwrap_or_default()
}
