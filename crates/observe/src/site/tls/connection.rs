//! One question to the server: a connection, some bytes, the answer; bounded in time and bytes, and
//! counted.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tightship_model::site::tls::{Cost, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::answer::{Flight, Listener};
use super::hello::Hello;
use super::suites::usual;
use super::talks::{self, Talks};
use super::{offer, smtp};

/// What a look at one server may take.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// For everything.
    pub total: Duration,
    /// For one connection, from opening it to its last byte.
    pub patience: Duration,
    /// Connections in all.
    pub connections: u32,
    /// Connections at the same time; fewer are used where the server is near.
    pub parallel: usize,
    /// Bytes that are read of one connection.
    pub bytes: usize,
    /// Whether known faults of implementations are tried out.
    pub weaknesses: bool,
    /// Whether a mail server is asked for TLS first, by STARTTLS.
    pub starttls: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            total: Duration::from_secs(60),
            patience: Duration::from_secs(5),
            connections: 1500,
            parallel: 32,
            bytes: 1 << 20,
            weaknesses: false,
            starttls: false,
        }
    }
}

/// How far a question goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// The ServerHello, or the refusal.
    Hello,
    /// The end of the server's flight, with certificates and key exchange.
    Done,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A ServerHello at least.
    Flight(Box<Flight>),
    /// A refusal in words: the description of the alert.
    Alert(u8),
    /// The connection was closed without a word.
    Closed,
    /// Nothing, or not enough, in time.
    Silent,
    /// Other bytes than TLS; the first of them.
    NotTls(Vec<u8>),
    /// No connection.
    Unreachable(String),
    /// More bytes than the budget allows, and still no end.
    TooMuch,
    /// The budget is used up: nothing was asked.
    Spent,
}

impl Answer {
    pub(super) fn flight(&self) -> Option<&Flight> {
        match self {
            Self::Flight(flight) => Some(flight),
            _ => None,
        }
    }
}

/// Asks one server, and keeps count.
#[derive(Debug)]
pub(super) struct Prober {
    pub(super) address: SocketAddr,
    pub(super) server_name: Option<String>,
    pub(super) budget: Budget,
    begun: Instant,
    places: Semaphore,
    connections: AtomicU32,
    round_trips: AtomicU32,
    sent: AtomicU64,
    received: AtomicU64,
    /// Microseconds of a round trip.
    distance: AtomicU64,
    /// Microseconds of the answer that took longest.
    slowest: AtomicU64,
    /// Questions that ended without an answer after the first one had been answered.
    lost: AtomicU32,
    /// Some flight began and did not end.
    leaves_off: AtomicBool,
    pub(super) talks: Talks,
}

impl Prober {
    pub(super) fn new(address: SocketAddr, server_name: Option<String>, budget: Budget) -> Self {
        Self {
            address,
            server_name,
            budget,
            begun: Instant::now(),
            // One until the distance is known.
            places: Semaphore::new(1),
            connections: AtomicU32::new(0),
            round_trips: AtomicU32::new(0),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            distance: AtomicU64::new(0),
            slowest: AtomicU64::new(0),
            lost: AtomicU32::new(0),
            leaves_off: AtomicBool::new(false),
            talks: Talks::default(),
        }
    }

    /// Allows as many connections at a time as pay off: near servers gain nothing by many.
    pub(super) fn widen(&self) {
        let width = match self.distance().as_millis() {
            0..=2 => 4,
            3..=19 => 8,
            _ => self.budget.parallel,
        };
        self.places
            .add_permits(width.min(self.budget.parallel).saturating_sub(1));
    }

    /// As [`Self::ask_once`], and again where nothing at all came back: a server that is busy is not
    /// one that refuses.
    pub(super) async fn ask(&self, hello: &Hello, until: Until) -> Answer {
        const WAITS: [Duration; 3] = [
            Duration::from_millis(30),
            Duration::from_millis(150),
            Duration::from_millis(600),
        ];
        let mut answer = self.ask_once(hello, until).await;
        for (attempt, wait) in WAITS.into_iter().enumerate() {
            let again = match answer {
                Answer::Closed | Answer::Silent => attempt == 0,
                Answer::Unreachable(_) => true,
                _ => false,
            };
            if !again {
                break;
            }
            tokio::time::sleep(wait).await;
            answer = self.ask_once(hello, until).await;
        }
        if matches!(
            answer,
            Answer::Closed | Answer::Silent | Answer::Unreachable(_)
        ) {
            self.lost.fetch_add(1, Relaxed);
        }
        answer
    }

    /// Sends a hello on a connection of its own and hears the answer.
    pub(super) async fn ask_once(&self, hello: &Hello, until: Until) -> Answer {
        let Some(_place) = self.place().await else {
            return Answer::Spent;
        };
        let Some(patience) = self.patience() else {
            return Answer::Spent;
        };
        let mut listener = Listener::default();
        let talk = self.talk(hello, until, &mut listener);
        let answer = match timeout(patience, talk).await {
            Ok(answer) => answer,
            // The hello may be there though the rest is not.
            Err(_) => ended(listener, Answer::Silent),
        };
        if until == Until::Done && answer.flight().is_some_and(|flight| !flight.is_done) {
            self.leaves_off.store(true, Relaxed);
        }
        self.talks
            .note(talks::sent(hello), talks::received(&answer));
        answer
    }

    /// How far questions go whose whole answer is of use: no further than the hello at a server that has
    /// left off after one, because each such answer costs all patience.
    pub(super) fn whole_flight(&self) -> Until {
        match self.leaves_off.load(Relaxed) {
            true => Until::Hello,
            false => Until::Done,
        }
    }

