//! What a server says to a ClientHello: records joined to messages, and the messages read.

use tightship_model::site::tls::{Auth, Exchange, Version, suite};

use super::certificate::Sent;
use super::hello::extension;
use super::wire::Cursor;

/// The longest record that TLS allows: RFC 5246, 6.2.3.
const RECORD_MAXIMUM: usize = (1 << 14) + 2048;

/// RFC 8446, 4.1.3: the random of a ServerHello that is a HelloRetryRequest.
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Everything that a server said, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flight {
    pub(super) hello: Option<ServerHello>,
    /// DER, as sent.
    pub(super) certificates: Vec<Vec<u8>>,
    /// The stapled OCSP answer.
    pub(super) staple: Option<Vec<u8>>,
    pub(super) exchange: Option<KeyExchange>,
    pub(super) asks_for_certificate: bool,
    pub(super) is_done: bool,
    /// The description of the first alert that is not a mere warning, or of any that ends things.
    pub(super) alert: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerHello {
    /// The version that was chosen; by `supported_versions` where that is there.
    pub(super) version: u16,
    pub(super) suite: u32,
    pub(super) session_id: Vec<u8>,
    pub(super) is_retry: bool,
    pub(super) compression: u8,
    /// Kinds of all extensions.
    pub(super) extensions: Vec<u16>,
    pub(super) alpn: Option<String>,
    /// TLS 1.3: the group that is asked for or answered with.
    pub(super) group: Option<u16>,
    /// TLS 1.3: the server's public key for that group; empty where it asks for another.
    pub(super) public: Vec<u8>,
    /// The list of signed certificate timestamps, as sent.
    pub(super) timestamps: Option<Vec<u8>>,
}

/// The part of a ServerKeyExchange that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyExchange {
    pub(super) group: Option<u16>,
    /// The server's public key for that group.
    pub(super) public: Vec<u8>,
    /// Prime and generator of DHE, big-endian.
    pub(super) field: Option<Field>,
    /// TLS 1.2: the algorithm of the signature.
    pub(super) signature: Option<u16>,
}

/// What DHE computes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) prime: Vec<u8>,
    pub(super) generator: Vec<u8>,
}

/// Joins bytes to records, records to messages. Holds what is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Listener {
    bytes: Vec<u8>,
    handshake: Vec<u8>,
    pub(super) flight: Flight,
}

/// These bytes are not TLS.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotTls;

impl Listener {
    /// Takes the next bytes of the connection.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> Result<(), NotTls> {
        self.bytes.extend_from_slice(bytes);
        let mut taken = 0;
        loop {
            let mut cursor = Cursor(&self.bytes[taken..]);
            let (Some(kind), Some(version), Some(length)) =
                (cursor.u8(), cursor.u16(), cursor.u16())
            else {
                break;
            };
            if !(0x14..=0x18).contains(&kind)
                || version >> 8 != 3
                || usize::from(length) > RECORD_MAXIMUM
            {
                return Err(NotTls);
            }
            let Some(body) = cursor.take(usize::from(length)) else {
                break;
            };
            taken += 5 + body.len();
            match kind {
                0x15 => self.flight.hear_alert(body),
                0x16 => self.handshake.extend_from_slice(body),
                // Anything else comes after the part that is looked at.
                _ => {}
            }
            if self.flight.alert.is_some() {
                break;
            }
        }
        self.bytes.drain(..taken);
        // What cannot be the start of a record needs no more bytes to be known as such.
        if self
            .bytes
            .first()
            .is_some_and(|kind| !(0x14..=0x18).contains(kind))
        {
            return Err(NotTls);
        }
        self.hear_messages();
        Ok(())
    }

    fn hear_messages(&mut self) {
        let mut taken = 0;
        loop {
            let mut cursor = Cursor(&self.handshake[taken..]);
            let Some(kind) = cursor.u8() else { break };
            let Some(body) = cursor.vector(3) else { break };
            taken += 4 + body.len();
            self.flight.hear_message(kind, body);
        }
        self.handshake.drain(..taken);
    }
}

