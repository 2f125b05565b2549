//! Faults that show before any key is agreed.

use tightship_model::site::tls::{Probe, Protocol};

use super::talk::{Heard, Talk};
use super::{TIMES, unknown};
use crate::site::tls::connection::Prober;
use crate::site::tls::hello::random;

/// CVE-2014-0160: a heartbeat that claims more than it holds gets memory back. 4096 bytes are claimed:
/// OpenSSL keeps shorter answers in its buffer.
pub(super) async fn heartbleed(
    prober: &Prober,
    protocol: &Protocol,
    is_answered: Option<bool>,
) -> Probe {
    const HEARTBEAT: u8 = 0x18;
    if is_answered != Some(true) {
        return Probe::Safe {
            seen: "the heartbeat extension is not answered".to_owned(),
        };
    }
    let mut seen = Vec::new();
    for _ in 0..TIMES {
        let Some(mut talk) = Talk::begin(prober, protocol, protocol.suites.clone()).await else {
            return unknown("the handshake does not get that far");
        };
        let lie = talk.record(HEARTBEAT, &[1, 0x10, 0x00]);
        talk.say(prober, &lie).await;
        seen.push(talk.hear(prober, prober.very_long()).await);
    }
    let leaks = |heard: &Heard| matches!(heard, Heard::Record(HEARTBEAT, 100..));
    if seen.iter().all(leaks) {
        return Probe::Vulnerable {
            seen: format!("three times a lie is answered by {}", seen[0].name()),
        };
    }
    if seen.iter().any(leaks) {
        return unknown("a lie is answered with memory, and then not");
    }
    // The control: one that tells the truth is answered.
    let Some(mut talk) = Talk::begin(prober, protocol, protocol.suites.clone()).await else {
        return unknown("the control did not get that far");
    };
    let mut honest = vec![1, 0, 1, 7];
    honest.extend_from_slice(&random()[..16]);
    let honest = talk.record(HEARTBEAT, &honest);
    talk.say(prober, &honest).await;
    match talk.hear(prober, prober.very_long()).await {
        Heard::Record(HEARTBEAT, _) => Probe::Safe {
            seen: format!(
                "a lie is answered by {}, the truth by a heartbeat",
                seen[0].name()
            ),
        },
        other => unknown(format!(
            "an honest heartbeat is answered by {} in the midst of the handshake",
            other.name()
        )),
    }
}

/// CVE-2014-0224: a ChangeCipherSpec before any key. One that takes it answers the next record, which
/// is not encrypted, with bad_record_mac; others refuse the first.
pub(super) async fn early_change(prober: &Prober, protocol: &Protocol) -> Probe {
    const CHANGE: u8 = 0x14;
    const DECRYPTION: [u8; 2] = [20, 21];
    let mut seen = Vec::new();
    for _ in 0..TIMES {
        let Some(mut talk) = Talk::begin(prober, protocol, protocol.suites.clone()).await else {
            return unknown("the handshake does not get that far");
        };
        let change = talk.record(CHANGE, &[1]);
        talk.say(prober, &change).await;
        let mut heard = talk.hear(prober, prober.very_long()).await;
        let is_taken = heard == Heard::Silence;
        if is_taken {
            talk.say(prober, &change).await;
            heard = talk.hear(prober, prober.very_long()).await;
        }
        if let (false, Heard::Alert(_)) = (is_taken, &heard) {
            seen.push((is_taken, heard));
            break;
        }
        seen.push((is_taken, heard));
    }
    let first = &seen[0];
    if seen.iter().any(|other| other != first) {
        return unknown("three times the same, three different answers");
    }
    match first {
        (true, Heard::Alert(alert)) if DECRYPTION.contains(alert) => Probe::Vulnerable {
            seen: format!(
                "three times an early ChangeCipherSpec is taken, and the next answered by alert {alert}"
            ),
        },
        (false, heard @ (Heard::Alert(_) | Heard::Closed)) => Probe::Safe {
            seen: format!("an early ChangeCipherSpec is answered by {}", heard.name()),
        },
        (_, heard) => unknown(format!(
            "an early ChangeCipherSpec is answered by {}",
            heard.name()
        )),
    }
}
