//! Before anything is concluded from silence: is there a server, and does it speak TLS?

use std::time::{Duration, Instant};

use tightship_model::site::tls::{Reach, Version};
use tokio::time::timeout;

use super::connection::{Answer, Prober, Until};
use super::{offer, ssl2, suites};

/// How far away a TLS server is: the time of one round trip. `Err` where there is none.
pub(super) async fn look(prober: &std::sync::Arc<Prober>) -> Result<Duration, Reach> {
    let distance = distance(prober).await?;
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
        match prober.ask_once(&hello, Until::Hello).await {
            Answer::Flight(_) | Answer::Alert(_) => return Ok(distance),
            Answer::NotTls(bytes) => return Err(not_tls(&bytes)),
            Answer::Unreachable(reason) => return Err(Reach::Unreachable { reason }),
            Answer::Closed => seen = Some("it closes the connection without an answer"),
            Answer::TooMuch => seen = Some("its answer does not end"),
            Answer::Silent | Answer::Spent => seen = seen.or(Some("it says nothing")),
        }
    }
    if ssl2::look(std::sync::Arc::clone(prober)).await.support
        == tightship_model::site::tls::Support::Yes
    {
        return Ok(distance);
    }
    Err(Reach::NotTls {
        reason: seen.unwrap_or("it says nothing").to_owned(),
    })
}

async fn distance(prober: &Prober) -> Result<Duration, Reach> {
    let unreachable = |reason: String| Reach::Unreachable { reason };
    let patience = prober
        .patience()
        .ok_or_else(|| unreachable("the budget was used up".to_owned()))?;
    let begun = Instant::now();
    match timeout(patience, prober.connect()).await {
        Ok(Ok(_)) => Ok(begun.elapsed()),
        Ok(Err(error)) => Err(unreachable(error.to_string())),
        Err(_) => Err(unreachable(format!(
            "no connection in {} s",
            patience.as_secs()
        ))),
    }
}

/// The first bytes, so that they can be printed anywhere.
fn not_tls(bytes: &[u8]) -> Reach {
    Reach::NotTls {
        reason: format!("it answers “{}”", bytes.escape_ascii()),
    }
}
