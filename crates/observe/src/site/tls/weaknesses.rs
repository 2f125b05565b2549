//! Known faults of implementations, asked for by value: three equal observations and a control, or no
//! verdict.

use std::sync::Arc;
use std::time::Duration;

use num_bigint::BigUint;
use tightship_model::site::tls::{Auth, Exchange, Probe, Protocol, Weakness, WeaknessKind, suite};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::answer::{Flight, Listener};
use super::connection::Prober;
use super::features::newest_clear;
use super::hello::{extension, random};
use super::offer;
use super::wire::put_vector;

/// How often each thing is tried.
const TIMES: usize = 3;

/// Probes for all of them; `protocols` are those that are spoken.
pub(super) async fn look(prober: Arc<Prober>, protocols: Vec<Protocol>) -> Vec<Weakness> {
    let Some(protocol) = newest_clear(&protocols) else {
        // All of them are faults of TLS 1.2 and older.
        return Vec::new();
    };
    let mut found = vec![
        Weakness {
            kind: WeaknessKind::Heartbleed,
            probe: heartbleed(&prober, protocol).await,
        },
        Weakness {
            kind: WeaknessKind::CcsInjection,
            probe: early_change(&prober, protocol).await,
        },
    ];
    if let Some(probe) = robot(&prober, protocol).await {
        found.push(Weakness {
            kind: WeaknessKind::Robot,
            probe,
        });
    }
    found
}

/// What came back after something was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    Alert(u8),
    /// Kind and length of a record that is no alert.
    Record(u8, usize),
    Closed,
    Silence,
}

impl Heard {
    fn name(&self) -> String {
        match self {
            Self::Alert(description) => format!("alert {description}"),
            Self::Record(kind, length) => format!("a record of kind {kind} with {length} bytes"),
            Self::Closed => "the end of the connection".to_owned(),
            Self::Silence => "silence".to_owned(),
        }
    }
}

/// A connection after the server's first flight.
struct Talk {
    stream: TcpStream,
    flight: Flight,
    version: [u8; 2],
}

impl Talk {
    async fn begin(prober: &Prober, protocol: &Protocol, suites: Vec<u32>) -> Option<Self> {
        let patience = prober.patience()?;
        let hello = offer(prober, protocol.version, suites).record();
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
        timeout(patience, talk).await.ok().flatten()
    }

    fn record(&self, kind: u8, body: &[u8]) -> Vec<u8> {
        let mut record = vec![kind, self.version[0], self.version[1]];
        put_vector(&mut record, 2, |out| out.extend_from_slice(body));
        record
    }

