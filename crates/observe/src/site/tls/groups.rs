//! Groups for the key exchange, and the signature algorithms of TLS 1.2, found as suites are: the
//! server chooses, the choice is taken off the list.

use std::sync::Arc;

use tightship_model::site::tls::{
    Auth, Exchange, GroupKind, Protocol, Version, group_kind, groups, signatures, suite,
};
use tokio::task::JoinSet;

use super::answer::Flight;
use super::connection::{Prober, Until};
use super::hello::Hello;
use super::offer;
use super::suites::FAR;

/// Groups of TLS 1.3, by HelloRetryRequest.
pub(super) async fn look13(prober: Arc<Prober>, suites: Vec<u32>) -> Vec<u16> {
    let mut hello = offer(&prober, Version::Tls13, suites);
    if prober.distance() >= FAR {
        let hellos = each_group(&hello);
        return each_alone(&prober, hellos, Until::Hello, |flight| {
            flight.hello.as_ref()?.group
        })
        .await;
    }
    let mut taken = Vec::new();
    while !hello.groups.is_empty() {
        let answer = prober.ask(&hello, Until::Hello).await;
        let Some(group) = answer
            .flight()
            .and_then(|flight| flight.hello.as_ref()?.group)
        else {
            break;
        };
        if !take(&mut hello.groups, group) {
            break;
        }
        taken.push(group);
    }
    taken
}

/// Groups of ECDHE in TLS 1.2 and older.
pub(super) async fn look(prober: Arc<Prober>, protocol: Protocol) -> Vec<u16> {
    let suites: Vec<u32> = protocol
        .suites
        .iter()
        .copied()
        .filter(|code| suite(*code).is_some_and(|suite| suite.exchange == Exchange::Ecdhe))
        .collect();
    // Certificates on curves may only be used with clients that know the curve: each kind of key is
    // asked for apart, so that one does not hide what the other can do.
    let mut taken = Vec::new();
    for auth in [Auth::Rsa, Auth::Ecdsa, Auth::Anonymous] {
        let list: Vec<u32> = suites
            .iter()
            .copied()
            .filter(|code| suite(*code).is_some_and(|suite| suite.auth == auth))
            .collect();
        if list.is_empty() {
            continue;
        }
        let found = if prober.distance() >= FAR && auth != Auth::Ecdsa {
            let mut hello = offer(&prober, protocol.version, list);
            hello.groups = curves().collect();
            let hellos = each_group(&hello);
            each_alone(&prober, hellos, Until::Done, |flight| {
                flight.exchange.as_ref()?.group
            })
            .await
        } else {
            look_with(&prober, protocol.version, list).await
        };
        for group in found {
            if !taken.contains(&group) {
                taken.push(group);
            }
        }
    }
    taken
}

async fn look_with(prober: &Prober, version: Version, suites: Vec<u32>) -> Vec<u16> {
    let mut hello = offer(prober, version, suites);
    hello.groups = curves().collect();
    let mut taken: Vec<u16> = Vec::new();
    // A group that the server's own certificate needs, and that therefore stays on the list.
    let mut kept: Option<u16> = None;
    loop {
        match exchanged(prober, &hello).await {
            Some(group) if Some(group) == kept => break,
            Some(group) if take(&mut hello.groups, group) => {
                if !taken.contains(&group) {
                    taken.push(group);
                }
                if let Some(kept) = kept {
                    hello.groups.retain(|group| *group != kept);
                    hello.groups.push(kept);
                }
            }
            Some(_) => break,
            None => match (kept, taken.last()) {
                (None, Some(last)) if !hello.groups.is_empty() => {
                    kept = Some(*last);
                    hello.groups.push(*last);
                }
                _ => break,
            },
        }
        if hello.groups.is_empty() {
            break;
        }
    }
    taken
}

async fn exchanged(prober: &Prober, hello: &Hello) -> Option<u16> {
    let answer = prober.ask(hello, Until::Done).await;
    answer.flight()?.exchange.as_ref()?.group
}

fn curves() -> impl Iterator<Item = u16> {
    groups().filter(|code| {
        matches!(group_kind(*code), Some(GroupKind::Curve(_))) && !(31..=33).contains(code)
    })
}

/// The signature algorithms of TLS 1.2.
pub(super) async fn look_signatures(prober: Arc<Prober>, suites: Vec<u32>) -> Vec<u16> {
    let signed: Vec<u32> = suites
        .into_iter()
        .filter(|code| {
            suite(*code).is_some_and(|suite| {
                suite.has_forward_secrecy() && !matches!(suite.auth, Auth::Anonymous | Auth::Shared)
            })
        })
        .collect();
    let mut taken = Vec::new();
    if signed.is_empty() {
        return taken;
    }
    let mut hello = offer(&prober, Version::Tls12, signed);
    hello.signatures = signatures().collect();
    if prober.distance() >= FAR {
        let hellos = signatures()
            .map(|code| {
                let mut hello = hello.clone();
                hello.signatures = vec![code];
                (code, hello)
            })
            .collect();
        return each_alone(&prober, hellos, Until::Done, |flight| {
            flight.exchange.as_ref()?.signature
        })
        .await;
    }
    while !hello.signatures.is_empty() {
        let answer = prober.ask(&hello, Until::Done).await;
        let Some(signature) = answer
            .flight()
            .and_then(|flight| flight.exchange.as_ref()?.signature)
        else {
            break;
        };
        if !take(&mut hello.signatures, signature) {
            break;
        }
        taken.push(signature);
    }
    taken
}

fn each_group(hello: &Hello) -> Vec<(u16, Hello)> {
    hello
        .groups
        .iter()
        .map(|group| {
            let mut hello = hello.clone();
            hello.groups = vec![*group];
            (*group, hello)
        })
        .collect()
}

/// Those that a server takes where they alone are offered, side by side: where it is far away, waiting
/// costs more than connections.
async fn each_alone(
    prober: &Arc<Prober>,
    hellos: Vec<(u16, Hello)>,
    until: Until,
    chosen: fn(&Flight) -> Option<u16>,
) -> Vec<u16> {
    let mut asked = JoinSet::new();
    for (place, (code, hello)) in hellos.into_iter().enumerate() {
        let prober = Arc::clone(prober);
        asked.spawn(async move {
            let answer = prober.ask(&hello, until).await;
            let is_taken = answer.flight().and_then(chosen) == Some(code);
            (place, is_taken.then_some(code))
        });
    }
    let mut found = asked.join_all().await;
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().filter_map(|(_, code)| code).collect()
}

/// Takes one off the list; `false` where it is not on it, which no honest server chooses.
fn take(list: &mut Vec<u16>, chosen: u16) -> bool {
    let before = list.len();
    list.retain(|code| *code != chosen);
    list.len() < before
}
