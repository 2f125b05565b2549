//! Before anything is concluded from silence: is there a server, and does it speak TLS?

use std::sync::Arc;

use tightship_model::site::tls::{Reach, Support, Version};

use super::connection::{Answer, Prober, Until};
use super::{offer, ssl2, suites};

/// Finds a TLS server. Its answer to a hello of TLS 1.2 with the usual suites comes with it, if there was
/// one. `Err` where there is none.
pub(super) async fn look(prober: &Arc<Prober>) -> Result<Option<Answer>, Reach> {
    let usual = suites::usual();
    let mut seen = None;
    for (version, extensions) in [
        (Version::Tls12, true),
        (Version::Tls13, true),
        // What chokes on extensions, or on anything new.
        (Version::Tls10, false),
    ] {
        let list = if version == Version::Tls13 {
            vec![0x1301, 0x1302, 0x1303]
        } else {
            usual.clone()
        };
        let mut hello = offer(prober, version, list);
        hello.extensions = extensions;
        match prober.ask_once(&hello, Until::Done).await {
            answer @ (Answer::Flight(_) | Answer::Alert(_)) => {
                return Ok(Some(answer).filter(|_| version == Version::Tls12));
            }
            Answer::NotTls(bytes) => return Err(not_tls(&bytes)),
            Answer::Unreachable(reason) => return Err(Reach::Unreachable { reason }),
            Answer::Silent if prober.distance().is_zero() => {
                return Err(Reach::Unreachable {
                    reason: format!("no connection in {} s", prober.budget.patience.as_secs()),
                });
            }
            Answer::Closed => seen = Some("it closes the connection without an answer"),
            Answer::TooMuch => seen = Some("its answer does not end"),
            Answer::Silent | Answer::Spent => seen = seen.or(Some("it says nothing")),
        }
    }
    if ssl2::look(Arc::clone(prober)).await.support == Support::Yes {
        return Ok(None);
    }
    Err(Reach::NotTls {
        reason: seen.unwrap_or("it says nothing").to_owned(),
    })
}

/// The first bytes, so that they can be printed anywhere.
fn not_tls(bytes: &[u8]) -> Reach {
    Reach::NotTls {
        reason: format!("it answers “{}”", bytes.escape_ascii()),
    }
}
