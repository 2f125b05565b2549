//! TLS as a server speaks it.
//!
//! The records are written and read by hand: no library speaks SSL 2.0 to TLS 1.1, offers single
//! suites, or stops after the ServerHello. rustls comes in where TLS 1.3 is asked what may be come back to.

mod agreement;
mod answer;
mod certificate;
mod connection;
mod der;
mod dh;
mod elimination;
mod features;
mod groups;
mod hello;
mod line;
mod modern;
mod nameless;
mod notes;
mod preflight;
#[doc(hidden)]
pub mod raw;
mod retries;
mod schedule;
mod secret;
mod sessions;
mod smtp;
mod ssl2;
mod staple;
mod suites;
mod talks;
mod transparency;
mod trust;
mod weaknesses;
mod whole;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use tightship_model::site::tls::{
    Auth, Chain, Protocol, Reach, Sessions, Support, Target, Tls, Version, Weakness, signatures,
};

pub use connection::Budget;
pub use trust::Authorities;

pub(super) use der::pkcs7;
pub(super) use trust::Known;

use answer::Flight;
use certificate::Sent;
use connection::{Answer, Prober};
use features::newest_clear;
use hello::{Hello, random};
use notes::Notes;
use transparency::logs;

/// Looks at the TLS server at an address. `server_name` is sent as SNI and held against the
/// certificates; without it the address is. Needs a tokio runtime with network and time; never fails:
/// what could not be seen is said in the answer.
pub async fn observe(
    address: SocketAddr,
    server_name: Option<&str>,
    authorities: &Authorities,
    budget: Budget,
) -> Tls {
    let seen = look_at(address, server_name, authorities, budget).await;
    seen.tls
}

/// What was seen of a server, and what is kept of it only as long as chains may be completed.
pub(super) struct Seen {
    pub(super) tls: Tls,
    /// One for each chain.
    sent: Vec<Sent>,
}

impl Seen {
    /// A server of which nothing was seen.
    pub(super) fn nothing(reason: String) -> Self {
        let reach = Reach::Unreachable { reason };
        Self {
            tls: Tls {
                reach,
                ..Tls::default()
            },
            sent: Vec::new(),
        }
    }

    /// Says of each chain again where it leads.
    pub(super) fn weigh(&mut self, authorities: &Authorities) {
        let authorities = authorities.and(&self.sent);
        let now = now();
        for (chain, sent) in self.tls.chains.iter_mut().zip(&self.sent) {
            trust::weigh(chain, &sent.certificates, &authorities, now);
        }
    }
}

/// As [`observe`].
pub(super) async fn look_at(
    address: SocketAddr,
    server_name: Option<&str>,
    authorities: &Authorities,
    budget: Budget,
) -> Seen {
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
    let mut sent = Vec::new();
    match preflight::look(&prober).await {
        Ok(first) => {
            prober.widen();
            sent = look(&prober, first, &mut tls).await;
        }
        Err(reach) => tls.reach = reach,
    }
    tls.cost = prober.cost();
    tls.talks = prober.talks.take();
    let mut seen = Seen { tls, sent };
    seen.weigh(authorities);
    seen
}

/// `first` is what came of the usual suites in TLS 1.2, where that was asked for. Gives what was sent
/// for each chain.
async fn look(prober: &Arc<Prober>, first: Option<Answer>, tls: &mut Tls) -> Vec<Sent> {
    let Versions {
        protocols,
        groups13,
        notes,
    } = versions(prober, first).await;
    tls.protocols = protocols;
    tls.groups13 = groups13;
    let spoken: Vec<Protocol> = tls
        .protocols
        .iter()
        .filter(|protocol| protocol.support == Support::Yes)
        .cloned()
        .collect();
    let sent = look_closer(prober, &spoken, &notes, tls).await;
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
    sent
}

/// What was found out about the versions, oldest first.
#[derive(Default)]
struct Versions {
    protocols: Vec<Protocol>,
    groups13: Vec<u16>,
    /// Of those from SSL 3.0 to TLS 1.2.
    notes: Vec<(Version, Notes)>,
}

/// All versions side by side.
async fn versions(prober: &Arc<Prober>, first: Option<Answer>) -> Versions {
    let ask = |version, first| suites::look(Arc::clone(prober), version, first);
    let (oldest, ssl3, tls10, tls11, tls12, (newest, groups13)) = tokio::join!(
        ssl2::look(Arc::clone(prober)),
        ask(Version::Ssl3, None),
        ask(Version::Tls10, None),
        ask(Version::Tls11, None),
        ask(Version::Tls12, first),
        retries::look(Arc::clone(prober)),
    );
    let mut all = Versions {
        groups13,
        protocols: vec![oldest],
        ..Versions::default()
    };
    for found in [ssl3, tls10, tls11, tls12] {
        all.notes.push((found.protocol.version, found.notes));
        all.protocols.push(found.protocol);
    }
    all.protocols.push(newest);
    all
}

