//! Requests, each with its answer or the failure that came instead.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request as Wire, Response};
use rustls::RootCertStore;
use tightship_model::site::http::{
    Answer, Exchange, Failure, FailureKind, Header, Purpose, Reply, Request,
};
use url::Url;

use super::body::{decode, read};
use super::connect::{Connection, connect, failure};
use super::tap::Seen;
use super::{MOST_BODY_BYTES, digest, head};
use crate::site::address::addresses;
use crate::site::pace::Pace;
use crate::site::{Options, target};

/// What sends the requests of one capture.
pub(super) struct Client {
    options: Options,
    roots: Arc<RootCertStore>,
    pace: Pace,
    /// What names led to, so that all requests go to the same machine.
    resolved: tokio::sync::Mutex<BTreeMap<(String, u16), Resolved>>,
    /// Connections that wait for another request, by scheme, host and port.
    idle: Mutex<BTreeMap<Origin, Vec<Connection>>>,
    opened: AtomicUsize,
}

/// Where a name leads, or why nowhere.
type Resolved = Result<Vec<SocketAddr>, Failure>;

/// Scheme, host, port.
type Origin = (String, String, u16);

/// One question.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) purpose: Purpose,
    pub(super) method: &'static str,
    pub(super) url: Url,
    /// A `Host` other than that of the URL.
    pub(super) host: Option<String>,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Question {
    pub(super) fn get(purpose: Purpose, url: Url) -> Self {
        Self {
            purpose,
            method: "GET",
            url,
            host: None,
            headers: Vec::new(),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What is noted: the fields that not every request has.
    fn noted(&self) -> Request {
        let host = self.host.iter().map(|host| ("Host", host));
        let others = self.headers.iter().map(|(name, value)| (*name, value));
        Request {
            method: self.method.to_owned(),
            url: self.url.to_string(),
            headers: host
                .chain(others)
                .map(|(name, value)| Header {
                    name: name.to_owned(),
                    value: value.clone(),
                })
                .collect(),
        }
    }
}

/// Sent with every request.
const USER_AGENT: &str = concat!("tightship/", env!("CARGO_PKG_VERSION"));

impl Client {
    pub(super) fn new(options: &Options, roots: Arc<RootCertStore>) -> Self {
        Self {
            options: options.clone(),
            roots,
            pace: Pace::new(options.rate),
            resolved: tokio::sync::Mutex::default(),
            idle: Mutex::default(),
            opened: AtomicUsize::new(0),
        }
    }

    pub(super) fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    /// What the host of the target resolves to, as far as that was asked.
    pub(super) async fn addresses(&self) -> Vec<String> {
        let resolved = self.resolved.lock().await;
        let host = self.options.target.host();
        let mut found: Vec<_> = resolved
            .iter()
            .filter(|((name, _), _)| *name == host)
            .filter_map(|(_, addresses)| addresses.as_ref().ok())
            .flatten()
            .map(|address| address.ip())
            .collect();
        found.sort_unstable();
        found.dedup();
        found.iter().map(ToString::to_string).collect()
    }

    /// Sends one request when its turn has come; also gives the milliseconds that it took.
    pub(super) async fn ask(&self, question: Question) -> (Exchange, u64) {
        self.pace.wait().await;
        let started = Instant::now();
        let reply = tokio::time::timeout(self.options.timeout, self.reply(&question))
            .await
            .unwrap_or_else(|_| {
                let seconds = self.options.timeout.as_secs_f64();
                Err(failure(
                    FailureKind::TimedOut,
                    format!("no whole answer came within {seconds} s"),
                ))
            });
        let exchange = Exchange {
            purpose: question.purpose,
            request: question.noted(),
            reply: match reply {
                Ok(answer) => Reply::Answer(Box::new(answer)),
                Err(failure) => Reply::None(failure),
            },
        };
        let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        (exchange, took)
    }

    async fn reply(&self, question: &Question) -> Result<Answer, Failure> {
        let origin = origin(&question.url);
        if let Some(mut kept) = self.kept(&origin) {
            // The server may have closed it meanwhile: then the request goes out once more.
            kept.seen.take();
            if let Ok(response) = kept.sender.send_request(wire(question)?).await {
                return Ok(self.finish(question, origin, kept, response).await);
            }
        }
        let mut fresh = self.open(&origin).await?;
        let sent = fresh.sender.send_request(wire(question)?).await;
        let response = sent.map_err(|error| broken(&error, &fresh.seen))?;
        Ok(self.finish(question, origin, fresh, response).await)
    }

    fn kept(&self, origin: &Origin) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle.get_mut(origin)?;
        loop {
            let connection = waiting.pop()?;
            if connection.sender.is_ready() {
                return Some(connection);
            }
        }
    }

    async fn open(&self, (scheme, host, port): &Origin) -> Result<Connection, Failure> {
        let found = {
            let mut resolved = self.resolved.lock().await;
            match resolved.get(&(host.clone(), *port)) {
                Some(known) => known.clone(),
                None => {
                    let found =
                        addresses(host, *port, &self.options.connect_to, self.options.timeout)
                            .await;
                    resolved.insert((host.clone(), *port), found.clone());
                    found
                }
            }
        }?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        let secure = (scheme == "https").then(|| (host.as_str(), Arc::clone(&self.roots)));
        connect(&found, secure, self.options.timeout).await
    }

    /// Reads the answer to its end, and keeps the connection where it can be used again.
    async fn finish(
        &self,
        question: &Question,
        origin: Origin,
        connection: Connection,
        response: Response<Incoming>,
    ) -> Answer {
        let received = connection.seen.take();
        let (parts, incoming) = response.into_parts();
        let read = read(incoming, MOST_BODY_BYTES).await;
        let is_whole = read.cut.is_none();
        let encoding = parts.headers.get(hyper::header::CONTENT_ENCODING);
        let encoding = encoding.and_then(|value| value.to_str().ok());
        let body = decode(read, encoding, MOST_BODY_BYTES);
        let answer = Answer {
            version: format!("{:?}", parts.version),
            status: parts.status.as_u16(),
            headers: head::fields(&received).unwrap_or_else(|| head::sorted(&parts.headers)),
            content: digest::content(&body.bytes, body.cut, &question.url, &parts.headers),
            certificate: connection.trust.clone(),
        };
        if is_whole {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.entry(origin).or_default().push(connection);
        }
        answer
    }
}

/// Whether two addresses are the same host, whatever the scheme and the port.
pub(super) fn same_host(a: &Url, b: &Url) -> bool {
    target::host(a) == target::host(b)
}

fn origin(url: &Url) -> Origin {
    let port = url.port_or_known_default().unwrap_or_default();
    (url.scheme().to_owned(), target::host(url), port)
}

fn wire(question: &Question) -> Result<Wire<Full<Bytes>>, Failure> {
    let url = &question.url;
    let own = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request = Wire::builder()
        .method(question.method)
        .uri(path)
        .header("Host", question.host.as_deref().unwrap_or(&own))
        .header("User-Agent", USER_AGENT)
        .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    for (name, value) in &question.headers {
        request = request.header(*name, value);
    }
    request
        .body(Full::default())
        .map_err(|error| failure(FailureKind::NotHttp, error.to_string()))
}

/// What a failure of hyper means, with the beginning of what came instead of HTTP.
fn broken(error: &hyper::Error, seen: &Seen) -> Failure {
    let kind = match error.is_parse() {
        true => FailureKind::NotHttp,
        false => FailureKind::Closed,
    };
    let received = seen.take();
    let detail = match (kind, received.is_empty()) {
        (FailureKind::NotHttp, false) => {
            const SHOWN: usize = 40;
            let start = String::from_utf8_lossy(&received[..received.len().min(SHOWN)]);
            format!("{error}; it begins with {start:?}")
        }
        _ => error.to_string(),
    };
    failure(kind, detail)
}
