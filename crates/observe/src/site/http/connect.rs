//! Connections: TCP, TLS on top where the address asks for it, HTTP on top of that.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{Either, Full};
use hyper::body::{Bytes, Frame};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tightship_model::site::http::{Failure, FailureKind, Trust};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use super::tap::{Seen, Tap};
use super::{MOST_HEAD_BYTES, MOST_HEADERS};

/// A connection that takes one request after the other.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Body>,
    pub(super) seen: Seen,
    pub(super) trust: Option<Trust>,
}

/// What is sent after a head.
pub(super) type Body = Either<Full<Bytes>, Withheld>;

/// A body that is announced and never comes.
pub(super) struct Withheld;

impl hyper::body::Body for Withheld {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

/// Connects to the first of `addresses` that answers; with TLS where `secure` gives the name,
/// from an address of this machine where `from` gives it.
pub(super) async fn connect(
    addresses: &[SocketAddr],
    from: Option<IpAddr>,
    secure: Option<(&str, Arc<RootCertStore>)>,
    timeout: Duration,
) -> Result<Connection, Failure> {
    let stream = tcp(addresses, from, timeout).await?;
    match secure {
        None => handshake(stream, None).await,
        Some((name, roots)) => {
            let (stream, trust) = tls(stream, name, roots, &[HTTP1]).await?;
            handshake(stream, Some(trust)).await
        }
    }
}

const HTTP1: &[u8] = b"http/1.1";
const HTTP2: &[u8] = b"h2";

/// A connection that speaks HTTP/2.
pub(super) struct Connection2 {
    pub(super) sender: http2::SendRequest<Body>,
    pub(super) trust: Trust,
}

/// Connects with TLS and HTTP/2; `None` where the server chooses another protocol (RFC 9113,
/// section 3.2).
pub(super) async fn connect2(
    addresses: &[SocketAddr],
    name: &str,
    roots: Arc<RootCertStore>,
    timeout: Duration,
) -> Result<Option<Connection2>, Failure> {
    let stream = tcp(addresses, None, timeout).await?;
    let (stream, trust) = tls(stream, name, roots, &[HTTP2, HTTP1]).await?;
    if stream.get_ref().1.alpn_protocol() != Some(HTTP2) {
        return Ok(None);
    }
    let most = u32::try_from(MOST_HEAD_BYTES).unwrap_or(u32::MAX);
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .max_header_list_size(most)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failure(FailureKind::Closed, error.to_string()))?;
    // As with HTTP/1.1.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(Some(Connection2 { sender, trust }))
}

async fn tcp(
    addresses: &[SocketAddr],
    from: Option<IpAddr>,
    timeout: Duration,
) -> Result<TcpStream, Failure> {
    // A dead address must leave time for the next one.
    let share = timeout / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut last = failure(FailureKind::Unresolved, "the name has no address");
    for address in addresses {
        match tokio::time::timeout(share, stream(*address, from)).await {
            Ok(Ok(stream)) => {
                // Without it small requests wait for acknowledgements; failing costs only time.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = network(&error),
            Err(_) => last = failure(FailureKind::TimedOut, "the connection was not made"),
        }
    }
    Err(last)
}

async fn stream(address: SocketAddr, from: Option<IpAddr>) -> std::io::Result<TcpStream> {
    let Some(from) = from else {
        return TcpStream::connect(address).await;
    };
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.bind(SocketAddr::new(from, 0))?;
    socket.connect(address).await
}

async fn tls(
    stream: TcpStream,
    name: &str,
    roots: Arc<RootCertStore>,
    protocols: &[&[u8]],
) -> Result<(tokio_rustls::client::TlsStream<TcpStream>, Trust), Failure> {
    let odd = |error: &dyn std::fmt::Display| failure(FailureKind::Tls, error.to_string());
    let name = ServerName::try_from(name.to_owned()).map_err(|error| odd(&error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let witness =
        Arc::new(Witness::new(roots, Arc::clone(&provider)).map_err(|error| odd(&error))?);
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| odd(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&witness) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => odd(&error),
            _ => network(&error),
        })?;
    Ok((stream, witness.verdict()))
}

async fn handshake<S>(stream: S, trust: Option<Trust>) -> Result<Connection, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let seen = Seen::default();
    let tap = Tap {
        inner: stream,
        seen: seen.clone(),
    };
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(MOST_HEAD_BYTES)
        .max_headers(MOST_HEADERS)
        .handshake(TokioIo::new(tap))
        .await
        .map_err(|error| failure(FailureKind::Closed, error.to_string()))?;
    // It ends when the sender is dropped; what breaks in it is told to the sender too.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(Connection {
        sender,
        seen,
        trust,
    })
}

pub(super) fn failure(kind: FailureKind, detail: impl Into<String>) -> Failure {
    Failure {
        kind,
        detail: detail.into(),
    }
}

fn network(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    let kind = match error.kind() {
        ErrorKind::ConnectionRefused => FailureKind::Refused,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => FailureKind::Unreachable,
        ErrorKind::TimedOut => FailureKind::TimedOut,
        _ => FailureKind::Closed,
    };
    failure(kind, error.to_string())
}

/// Accepts every certificate and remembers what a browser would have said: that a certificate does
/// not verify is a fact about the site, and no reason to see nothing else of it. Nothing secret is
/// ever sent on such a connection.
#[derive(Debug)]
pub(in crate::site) struct Witness {
    inner: Arc<WebPkiServerVerifier>,
    refusal: Mutex<Option<String>>,
}

impl Witness {
    pub(in crate::site) fn new(
        roots: Arc<RootCertStore>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, rustls::client::VerifierBuilderError> {
        Ok(Self {
            inner: WebPkiServerVerifier::builder_with_provider(roots, provider).build()?,
            refusal: Mutex::default(),
        })
    }

    pub(in crate::site) fn verdict(&self) -> Trust {
        let refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        match &*refusal {
            Some(reason) => Trust::NotVerified(reason.clone()),
            None => Trust::Verified,
        }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.inner.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        if let Err(error) = verified {
            let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
            *refusal = Some(error.to_string());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
