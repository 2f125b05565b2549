//! Groups for the key exchange below TLS 1.3, and the signature algorithms of TLS 1.2: those that no
//! answer about suites has told.

use std::sync::Arc;

use tightship_model::site::tls::{
    Auth, Exchange, GroupKind, Protocol, Suite, group_kind, groups, signatures, suite,
};

use super::answer::KeyExchange;
use super::connection::{Prober, Until};
use super::elimination::{Cuts, End, FAR, Later, take};
use super::hello::Hello;
use super::offer;

/// Parts in which the lists of a far server are asked for side by side, less one.
const CUTS: usize = 3;

/// Groups of ECDHE in TLS 1.2 and older, those that are known first. `fixed` is the group of the
/// certificate's own key, where that is on a curve: a client that lacks it gets nowhere.
pub(super) async fn look(
    prober: Arc<Prober>,
    protocol: Protocol,
    mut known: Vec<u16>,
    fixed: Option<u16>,
) -> Vec<u16> {
    // Each kind of key is asked for apart, so that one does not hide what the other can do.
    for is_bound in [false, true] {
        let hello = offer_of(&prober, &protocol, |suite| {
            suite.exchange == Exchange::Ecdhe && (suite.auth == Auth::Ecdsa) == is_bound
        });
        let fixed = fixed.filter(|_| is_bound);
        let with = |list: &[u16]| {
            let more = fixed.filter(|fixed| !list.contains(fixed));
            let mut hello = hello.clone();
            hello.groups = list.iter().copied().chain(more).collect();
            hello
        };
        look_on(&prober, curves(), &mut known, &with, |told| told.group).await;
    }
    known
}

/// The signature algorithms of TLS 1.2, those that are known first.
pub(super) async fn look_signatures(
    prober: Arc<Prober>,
    protocol: Protocol,
    mut known: Vec<u16>,
) -> Vec<u16> {
    let hello = offer_of(&prober, &protocol, |suite| {
        suite.has_forward_secrecy() && !matches!(suite.auth, Auth::Anonymous | Auth::Shared)
    });
    let with = |list: &[u16]| Hello {
        signatures: list.to_vec(),
        ..hello.clone()
    };
    look_on(&prober, signatures(), &mut known, &with, |told| {
        told.signature
    })
    .await;
    known
}

/// Asks for what is not known of `all`, with the hello that `with` makes of a list, and adds what was
/// chosen.
async fn look_on(
    prober: &Prober,
    all: impl Iterator<Item = u16>,
    known: &mut Vec<u16>,
    with: &(impl Fn(&[u16]) -> Hello + Sync),
    told: fn(&KeyExchange) -> Option<u16>,
) {
    if with(&[]).suites.is_empty() {
        return;
    }
    let left = all.filter(|code| !known.contains(code)).collect();
    let cuts = Cuts::if_far(prober, CUTS);
    let taken = take(left, &cuts, &|list: Vec<u16>| -> Later<'_, _> {
        Box::pin(async move {
            let answer = prober.ask(&with(&list), Until::Done).await;
            let exchange = answer.flight().and_then(|flight| flight.exchange.as_ref());
            let chosen = exchange.and_then(told);
            chosen
                .filter(|chosen| list.contains(chosen))
                .ok_or(End::Refused)
        })
    })
    .await;
    known.extend(taken.chosen);
    if prober.distance() >= FAR {
        // Answers overtook each other.
        known.sort_unstable();
    }
}

/// Offers those of the accepted suites that are wanted.
fn offer_of(prober: &Prober, protocol: &Protocol, wanted: impl Fn(&Suite) -> bool) -> Hello {
    let suites = protocol
        .suites
        .iter()
        .copied()
        .filter(|code| suite(*code).is_some_and(&wanted))
        .collect();
    let mut hello = offer(prober, protocol.version, suites);
    hello.groups = curves().collect();
    hello
}

fn curves() -> impl Iterator<Item = u16> {
    groups().filter(|code| {
        matches!(group_kind(*code), Some(GroupKind::Curve(_))) && !(31..=33).contains(code)
    })
}
