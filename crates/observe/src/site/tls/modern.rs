//! TLS 1.3 encrypts certificates and what comes with them: to see them a secret is agreed on, and the
//! server's flight read as far as they stand in it.
//!
//! By hand, because rustls shows no timestamps: it does not ask for them.

use tightship_model::site::tls::{Auth, Protocol, Version};
use tokio::time::timeout;

use super::agreement::{GROUPS, Own};
use super::answer::Flight;
use super::connection::{Answer, Prober};
use super::hello::Hello;
use super::line::{HANDSHAKE, Line, Said, Secret};
use super::notes::Notes;
use super::schedule::{Reader, SUITES};
use super::{offer, talks};

/// Keys of servers, by the signatures that are asked for: RFC 8446, 4.2.3.
pub(super) const RSA: &[u16] = &[0x0804, 0x0805, 0x0806];
pub(super) const OTHERS: &[u16] = &[0x0403, 0x0503, 0x0603, 0x0807, 0x0808];

/// What TLS 1.3 says as far as its certificates, for each kind of key that older versions told of, or for
/// all where they told of none.
pub(super) async fn look(
    prober: &Prober,
    spoken: &[Protocol],
    told: Option<&Notes>,
    groups: &[u16],
) -> Vec<Flight> {
    if !(spoken.iter()).any(|protocol| protocol.version == Version::Tls13) {
        return Vec::new();
    }
    let has = |auth| told.is_some_and(|notes| notes.sent(auth).is_some());
    let (rsa, others) = (has(Auth::Rsa), has(Auth::Ecdsa));
    let ask = async |kind: &[u16], is_there| match is_there || rsa == others {
        true => shake(prober, groups, kind.to_vec(), None).await,
        false => None,
    };
    let (one, other) = tokio::join!(ask(RSA, rsa), ask(OTHERS, others));
    one.into_iter().chain(other).collect()
}

/// What a server says as far as its certificates, where it signs with one of these and agrees in one of
/// these groups; the application protocol stands in its hello, as in older versions. `None` where it does
/// not get that far.
pub(super) async fn shake(
    prober: &Prober,
    groups: &[u16],
    signatures: Vec<u16>,
    alpn: Option<&'static str>,
) -> Option<Flight> {
    let group = GROUPS.into_iter().find(|group| groups.contains(group))?;
    let own = Own::make(group)?;
    let hello = Hello {
        // Of several it might ask for another one.
        groups: vec![group],
        key_share: Some((group, own.public.clone())),
        signatures,
        alpn: alpn.into_iter().collect(),
        ..offer(prober, Version::Tls13, SUITES.to_vec())
    };
    let _place = prober.place().await?;
    let heard = timeout(prober.patience()?, hear(prober, &hello, own)).await;
    let flight = heard.ok().flatten();
    prober.talks.note(
        format!("{}, as far as the certificate", talks::sent(&hello)),
        match &flight {
            Some(flight) => format!(
                "{}, {} certificates",
                talks::received(&Answer::Flight(Box::new(flight.clone()))),
                flight.certificates.len()
            ),
            None => "no certificate".to_owned(),
        },
    );
    flight
}

async fn hear(prober: &Prober, hello: &Hello, own: Own) -> Option<Flight> {
    let mut line = Line::open(prober).await?;
    let mut messages = hello.message();
    line.send(HANDSHAKE, &messages).await?;
    let mut own = Some(own);
    let mut flight = Flight::default();
    while !flight.is_done {
        let Said::Message(bytes) = line.next().await? else {
            continue;
        };
        let (kind, body) = bytes.split_at_checked(4)?;
        flight.hear_message(kind[0], body);
        let Some(own) = own.take() else { continue };
        // The first one was in clear, and is all that is needed to read the others.
        messages.extend_from_slice(&bytes);
        let theirs = (flight.hello.as_ref())
            .filter(|hello| hello.version == Version::Tls13.code() && !hello.is_retry)?;
        let secret = own.agree(&theirs.public)?;
        let reader = Reader::new(theirs.suite, &secret, &messages)?;
        line.secret = Some(Secret::Newer(Box::new(reader)));
    }
    Some(flight).filter(|flight| !flight.certificates.is_empty())
}
