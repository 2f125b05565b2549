//! A connection of a handshake that is gone through here: record by record, message by message.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::connection::Prober;
use super::schedule::Reader;
use super::secret::Keys;
use super::wire::put_vector;

pub(super) const CHANGE: u8 = 0x14;
pub(super) const ALERT: u8 = 0x15;
pub(super) const HANDSHAKE: u8 = 0x16;

/// Bytes that are heard of one handshake, and records after it.
const MOST_BYTES: usize = 1 << 19;

/// What records of a server are encrypted with.
pub(super) enum Secret {
    /// TLS 1.2.
    Older(Keys),
    /// TLS 1.3.
    Newer(Box<Reader>),
}

/// What the server says during a handshake.
pub(super) enum Said {
    /// A message with its head.
    Message(Vec<u8>),
    Change,
    /// An alert that ends nothing.
    Warning,
}

/// A connection, record by record.
pub(super) struct Line<'a> {
    pub(super) prober: &'a Prober,
    stream: TcpStream,
    handshake: Vec<u8>,
    heard: usize,
    /// What the server's records are encrypted with by now.
    pub(super) secret: Option<Secret>,
}

impl<'a> Line<'a> {
    pub(super) async fn open(prober: &'a Prober) -> Option<Self> {
        Some(Self {
            prober,
            stream: prober.connect().await.ok()?,
            handshake: Vec::new(),
            heard: 0,
            secret: None,
        })
    }

    pub(super) async fn send(&mut self, kind: u8, content: &[u8]) -> Option<()> {
        let mut record = vec![kind, 3, 3];
        put_vector(&mut record, 2, |out| out.extend_from_slice(content));
        self.prober.count_sent(record.len());
        self.stream.write_all(&record).await.ok()
    }

    /// Kind and content of the next record. `None` where the connection ends, or what comes is
    /// without end or cannot be decrypted.
    pub(super) async fn record(&mut self) -> Option<(u8, Vec<u8>)> {
        let (kind, body) = self.prober.record(&mut self.stream).await?;
        self.heard += body.len();
        (self.heard <= MOST_BYTES).then_some(())?;
        match &mut self.secret {
            Some(Secret::Older(keys)) => Some((kind, keys.open(kind, &body)?)),
            // RFC 8446, D.4: some come in clear, for what stands between.
            Some(Secret::Newer(reader)) if kind != CHANGE => reader.open(&body),
            _ => Some((kind, body)),
        }
    }

    pub(super) async fn next(&mut self) -> Option<Said> {
        const WARNING: u8 = 1;
        loop {
            let complete = self.handshake.get(1..4).and_then(|length| {
                let length = length
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                (self.handshake.len() >= 4 + length).then_some(4 + length)
            });
            if let Some(length) = complete {
                return Some(Said::Message(self.handshake.drain(..length).collect()));
            }
            match self.record().await? {
                (HANDSHAKE, body) => self.handshake.extend_from_slice(&body),
                (CHANGE, _) => return Some(Said::Change),
                (ALERT, body) if body.first() == Some(&WARNING) => return Some(Said::Warning),
                _ => return None,
            }
        }
    }
}
