//! Whole handshakes of TLS 1.2, so that what comes after them can be asked.

use std::time::Duration;

use tightship_model::site::tls::{Auth, Exchange, Suite, Version, suite};
use tokio::time::timeout;

use super::agreement::{self, Own};
use super::answer::{Flight, ServerHello};
use super::connection::Prober;
use super::hello::{Hello, extension, random};
use super::line::{ALERT, CHANGE, HANDSHAKE, Line, Said, Secret};
use super::offer;
use super::secret::{Hash, Keys, is_known};
use super::talks;
use super::weaknesses::{Heard, sealed};
use super::wire::put_vector;

pub(super) const DATA: u8 = 0x17;

/// A connection on which everything is encrypted from here on.
pub(super) struct Whole<'a> {
    line: Line<'a>,
    own: Keys,
    pub(super) hello: ServerHello,
    /// What the server gave to come back with; empty where it gave none.
    pub(super) ticket: Vec<u8>,
    /// What a renegotiation is tied to (RFC 5746).
    verified: Vec<u8>,
}

/// The suites among these with which a handshake can be finished here.
pub(super) fn finishable(suites: &[u32]) -> Vec<u32> {
    suites
        .iter()
        .copied()
        .filter(|code| suite(*code).is_some_and(can_finish))
        .collect()
}

fn can_finish(suite: &Suite) -> bool {
    let agrees = matches!(suite.exchange, Exchange::Ecdhe | Exchange::Rsa) && !suite.export;
    agrees && matches!(suite.auth, Auth::Rsa | Auth::Ecdsa) && is_known(suite)
}

/// A hello that a whole handshake can follow.
pub(super) fn greeting(prober: &Prober, suites: Vec<u32>) -> Hello {
    Hello {
        groups: agreement::GROUPS.to_vec(),
        encrypt_then_mac: false,
        ..offer(prober, Version::Tls12, suites)
    }
}

impl<'a> Whole<'a> {
    /// Finishes a handshake that begins with this hello. `None` where it fails.
    pub(super) async fn begin(prober: &'a Prober, hello: Hello) -> Option<Self> {
        let patience = prober.patience()?;
        let sent = talks::sent(&hello);
        let shake = async {
            let line = Line::open(prober).await?;
            shake(line, hello).await
        };
        let whole = timeout(patience, shake).await.ok().flatten();
        prober.talks.note(
            format!("a whole handshake of {sent}"),
            match &whole {
                Some(whole) => format!("its end, with suite {:04x}", whole.hello.suite),
                None => "no end of it".to_owned(),
            },
        );
        whole
    }

    /// The keys that records are sent under.
    pub(super) fn keys(&self) -> &Keys {
        &self.own
    }

    /// Sends these bytes, encrypted.
    pub(super) async fn say(&mut self, kind: u8, bytes: &[u8]) -> Option<()> {
        let content = self.own.seal(kind, bytes)?;
        self.line.send(kind, &content).await
    }

    /// Sends a record of application data with this content, as it is.
    pub(super) async fn say_as_is(&mut self, content: &[u8]) -> Option<()> {
        self.line.send(DATA, content).await
    }

    /// Says good-bye: without it, some servers forget the session.
    pub(super) async fn end(mut self) {
        const CLOSE_NOTIFY: [u8; 2] = [1, 0];
        // Where the server was faster, that is an end too.
        let _ = self.say(ALERT, &CLOSE_NOTIFY).await;
    }

    /// The next record, or why there is none.
    pub(super) async fn hear(&mut self, wait: Duration) -> Heard {
        let prober = self.line.prober;
        Heard::of(prober.hear_out(wait, self.line.record()).await)
    }

    /// Whether the server begins a further handshake when the client asks for one; `None` where it
    /// says nothing.
    pub(super) async fn renegotiates(mut self, mut hello: Hello, wait: Duration) -> Option<bool> {
        hello.verified = self.verified.clone();
        // Where it ends the connection there, it does not.
        if self.say(HANDSHAKE, &hello.message()).await.is_none() {
            return Some(false);
        }
        match self.hear(wait).await {
            Heard::Record(HANDSHAKE, _) => Some(true),
            Heard::Alert(_) | Heard::Closed => Some(false),
            Heard::Record(..) | Heard::Silence => None,
        }
    }
}

/// Whether the server takes up the session of this identifier or ticket; `None` where it answers
/// nothing of use. Its ServerHello comes with it.
pub(super) async fn takes_up(prober: &Prober, hello: Hello) -> Option<(bool, ServerHello)> {
    let patience = prober.patience()?;
    let ask = async {
        let mut line = Line::open(prober).await?;
        line.send(HANDSHAKE, &hello.message()).await?;
        let mut flight = Flight::default();
        loop {
            match line.next().await? {
                Said::Message(bytes) => {
                    let (kind, body) = parts(&bytes)?;
                    flight.hear_message(kind, body);
                    match kind {
                        SERVER_HELLO => {}
                        // Only who goes on with old keys sends no certificate.
                        NEW_TICKET => return Some((true, flight.hello?)),
                        _ => return Some((false, flight.hello?)),
                    }
                }
                Said::Change => return Some((true, flight.hello?)),
                Said::Warning => {}
            }
        }
    };
    let answer = timeout(patience, ask).await.ok().flatten();
    prober.talks.note(
        talks::sent(&hello),
        match &answer {
            Some((true, _)) => "the session taken up",
            Some((false, _)) => "a session of its own",
            None => "nothing of use",
        },
    );
    answer
}

