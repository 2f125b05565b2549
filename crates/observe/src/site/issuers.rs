//! Certificates that a site should have sent, fetched from where its own names them: browsers do that for
//! their users, and SSL Labs for its grade. It is the one question that goes to another host than the
//! site, and a certificate of a stranger says to which: only a public address is asked, on the port of
//! plain HTTP.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tightship_model::site::http::{Exchange, Purpose, Reply};
use tightship_model::site::tls::{Found, Trust};
use url::{Host, Url};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::Options;
use super::address::stranger;
use super::http::{Capture, Question, Way};
use super::tls::{Authorities, Known, Seen, pkcs7};

/// Certificates that are fetched for one look: most chains lack one.
pub const MOST: usize = 3;

/// Completes the chains that lead nowhere. Gives what was exchanged; why something was not fetched stands
/// among the gaps of the server.
pub(super) async fn complete<'a>(
    capture: &mut Capture,
    options: &Options,
    mut authorities: Authorities,
    servers: impl Iterator<Item = &'a mut Seen>,
) -> Vec<Exchange> {
    let mut fetched: Vec<Exchange> = Vec::new();
    let mut asked: Vec<String> = Vec::new();
    for server in servers {
        server.weigh(&authorities);
        while let Some(url) = wanted(server, &asked) {
            if asked.len() == MOST {
                let gap = format!("{url}: no more than {MOST} certificates are fetched");
                server.tls.gaps.push(gap);
                break;
            }
            asked.push(url.clone());
            match fetch(capture, options, &url).await {
                Ok((exchange, certificates)) => {
                    fetched.push(exchange);
                    if certificates.is_empty() {
                        server.tls.gaps.push(format!("{url} gives no certificate"));
                    }
                    for der in certificates {
                        let found = Found::Fetched(url.clone());
                        authorities.learn(Known { der, found });
                    }
                    server.weigh(&authorities);
                }
                Err(reason) => server
                    .tls
                    .gaps
                    .push(format!("{url} was not asked: {reason}")),
            }
        }
    }
    fetched
}

/// An address that a chain ends on and that was not asked yet.
fn wanted(server: &Seen, asked: &[String]) -> Option<String> {
    let chains = server.tls.chains.iter();
    let mut ends = chains.filter_map(|chain| match &chain.trust {
        Trust::UnknownIssuer { url, .. } => url.as_ref(),
        _ => None,
    });
    ends.find(|url| !asked.contains(url)).cloned()
}

/// Asks for a certificate.
async fn fetch(
    capture: &mut Capture,
    options: &Options,
    text: &str,
) -> Result<(Exchange, Vec<Vec<u8>>), String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let Some(Host::Domain(host)) = url.host() else {
        return Err("it names no host".to_owned());
    };
    if url.scheme() != "http" || url.port().is_some() || !url.username().is_empty() {
        return Err("it is no plain address of HTTP".to_owned());
    }
    let address = stranger(host, HTTP, &options.connect_to, options.timeout).await;
    let mut question = Question::get(Purpose::Issuer, url);
    question.way = Way::To(address.map_err(|failure| failure.detail)?);
    let (exchange, body) = capture.aside(question).await?;
    let is_answer = matches!(&exchange.reply, Reply::Answer(answer) if answer.is_success());
    let certificates = match is_answer {
        true => certificates(&body),
        false => Vec::new(),
    };
    Ok((exchange, certificates))
}

const HTTP: u16 = 80;

/// The certificates of an answer: one in DER, or several in the clothes of PKCS #7 (RFC 5280, 4.2.2.1);
/// some authorities give PEM.
fn certificates(body: &[u8]) -> Vec<Vec<u8>> {
    /// Such an answer holds one or two.
    const MOST: usize = 8;
    let mut found: Vec<Vec<u8>> = match body.starts_with(b"-----BEGIN ") {
        true => CertificateDer::pem_slice_iter(body)
            .map_while(Result::ok)
            .map(|der| der.to_vec())
            .collect(),
        false => pkcs7(body).unwrap_or_else(|| vec![body.to_vec()]),
    };
    found.truncate(MOST);
    found.retain(|der| X509Certificate::from_der(der).is_ok());
    found
}
