//! The site as a visitor reaches it.

mod address;
mod behaviour;
pub mod dns;
pub mod http;
mod issuers;
mod many;
mod pace;
pub mod ports;
pub mod quic;
mod target;
pub mod tls;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use tightship_model::site::tls::Cost;
use tightship_model::site::{Site, Timing};

pub use address::ConnectTo;
pub use behaviour::Probe;
pub use issuers::MOST as MOST_ISSUERS;
pub use many::observe_each;
pub use rustls::pki_types::CertificateDer;
pub use target::{BadTarget, Target};

use tls::{Authorities, Seen};

/// What to look at, and how gently.
#[derive(Clone, Debug)]
pub struct Options {
    pub target: Target,
    /// Requests a second.
    pub rate: f64,
    /// Requests altogether.
    pub max_requests: usize,
    /// For one request, from the connection to the last byte.
    pub timeout: Duration,
    /// Addresses to use instead of what names resolve to.
    pub connect_to: Vec<ConnectTo>,
    /// Certificates that are trusted beside Mozilla's.
    pub roots: Vec<CertificateDer<'static>>,
    /// Certificates that may complete a chain which the site sends in part.
    pub known_issuers: Vec<CertificateDer<'static>>,
    /// Whether what completes such a chain is fetched from others.
    pub fetch_issuers: bool,
    /// Paths that the project's files tell.
    pub hints: Hints,
    /// Whom to ask about names, and what beyond them.
    pub dns: dns::Wish,
    /// Whether known faults of TLS implementations are tried out, which is more than browsing.
    pub weaknesses: bool,
    /// What is sent beyond browsing.
    pub probes: Vec<Probe>,
    /// Whether ports that must be closed are asked, which is more than browsing.
    pub ports: bool,
    /// Seconds since 1970-01-01 UTC, noted in the capture.
    pub now: i64,
}

impl Options {
    /// The gentle way to look at a target.
    pub fn new(target: Target) -> Self {
        let rate = match target.is_this_machine() {
            true => Self::RATE_HERE,
            false => Self::RATE,
        };
        Self {
            target,
            rate,
            max_requests: Self::MAX_REQUESTS,
            timeout: Self::TIMEOUT,
            connect_to: Vec::new(),
            roots: Vec::new(),
            known_issuers: Vec::new(),
            fetch_issuers: false,
            hints: Hints::default(),
            dns: dns::Wish::default(),
            weaknesses: false,
            probes: Vec::new(),
            ports: false,
            now: 0,
        }
    }

    pub const RATE: f64 = 20.0;
    /// Of this machine: nobody else's visitors wait for it.
    pub const RATE_HERE: f64 = 10_000.0;
    pub const MAX_REQUESTS: usize = 60;
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}

/// Paths on the site that are worth asking for; each has a usual value where nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hints {
    pub login: String,
    pub admin: String,
    /// Pages that are kept for those who are logged in; nothing is usual there.
    pub guarded: Vec<String>,
    pub static_folder: String,
    pub media_folder: String,
    /// Where an API takes passwords as JSON; nothing is usual there.
    pub api_login: Option<String>,
    /// An origin that is let in from elsewhere; nothing is usual there.
    pub frontend: Option<String>,
}

impl Default for Hints {
    /// Django's own: the default of `LOGIN_URL`, and what the tutorial and its answers use.
    fn default() -> Self {
        Self {
            login: "/accounts/login/".to_owned(),
            admin: "/admin/".to_owned(),
            guarded: Vec::new(),
            static_folder: "/static/".to_owned(),
            media_folder: "/media/".to_owned(),
            api_login: None,
            frontend: None,
        }
    }
}

/// Reads certificates in PEM, such as those of a private authority, or a table that quotes them, as CCADB
/// publishes the certificates between; `None` where there is none or one is broken.
pub fn certificates(bytes: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    // Behind a quotation mark no line of PEM begins.
    let pem = String::from_utf8_lossy(bytes).replace(BEGIN, &format!("\n{BEGIN}"));
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    read.ok().filter(|certificates| !certificates.is_empty())
}

/// Looks at a site and states what it saw. Whatever the site does, an answer comes: within the
/// bounds of `options`, and with every failure as a fact.
///
/// # Errors
///
/// Those of the system, where no runtime can be made.
pub fn observe(options: &Options) -> std::io::Result<Site> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let site = runtime.block_on(look_timed(options));
    // Connections that a hostile server keeps open are dropped, not awaited.
    runtime.shutdown_background();
    Ok(site)
}