/// What is asked of the versions and suites that are known by now, side by side, and what their answers
/// told in passing. Gives what was sent for each chain.
async fn look_closer(
    prober: &Arc<Prober>,
    spoken: &[Protocol],
    notes: &[(Version, Notes)],
    tls: &mut Tls,
) -> Vec<Sent> {
    let clear = newest_clear(spoken).cloned();
    let told = clear.as_ref().and_then(|protocol| {
        let of = notes
            .iter()
            .find(|(version, _)| *version == protocol.version);
        of.map(|(_, notes)| notes)
    });
    if let (Some(protocol), Some(notes)) = (&clear, told) {
        tls.extensions = features::told(protocol.version, notes);
        tls.client_certificate = notes.asks_for_certificate();
    }
    let curves = clear
        .clone()
        .filter(|protocol| protocol.version > Version::Ssl3)
        .zip(told)
        .map(|(protocol, told)| {
            let own = told.sent(Auth::Ecdsa);
            let fixed = own.and_then(|sent| certificate::group(sent.certificates.first()?));
            tokio::spawn(groups::look(
                Arc::clone(prober),
                protocol,
                told.groups(),
                fixed,
            ))
        });
    let nameless = tokio::spawn(nameless::look(Arc::clone(prober), clear.clone()));
    let signatures = clear
        .filter(|protocol| protocol.version == Version::Tls12)
        .zip(told)
        .map(|(protocol, told)| {
            tokio::spawn(groups::look_signatures(
                Arc::clone(prober),
                protocol,
                told.signatures(),
            ))
        });
    let alpn = tokio::spawn(features::look_alpn(
        Arc::clone(prober),
        spoken.to_vec(),
        tls.groups13.clone(),
    ));
    let fallback = tokio::spawn(features::look_fallback(Arc::clone(prober), spoken.to_vec()));
    let sessions = tokio::spawn(look_back(Arc::clone(prober), spoken.to_vec()));
    let heartbeat = tls.extensions.heartbeat;
    let weaknesses = (prober.budget.weaknesses).then(|| {
        tokio::spawn(weaknesses::look(
            Arc::clone(prober),
            spoken.to_vec(),
            heartbeat,
        ))
    });
    tls.dh = dh::look(notes).await;
    let newer = modern::look(prober, spoken, told, &tls.groups13).await;
    for flight in &newer {
        *tls.client_certificate.get_or_insert(false) |= flight.asks_for_certificate;
    }
    let (chains, sent) = chains(prober, told, &newer);
    tls.chains = chains;

    // A task that broke leaves its part unseen, and that shows as such.
    if let Some(curves) = curves {
        tls.groups = curves.await.unwrap_or_default();
    }
    if let Some(signatures) = signatures {
        tls.signatures = signatures.await.unwrap_or_default();
    }
    tls.nameless = nameless.await.unwrap_or_default();
    (tls.alpn, tls.extensions.compression) = alpn.await.unwrap_or_default();
    tls.extensions.fallback_scsv = fallback.await.unwrap_or_default();
    if let Some(weaknesses) = weaknesses {
        tls.weaknesses = weaknesses.await.unwrap_or_default();
    }
    let (sessions, bleeds) = sessions.await.unwrap_or_default();
    tls.sessions = sessions;
    tls.weaknesses.extend(bleeds);
    if tls.chains.is_empty() && !spoken.is_empty() {
        tls.gaps.push("no certificate was seen".to_owned());
    }
    sent
}

/// What may be come back to, and, where known faults are tried out, whether coming back leaks memory.
async fn look_back(prober: Arc<Prober>, spoken: Vec<Protocol>) -> (Sessions, Option<Weakness>) {
    let (sessions, kept) = sessions::look(&prober, &spoken).await;
    let bleeds = match prober.budget.weaknesses {
        true => weaknesses::look_back(&prober, &spoken, &kept).await,
        false => None,
    };
    (sessions, bleeds)
}

/// The chains for each kind of key, and what was sent for each.
fn chains(prober: &Prober, told: Option<&Notes>, newer: &[Flight]) -> (Vec<Chain>, Vec<Sent>) {
    let kinds = KINDS.into_iter();
    let mut all: Vec<Sent> = kinds.filter_map(|auth| told?.sent(auth)).collect();
    for flight in newer {
        let new = all
            .iter_mut()
            .try_fold(flight.sent(), |new, known| known.join(new));
        all.extend(new);
    }
    all.dedup_by(|one, other| one.certificates == other.certificates);
    let name = prober
        .server_name
        .clone()
        .unwrap_or_else(|| prober.address.ip().to_string());
    all.into_iter()
        .filter_map(|sent| Some((certificate::chain(&sent, &name, logs())?, sent)))
        .unzip()
}

/// Seconds since 1970-01-01 UTC.
fn now() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}

/// Kinds of keys that come with certificates.
const KINDS: [Auth; 3] = [Auth::Rsa, Auth::Ecdsa, Auth::Dss];

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
        key_share: None,
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