impl Flight {
    fn hear_alert(&mut self, body: &[u8]) {
        // RFC 6066, 3: a warning that the name is unknown lets the handshake go on.
        const WARNING: u8 = 1;
        const CLOSE_NOTIFY: u8 = 0;
        const NO_RENEGOTIATION: u8 = 100;
        const UNRECOGNIZED_NAME: u8 = 112;
        match body {
            [WARNING, UNRECOGNIZED_NAME | NO_RENEGOTIATION] => {}
            [WARNING, CLOSE_NOTIFY] => self.alert = Some(CLOSE_NOTIFY),
            [_, description, ..] => self.alert = Some(*description),
            // An empty or encrypted alert says nothing that can be read.
            _ => {}
        }
    }

    pub(super) fn hear_message(&mut self, kind: u8, body: &[u8]) {
        let is_modern =
            (self.hello.as_ref()).is_some_and(|hello| hello.version == Version::Tls13.code());
        match kind {
            8 => self.hear_extensions(body),
            // Nothing that comes behind it is looked at.
            11 if is_modern => {
                self.is_done = true;
                self.hear_entries(body);
            }
            2 if self.hello.is_none() => self.hello = read_hello(body),
            11 if self.certificates.is_empty() => {
                self.certificates = read_certificates(body).unwrap_or_default();
            }
            12 => {
                self.exchange = self
                    .hello
                    .as_ref()
                    .and_then(|hello| read_exchange(hello, body))
            }
            13 => self.asks_for_certificate = true,
            14 => self.is_done = true,
            22 => self.staple = read_staple(body),
            _ => {}
        }
    }

    /// What the ServerHello said before TLS 1.3, and EncryptedExtensions say now: RFC 8446, 4.3.1.
    fn hear_extensions(&mut self, body: &[u8]) {
        let Some(hello) = &mut self.hello else { return };
        for (kind, content) in extensions(&mut Cursor(body)) {
            if kind == extension::ALPN {
                hello.read_extension(kind, Cursor(content));
            }
        }
    }

    /// A Certificate of TLS 1.3: RFC 8446, 4.4.2. What comes with the server's own stands behind it.
    fn hear_entries(&mut self, body: &[u8]) -> Option<()> {
        let mut cursor = Cursor(body);
        let _context = cursor.vector(1)?;
        let mut list = Cursor(cursor.vector(3)?);
        while !list.is_empty() {
            let is_own = self.certificates.is_empty();
            self.certificates.push(list.vector(3)?.to_vec());
            for (kind, content) in extensions(&mut list) {
                match (kind, &mut self.hello) {
                    (extension::STATUS_REQUEST, _) if is_own => self.staple = read_staple(content),
                    (extension::TIMESTAMPS, Some(hello)) if is_own => {
                        hello.read_extension(kind, Cursor(content));
                    }
                    _ => {}
                }
            }
        }
        Some(())
    }

    /// What came with the certificates.
    pub(super) fn sent(&self) -> Sent {
        let timestamps = self
            .hello
            .iter()
            .filter_map(|hello| hello.timestamps.clone());
        Sent {
            certificates: self.certificates.clone(),
            staple: self.staple.clone(),
            timestamps: timestamps.collect(),
        }
    }
}

/// Kinds and contents, as far as they can be read.
fn extensions<'a>(cursor: &mut Cursor<'a>) -> impl Iterator<Item = (u16, &'a [u8])> {
    let mut list = Cursor(cursor.vector(2).unwrap_or_default());
    std::iter::from_fn(move || Some((list.u16()?, list.vector(2)?)))
}