    async fn talk(&self, hello: &Hello, until: Until, listener: &mut Listener) -> Answer {
        let mut stream = match self.connect().await {
            Ok(stream) => stream,
            Err(error) => return Answer::Unreachable(error.to_string()),
        };
        let record = hello.record();
        self.count_sent(record.len());
        if stream.write_all(&record).await.is_err() {
            return Answer::Closed;
        }
        let asked = Instant::now();
        let mut buffer = vec![0; 16 * 1024];
        let mut total = 0;
        loop {
            let Ok(length @ 1..) = stream.read(&mut buffer).await else {
                return ended(std::mem::take(listener), Answer::Closed);
            };
            self.received.fetch_add(length as u64, Relaxed);
            if total == 0 {
                self.round_trips.fetch_add(1, Relaxed);
                self.slowest.fetch_max(micros(asked.elapsed()), Relaxed);
            }
            total += length;
            if listener.hear(&buffer[..length]).is_err() {
                let seen = Answer::NotTls(buffer[..length.min(32)].to_vec());
                return ended(std::mem::take(listener), seen);
            }
            let flight = &listener.flight;
            let is_enough = match until {
                Until::Hello => flight.hello.is_some(),
                Until::Done => flight.is_done,
            };
            if is_enough || flight.alert.is_some() {
                return ended(std::mem::take(listener), Answer::Closed);
            }
            if total > self.budget.bytes {
                return ended(std::mem::take(listener), Answer::TooMuch);
            }
        }
    }

    /// A place among the connections of the same time, for as long as it is held.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.acquire().await.ok()
    }

    /// Opens a connection, counted.
    pub(super) async fn connect(&self) -> std::io::Result<TcpStream> {
        self.connections.fetch_add(1, Relaxed);
        let begun = Instant::now();
        let mut stream = TcpStream::connect(self.address).await?;
        let micros = micros(begun.elapsed());
        // The first time counts: then nothing else is under way.
        let _ = self
            .distance
            .compare_exchange(0, micros.max(1), Relaxed, Relaxed);
        stream.set_nodelay(true)?;
        self.round_trips.fetch_add(1, Relaxed);
        if self.budget.starttls {
            smtp::start(&mut stream).await?;
            // The greeting came by itself; EHLO and STARTTLS were answered.
            self.round_trips.fetch_add(2, Relaxed);
        }
        Ok(stream)
    }

    pub(super) fn count_sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn count_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Relaxed);
        self.round_trips.fetch_add(1, Relaxed);
    }

    /// How long the next connection may take; `None` where the budget is used up.
    pub(super) fn patience(&self) -> Option<Duration> {
        if self.connections.load(Relaxed) >= self.budget.connections {
            return None;
        }
        let left = self.budget.total.checked_sub(self.begun.elapsed())?;
        Some(left.min(self.budget.patience)).filter(|left| !left.is_zero())
    }

    /// How far away the server is.
    pub(super) fn distance(&self) -> Duration {
        Duration::from_micros(self.distance.load(Relaxed))
    }

    /// Silence means something only after this long: a server that is busy answers late.
    pub(super) fn long(&self) -> Duration {
        const AT_LEAST: Duration = Duration::from_millis(400);
        let slowest = Duration::from_micros(self.slowest.load(Relaxed));
        AT_LEAST.max(self.distance() * 8).max(slowest * 4)
    }

    /// Where silence would be an answer of its own, beside which others are held.
    pub(super) fn very_long(&self) -> Duration {
        self.long() * 3
    }

    /// What comes of this, or `None` for silence. Silence is the server's own only where it is not busy:
    /// before it is believed the server is greeted beside it, and given four times as long as it takes
    /// to answer that.
    pub(super) async fn hear_out<T>(
        &self,
        wait: Duration,
        heard: impl Future<Output = T>,
    ) -> Option<T> {
        tokio::pin!(heard);
        if let Ok(heard) = timeout(wait, &mut heard).await {
            return Some(heard);
        }
        let begun = Instant::now();
        let hello = offer(self, Version::Tls12, usual());
        let mut listener = Listener::default();
        let greeting = self.talk(&hello, Until::Hello, &mut listener);
        // Where there is no answer to that either, it has had all the patience that there is.
        let greeted = timeout(self.patience()?, greeting).await;
        let heard_of = greeted.map_or("nothing".to_owned(), |answer| talks::received(&answer));
        self.talks.note(talks::sent(&hello), heard_of);
        timeout(begun.elapsed() * 4, heard).await.ok()
    }

    /// Kind and body of the next record of a server; `None` where the connection ends.
    pub(super) async fn record(&self, stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        stream.read_exact(&mut head).await.ok()?;
        let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        stream.read_exact(&mut body).await.ok()?;
        self.count_received(head.len() + body.len());
        Some((head[0], body))
    }

    pub(super) fn has_lost_answers(&self) -> bool {
        self.lost.load(Relaxed) > 0
    }

    pub(super) fn cost(&self) -> Cost {
        Cost {
            connections: self.connections.load(Relaxed),
            round_trips: self.round_trips.load(Relaxed),
            bytes_sent: self.sent.load(Relaxed),
            bytes_received: self.received.load(Relaxed),
            milliseconds: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// What was heard, or else `otherwise`.
fn ended(listener: Listener, otherwise: Answer) -> Answer {
    let flight = listener.flight;
    match (&flight.hello, flight.alert) {
        (Some(_), _) => Answer::Flight(Box::new(flight)),
        (None, Some(alert)) => Answer::Alert(alert),
        (None, None) => otherwise,
    }
}
