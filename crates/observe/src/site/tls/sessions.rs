//! What a server lets clients come back to: sessions by identifier, ticket and key, data before the
//! handshake has ended, and a further handshake on the same connection.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, HandshakeKind, NamedGroup, SignatureScheme,
};
use tightship_model::site::tls::{Protocol, Sessions, Version};
use tokio::io::AsyncReadExt;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::connection::Prober;
use super::hello::{Hello, random};
use super::modern;
use super::whole::{Whole, finishable, greeting, takes_up};

/// What TLS 1.2 gave to come back with.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    /// Those with which a handshake can be finished.
    pub(super) suites: Vec<u32>,
    /// Empty where the server hands out none; `None` where no handshake was finished.
    pub(super) ticket: Option<Vec<u8>>,
    /// Whether the ticket was taken back.
    pub(super) is_taken: Option<bool>,
}

/// `protocols` are those that are spoken.
pub(super) async fn look(prober: &Arc<Prober>, protocols: &[Protocol]) -> (Sessions, Kept) {
    let of = |version| {
        protocols
            .iter()
            .find(|protocol| protocol.version == version)
    };
    let suites = of(Version::Tls12).map_or_else(Vec::new, |found| finishable(&found.suites));
    let ((older, kept), newer) = tokio::join!(
        look12(prober, suites),
        look13(prober, of(Version::Tls13).is_some()),
    );
    let (by_key, early_data) = newer.unwrap_or_default();
    let sessions = Sessions {
        by_key,
        early_data,
        ..older
    };
    (sessions, kept)
}

/// TLS 1.2.
async fn look12(prober: &Prober, suites: Vec<u32>) -> (Sessions, Kept) {
    let mut kept = Kept {
        suites,
        ..Kept::default()
    };
    if kept.suites.is_empty() {
        return (Sessions::default(), kept);
    }
    let hello = |ticket: Option<Vec<u8>>, id: Vec<u8>| Hello {
        ticket,
        session_id: id,
        ..greeting(prober, kept.suites.clone())
    };
    // One after the other: a server that serves one connection at a time waits for its end.
    let by_id = async {
        let first = Whole::begin(prober, hello(None, Vec::new())).await?;
        let id = first.hello.session_id.clone();
        first.end().await;
        if id.is_empty() {
            return Some(false);
        }
        Some(takes_up(prober, hello(None, id)).await?.0)
    };
    // RFC 5077, 3.4: an identifier of the client's own comes back where the ticket is taken.
    let with = |ticket: &[u8]| hello(Some(ticket.to_vec()), random().to_vec());
    let fresh = || hello(Some(Vec::new()), Vec::new());
    let by_ticket = async {
        let first = Whole::begin(prober, fresh()).await?;
        let ticket = first.ticket.clone();
        // Its key is the ticket's own, so that the connection may end in a quarrel.
        let renegotiation = first
            .renegotiates(hello(None, Vec::new()), prober.long())
            .await;
        if ticket.is_empty() {
            return Some((ticket, Some(false), renegotiation));
        }
        let mut is_taken = takes_up(prober, with(&ticket))
            .await
            .map(|(taken, _)| taken);
        if is_taken == Some(false) {
            // Unless the server forgets who quarrels.
            let second = Whole::begin(prober, fresh()).await?;
            let ticket = second.ticket.clone();
            second.end().await;
            is_taken = takes_up(prober, with(&ticket))
                .await
                .map(|(taken, _)| taken);
            return Some((ticket, is_taken, renegotiation));
        }
        Some((ticket, is_taken, renegotiation))
    };
    let (by_id, by_ticket) = tokio::join!(by_id, by_ticket);
    let mut sessions = Sessions {
        by_id,
        ..Sessions::default()
    };
    if let Some((ticket, is_taken, renegotiation)) = by_ticket {
        sessions.by_ticket = is_taken;
        sessions.renegotiation = renegotiation;
        kept.ticket = Some(ticket);
        kept.is_taken = is_taken;
    }
    (sessions, kept)
}