    async fn say(&mut self, prober: &Prober, bytes: &[u8]) {
        prober.count_sent(bytes.len());
        // Where it is closed already, hearing says so.
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next record, or why there is none.
    async fn hear(&mut self, prober: &Prober, wait: Duration) -> Heard {
        let read = async {
            let mut head = [0; 5];
            self.stream.read_exact(&mut head).await.ok()?;
            let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await.ok()?;
            prober.count_received(5 + length);
            Some(match (head[0], body.as_slice()) {
                (0x15, [_, description]) => Heard::Alert(*description),
                (kind, _) => Heard::Record(kind, length),
            })
        };
        match timeout(wait, read).await {
            Ok(heard) => heard.unwrap_or(Heard::Closed),
            Err(_) => Heard::Silence,
        }
    }
}

/// Silence means something only after this long.
fn wait(prober: &Prober) -> Duration {
    (prober.distance() * 8).max(Duration::from_millis(400))
}

fn unknown(reason: impl Into<String>) -> Probe {
    Probe::Unknown {
        reason: reason.into(),
    }
}

/// CVE-2014-0160: a heartbeat that claims more than it holds gets memory back. 4096 bytes are claimed:
/// OpenSSL keeps shorter answers in its buffer.
async fn heartbleed(prober: &Prober, protocol: &Protocol) -> Probe {
    const HEARTBEAT: u8 = 0x18;
    let mut seen = Vec::new();
    for _ in 0..TIMES {
        let Some(mut talk) = Talk::begin(prober, protocol, protocol.suites.clone()).await else {
            return unknown("the handshake does not get that far");
        };
        let answers = talk
            .flight
            .hello
            .as_ref()
            .is_some_and(|hello| hello.has(extension::HEARTBEAT));
        if !answers {
            return Probe::Safe {
                seen: "the heartbeat extension is not answered".to_owned(),
            };
        }
        let lie = talk.record(HEARTBEAT, &[1, 0x10, 0x00]);
        talk.say(prober, &lie).await;
        seen.push(talk.hear(prober, wait(prober)).await);
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
    match talk.hear(prober, wait(prober)).await {
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
async fn early_change(prober: &Prober, protocol: &Protocol) -> Probe {
    const CHANGE: u8 = 0x14;
    const DECRYPTION: [u8; 2] = [20, 21];
    let mut seen = Vec::new();
    for _ in 0..TIMES {
        let Some(mut talk) = Talk::begin(prober, protocol, protocol.suites.clone()).await else {
            return unknown("the handshake does not get that far");
        };
        let change = talk.record(CHANGE, &[1]);
        talk.say(prober, &change).await;
        let mut heard = talk.hear(prober, wait(prober)).await;
        let is_taken = heard == Heard::Silence;
        if is_taken {
            talk.say(prober, &change).await;
            heard = talk.hear(prober, wait(prober)).await;
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

/// Bleichenbacher's oracle: whether the padding of a premaster is right must not show. `None` where no
/// suite takes the key by RSA.
///
/// Source: Böck, Somorovsky, Young, "Return Of Bleichenbacher's Oracle Threat", 2018, section 3.
async fn robot(prober: &Prober, protocol: &Protocol) -> Option<Probe> {
    let suites: Vec<u32> = protocol
        .suites
        .iter()
        .copied()
        .filter(|code| {
            suite(*code).is_some_and(|suite| {
                suite.exchange == Exchange::Rsa && suite.auth == Auth::Rsa && !suite.export
            })
        })
        .collect();
    if suites.is_empty() {
        return None;
    }
    let mut rounds = Vec::new();
    for _ in 0..TIMES {
        let mut round = Vec::new();
        for padding in Padding::ALL {
            match padded(prober, protocol, &suites, padding).await {
                Some(heard) => round.push(heard),
                None => return Some(unknown("the handshake does not get that far")),
            }
        }
        rounds.push(round);
    }
    let first = &rounds[0];
    Some(if rounds.iter().any(|round| round != first) {
        unknown("answers to the same padding differ from time to time")
    } else if let Some((place, other)) = first
        .iter()
        .enumerate()
        .find(|(_, heard)| **heard != first[0])
    {
        Probe::Vulnerable {
            seen: format!(
                "three times right padding is answered by {} and {} by {}",
                first[0].name(),
                Padding::ALL[place].name(),
                other.name()
            ),
        }
    } else {
        Probe::Safe {
            seen: format!(
                "right and wrong paddings are answered by {}",
                first[0].name()
            ),
        }
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Padding {
    Right,
    WrongStart,
    ZeroEarly,
    NoZero,
    WrongVersion,
}

impl Padding {
    const ALL: [Self; 5] = [
        Self::Right,
        Self::WrongStart,
        Self::ZeroEarly,
        Self::NoZero,
        Self::WrongVersion,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Right => "right padding",
            Self::WrongStart => "a wrong start",
            Self::ZeroEarly => "an early zero",
            Self::NoZero => "no zero",
            Self::WrongVersion => "a wrong version",
        }
    }

    /// PKCS #1, 7.2.1, of this length: 00 02, bytes that are not zero, 00, version and 46 bytes.
    fn block(self, length: usize, version: [u8; 2]) -> Option<Vec<u8>> {
        const SECRET: usize = 48;
        let mut block = vec![0x5a; length];
        let secret = length.checked_sub(SECRET)?;
        block.get_mut(..2)?.copy_from_slice(&[0, 2]);
        *block.get_mut(secret.checked_sub(1)?)? = 0;
        block.get_mut(secret..secret + 2)?.copy_from_slice(&version);
        match self {
            Self::Right => {}
            Self::WrongStart => block.get_mut(..2)?.copy_from_slice(&[0x41, 0x17]),
            Self::ZeroEarly => *block.get_mut(length / 4)? = 0,
            Self::NoZero => *block.get_mut(secret - 1)? = 0x5a,
            Self::WrongVersion => block.get_mut(secret..secret + 2)?.copy_from_slice(&[2, 2]),
        }
        Some(block)
    }
}

/// Ends a handshake with a premaster of this padding and a Finished that cannot be right.
async fn padded(
    prober: &Prober,
    protocol: &Protocol,
    suites: &[u32],
    padding: Padding,
) -> Option<Heard> {
    let mut talk = Talk::begin(prober, protocol, suites.to_vec()).await?;
    let (modulus, exponent) = key_of(talk.flight.certificates.first()?)?;
    let length = usize::try_from(modulus.bits().div_ceil(8)).ok()?;
    let block = BigUint::from_bytes_be(&padding.block(length, talk.version)?);
    let digits = block.modpow(&exponent, &modulus).to_bytes_be();
    let mut secret = vec![0; length.checked_sub(digits.len())?];
    secret.extend_from_slice(&digits);
    let mut message = vec![16];
    put_vector(&mut message, 3, |out| {
        put_vector(out, 2, |out| out.extend_from_slice(&secret));
    });
    let mut bytes = talk.record(0x16, &message);
    bytes.extend(talk.record(0x14, &[1]));
    bytes.extend(talk.record(0x16, &[0x5a; 64]));
    talk.say(prober, &bytes).await;
    Some(talk.hear(prober, wait(prober)).await)
}

/// Modulus and exponent; `None` for what is no RSA key or longer than is sensible.
fn key_of(der: &[u8]) -> Option<(BigUint, BigUint)> {
    const LONGEST: u64 = 8192;
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed() else {
        return None;
    };
    let modulus = BigUint::from_bytes_be(key.modulus);
    let exponent = BigUint::from_bytes_be(key.exponent);
    // An exponent as long as the modulus would keep this thread busy.
    ((512..=LONGEST).contains(&modulus.bits()) && exponent.bits() <= 64)
        .then_some((modulus, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paddings_are_wrong_in_one_place() {
        let right = Padding::Right.block(256, [3, 3]).expect("long enough");
        assert_eq!(right[..2], [0, 2]);
        assert_eq!(right[207..210], [0, 3, 3]);
        assert!(right[2..207].iter().all(|byte| *byte != 0));
        for other in &Padding::ALL[1..] {
            let block = other.block(256, [3, 3]).expect("long enough");
            let differing = (0..256)
                .filter(|place| block[*place] != right[*place])
                .count();
            assert!((1..=2).contains(&differing), "{other:?}");
        }
        assert_eq!(Padding::Right.block(40, [3, 3]), None);
    }
}
