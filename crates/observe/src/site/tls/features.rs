//! What a ServerHello answers to extensions, compression and a claimed fallback.

use std::sync::Arc;

use tightship_model::site::tls::{Extensions, Protocol, Support, Version};

use super::answer::ServerHello;
use super::connection::{Answer, Prober, Until};
use super::hello::extension;
use super::{modern, offer};

/// RFC 7507, 4.
const INAPPROPRIATE_FALLBACK: u8 = 86;

/// `protocols` are those that are spoken, oldest first.
pub(super) async fn look(prober: Arc<Prober>, protocols: Vec<Protocol>) -> Extensions {
    let Some(protocol) = newest_clear(&protocols) else {
        return Extensions::default();
    };
    let hello = offer(&prober, protocol.version, protocol.suites.clone());
    let mut packed = hello.clone();
    packed.compression = true;
    let (plain, compressed, fallback_scsv) = tokio::join!(
        prober.ask(&hello, Until::Hello),
        prober.ask(&packed, Until::Hello),
        fallback(&prober, &protocols),
    );
    let (plain, compressed) = (said(plain), said(compressed));
    // SSL 3.0 was asked without extensions: what it did not answer it may know.
    let has = |kind| {
        plain
            .as_ref()
            .filter(|_| protocol.version > Version::Ssl3 || kind == extension::RENEGOTIATION_INFO)
            .map(|said| said.has(kind))
    };
    Extensions {
        renegotiation_info: has(extension::RENEGOTIATION_INFO),
        extended_master_secret: has(extension::EXTENDED_MASTER_SECRET),
        encrypt_then_mac: has(extension::ENCRYPT_THEN_MAC),
        heartbeat: has(extension::HEARTBEAT),
        tickets: has(extension::TICKET),
        compression: compressed.map(|said| said.compression != 0),
        fallback_scsv,
    }
}

/// The newest version that says its extensions in clear.
pub(super) fn newest_clear(protocols: &[Protocol]) -> Option<&Protocol> {
    protocols.iter().rev().find(|protocol| {
        protocol.support == Support::Yes
            && (Version::Ssl3..=Version::Tls12).contains(&protocol.version)
    })
}

fn said(answer: Answer) -> Option<ServerHello> {
    match answer {
        Answer::Flight(flight) => flight.hello,
        _ => None,
    }
}

/// Claims to fall back to the second newest version.
async fn fallback(prober: &Prober, protocols: &[Protocol]) -> Option<bool> {
    let (_, older) = protocols.split_last()?;
    let older = newest_clear(older)?;
    let mut hello = offer(prober, older.version, older.suites.clone());
    hello.fallback = true;
    match prober.ask(&hello, Until::Hello).await {
        Answer::Alert(INAPPROPRIATE_FALLBACK) => Some(true),
        Answer::Flight(_) => Some(false),
        _ => None,
    }
}

/// Which application protocols are chosen when they alone are offered.
pub(super) async fn look_alpn(prober: Arc<Prober>, protocols: Vec<Protocol>) -> Vec<String> {
    let (newer, older) = tokio::join!(
        chosen(&prober, &protocols, "h2"),
        chosen(&prober, &protocols, "http/1.1"),
    );
    newer.into_iter().chain(older).collect()
}

/// The application protocol, if it is chosen where it alone is offered.
async fn chosen(
    prober: &Arc<Prober>,
    protocols: &[Protocol],
    name: &'static str,
) -> Option<String> {
    let answer = match newest_clear(protocols) {
        Some(protocol) => {
            let mut hello = offer(prober, protocol.version, protocol.suites.clone());
            hello.alpn = vec![name];
            said(prober.ask(&hello, Until::Hello).await).and_then(|said| said.alpn)
        }
        None => {
            let schemes = modern::all_schemes();
            let shown = modern::shake(Arc::clone(prober), schemes, Some(name)).await;
            shown.and_then(|shown| shown.alpn)
        }
    };
    answer.filter(|answer| answer == name)
}
