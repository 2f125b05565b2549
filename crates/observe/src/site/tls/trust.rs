//! Where a chain leads: to a root that is trusted, by itself or with certificates that were not sent.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use tightship_model::site::tls::{Chain, Found, Missing, SeenCertificate, SignatureHash, Trust};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage};
use webpki_roots::TLS_SERVER_ROOTS;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::certificate::{Sent, printable, seen};

/// Whom to trust, and what may complete a chain.
#[derive(Clone, Debug)]
pub struct Authorities {
    pub(super) roots: Arc<RootCertStore>,
    /// Certificates that may stand between, whoever sent them.
    pub(super) known: Vec<Known>,
}

/// A certificate that may stand between a site's own and a root.
#[derive(Clone, Debug)]
pub(in crate::site) struct Known {
    pub(in crate::site) der: Vec<u8>,
    pub(in crate::site) found: Found,
}

impl Authorities {
    /// Trusts these roots; `known` are certificates between them and sites, in DER.
    pub fn new(roots: Arc<RootCertStore>, known: &[CertificateDer<'_>]) -> Self {
        let known = known.iter().map(|der| Known {
            der: der.to_vec(),
            found: Found::Given,
        });
        Self {
            roots,
            known: known.collect(),
        }
    }

    /// Takes a certificate for one that may stand between.
    pub(in crate::site) fn learn(&mut self, known: Known) {
        self.known.push(known);
    }

    /// Those, and what the site itself sent with its other chains.
    pub(super) fn and(&self, sent: &[Sent]) -> Self {
        let mut all = self.clone();
        let between = sent
            .iter()
            .flat_map(|sent| sent.certificates.iter().skip(1));
        all.known.extend(between.map(|der| Known {
            der: der.clone(),
            found: Found::Site,
        }));
        all
    }
}

/// Says of a chain where it leads. `sent` is it in DER, `now` in seconds since 1970-01-01 UTC.
pub(super) fn weigh(chain: &mut Chain, sent: &[Vec<u8>], authorities: &Authorities, now: i64) {
    let path = Path {
        sent,
        certificates: &chain.certificates,
        moment: moment(&chain.certificates, now),
    };
    let known = &authorities.known;
    let public = path.trust(TLS_SERVER_ROOTS, known);
    let is_public = matches!(public, Trust::Trusted | Trust::Incomplete { .. });
    let trust = path.trust(&authorities.roots.roots, known);
    chain.is_public = is_public;
    chain.trust = trust;
}

/// What webpki reads of one certificate: lengths of two bytes. Some clients stop there too, others do not.
const LONGEST: usize = u16::MAX as usize;

/// A chain as it was sent, and when it is looked at.
struct Path<'a> {
    sent: &'a [Vec<u8>],
    certificates: &'a [SeenCertificate],
    moment: UnixTime,
}