const SERVER_HELLO: u8 = 2;
const NEW_TICKET: u8 = 4;
const FINISHED: u8 = 20;

async fn shake(mut line: Line<'_>, hello: Hello) -> Option<Whole<'_>> {
    let own_hello = hello.message();
    line.send(HANDSHAKE, &own_hello).await?;
    let mut messages = own_hello.clone();
    let mut flight = Flight::default();
    let mut theirs = Vec::new();
    while !flight.is_done {
        match line.next().await? {
            Said::Message(bytes) => {
                let (kind, body) = parts(&bytes)?;
                flight.hear_message(kind, body);
                messages.extend_from_slice(&bytes);
                if kind == SERVER_HELLO {
                    theirs = random_of(&bytes)?.to_vec();
                }
            }
            Said::Change => return None,
            Said::Warning => {}
        }
    }
    let server = flight.hello.clone()?;
    let suite = suite(server.suite).filter(|suite| can_finish(suite))?;
    (server.version == Version::Tls12.code()).then_some(())?;
    if flight.asks_for_certificate {
        // None is had: an empty list.
        let none = message(11, &[0, 0, 0]);
        line.send(HANDSHAKE, &none).await?;
        messages.extend_from_slice(&none);
    }
    let (secret, exchange) = agree(suite, &flight)?;
    line.send(HANDSHAKE, &exchange).await?;
    messages.extend_from_slice(&exchange);

    let hash = Hash::of(suite);
    let ours = random_of(&own_hello)?;
    let master = if server.has(extension::EXTENDED_MASTER_SECRET) {
        let seed = hash.of_messages(&messages);
        hash.expand(&secret, "extended master secret", &seed, 48)
    } else {
        hash.expand(&secret, "master secret", &[ours, &theirs].concat(), 48)
    };
    let (mut own, other) = Keys::pair(suite, &master, &[&theirs, ours].concat())?;
    let seed = hash.of_messages(&messages);
    let verified = hash.expand(&master, "client finished", &seed, 12);
    line.send(CHANGE, &[1]).await?;
    let finished = own.seal(HANDSHAKE, &message(FINISHED, &verified))?;
    line.send(HANDSHAKE, &finished).await?;

    let mut other = Some(other);
    let mut ticket = Vec::new();
    loop {
        match line.next().await? {
            Said::Change => line.secret = other.take().map(Secret::Older),
            Said::Message(bytes) => match parts(&bytes)? {
                (NEW_TICKET, body) => ticket = ticket_of(body).unwrap_or_default(),
                (FINISHED, _) => break,
                _ => return None,
            },
            Said::Warning => {}
        }
    }
    Some(Whole {
        line,
        own,
        hello: server,
        ticket,
        verified,
    })
}

/// The premaster secret, and the ClientKeyExchange that tells it to the server.
fn agree(suite: &Suite, flight: &Flight) -> Option<(Vec<u8>, Vec<u8>)> {
    const EXCHANGE: u8 = 16;
    let mut body = Vec::new();
    if suite.exchange == Exchange::Rsa {
        let mut secret = [random(), random()].concat();
        secret.truncate(48);
        secret[..2].copy_from_slice(&[3, 3]);
        let sealed = sealed(flight.certificates.first()?, &secret)?;
        put_vector(&mut body, 2, |out| out.extend_from_slice(&sealed));
        return Some((secret, message(EXCHANGE, &body)));
    }
    let exchange = flight.exchange.as_ref()?;
    let own = Own::make(exchange.group?)?;
    put_vector(&mut body, 1, |out| out.extend_from_slice(&own.public));
    let secret = own.agree(&exchange.public)?;
    Some((secret, message(EXCHANGE, &body)))
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    put_vector(&mut out, 3, |out| out.extend_from_slice(body));
    out
}

/// Kind and body of a message.
fn parts(message: &[u8]) -> Option<(u8, &[u8])> {
    let (head, body) = message.split_at_checked(4)?;
    Some((head[0], body))
}

/// The random of a ClientHello or ServerHello.
fn random_of(hello: &[u8]) -> Option<&[u8]> {
    hello.get(6..38)
}

/// RFC 5077, 3.3: how long it is good for, then the ticket.
fn ticket_of(body: &[u8]) -> Option<Vec<u8>> {
    let mut cursor = super::wire::Cursor(body);
    cursor.take(4)?;
    Some(cursor.vector(2)?.to_vec())
}
