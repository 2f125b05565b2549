//! What shows that a service is what it is thought to be. Only what asks for no data is sent.

use tightship_model::site::ports::{Greeting, Service};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Bytes that are heard.
const MOST_BYTES: usize = 16 * 1024;

/// Says what the service waits for and hears what it answers, until that is recognised, the
/// connection ends or the bound is hit.
pub(super) async fn hear(mut stream: TcpStream, service: Service, host: &str) -> Greeting {
    let words = words(service, host);
    if stream.write_all(&words).await.is_err() {
        return Greeting::Nothing;
    }
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    while heard.len() < MOST_BYTES {
        match stream.read(&mut buffer).await {
            Ok(length @ 1..) => heard.extend_from_slice(&buffer[..length]),
            _ => break,
        }
        if let Some(greeting) = recognise(service, &heard) {
            return greeting;
        }
        // Nothing more will change what it is not.
        if !is_http(service) && heard.len() >= SHOWN {
            break;
        }
    }
    match heard.is_empty() {
        true => Greeting::Nothing,
        false => other(&heard),
    }
}

/// Bytes of an answer that are shown where it is not recognised.
const SHOWN: usize = 64;

fn other(heard: &[u8]) -> Greeting {
    let start = &heard[..heard.len().min(SHOWN)];
    Greeting::Other(start.escape_ascii().to_string())
}

fn is_http(service: Service) -> bool {
    !request(service).is_empty()
}

/// What is asked for of services that speak HTTP; empty for the others.
fn request(service: Service) -> &'static str {
    match service {
        Service::Docker => "/version",
        Service::RabbitMq => "/",
        Service::Elasticsearch | Service::Flower | Service::AppServer | Service::MailCatcher => "/",
        _ => "",
    }
}

/// What is sent first.
fn words(service: Service, host: &str) -> Vec<u8> {
    match service {
        // A wish for TLS: length 8 and the code 1234, 5679 (PostgreSQL, Message Formats, SSLRequest).
        Service::PostgreSql => [0, 0, 0, 8, 4, 210, 22, 47].to_vec(),
        Service::Redis => b"PING\r\n".to_vec(),
        Service::Memcached => b"version\r\n".to_vec(),
        // AMQP 0-9-1, section 4.2.2.
        Service::Amqp => b"AMQP\x00\x00\x09\x01".to_vec(),
        // The server speaks first.
        Service::MySql => Vec::new(),
        Service::MongoDb => hello(),
        _ => format!(
            "GET {} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: tightship/{}\r\nAccept: */*\r\n\
             Connection: close\r\n\r\n",
            request(service),
            env!("CARGO_PKG_VERSION")
        )
        .into_bytes(),
    }
}

/// The command `hello` of MongoDB as an OP_MSG (MongoDB Wire Protocol): `{hello: 1, $db: "admin"}`.
fn hello() -> Vec<u8> {
    const OP_MSG: u32 = 2013;
    let mut document =
        b"\x10hello\x00\x01\x00\x00\x00\x02$db\x00\x06\x00\x00\x00admin\x00\x00".to_vec();
    let length = u32::try_from(document.len() + 4).unwrap_or_default();
    document.splice(0..0, length.to_le_bytes());
    let total = u32::try_from(16 + 4 + 1 + document.len()).unwrap_or_default();
    let mut message = Vec::new();
    for number in [total, 1, 0, OP_MSG, 0] {
        message.extend_from_slice(&number.to_le_bytes());
    }
    message.push(0);
    message.extend_from_slice(&document);
    message
}

/// What an answer shows; `None` as long as it may still become something.
fn recognise(service: Service, heard: &[u8]) -> Option<Greeting> {
    let (proof, open) = match service {
        Service::PostgreSql => postgresql(heard),
        Service::Redis => redis(heard),
        Service::Memcached => {
            let line = line(heard)?;
            line.starts_with("VERSION ").then_some((line, Some(true)))
        }
        Service::MySql => mysql(heard),
        Service::MongoDb => {
            contains(heard, "maxWireVersion").then(|| ("MongoDB answers hello".to_owned(), None))
        }
        Service::Amqp => amqp(heard),
        _ => return http(service, heard),
    }?;
    Some(Greeting::Speaks { proof, open })
}

