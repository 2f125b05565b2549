//! Known faults of implementations, asked for by value. That one is there takes three equal observations
//! and a control; what shows nothing the first time is not asked again.

mod early;
mod padding;
mod robot;
mod talk;
mod ticket;

use std::sync::Arc;

use tightship_model::site::tls::{Probe, Protocol, Version, Weakness, WeaknessKind};

use super::connection::Prober;
use super::features::newest_clear;
use super::sessions::Kept;

pub(super) use robot::sealed;
pub(super) use talk::Heard;

/// How often each thing is tried where it shows something.
const TIMES: usize = 3;

/// Probes for those that a connection of its own shows; `protocols` are those that are spoken,
/// `heartbeat` tells whether that extension is answered, as far as it is known.
pub(super) async fn look(
    prober: Arc<Prober>,
    protocols: Vec<Protocol>,
    heartbeat: Option<bool>,
) -> Vec<Weakness> {
    let Some(protocol) = newest_clear(&protocols) else {
        // All of them are faults of TLS 1.2 and older.
        return Vec::new();
    };
    let (heartbleed, change, robot, padding) = tokio::join!(
        early::heartbleed(&prober, protocol, heartbeat),
        early::early_change(&prober, protocol),
        robot::robot(&prober, protocol),
        padding::look(&prober, &protocols),
    );
    let found = [
        (WeaknessKind::Heartbleed, Some(heartbleed)),
        (WeaknessKind::CcsInjection, Some(change)),
        (WeaknessKind::Robot, robot),
    ];
    found
        .into_iter()
        .chain(padding)
        .filter_map(|(kind, probe)| {
            Some(Weakness {
                kind,
                probe: probe?,
            })
        })
        .collect()
}

/// Probes for the one that shows when a client comes back.
pub(super) async fn look_back(
    prober: &Prober,
    protocols: &[Protocol],
    kept: &Kept,
) -> Option<Weakness> {
    newest_clear(protocols)?;
    Some(Weakness {
        kind: WeaknessKind::Ticketbleed,
        probe: ticket::bleeds(prober, kept).await?,
    })
}

fn unknown(reason: impl Into<String>) -> Probe {
    Probe::Unknown {
        reason: reason.into(),
    }
}

/// Suites of TLS 1.2 among those that are accepted; empty where it is not spoken.
fn of_tls12(protocols: &[Protocol]) -> Vec<u32> {
    protocols
        .iter()
        .find(|protocol| protocol.version == Version::Tls12)
        .map(|protocol| protocol.suites.clone())
        .unwrap_or_default()
}