async fn look_timed(options: &Options) -> Site {
    let started = Instant::now();
    let mut site = look(options).await;
    site.timing.milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    site
}

async fn look(options: &Options) -> Site {
    let roots = std::sync::Arc::new(roots(options));
    let authorities = Authorities::new(std::sync::Arc::clone(&roots), &options.known_issuers);
    let is_mail = options.target.is_mail();
    let mut capture = http::Capture::new(options, std::sync::Arc::clone(&roots));
    let browse = async {
        if !is_mail {
            capture.browse().await;
        }
    };
    // Side by side: each waits most of the time, and resolvers are other machines than the site.
    let ((), tls, dns) = tokio::join!(
        browse,
        look_at_tls(options, &authorities),
        dns::observe(options)
    );
    let quic = quic::look(&capture.http, options, &roots).await;
    let mut servers = tls;
    let ports = match options.ports {
        true => Some(ports::observe(options).await),
        false => None,
    };
    // What differs each time stands apart.
    let (mut cost, mut talks) = (Cost::default(), Vec::new());
    for server in &mut servers {
        cost.add(std::mem::take(&mut server.tls.cost));
        talks.append(&mut server.tls.talks);
    }
    if !is_mail {
        // Last: it may be that nobody is let in afterwards.
        behaviour::look(&mut capture, &options.probes).await;
    }
    let issuers = match options.fetch_issuers {
        true => issuers::complete(&mut capture, options, authorities, servers.iter_mut()).await,
        false => Vec::new(),
    };
    let mut looks = servers.into_iter().map(|server| server.tls);
    let tls = looks.next();
    let tls_elsewhere = looks.collect();
    let (http, addresses, timing) = capture.finish().await;
    Site {
        url: options.target.url().to_string(),
        addresses,
        http: (!is_mail).then_some(http),
        tls,
        tls_elsewhere,
        issuers,
        dns: Some(dns),
        quic,
        ports,
        timing: Timing {
            started: options.now,
            tls: cost,
            tls_talks: talks,
            ..timing
        },
    }
}

/// The TLS server at the first address of each family; nothing where plain HTTP was named.
async fn look_at_tls(options: &Options, authorities: &Authorities) -> Vec<Seen> {
    let target = &options.target;
    let Some(port) = target.port().filter(|_| target.url().scheme() != "http") else {
        return Vec::new();
    };
    let host = target.host();
    let found = address::addresses(&host, port, &options.connect_to, options.timeout).await;
    let found = match found {
        Ok(found) => found,
        Err(failure) => {
            return vec![Seen::nothing(failure.detail)];
        }
    };
    let name = host.parse::<std::net::IpAddr>().is_err().then_some(host);
    let usual = tls::Budget::default();
    let budget = tls::Budget {
        // Who waits longer for a page waits longer for TLS.
        patience: options.timeout.min(usual.patience).max(options.timeout / 2),
        total: usual.total.max(options.timeout * 6),
        weaknesses: options.weaknesses,
        starttls: target.is_mail(),
        ..usual
    };
    let look = async |address: Option<&SocketAddr>| match address {
        Some(address) => Some(tls::look_at(*address, name.as_deref(), authorities, budget).await),
        None => None,
    };
    let older = found.iter().find(|address| address.is_ipv4());
    // What listens on this machine is no matter of the DNS: localhost is both, and one is enough.
    let newer = found
        .iter()
        .find(|address| address.is_ipv6())
        .filter(|_| older.is_none() || !target.is_this_machine());
    let (first, second) = tokio::join!(look(older), look(newer));
    first.into_iter().chain(second).collect()
}

/// Mozilla's roots, and those that were given.
fn roots(options: &Options) -> RootCertStore {
    let mut store = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    store.add_parsable_certificates(options.roots.iter().cloned());
    store
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_certificates_is_read_as_their_pem() {
        let pem = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----";
        let quoted = format!("\"Example CA\",\"'{pem}'\",\"no\"\n\"Other CA\",\"{pem}\"\n");
        for (text, count) in [(format!("# root\n{pem}\n"), 1), (quoted, 2)] {
            let read = certificates(text.as_bytes()).expect(&text);
            assert_eq!(
                read,
                vec![CertificateDer::from(vec![0, 1, 2]); count],
                "{text}"
            );
        }
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n???\n"] {
            assert!(certificates(text.as_bytes()).is_none(), "{text}");
        }
    }
}
