//! TLS 1.3 encrypts certificates: to see them the handshake is finished, by rustls.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme, version::TLS13};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::certificate::Sent;
use super::connection::Prober;

/// What a finished handshake showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    pub(super) sent: Sent,
    pub(super) alpn: Option<String>,
}

/// Keys of servers, by the signatures that are asked for.
pub(super) const RSA: &[SignatureScheme] = &[
    SignatureScheme::RSA_PSS_SHA256,
    SignatureScheme::RSA_PSS_SHA384,
    SignatureScheme::RSA_PSS_SHA512,
];
pub(super) const OTHERS: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED25519,
    SignatureScheme::ED448,
];

/// Finishes a handshake of TLS 1.3 and verifies nothing. `None` where it fails.
pub(super) async fn shake(
    prober: Arc<Prober>,
    schemes: Vec<SignatureScheme>,
    alpn: Option<&'static str>,
) -> Option<Shown> {
    let patience = prober.patience()?;
    let (mut config, recorder) = config(schemes)?;
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = name(&prober)?;
    let chosen = timeout(patience, async {
        let stream = prober.connect().await.ok()?;
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.ok()?;
        let (_, connection) = stream.get_ref();
        // Counted by what was seen; what rustls reads beside it is some hundred bytes.
        Some(connection.alpn_protocol().map(<[u8]>::to_vec))
    })
    .await
    .ok()
    .flatten();
    let sent = recorder.sent.lock().ok()?.clone();
    let offered = alpn.map_or_else(String::new, |name| format!(", {name}"));
    prober.talks.note(
        format!("a whole handshake of TLS 1.3{offered}"),
        match &chosen {
            Some(_) => format!("its end, with {} certificates", sent.certificates.len()),
            None => "no end of it".to_owned(),
        },
    );
    prober.count_received(sent.certificates.iter().map(Vec::len).sum());
    if sent.certificates.is_empty() {
        return None;
    }
    Some(Shown {
        sent,
        alpn: chosen
            .flatten()
            .map(|name| String::from_utf8_lossy(&name).into_owned()),
    })
}

/// Everything that a key of a server may sign with.
pub(super) fn all_schemes() -> Vec<SignatureScheme> {
    [OTHERS, RSA].concat()
}

/// A client of TLS 1.3 that asks for these signatures, verifies nothing and keeps what was sent.
pub(super) fn config(schemes: Vec<SignatureScheme>) -> Option<(ClientConfig, Arc<Recorder>)> {
    let recorder = Arc::new(Recorder {
        schemes,
        sent: Mutex::new(Sent::default()),
    });
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    Some((config, recorder))
}

/// Whom a handshake asks for.
pub(super) fn name(prober: &Prober) -> Option<ServerName<'static>> {
    match &prober.server_name {
        Some(name) => ServerName::try_from(name.clone()).ok(),
        None => Some(ServerName::IpAddress(prober.address.ip().into())),
    }
}

/// Keeps what was sent, and accepts it: nothing confidential goes over such a connection.
#[derive(Debug)]
pub(super) struct Recorder {
    schemes: Vec<SignatureScheme>,
    sent: Mutex<Sent>,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        staple: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Ok(mut sent) = self.sent.lock() {
            sent.certificates = std::iter::once(own)
                .chain(others)
                .map(|der| der.as_ref().to_vec())
                .collect();
            sent.staple = (!staple.is_empty()).then(|| staple.to_vec());
        }
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
        self.schemes.clone()
    }
}
