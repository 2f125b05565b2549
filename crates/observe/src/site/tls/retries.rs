//! TLS 1.3: a server that gets no key asks for one (HelloRetryRequest) and thereby names suite and
//! group. Neither side computes anything.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use tightship_model::site::tls::{Preference, Protocol, Version, groups, suites};

use super::answer::Flight;
use super::connection::{Prober, Until};
use super::elimination::{Cuts, End, FAR, Later, Taken, take};
use super::hello::random;
use super::offer;
use super::suites::{chosen, flight, protocol};

/// Parts in which the groups of a far server are asked for side by side, less one.
const CUTS: usize = 3;

/// The suites of TLS 1.3, and its groups.
pub(super) async fn look(prober: Arc<Prober>) -> (Protocol, Vec<u16>) {
    let inquiry = Inquiry {
        is_far: prober.distance() >= FAR,
        prober,
        has_answered: AtomicBool::new(false),
        gets_key: AtomicBool::new(false),
    };
    let mut suites: Vec<u32> = suites()
        .iter()
        .filter(|suite| suite.is_tls13())
        .map(|suite| suite.code)
        .collect();
    let mut groups: Vec<u16> = groups().collect();
    let mut taken = Taken {
        chosen: Vec::new(),
        end: End::Refused,
    };
    let mut agreed = Vec::new();
    // Suites and groups are chosen apart from each other: one answer takes one off each list.
    while !suites.is_empty() && !groups.is_empty() {
        match inquiry.choose(suites.clone(), groups.clone()).await {
            Ok((suite, group)) => {
                suites.retain(|other| *other != suite);
                taken.chosen.push(suite);
                groups.retain(|other| Some(*other) != group);
                agreed.extend(group);
            }
            Err(end) => {
                taken.end = end;
                break;
            }
        }
        if inquiry.is_far {
            break;
        }
    }
    if taken.chosen.is_empty() {
        return (protocol(Version::Tls13, taken, Preference::Unknown), agreed);
    }
    let preference = inquiry
        .look_apart(suites, groups, &mut taken, &mut agreed)
        .await;
    (protocol(Version::Tls13, taken, preference), agreed)
}

struct Inquiry {
    prober: Arc<Prober>,
    is_far: bool,
    /// Whether it has named anything yet.
    has_answered: AtomicBool,
    /// It does not ask for keys: it gets one.
    gets_key: AtomicBool,
}

impl Inquiry {
    /// What is left of both lists once one of them seems to be exhausted, and who chooses.
    async fn look_apart(
        &self,
        suites: Vec<u32>,
        groups: Vec<u16>,
        taken: &mut Taken<u32>,
        agreed: &mut Vec<u16>,
    ) -> Preference {
        let cuts = Cuts::if_far(&self.prober, CUTS);
        let turned: Vec<u32> = taken.chosen.iter().rev().copied().collect();
        let turned_choice = OnceLock::new();
        let ask_groups = |list| -> Later<'_, _> {
            Box::pin(async {
                let (suite, group) = self.choose(turned.clone(), list).await?;
                let _ = turned_choice.set(suite);
                group.ok_or(End::Refused)
            })
        };
        let known = if self.is_far {
            tightship_model::site::tls::groups().collect()
        } else {
            agreed.clone()
        };
        let ask_suites = |list| -> Later<'_, _> {
            Box::pin(async { Ok(self.choose(list, known.clone()).await?.0) })
        };
        let none = Cuts::none();
        let (more, others) = if self.is_far {
            tokio::join!(
                take(groups, &cuts, &ask_groups),
                take(suites, &none, &ask_suites)
            )
        } else {
            let more = take(groups, &cuts, &ask_groups).await;
            // Where more groups were taken, it was the suites that were exhausted.
            let left = if more.chosen.is_empty() {
                suites
            } else {
                Vec::new()
            };
            (more, take(left, &none, &ask_suites).await)
        };
        agreed.extend(more.chosen);
        if self.is_far {
            agreed.sort_unstable();
        }
        let choice = match turned_choice.get() {
            Some(choice) if others.chosen.is_empty() => Some(*choice),
            _ => None,
        };
        taken.join(others);
        self.preference(&taken.chosen, agreed, choice).await
    }

    /// Who chooses: the same suites are offered the other way round, unless `choice` tells what came of
    /// that.
    async fn preference(&self, taken: &[u32], groups: &[u16], choice: Option<u32>) -> Preference {
        let [first, .., last] = taken else {
            return Preference::Unknown;
        };
        let turned = taken.iter().rev().copied().collect();
        let choice = match choice {
            Some(choice) => Ok(choice),
            None => self
                .choose(turned, groups.to_vec())
                .await
                .map(|(suite, _)| suite),
        };
        match choice {
            Ok(choice) if choice == *first => Preference::Server,
            Ok(choice) if choice == *last => Preference::Client,
            _ => Preference::Unknown,
        }
    }

    /// The suite that the server takes of these, and the group, where it names one of these.
    async fn choose(&self, suites: Vec<u32>, groups: Vec<u16>) -> Result<(u32, Option<u16>), End> {
        let mut flight = self
            .ask(&suites, &groups, self.gets_key.load(Relaxed))
            .await;
        if flight == Err(End::Refused) && !self.has_answered.load(Relaxed) {
            flight = self.ask(&suites, &groups, true).await;
            self.gets_key.store(flight.is_ok(), Relaxed);
        }
        let flight = flight?;
        self.has_answered.store(true, Relaxed);
        let suite = chosen(&flight, Version::Tls13, &suites)?;
        let group = flight.hello.as_ref().and_then(|hello| hello.group);
        Ok((suite, group.filter(|group| groups.contains(group))))
    }

    async fn ask(&self, suites: &[u32], groups: &[u16], with_key: bool) -> Result<Flight, End> {
        let mut hello = offer(&self.prober, Version::Tls13, suites.to_vec());
        // Any 32 bytes are a public key of X25519 (RFC 7748, 5).
        hello.key_share = with_key.then(|| (29, random().to_vec()));
        // A key needs its group beside it.
        if !with_key && !groups.is_empty() {
            hello.groups = groups.to_vec();
        }
        flight(self.prober.ask(&hello, Until::Hello).await)
    }
}