fn read_hello(body: &[u8]) -> Option<ServerHello> {
    let mut cursor = Cursor(body);
    let legacy = cursor.u16()?;
    let random = cursor.take(32)?;
    let session_id = cursor.vector(1)?.to_vec();
    let mut hello = ServerHello {
        version: legacy,
        suite: u32::from(cursor.u16()?),
        session_id,
        is_retry: random == RETRY,
        compression: cursor.u8()?,
        extensions: Vec::new(),
        alpn: None,
        group: None,
        public: Vec::new(),
        timestamps: None,
    };
    for (kind, content) in extensions(&mut cursor) {
        hello.extensions.push(kind);
        hello.read_extension(kind, Cursor(content));
    }
    Some(hello)
}

impl ServerHello {
    fn read_extension(&mut self, kind: u16, mut content: Cursor<'_>) {
        match kind {
            extension::VERSIONS => self.version = content.u16().unwrap_or(self.version),
            extension::KEY_SHARE => {
                self.group = content.u16();
                self.public = content.vector(2).unwrap_or_default().to_vec();
            }
            extension::ALPN => {
                self.alpn = content
                    .vector(2)
                    .and_then(|list| Cursor(list).vector(1))
                    .map(|name| String::from_utf8_lossy(name).into_owned());
            }
            extension::TIMESTAMPS => self.timestamps = Some(content.0.to_vec()),
            _ => {}
        }
    }

    pub(super) fn has(&self, kind: u16) -> bool {
        self.extensions.contains(&kind)
    }
}

fn read_certificates(body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut list = Cursor(Cursor(body).vector(3)?);
    let mut certificates = Vec::new();
    while !list.is_empty() {
        certificates.push(list.vector(3)?.to_vec());
    }
    Some(certificates)
}

fn read_staple(body: &[u8]) -> Option<Vec<u8>> {
    const OCSP: u8 = 1;
    let mut cursor = Cursor(body);
    (cursor.u8()? == OCSP).then_some(())?;
    Some(cursor.vector(3)?.to_vec()).filter(|staple| !staple.is_empty())
}

