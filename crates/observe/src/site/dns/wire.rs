//! One question on the wire: over UDP, and over TCP where the answer is longer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};
use tightship_model::site::dns::{Answer, Code, Data, Kind, Question, Record, Reply};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// Bytes that an answer over UDP may have: what passes everywhere in one piece (DNS Flag Day 2020).
const LONGEST_OVER_UDP: u16 = 1232;

/// Records of an answer that are kept.
const MOST_RECORDS: usize = 500;

/// Times that a question is sent over UDP, which loses some.
const TRIES: usize = 2;

/// Asks; what comes back that is no answer to this question is passed over.
pub(super) async fn ask(resolver: SocketAddr, question: &Question, patience: Duration) -> Reply {
    let Some(mut message) = message(question) else {
        return Reply::None("no question can be made of this name".to_owned());
    };
    let mut reply = udp(resolver, &message, patience).await;
    // A server from before EDNS (RFC 6891, section 7).
    if let Ok(Heard::Answer(answer)) = &reply
        && answer.metadata.response_code == ResponseCode::FormErr
    {
        message.edns = None;
        reply = udp(resolver, &message, patience).await;
    }
    if let Ok(Heard::Truncated) = reply {
        reply = timeout(patience, tcp(resolver, &message))
            .await
            .unwrap_or_else(|_| Err(format!("no whole answer over TCP in {patience:?}")));
    }
    match reply {
        Ok(Heard::Answer(answer)) => read(&answer),
        Ok(Heard::Truncated) => Reply::None("its answer over TCP is cut short".to_owned()),
        Err(reason) => Reply::None(reason),
    }
}

enum Heard {
    Answer(Box<Message>),
    Truncated,
}

fn message(question: &Question) -> Option<Message> {
    let labels = question.name.split('.').map(str::as_bytes);
    let mut name = Name::from_labels(labels).ok()?;
    name.set_fqdn(true);
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    // RFC 6840, section 5.7: whoever sets it wants to know it.
    message.metadata.authentic_data = true;
    message.metadata.checking_disabled = question.unchecked;
    message.add_query(Query::query(name, record_type(question.kind)));
    let mut edns = Edns::new();
    edns.set_max_payload(LONGEST_OVER_UDP);
    message.set_edns(edns);
    Some(message)
}

fn record_type(kind: Kind) -> RecordType {
    match kind {
        Kind::A => RecordType::A,
        Kind::Aaaa => RecordType::AAAA,
        Kind::Cname => RecordType::CNAME,
        Kind::Mx => RecordType::MX,
        Kind::Txt => RecordType::TXT,
        Kind::Caa => RecordType::CAA,
        Kind::Ptr => RecordType::PTR,
    }
}

async fn udp(resolver: SocketAddr, message: &Message, patience: Duration) -> Result<Heard, String> {
    let bytes = message.to_vec().map_err(|error| error.to_string())?;
    let any: IpAddr = match resolver {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let network = |error: std::io::Error| error.to_string();
    for _ in 0..TRIES {
        // A port of its own for each try, so that forged answers have to guess it (RFC 5452).
        let socket = UdpSocket::bind((any, 0)).await.map_err(network)?;
        socket.connect(resolver).await.map_err(network)?;
        socket.send(&bytes).await.map_err(network)?;
        if let Ok(heard) = timeout(patience, hear(&socket, message)).await {
            return heard;
        }
    }
    Err(format!("no answer in {patience:?}, asked {TRIES} times"))
}

async fn hear(socket: &UdpSocket, question: &Message) -> Result<Heard, String> {
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket
            .recv(&mut buffer)
            .await
            .map_err(|error| error.to_string())?;
        if let Some(heard) = answer_to(question, &buffer[..length]) {
            return heard;
        }
    }
}

async fn tcp(resolver: SocketAddr, message: &Message) -> Result<Heard, String> {
    let network = |error: std::io::Error| format!("over TCP: {error}");
    let bytes = message.to_vec().map_err(|error| error.to_string())?;
    let length = u16::try_from(bytes.len()).map_err(|error| error.to_string())?;
    let mut stream = TcpStream::connect(resolver).await.map_err(network)?;
    let framed = [&length.to_be_bytes()[..], &bytes].concat();
    stream.write_all(&framed).await.map_err(network)?;
    let length = stream.read_u16().await.map_err(network)?;
    let mut bytes = vec![0; usize::from(length)];
    stream.read_exact(&mut bytes).await.map_err(network)?;
    answer_to(message, &bytes)
        .unwrap_or_else(|| Err("over TCP: it answers another question".to_owned()))
}

/// What a message says to a question; `None` where it belongs to another one.
fn answer_to(question: &Message, bytes: &[u8]) -> Option<Result<Heard, String>> {
    let id = question.metadata.id.to_be_bytes();
    if bytes.get(..2) != Some(&id) {
        return None;
    }
    // The header alone tells that the rest will come over TCP (RFC 1035, section 4.1.1).
    const ANSWER: u8 = 0x80;
    const TRUNCATED: u8 = 0x02;
    let flags = *bytes.get(2)?;
    if flags & ANSWER == 0 {
        return None;
    }
    let answer = match Message::from_vec(bytes) {
        Ok(answer) => answer,
        Err(_) if flags & TRUNCATED != 0 => return Some(Ok(Heard::Truncated)),
        Err(error) => return Some(Err(format!("its answer cannot be read: {error}"))),
    };
    // Servers that do not understand the question may leave it out.
    let is_ours = answer.metadata.message_type == MessageType::Response
        && (answer.queries == question.queries || answer.queries.is_empty());
    is_ours.then(|| {
        Ok(match answer.metadata.truncation {
            true => Heard::Truncated,
            false => Heard::Answer(Box::new(answer)),
        })
    })
}

fn read(message: &Message) -> Reply {
    let metadata = &message.metadata;
    let code = match metadata.response_code {
        ResponseCode::NoError => Code::NoError,
        ResponseCode::NXDomain => Code::NxDomain,
        ResponseCode::ServFail => Code::ServFail,
        ResponseCode::Refused => Code::Refused,
        other => Code::Other(other.into()),
    };
    // A server of a zone leaves aliases to whoever asks: its silence about them would mislead.
    if code == Code::NoError && !metadata.recursion_available {
        return Reply::None("it does not resolve for others".to_owned());
    }
    let mut records: Vec<_> = message
        .answers
        .iter()
        .filter(|record| record.dns_class == DNSClass::IN)
        .filter_map(|record| {
            Some(Record {
                name: plain(&record.name),
                data: data(&record.data)?,
            })
        })
        .take(MOST_RECORDS)
        .collect();
    records.sort_unstable();
    records.dedup();
    Reply::Answer(Answer {
        code,
        authentic: metadata.authentic_data,
        records,
    })
}

fn data(data: &RData) -> Option<Data> {
    Some(match data {
        RData::A(address) => Data::A(address.0),
        RData::AAAA(address) => Data::Aaaa(address.0),
        RData::CNAME(name) => Data::Cname(plain(name)),
        RData::PTR(name) => Data::Ptr(plain(name)),
        RData::MX(mx) => Data::Mx {
            preference: mx.preference,
            exchange: plain(&mx.exchange),
        },
        RData::TXT(txt) => Data::Txt(txt.txt_data.iter().map(|part| latin(part)).collect()),
        RData::CAA(caa) => Data::Caa {
            critical: caa.issuer_critical,
            tag: caa.tag.clone(),
            value: latin(&caa.value),
        },
        _ => return None,
    })
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// In small letters, without the dot at the end; what is no ASCII as `\ddd`.
fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}