impl Path<'_> {
    fn trust(&self, roots: &[TrustAnchor<'static>], known: &[Known]) -> Trust {
        let (Some(own), Some(first)) = (self.sent.first(), self.certificates.first()) else {
            return Trust::Broken {
                reason: "no certificate was sent".to_owned(),
            };
        };
        if first.self_signed {
            return Trust::SelfSigned;
        }
        if let Some(long) = self.sent.iter().find(|der| der.len() > LONGEST) {
            return Trust::Unverified {
                reason: format!("a certificate of {} bytes is not read here", long.len()),
            };
        }
        let der = CertificateDer::from(own.as_slice());
        let entity = match EndEntityCert::try_from(&der) {
            Ok(entity) => entity,
            Err(error) => return broken(&error),
        };
        match self.between(&entity, roots, &[]) {
            Ok(_) => Trust::Trusted,
            Err(webpki::Error::UnknownIssuer) => self.with_others(&entity, roots, known),
            Err(error) if is_beyond_ring(&error) && has_strong_signatures(self.certificates) => {
                Trust::Unverified {
                    reason: error.to_string(),
                }
            }
            Err(error) => broken(&error),
        }
    }

    /// What becomes of the chain with certificates that were not sent.
    fn with_others(
        &self,
        entity: &EndEntityCert<'_>,
        roots: &[TrustAnchor<'static>],
        known: &[Known],
    ) -> Trust {
        let others = continuations(self.sent, known);
        let der: Vec<_> = others.iter().map(|one| one.der.as_slice()).collect();
        if !der.is_empty()
            && let Ok(path) = self.between(entity, roots, &der)
        {
            let missing = path.iter().filter_map(|der| {
                let one = others.iter().find(|one| one.der == *der)?;
                let certificate = seen(der)?;
                Some(Missing {
                    subject: certificate.subject,
                    sha256: certificate.sha256,
                    found: one.found.clone(),
                })
            });
            return Trust::Incomplete {
                missing: missing.collect(),
            };
        }
        self.ends(known)
    }

    /// The certificates between, in DER, of a path that verifies.
    fn between(
        &self,
        entity: &EndEntityCert<'_>,
        roots: &[TrustAnchor<'static>],
        others: &[&[u8]],
    ) -> Result<Vec<Vec<u8>>, webpki::Error> {
        let sent = self.sent.iter().skip(1).map(Vec::as_slice);
        let others: Vec<_> = sent
            .chain(others.iter().copied())
            .map(CertificateDer::from)
            .collect();
        let path = entity.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            roots,
            &others,
            self.moment,
            KeyUsage::server_auth(),
            None,
            None,
        )?;
        let between = path.intermediate_certificates();
        Ok(between.map(|one| one.der().to_vec()).collect())
    }

    /// Where the way up ends: at an authority that nobody knows.
    fn ends(&self, known: &[Known]) -> Trust {
        let others = continuations(self.sent, known);
        let all = self.sent.iter().map(Vec::as_slice);
        let all: Vec<X509Certificate<'_>> = all
            .chain(others.iter().map(|one| one.der.as_slice()))
            .map_while(|der| Some(X509Certificate::from_der(der).ok()?.1))
            .collect();
        let Some(mut last) = all.first() else {
            return Trust::UnknownIssuer {
                issuer: String::new(),
                url: None,
            };
        };
        // Names may lead round in a circle.
        for _ in 0..all.len() {
            let is_root = last.subject().as_raw() == last.issuer().as_raw();
            let above =
                |one: &&X509Certificate<'_>| one.subject().as_raw() == last.issuer().as_raw();
            match all.iter().find(above).filter(|_| !is_root) {
                Some(next) => last = next,
                None => break,
            }
        }
        let is_root = last.subject().as_raw() == last.issuer().as_raw();
        Trust::UnknownIssuer {
            issuer: printable(&last.issuer().to_string()),
            url: address_of_issuer(last).filter(|_| !is_root),
        }
    }
}

/// Certificates that were not sent and may stand above these, by their names.
fn continuations<'k>(sent: &[Vec<u8>], known: &'k [Known]) -> Vec<&'k Known> {
    /// A server may have sent any number of the same name.
    const MOST: usize = 16;
    let read = |der| Some(X509Certificate::from_der(der).ok()?.1);
    let mut wanted: Vec<Vec<u8>> = sent
        .iter()
        .filter_map(|der| Some(read(der)?.issuer().as_raw().to_vec()))
        .collect();
    let mut rest: Vec<_> = known
        .iter()
        .filter(|one| !sent.contains(&one.der))
        .filter_map(|one| Some((one, read(&one.der)?)))
        .collect();
    let mut found = Vec::new();
    while found.len() < MOST {
        let fits = |(_, one): &(_, X509Certificate<'_>)| {
            let is_root = one.subject().as_raw() == one.issuer().as_raw();
            !is_root && wanted.iter().any(|name| name == one.subject().as_raw())
        };
        let Some(place) = rest.iter().position(fits) else {
            break;
        };
        let (one, read) = rest.swap_remove(place);
        wanted.push(read.issuer().as_raw().to_vec());
        found.push(one);
    }
    found
}

/// Where a certificate says that the one of its authority is found, as far as that is asked over plain
/// HTTP: the certificate comes with its own signature. RFC 5280, 4.2.2.1 (caIssuers).
fn address_of_issuer(certificate: &X509Certificate<'_>) -> Option<String> {
    const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
    /// Those of real authorities are shorter than 100.
    const LONGEST: usize = 1000;
    let mut extensions = certificate.extensions().iter();
    extensions.find_map(|extension| {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            return None;
        };
        access.iter().find_map(|one| match &one.access_location {
            GeneralName::URI(text)
                if one.access_method.to_id_string() == CA_ISSUERS
                    && text.starts_with("http://")
                    && text.len() <= LONGEST =>
            {
                Some(printable(text))
            }
            _ => None,
        })
    })
}

/// ring verifies the pairs of keys and hashes that authorities use, and no others: SHA-512 with P-256
/// is good, and not among them.
fn is_beyond_ring(error: &webpki::Error) -> bool {
    use webpki::Error as E;
    matches!(
        error,
        E::UnsupportedSignatureAlgorithmContext(_)
            | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
    )
}

fn has_strong_signatures(certificates: &[SeenCertificate]) -> bool {
    certificates
        .iter()
        .all(|one| one.signature == SignatureHash::Strong)
}

fn broken(error: &webpki::Error) -> Trust {
    Trust::Broken {
        reason: error.to_string(),
    }
}

/// A moment at which all certificates are valid, now if it can be: being too late is a fault of its
/// own, and a path that was good yesterday is still the same path.
fn moment(certificates: &[SeenCertificate], now: i64) -> UnixTime {
    let from = certificates.iter().map(|one| one.not_before).max();
    let until = certificates.iter().map(|one| one.not_after).min();
    let moment = match (from, until) {
        (Some(from), Some(until)) if from <= until => now.clamp(from, until),
        _ => now,
    };
    let seconds = u64::try_from(moment).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}