/// What a ServerKeyExchange holds is told by the suite alone: RFC 5246, 7.4.3; RFC 8422, 5.4.
fn read_exchange(hello: &ServerHello, body: &[u8]) -> Option<KeyExchange> {
    const NAMED_CURVE: u8 = 3;
    let mut cursor = Cursor(body);
    let mut exchange = KeyExchange {
        group: None,
        public: Vec::new(),
        field: None,
        signature: None,
    };
    let suite = suite(hello.suite)?;
    if suite.auth == Auth::Shared {
        // A hint about the shared key stands first, and no signature last.
        return None;
    }
    match suite.exchange {
        Exchange::Ecdhe => {
            (cursor.u8()? == NAMED_CURVE).then_some(())?;
            exchange.group = cursor.u16();
            exchange.public = cursor.vector(1)?.to_vec();
        }
        Exchange::Dhe => {
            exchange.field = Some(Field {
                prime: cursor.vector(2)?.to_vec(),
                generator: cursor.vector(2)?.to_vec(),
            });
            cursor.vector(2)?;
        }
        // RSA_EXPORT sends its short key; its length says nothing that the suite's name does not.
        _ => return None,
    }
    if hello.version == Version::Tls12.code() {
        exchange.signature = cursor.u16();
    }
    Some(exchange)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::wire::{put_u16s, put_vector};
    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_heard_out(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut listener = Listener::default();
            let _ = listener.hear(&bytes);
        }

        #[test]
        fn any_handshake_is_heard_out(
            kind in 0_u8..25,
            body in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            let mut flight = Flight::default();
            flight.hear_message(2, &hello_of(0xc030));
            flight.hear_message(kind, &body);
        }

        /// Certificates of TLS 1.3, whatever stands behind each of them and however the message is cut.
        #[test]
        fn entries_are_heard_out(
            entries in proptest::collection::vec((bytes(), extensions_of()), 1..5),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut body = vec![0];
            put_vector(&mut body, 3, |out| {
                for (certificate, extensions) in &entries {
                    put_vector(out, 3, |out| out.extend_from_slice(certificate));
                    put_vector(out, 2, |out| put_extensions(out, extensions));
                }
            });
            let mut flight = Flight::default();
            flight.hear_message(2, &modern_hello());
            let mut cut_off = flight.clone();
            flight.hear_message(11, &body);
            prop_assert!(flight.is_done);
            let sent = flight.sent();
            let certificates: Vec<_> = entries.iter().map(|(one, _)| one.clone()).collect();
            prop_assert_eq!(&sent.certificates, &certificates);
            let own = &entries[0].1;
            let last = own.iter().rfind(|(kind, _)| *kind == extension::TIMESTAMPS);
            prop_assert_eq!(sent.timestamps.first(), last.map(|(_, content)| content));

            cut_off.hear_message(11, &body[..cut.index(body.len())]);
            let certificates = cut_off.sent().certificates;
            prop_assert!(sent.certificates.starts_with(&certificates));
        }

        /// The answer does not depend on how the bytes are cut.
        #[test]
        fn pieces_make_no_difference(cut in 1_usize..80) {
            let mut record = vec![0x16, 3, 3];
            let mut message = vec![2];
            let body = hello_of(0xc02f);
            message.extend_from_slice(&[0, 0, u8::try_from(body.len()).expect("short")]);
            message.extend_from_slice(&body);
            record.extend_from_slice(&u16::try_from(message.len()).expect("short").to_be_bytes());
            record.extend_from_slice(&message);
            let mut whole = Listener::default();
            whole.hear(&record).expect("TLS");
            let mut pieces = Listener::default();
            for piece in record.chunks(cut) {
                pieces.hear(piece).expect("TLS");
            }
            prop_assert!(whole.flight.hello.is_some());
            prop_assert_eq!(whole.flight, pieces.flight);
        }
    }

    #[test]
    fn what_is_not_tls_is_told_by_its_first_byte() {
        assert_eq!(Listener::default().hear(b"H"), Err(NotTls));
        assert_eq!(Listener::default().hear(b"SSH-2.0-x"), Err(NotTls));
        assert_eq!(Listener::default().hear(&[0x16]), Ok(()));
        // A record that claims more than TLS allows.
        assert_eq!(
            Listener::default().hear(&[0x16, 3, 3, 0xff, 0xff]),
            Err(NotTls)
        );
    }

    #[test]
    fn a_warning_about_the_name_does_not_end_it() {
        let mut listener = Listener::default();
        listener.hear(&[0x15, 3, 3, 0, 2, 1, 112]).expect("TLS");
        assert_eq!(listener.flight.alert, None);
        listener.hear(&[0x15, 3, 3, 0, 2, 2, 40]).expect("TLS");
        assert_eq!(listener.flight.alert, Some(40));
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(any::<u8>(), 0..40)
    }

    fn extensions_of() -> impl Strategy<Value = Vec<(u16, Vec<u8>)>> {
        let kind = prop_oneof![
            Just(extension::TIMESTAMPS),
            Just(extension::STATUS_REQUEST),
            0_u16..60
        ];
        proptest::collection::vec((kind, bytes()), 0..4)
    }

    fn put_extensions(out: &mut Vec<u8>, extensions: &[(u16, Vec<u8>)]) {
        for (kind, content) in extensions {
            put_u16s(out, &[*kind]);
            put_vector(out, 2, |out| out.extend_from_slice(content));
        }
    }

    fn modern_hello() -> Vec<u8> {
        let mut body = hello_of(0x1301);
        put_vector(&mut body, 2, |out| {
            put_extensions(out, &[(extension::VERSIONS, vec![3, 4])]);
        });
        body
    }

    fn hello_of(suite: u16) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend_from_slice(&[7; 32]);
        body.push(0);
        body.extend_from_slice(&suite.to_be_bytes());
        body.push(0);
        body
    }
}