type Proof = Option<(String, Option<bool>)>;

/// One letter: whether it takes TLS; or an error message.
fn postgresql(heard: &[u8]) -> Proof {
    let proof = match heard {
        [b'S'] => "PostgreSQL takes the wish for TLS",
        [b'N'] => "PostgreSQL answers the wish for TLS with no",
        [b'E', ..] if contains(heard, "FATAL") => "PostgreSQL answers with an error of its own",
        _ => return None,
    };
    Some((proof.to_owned(), None))
}

/// The first line of an answer, where it is whole and can be shown.
fn line(heard: &[u8]) -> Option<String> {
    let end = heard.windows(2).position(|pair| pair == b"\r\n")?;
    let line = std::str::from_utf8(&heard[..end]).ok()?;
    let is_plain = line.chars().all(|letter| matches!(letter, ' '..='~'));
    is_plain.then(|| line.chars().take(SHOWN).collect())
}

fn redis(heard: &[u8]) -> Proof {
    let line = line(heard)?;
    let open = match line.as_str() {
        "+PONG" => Some(true),
        refusal if refusal.starts_with("-NOAUTH") || refusal.starts_with("-DENIED") => Some(false),
        refusal if refusal.starts_with("-ERR max number of clients") => None,
        refusal if refusal.starts_with("-LOADING") || refusal.starts_with("-MASTERDOWN") => None,
        _ => return None,
    };
    Some((line, open))
}

/// A packet with number 0: the handshake of version 10, with the server's version, or an error
/// (MySQL Internals, Connection Phase).
fn mysql(heard: &[u8]) -> Proof {
    const HANDSHAKE: u8 = 10;
    const ERROR: u8 = 0xff;
    let [first, second, third, 0, kind, rest @ ..] = heard else {
        return None;
    };
    let length = u32::from_le_bytes([*first, *second, *third, 0]) as usize;
    if length > rest.len() + 1 {
        return None;
    }
    match *kind {
        HANDSHAKE => {
            let end = rest.iter().position(|byte| *byte == 0)?;
            let version = rest[..end.min(SHOWN)].escape_ascii();
            Some((format!("a handshake of version {version}"), None))
        }
        ERROR if contains(rest, "is not allowed to connect") || contains(rest, "is blocked") => {
            Some(("MySQL refuses this host".to_owned(), Some(false)))
        }
        _ => None,
    }
}

/// A method frame on channel 0 with Connection.Start (AMQP 0-9-1, section 1.4.2.1), or the header
/// that tells another version.
fn amqp(heard: &[u8]) -> Proof {
    let is_start = matches!(heard, [1, 0, 0, _, _, _, _, 0, 10, 0, 10, ..]);
    let is_header = heard.len() == 8 && heard.starts_with(b"AMQP");
    (is_start || is_header).then(|| ("AMQP answers its header".to_owned(), None))
}

fn http(service: Service, heard: &[u8]) -> Option<Greeting> {
    let is_http = heard.starts_with(b"HTTP/1.");
    let end = heard.windows(4).position(|part| part == b"\r\n\r\n");
    match (is_http, end) {
        (false, _) if heard.len() >= 7 => return Some(other(heard)),
        (false, _) | (true, None) => return None,
        (true, Some(_)) => {}
    }
    let status: u16 = std::str::from_utf8(heard.get(9..12)?).ok()?.parse().ok()?;
    let says = |words: &str| contains(heard, words);
    let proof = match service {
        Service::Docker => says("\"ApiVersion\"").then_some("/version tells Docker's ApiVersion"),
        Service::Elasticsearch => {
            let words = [
                "\"cluster_name\"",
                "X-elastic-product",
                "realm=\"security\"",
            ];
            let mut words = words.into_iter();
            words.any(says).then_some("HTTP tells Elasticsearch")
        }
        Service::Flower => says("Flower").then_some("the page of Flower"),
        Service::RabbitMq => says("RabbitMQ").then_some("the page of RabbitMQ"),
        Service::MailCatcher => {
            let mut words = ["Mailpit", "MailHog"].into_iter();
            words.any(says).then_some("the page of a mail catcher")
        }
        // Another server of pages on this port is nobody's fault.
        _ => is_app_server(heard).then_some("HTTP"),
    };
    let server = server(heard).map_or_else(String::new, |name| format!(" by {name}"));
    let Some(proof) = proof else {
        // Bodies may come in more than one piece.
        let is_first = heard.len() < MOST_BYTES && service != Service::AppServer;
        return (!is_first).then(|| Greeting::Other(format!("HTTP, status {status}{server}")));
    };
    let open = match (service, status) {
        (_, 401 | 403) => Some(false),
        (Service::Docker | Service::Elasticsearch | Service::Flower, 200) => Some(true),
        (Service::MailCatcher, 200) => Some(true),
        _ => None,
    };
    Some(Greeting::Speaks {
        proof: format!("{proof}, status {status}{server}"),
        open,
    })
}

