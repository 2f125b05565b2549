//! SSL 2.0, whose messages are like no later version's.
//!
//! Source: the SSL 2.0 protocol (Netscape, 1995), sections "CLIENT-HELLO" and "SERVER-HELLO".

use std::sync::Arc;

use tightship_model::site::tls::{Preference, Protocol, Support, Version, suites};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::connection::Prober;
use super::hello::random;
use super::wire::{Cursor, put_u16s};

const SERVER_HELLO: u8 = 4;

/// Asks whether SSL 2.0 is spoken, and for which ciphers.
pub(super) async fn look(prober: Arc<Prober>) -> Protocol {
    let Some(patience) = prober.patience() else {
        return protocol(
            Support::Unknown {
                reason: "the budget was used up".to_owned(),
            },
            Vec::new(),
        );
    };
    let answer = timeout(patience, talk(&prober)).await;
    let heard = match &answer {
        Ok(Some(answer)) => format!("{} bytes", answer.len()),
        _ => "nothing".to_owned(),
    };
    prober.talks.note("SSL 2.0 with all its ciphers", heard);
    match answer {
        Ok(Some(answer)) => match read(&answer) {
            Some(suites) => protocol(Support::Yes, suites),
            None => protocol(Support::No, Vec::new()),
        },
        // A server that has never heard of it waits for more, or hangs up.
        Ok(None) | Err(_) => protocol(Support::No, Vec::new()),
    }
}

fn protocol(support: Support, suites: Vec<u32>) -> Protocol {
    Protocol {
        version: Version::Ssl2,
        support,
        suites,
        preference: Preference::Unknown,
    }
}

/// What came back, as far as it is needed.
async fn talk(prober: &Prober) -> Option<Vec<u8>> {
    const ENOUGH: usize = 16 * 1024;
    let mut stream = prober.connect().await.ok()?;
    let hello = hello();
    prober.count_sent(hello.len());
    stream.write_all(&hello).await.ok()?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while answer.len() < ENOUGH && !is_complete(&answer) {
        match stream.read(&mut buffer).await {
            Ok(length @ 1..) => {
                prober.count_received(length);
                answer.extend_from_slice(&buffer[..length]);
            }
            _ => break,
        }
    }
    Some(answer)
}

fn hello() -> Vec<u8> {
    let kinds: Vec<_> = suites()
        .iter()
        .filter(|suite| suite.code > 0xffff)
        .collect();
    let mut body = vec![1];
    let length = u16::try_from(kinds.len() * 3).unwrap_or(0);
    put_u16s(&mut body, &[Version::Ssl2.code(), length, 0, 16]);
    for kind in kinds {
        body.extend_from_slice(&kind.code.to_be_bytes()[1..]);
    }
    body.extend_from_slice(&random()[..16]);
    let length = u16::try_from(body.len()).unwrap_or(0);
    let mut record = (length | 0x8000).to_be_bytes().to_vec();
    record.extend_from_slice(&body);
    record
}

fn is_complete(answer: &[u8]) -> bool {
    // Anything that is no message of SSL 2.0 is complete as it is: an alert of TLS, say.
    let Some((length, body)) = header(answer) else {
        return !answer.is_empty() && answer[0] & 0x80 == 0;
    };
    body.len() >= length
}

/// The length that the header claims, and what follows it.
fn header(answer: &[u8]) -> Option<(usize, &[u8])> {
    let mut cursor = Cursor(answer);
    let claimed = cursor.u16()?;
    (claimed & 0x8000 != 0).then_some((usize::from(claimed & 0x7fff), cursor.0))
}

/// The ciphers of a SERVER-HELLO; `None` where it is none.
fn read(answer: &[u8]) -> Option<Vec<u32>> {
    let (_, body) = header(answer)?;
    let mut cursor = Cursor(body);
    (cursor.u8()? == SERVER_HELLO).then_some(())?;
    let _session_id_hit = cursor.u8()?;
    let _certificate_type = cursor.u8()?;
    (cursor.u16()? == Version::Ssl2.code()).then_some(())?;
    let certificate = cursor.u16()?;
    let ciphers = cursor.u16()?;
    let _connection_id = cursor.u16()?;
    cursor.take(usize::from(certificate))?;
    let mut list = Cursor(cursor.take(usize::from(ciphers))?);
    let mut suites = Vec::new();
    while let Some(code) = list.number(3) {
        suites.push(code);
    }
    Some(suites)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = is_complete(&bytes);
            let _ = read(&bytes);
        }
    }

    #[test]
    fn the_ciphers_of_the_answer() {
        let mut body = vec![4, 0, 1, 0, 2, 0, 2, 0, 6, 0, 16];
        body.extend_from_slice(&[0x30, 0x00]);
        body.extend_from_slice(&[0x01, 0x00, 0x80, 0x07, 0x00, 0xc0]);
        body.extend_from_slice(&[9; 16]);
        let mut answer = vec![0x80, u8::try_from(body.len()).expect("short")];
        answer.extend_from_slice(&body);
        assert!(is_complete(&answer));
        assert_eq!(read(&answer), Some(vec![0x010080, 0x0700c0]));
        assert_eq!(read(&[0x15, 3, 1, 0, 2, 2, 40]), None);
        assert!(is_complete(&[0x15, 3, 1, 0, 2, 2, 40]));
    }

    #[test]
    fn the_question_is_as_long_as_it_says() {
        let hello = hello();
        let (length, body) = header(&hello).expect("a header");
        assert_eq!(length, body.len());
        // Seven kinds of three bytes, no session, a challenge of 16 bytes.
        assert_eq!(body[3..9], [0, 21, 0, 0, 0, 16]);
    }
}
