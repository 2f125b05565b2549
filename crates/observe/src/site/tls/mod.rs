//! TLS as a server speaks it.
//!
//! The records are written and read by hand: no library speaks SSL 2.0 to TLS 1.1, offers single
//! suites, or stops after the ServerHello. rustls comes in where TLS 1.3 encrypts what is asked for.

mod answer;
mod certificate;
mod connection;
mod der;
mod dh;
mod features;
mod groups;
mod hello;
mod modern;
mod preflight;
#[doc(hidden)]
pub mod raw;
mod secret;
mod sessions;
mod smtp;
mod ssl2;
mod staple;
mod suites;
mod transparency;
mod weaknesses;
mod whole;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::RootCertStore;
use tightship_model::site::tls::{
    Auth, Chain, Protocol, Reach, Support, Target, Tls, Version, signatures, suite,
};
use tokio::task::JoinSet;

pub use connection::Budget;

use certificate::Sent;
use connection::{Prober, Until};
use features::newest_clear;
use hello::{Hello, random};

/// Looks at the TLS server at an address. `server_name` is sent as SNI and held against the
/// certificates; without it the address is. `roots` are trusted. Needs a tokio runtime with network and time; never fails:
/// what could not be seen is said in the answer.
pub async fn observe(
    address: SocketAddr,
    server_name: Option<&str>,
    roots: &RootCertStore,
    budget: Budget,
) -> Tls {
    let prober = Prober::new(address, server_name.map(str::to_owned), budget);
    let prober = Arc::new(prober);
    let mut tls = Tls {
        target: Target {
            address: address.ip().to_string(),
            port: address.port(),
            server_name: server_name.map(str::to_owned),
        },
        ..Tls::default()
    };
    match preflight::look(&prober).await {
        Ok(distance) => {
            prober.widen(distance);
            look(&prober, distance, roots, &mut tls).await;
        }
        Err(reach) => tls.reach = reach,
    }
    tls.cost = prober.cost();
    tls
}

async fn look(prober: &Arc<Prober>, distance: Duration, roots: &RootCertStore, tls: &mut Tls) {
    tls.protocols = protocols(prober, distance).await;
    let spoken: Vec<Protocol> = tls
        .protocols
        .iter()
        .filter(|protocol| protocol.support == Support::Yes)
        .cloned()
        .collect();
    look_closer(prober, &spoken, roots, tls).await;
    for protocol in &tls.protocols {
        if let Support::Unknown { reason } = &protocol.support {
            tls.gaps
                .push(format!("{}: {reason}", protocol.version.name()));
        }
    }
    tls.reach = if spoken.is_empty() {
        Reach::NotTls {
            reason: "it answers with alerts of TLS and accepts no version and no suite".to_owned(),
        }
    } else {
        Reach::Speaks
    };
    // Answers were lost: does it still answer what it answered before?
    if prober.has_lost_answers()
        && let Err(reach) = preflight::look(prober).await
    {
        tls.reach = Reach::Throttled {
            reason: match reach {
                Reach::Unreachable { reason } | Reach::NotTls { reason } => reason,
                _ => String::new(),
            },
        };
    }
}

/// All versions side by side.
async fn protocols(prober: &Arc<Prober>, distance: Duration) -> Vec<Protocol> {
    let mut asked = JoinSet::new();
    asked.spawn(ssl2::look(Arc::clone(prober)));
    for version in [
        Version::Ssl3,
        Version::Tls10,
        Version::Tls11,
        Version::Tls12,
    ] {
        asked.spawn(suites::look(Arc::clone(prober), version, distance));
    }
    asked.spawn(suites::look13(Arc::clone(prober)));
    let mut protocols = asked.join_all().await;
    protocols.sort_by_key(|protocol| protocol.version);
    protocols
}

