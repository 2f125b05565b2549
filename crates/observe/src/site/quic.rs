//! QUIC, where the page promises HTTP/3: one handshake with the place that it names.
//!
//! `quinn-proto` speaks the protocol. What moves its bytes stands here, because only a connected socket
//! hears that nothing listens: that is told from silence, which may be a network that lets no UDP pass.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn_proto::crypto::rustls::{HandshakeData, QuicClientConfig};
use quinn_proto::{
    ClientConfig, Connection, ConnectionError, DatagramEvent, Endpoint, EndpointConfig, Event,
    VarInt,
};
use rustls::RootCertStore;
use tightship_model::site::http::{Http, Purpose};
use tightship_model::site::quic::{Handshake, Quic};
use tightship_predict::alt_svc::{Alternative, alternatives};
use tokio::net::UdpSocket;

use super::address::addresses;
use super::http::Witness;
use super::{Options, target};

/// HTTP/3 (RFC 9114, section 3.1).
const H3: &str = "h3";

/// For the handshake; three tries of a client that hears nothing.
const PATIENCE: Duration = Duration::from_secs(3);

/// A datagram, and more than any link takes.
const MOST_BYTES: usize = 16 * 1024;

/// What becomes of the first promise of HTTP/3; `None` where the page makes none.
pub(super) async fn look(
    http: &Http,
    options: &Options,
    roots: &Arc<RootCertStore>,
) -> Option<Quic> {
    let page = http.last(Purpose::Page).filter(|page| page.is_secure())?;
    let url = url::Url::parse(&page.request.url).ok()?;
    let values = page.answer()?.values("alt-svc");
    let is_h3 = |place: &Alternative| place.protocol == H3;
    let (value, place) = values
        .filter_map(|value| Some((value, alternatives(value).into_iter().find(is_h3)?)))
        .next()?;
    let own = target::host(&url);
    let host = match place.host.is_empty() {
        true => own.clone(),
        false => place.host,
    };
    let handshake = match host == own {
        true => ask(&host, place.port, options, Arc::clone(roots)).await,
        false => Handshake::Unasked("it is at another host, which was not named".to_owned()),
    };
    Some(Quic {
        promise: value.to_owned(),
        host,
        port: place.port,
        handshake,
    })
}

async fn ask(host: &str, port: u16, options: &Options, roots: Arc<RootCertStore>) -> Handshake {
    match addresses(host, port, &options.connect_to, options.timeout).await {
        Ok(found) => match found.first() {
            Some(address) => shake(*address, host, roots, PATIENCE.min(options.timeout)).await,
            None => Handshake::Unasked("the name has no address".to_owned()),
        },
        Err(failure) => Handshake::Unasked(failure.detail),
    }
}

/// A handshake with a place, as a browser makes it. Never fails: what went wrong is the answer.
pub async fn shake(
    address: SocketAddr,
    name: &str,
    roots: Arc<RootCertStore>,
    patience: Duration,
) -> Handshake {
    let mut attempt = match Attempt::begin(address, name, roots).await {
        Ok(attempt) => attempt,
        Err(error) => return Handshake::Unasked(error.to_string()),
    };
    let ended = tokio::time::timeout(patience, attempt.run()).await;
    let is_over_time = matches!(ended, Err(_) | Ok(Ok(Some(ConnectionError::TimedOut))));
    match ended {
        _ if is_over_time && !attempt.has_heard => Handshake::Silent,
        Err(_) => Handshake::Failed("the handshake does not end in time".to_owned()),
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Handshake::Closed,
        Ok(Err(error)) => Handshake::Unasked(error.to_string()),
        Ok(Ok(Some(reason))) => Handshake::Failed(reason.to_string()),
        Ok(Ok(None)) => {
            attempt.end().await;
            Handshake::Done {
                protocol: attempt.protocol(),
                certificate: attempt.witness.verdict(),
            }
        }
    }
}

struct Attempt {
    socket: UdpSocket,
    address: SocketAddr,
    endpoint: Endpoint,
    connection: Connection,
    handle: quinn_proto::ConnectionHandle,
    witness: Arc<Witness>,
    has_heard: bool,
}

impl Attempt {
    async fn begin(address: SocketAddr, name: &str, roots: Arc<RootCertStore>) -> io::Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let witness = Witness::new(roots, Arc::clone(&provider)).map_err(io::Error::other)?;
        let witness = Arc::new(witness);
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&witness) as _)
            .with_no_client_auth();
        tls.alpn_protocols = vec![H3.into()];
        let crypto = QuicClientConfig::try_from(tls).map_err(io::Error::other)?;
        let config = ClientConfig::new(Arc::new(crypto));
        let mut endpoint = Endpoint::new(Arc::new(EndpointConfig::default()), None, false, None);
        let (handle, connection) = endpoint
            .connect(Instant::now(), config, address, name)
            .map_err(io::Error::other)?;
        let any: IpAddr = match address {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0)).await?;
        socket.connect(address).await?;
        Ok(Self {
            socket,
            address,
            endpoint,
            connection,
            handle,
            witness,
            has_heard: false,
        })
    }

    /// Until the handshake is done, or the reason why it is not.
    async fn run(&mut self) -> io::Result<Option<ConnectionError>> {
        let mut datagram = vec![0; MOST_BYTES];
        loop {
            self.send().await?;
            while let Some(event) = self.connection.poll_endpoint_events() {
                if let Some(event) = self.endpoint.handle_event(self.handle, event) {
                    self.connection.handle_event(event);
                }
            }
            while let Some(event) = self.connection.poll() {
                match event {
                    Event::Connected => return Ok(None),
                    Event::ConnectionLost { reason } => return Ok(Some(reason)),
                    _ => {}
                }
            }
            let due = self.connection.poll_timeout().map(Into::into);
            let due = due.unwrap_or_else(|| tokio::time::Instant::now() + PATIENCE);
            tokio::select! {
                received = self.socket.recv(&mut datagram) => {
                    let length = received?;
                    self.has_heard = true;
                    self.hear(&datagram[..length]);
                }
                () = tokio::time::sleep_until(due) => self.connection.handle_timeout(Instant::now()),
            }
        }
    }

    fn hear(&mut self, datagram: &[u8]) {
        let mut reply = Vec::new();
        let data = datagram.into();
        let now = Instant::now();
        let event = self
            .endpoint
            .handle(now, self.address, None, None, data, &mut reply);
        // What the endpoint itself would reply is for servers.
        if let Some(DatagramEvent::ConnectionEvent(_, event)) = event {
            self.connection.handle_event(event);
        }
    }

    async fn send(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        while let Some(transmit) = self.connection.poll_transmit(Instant::now(), 1, &mut bytes) {
            self.socket.send(&bytes[..transmit.size]).await?;
            bytes.clear();
        }
        Ok(())
    }

    /// A farewell, so that the server does not wait.
    async fn end(&mut self) {
        // H3_NO_ERROR (RFC 9114, section 8.1).
        const NO_ERROR: VarInt = VarInt::from_u32(0x100);
        self.connection
            .close(Instant::now(), NO_ERROR, Default::default());
        // Nothing depends on whether it arrives.
        let _ = self.send().await;
    }

    fn protocol(&self) -> Option<String> {
        let data = self.connection.crypto_session().handshake_data()?;
        let data = data.downcast::<HandshakeData>().ok()?;
        Some(String::from_utf8_lossy(&data.protocol?).into_owned())
    }
}
