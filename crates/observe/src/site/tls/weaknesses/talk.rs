//! A connection after the server's first flight, where faults are asked for.

use std::time::Duration;

use tightship_model::site::tls::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::site::tls::answer::{Flight, Listener};
use crate::site::tls::connection::Prober;
use crate::site::tls::offer;
use crate::site::tls::talks;
use crate::site::tls::wire::put_vector;

/// What came back after something was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::site::tls) enum Heard {
    Alert(u8),
    /// Kind and length of a record that is no alert.
    Record(u8, usize),
    Closed,
    Silence,
}

impl Heard {
    /// What a record is, none at the end of a connection, and none in time.
    pub(in crate::site::tls) fn of(heard: Option<Option<(u8, Vec<u8>)>>) -> Self {
        const ALERT: u8 = 0x15;
        match heard {
            Some(Some((ALERT, body))) if body.len() == 2 => Self::Alert(body[1]),
            Some(Some((kind, body))) => Self::Record(kind, body.len()),
            Some(None) => Self::Closed,
            None => Self::Silence,
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Alert(description) => format!("alert {description}"),
            Self::Record(kind, length) => format!("a record of kind {kind} with {length} bytes"),
            Self::Closed => "the end of the connection".to_owned(),
            Self::Silence => "silence".to_owned(),
        }
    }
}

/// A connection after the server's first flight.
pub(super) struct Talk {
    stream: TcpStream,
    pub(super) flight: Flight,
    pub(super) version: [u8; 2],
}

impl Talk {
    pub(super) async fn begin(
        prober: &Prober,
        protocol: &Protocol,
        suites: Vec<u32>,
    ) -> Option<Self> {
        let patience = prober.patience()?;
        let hello = offer(prober, protocol.version, suites);
        let sent = talks::sent(&hello);
        let hello = hello.record();
        let talk = async {
            let mut stream = prober.connect().await.ok()?;
            prober.count_sent(hello.len());
            stream.write_all(&hello).await.ok()?;
            let mut listener = Listener::default();
            let mut buffer = vec![0; 16 * 1024];
            let mut total = 0;
            while !listener.flight.is_done && total < 1 << 18 {
                let length = stream
                    .read(&mut buffer)
                    .await
                    .ok()
                    .filter(|length| *length > 0)?;
                prober.count_received(length);
                total += length;
                listener.hear(&buffer[..length]).ok()?;
                if listener.flight.alert.is_some() {
                    return None;
                }
            }
            Some(Self {
                stream,
                flight: listener.flight,
                version: protocol.version.code().to_be_bytes(),
            })
        };
        let begun = timeout(patience, talk).await.ok().flatten();
        prober.talks.note(
            format!("{sent}, to try out a known fault"),
            match &begun {
                Some(_) => "its first flight",
                None => "no whole flight",
            },
        );
        begun
    }

    pub(super) fn record(&self, kind: u8, body: &[u8]) -> Vec<u8> {
        let mut record = vec![kind, self.version[0], self.version[1]];
        put_vector(&mut record, 2, |out| out.extend_from_slice(body));
        record
    }

    pub(super) async fn say(&mut self, prober: &Prober, bytes: &[u8]) {
        prober.count_sent(bytes.len());
        // Where it is closed already, hearing says so.
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next record, or why there is none.
    pub(super) async fn hear(&mut self, prober: &Prober, wait: Duration) -> Heard {
        let record = prober.record(&mut self.stream);
        Heard::of(prober.hear_out(wait, record).await)
    }
}