/// TLS 1.3: whether a key of an earlier connection is taken, and whether data may come with it.
async fn look13(prober: &Arc<Prober>, is_spoken: bool) -> Option<(Option<bool>, Option<bool>)> {
    if !is_spoken {
        return None;
    }
    let shelf = Arc::new(Shelf::default());
    let mut config = config()?;
    config.resumption = Resumption::store(Arc::clone(&shelf) as Arc<dyn ClientSessionStore>);
    config.enable_early_data = true;
    let config = Arc::new(config);
    connect(prober, &config, Some(&shelf)).await?;
    if !shelf.is_full() {
        return Some((Some(false), Some(false)));
    }
    let (kind, early_data) = connect(prober, &config, None).await?;
    let is_taken = matches!(kind, HandshakeKind::Resumed);
    Some((Some(is_taken), Some(is_taken && early_data)))
}

/// One connection, which waits until a ticket stands on the shelf, if one is given. How its handshake
/// went, and whether early data would have been taken; none is sent.
async fn connect(
    prober: &Arc<Prober>,
    config: &Arc<ClientConfig>,
    shelf: Option<&Shelf>,
) -> Option<(HandshakeKind, bool)> {
    let patience = prober.patience()?;
    let name = name(prober)?;
    let talk = async {
        let stream = prober.connect().await.ok()?;
        let connector = TlsConnector::from(Arc::clone(config));
        let mut stream = connector.connect(name, stream).await.ok()?;
        prober.count_received(0);
        if let Some(shelf) = shelf {
            let mut buffer = [0; 64];
            // Tickets come after the handshake, and nothing tells when the last one was.
            tokio::select! {
                _ = stream.read(&mut buffer) => {}
                () = shelf.came.notified() => {}
                () = tokio::time::sleep(prober.long()) => {}
            }
        }
        let (_, connection) = stream.get_ref();
        Some((
            connection.handshake_kind()?,
            connection.is_early_data_accepted(),
        ))
    };
    let shaken = timeout(patience, talk).await.ok().flatten();
    prober.talks.note(
        "a whole handshake of TLS 1.3, to come back or to be able to",
        match &shaken {
            Some((HandshakeKind::Resumed, _)) => "the session taken up",
            Some(_) => "a session of its own",
            None => "no end of it",
        },
    );
    shaken
}

/// Keeps the ticket of one server, and says when it comes.
#[derive(Debug, Default)]
struct Shelf {
    ticket: Mutex<Option<Tls13ClientSessionValue>>,
    came: Notify,
}

impl Shelf {
    fn is_full(&self) -> bool {
        self.ticket.lock().is_ok_and(|ticket| ticket.is_some())
    }
}

impl ClientSessionStore for Shelf {
    fn set_kx_hint(&self, _server: ServerName<'static>, _group: NamedGroup) {}

    fn kx_hint(&self, _server: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _server: ServerName<'static>, _value: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _server: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _server: ServerName<'static>, value: Tls13ClientSessionValue) {
        if let Ok(mut ticket) = self.ticket.lock() {
            *ticket = Some(value);
        }
        self.came.notify_one();
    }

    fn take_tls13_ticket(&self, _server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.ticket.lock().ok()?.take()
    }
}

/// A client of TLS 1.3 that verifies nothing: nothing confidential goes over its connections.
fn config() -> Option<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    Some(config)
}

/// Whom a handshake asks for.
fn name(prober: &Prober) -> Option<ServerName<'static>> {
    match &prober.server_name {
        Some(name) => ServerName::try_from(name.clone()).ok(),
        None => Some(ServerName::IpAddress(prober.address.ip().into())),
    }
}

/// Accepts every certificate, and every signature that a server may make.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _own: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _staple: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let codes = modern::RSA.iter().chain(modern::OTHERS);
        codes.map(|code| SignatureScheme::from(*code)).collect()
    }
}