/// Servers that run Python, by what they call themselves.
fn is_app_server(heard: &[u8]) -> bool {
    const NAMES: [&str; 9] = [
        "gunicorn",
        "uvicorn",
        "hypercorn",
        "daphne",
        "granian",
        "waitress",
        "uwsgi",
        "wsgiserver",
        "werkzeug",
    ];
    server(heard).is_some_and(|server| {
        let server = server.to_ascii_lowercase();
        NAMES.iter().any(|name| server.contains(name))
    })
}

/// The value of the header `Server`, short and printable.
fn server(heard: &[u8]) -> Option<String> {
    let text: String = heard.iter().copied().map(char::from).collect();
    let (head, _) = text.split_once("\r\n\r\n")?;
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("server").then_some(value.trim())
    })?;
    let shown: String = value.chars().take(SHOWN).collect();
    Some(shown.escape_default().to_string())
}

/// Whether bytes hold these words, whatever their case.
fn contains(bytes: &[u8], words: &str) -> bool {
    bytes
        .windows(words.len())
        .any(|part| part.eq_ignore_ascii_case(words.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_spoken(service: Service, heard: &[u8]) -> bool {
        matches!(recognise(service, heard), Some(Greeting::Speaks { .. }))
    }

    #[test]
    fn protocols_are_known_by_their_own_words() {
        let rest = b"1.0.0-MariaDB\x00rest";
        let mysql = [&[19, 0, 0, 0, 10], &rest[..]].concat();
        for (service, heard) in [
            (Service::PostgreSql, &b"N"[..]),
            (Service::Redis, b"-NOAUTH Authentication required.\r\n"),
            (Service::Memcached, b"VERSION 1.6.18\r\n"),
            (Service::MySql, &mysql),
            (
                Service::Amqp,
                b"\x01\x00\x00\x00\x00\x01\xe0\x00\x0a\x00\x0a\x00\x09",
            ),
            (
                Service::AppServer,
                b"HTTP/1.1 400 Bad Request\r\nServer: gunicorn\r\n\r\n",
            ),
            (
                Service::Docker,
                b"HTTP/1.1 200 OK\r\n\r\n{\"ApiVersion\":\"1.47\"}",
            ),
            (
                Service::Elasticsearch,
                b"HTTP/1.1 401 Unauthorized\r\nX-elastic-product: Elasticsearch\r\n\r\n",
            ),
        ] {
            assert!(is_spoken(service, heard), "{service:?}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_no_proof() {
        let ssh = b"SSH-2.0-OpenSSH_9.2p1\r\n";
        for (service, _) in Service::ALL.map(|(_, service)| (service, ())) {
            assert!(!is_spoken(service, ssh), "{service:?}");
            assert!(!is_spoken(service, b""), "{service:?}");
        }
        let page = b"HTTP/1.1 200 OK\r\n\r\n<title>Shop</title>";
        for service in [Service::Docker, Service::Elasticsearch, Service::RabbitMq] {
            assert!(!is_spoken(service, page), "{service:?}");
        }
        assert!(!is_spoken(Service::PostgreSql, b"NO\r\n"));
        assert!(!is_spoken(Service::MySql, b"\xff\xff\xff\x00\x0a1.0\x00"));
    }
}