/// What is asked of the versions and suites that are known by now, side by side.
async fn look_closer(
    prober: &Arc<Prober>,
    spoken: &[Protocol],
    roots: &RootCertStore,
    tls: &mut Tls,
) {
    let clear = newest_clear(spoken).cloned();
    let of = |version| {
        spoken
            .iter()
            .find(|protocol| protocol.version == version)
            .map(|protocol| protocol.suites.clone())
            .unwrap_or_default()
    };
    let curves = clear
        .clone()
        .filter(|protocol| protocol.version > Version::Ssl3)
        .map(|protocol| tokio::spawn(groups::look(Arc::clone(prober), protocol)));
    let groups13 = tokio::spawn(groups::look13(Arc::clone(prober), of(Version::Tls13)));
    let signatures = tokio::spawn(groups::look_signatures(
        Arc::clone(prober),
        of(Version::Tls12),
    ));
    let dh = tokio::spawn(dh::look(Arc::clone(prober), spoken.to_vec()));
    let alpn = tokio::spawn(features::look_alpn(Arc::clone(prober), spoken.to_vec()));
    let extensions = tokio::spawn(features::look(Arc::clone(prober), spoken.to_vec()));
    let sessions = tokio::spawn(sessions::look(Arc::clone(prober), spoken.to_vec()));
    let chains = tokio::spawn(chains(Arc::clone(prober), clear, roots.clone()));
    let weaknesses = (prober.budget.weaknesses)
        .then(|| tokio::spawn(weaknesses::look(Arc::clone(prober), spoken.to_vec())));

    // A task that broke leaves its part unseen, and that shows as such.
    if let Some(curves) = curves {
        tls.groups = curves.await.unwrap_or_default();
    }
    tls.groups13 = groups13.await.unwrap_or_default();
    tls.signatures = signatures.await.unwrap_or_default();
    tls.dh = dh.await.unwrap_or_default();
    tls.alpn = alpn.await.unwrap_or_default();
    tls.extensions = extensions.await.unwrap_or_default();
    tls.sessions = sessions.await.unwrap_or_default();
    if let Some(weaknesses) = weaknesses {
        tls.weaknesses = weaknesses.await.unwrap_or_default();
    }
    let (chains, asks) = chains.await.unwrap_or_default();
    tls.chains = chains;
    tls.client_certificate = asks;
    if tls.chains.is_empty() && !spoken.is_empty() {
        tls.gaps.push("no certificate was seen".to_owned());
    }
}

/// The chains for each kind of key, and whether a client certificate is asked for.
async fn chains(
    prober: Arc<Prober>,
    clear: Option<Protocol>,
    roots: RootCertStore,
) -> (Vec<Chain>, Option<bool>) {
    let mut sent = Vec::new();
    let mut asks = None;
    match clear {
        Some(protocol) => {
            for auth in [Auth::Rsa, Auth::Ecdsa, Auth::Dss] {
                let Some(flight) = ask_for_chain(&prober, &protocol, auth).await else {
                    continue;
                };
                asks = Some(flight.asks_for_certificate);
                sent.push(Sent {
                    timestamps: flight.hello.and_then(|hello| hello.timestamps),
                    certificates: flight.certificates,
                    staple: flight.staple,
                });
            }
        }
        None => {
            for schemes in [modern::RSA, modern::OTHERS] {
                let shown = modern::shake(Arc::clone(&prober), schemes.to_vec(), None).await;
                sent.extend(shown.map(|shown| shown.sent));
            }
        }
    }
    sent.dedup_by(|one, other| one.certificates == other.certificates);
    let name = prober
        .server_name
        .clone()
        .unwrap_or_else(|| prober.address.ip().to_string());
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    let chains = sent
        .iter()
        .filter_map(|sent| certificate::chain(sent, &name, &roots.roots, now))
        .collect();
    (chains, asks)
}

async fn ask_for_chain(prober: &Prober, protocol: &Protocol, auth: Auth) -> Option<answer::Flight> {
    let suites: Vec<u32> = protocol
        .suites
        .iter()
        .copied()
        .filter(|code| suite(*code).is_some_and(|suite| suite.auth == auth))
        .collect();
    if suites.is_empty() {
        return None;
    }
    let hello = offer(prober, protocol.version, suites);
    match prober.ask(&hello, Until::Done).await {
        connection::Answer::Flight(flight) if !flight.certificates.is_empty() => Some(*flight),
        _ => None,
    }
}

/// A hello with these suites, and everything else that a server may want to hear.
fn offer(prober: &Prober, version: Version, suites: Vec<u32>) -> Hello {
    let is_modern = version == Version::Tls13;
    Hello {
        version,
        suites,
        groups: tightship_model::site::tls::groups()
            .filter(|code| is_modern || *code < 256)
            .collect(),
        signatures: signatures().collect(),
        server_name: prober.server_name.clone(),
        alpn: Vec::new(),
        compression: false,
        fallback: false,
        key_share: false,
        extensions: true,
        // RFC 8446, D.4: for what stands between and knows only older versions.
        session_id: if is_modern {
            random().to_vec()
        } else {
            Vec::new()
        },
        ticket: Some(Vec::new()),
        encrypt_then_mac: true,
        verified: Vec::new(),
    }
}
