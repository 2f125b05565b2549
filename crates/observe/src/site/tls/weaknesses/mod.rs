//! Known faults of implementations, asked for by value: three equal observations and a control, or no
//! verdict.

mod early;
mod padding;
mod robot;
mod talk;
mod ticket;

use std::sync::Arc;

use tightship_model::site::tls::{Probe, Protocol, Version, Weakness, WeaknessKind};

use super::connection::Prober;
use super::features::newest_clear;

pub(super) use robot::sealed;
pub(super) use talk::{Heard, wait};

/// How often each thing is tried.
const TIMES: usize = 3;

/// Probes for all of them; `protocols` are those that are spoken.
pub(super) async fn look(prober: Arc<Prober>, protocols: Vec<Protocol>) -> Vec<Weakness> {
    let Some(protocol) = newest_clear(&protocols) else {
        // All of them are faults of TLS 1.2 and older.
        return Vec::new();
    };
    let (heartbleed, change, robot, padding, ticket) = tokio::join!(
        early::heartbleed(&prober, protocol),
        early::early_change(&prober, protocol),
        robot::robot(&prober, protocol),
        padding::look(&prober, &protocols),
        ticket::bleeds(&prober, protocol),
    );
    let found = [
        (WeaknessKind::Heartbleed, Some(heartbleed)),
        (WeaknessKind::CcsInjection, Some(change)),
        (WeaknessKind::Robot, robot),
        (WeaknessKind::Ticketbleed, ticket),
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
