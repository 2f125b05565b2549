//! What a ServerHello answers to extensions, compression, application protocols and a claimed fallback.

use std::sync::Arc;

use tightship_model::site::tls::{Extensions, Protocol, Support, Version};

use super::answer::ServerHello;
use super::connection::{Answer, Prober, Until};
use super::hello::{Hello, extension};
use super::notes::Notes;
use super::{modern, offer};

/// RFC 7507, 4.
const INAPPROPRIATE_FALLBACK: u8 = 86;

/// What the answers about suites of a version told of extensions.
pub(super) fn told(version: Version, notes: &Notes) -> Extensions {
    // SSL 3.0 was asked without extensions: what it did not answer it may know.
    let has = |kind| {
        notes
            .hello()
            .filter(|_| version > Version::Ssl3 || kind == extension::RENEGOTIATION_INFO)
            .map(|hello| hello.has(kind))
    };
    Extensions {
        renegotiation_info: has(extension::RENEGOTIATION_INFO),
        extended_master_secret: has(extension::EXTENDED_MASTER_SECRET),
        encrypt_then_mac: has(extension::ENCRYPT_THEN_MAC).map(|_| notes.encrypts_then_macs()),
        heartbeat: has(extension::HEARTBEAT),
        tickets: has(extension::TICKET),
        compression: None,
        fallback_scsv: None,
    }
}

/// The newest version that says its extensions in clear.
pub(super) fn newest_clear(protocols: &[Protocol]) -> Option<&Protocol> {
    protocols.iter().rev().find(|protocol| {
        protocol.support == Support::Yes
            && (Version::Ssl3..=Version::Tls12).contains(&protocol.version)
    })
}

/// Whether a needless fallback is refused: claims to fall back to the second newest version.
/// `protocols` are those that are spoken, oldest first.
pub(super) async fn look_fallback(prober: Arc<Prober>, protocols: Vec<Protocol>) -> Option<bool> {
    let (_, older) = protocols.split_last()?;
    let older = newest_clear(older)?;
    let mut hello = offer(&prober, older.version, older.suites.clone());
    hello.fallback = true;
    match prober.ask(&hello, Until::Hello).await {
        Answer::Alert(INAPPROPRIATE_FALLBACK) => Some(true),
        Answer::Flight(_) => Some(false),
        _ => None,
    }
}

/// Which application protocols are chosen when they alone are offered, and whether the server
/// compresses, which the same questions offer.
pub(super) async fn look_alpn(
    prober: Arc<Prober>,
    protocols: Vec<Protocol>,
    groups13: Vec<u16>,
) -> (Vec<String>, Option<bool>) {
    const NAMES: [&str; 2] = ["h2", "http/1.1"];
    let Some(protocol) = newest_clear(&protocols) else {
        let (newer, older) = tokio::join!(
            chosen_modern(&prober, &groups13, NAMES[0]),
            chosen_modern(&prober, &groups13, NAMES[1]),
        );
        return (newer.into_iter().chain(older).collect(), None);
    };
    let packed = Hello {
        compression: true,
        ..offer(&prober, protocol.version, protocol.suites.clone())
    };
    let ask = async |alpn: &[&'static str]| {
        let hello = Hello {
            alpn: alpn.to_vec(),
            ..packed.clone()
        };
        said(prober.ask(&hello, Until::Hello).await)
    };
    let mut compressed = None;
    let mut chosen = Vec::new();
    if protocol.version > Version::Ssl3 {
        let (newer, older) = tokio::join!(ask(&NAMES[..1]), ask(&NAMES[1..]));
        for (said, name) in [newer, older].into_iter().zip(NAMES) {
            let Some(said) = said else { continue };
            compressed = Some(compressed == Some(true) || said.compression != 0);
            chosen.extend(said.alpn.filter(|answer| answer == name));
        }
    }
    if compressed.is_none() {
        // It knows application protocols, and other ones.
        compressed = ask(&[]).await.map(|said| said.compression != 0);
    }
    (chosen, compressed)
}

fn said(answer: Answer) -> Option<ServerHello> {
    match answer {
        Answer::Flight(flight) => flight.hello,
        _ => None,
    }
}

/// The application protocol, if it is chosen in TLS 1.3 where it alone is offered.
async fn chosen_modern(prober: &Prober, groups: &[u16], name: &'static str) -> Option<String> {
    let signatures = [modern::OTHERS, modern::RSA].concat();
    let flight = modern::shake(prober, groups, signatures, Some(name)).await?;
    flight.hello?.alpn.filter(|answer| answer == name)
}
