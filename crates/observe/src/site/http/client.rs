//! Requests, each with its answer or the failure that came instead.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::body::Incoming;
use rustls::RootCertStore;
use tightship_model::site::http::{Answer, Content, Exchange, Failure, FailureKind, Reply, Trust};
use tokio::sync::Notify;
use url::Url;

use super::body::{decode, read};
use super::connect::{Connection, connect, connect2, failure};
use super::question::{Question, Way, wire, wire2};
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

/// An answer, and what is of use for the next question only.
pub(in crate::site) struct Asked {
    pub(in crate::site) exchange: Exchange,
    /// Milliseconds.
    pub(in crate::site) took: u64,
    pub(in crate::site) private: Private,
}

/// What is not kept of an answer.
#[derive(Debug, Default)]
pub(in crate::site) struct Private {
    pub(in crate::site) body: Vec<u8>,
    /// The fields `Set-Cookie`, with their values.
    pub(in crate::site) cookies: Vec<String>,
}

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

    /// Where the host of an address was found.
    pub(super) async fn addresses_of(&self, url: &Url) -> Vec<SocketAddr> {
        let (_, host, port) = origin(url);
        let resolved = self.resolved.lock().await;
        let found = resolved.get(&(host, port));
        found
            .and_then(|found| found.clone().ok())
            .unwrap_or_default()
    }

    /// Sends one request when its turn has come.
    pub(super) async fn ask(&self, question: Question) -> Asked {
        self.pace.wait().await;
        let started = Instant::now();
        let reply = self.in_time(self.reply(&question)).await;
        asked(&question, reply, started)
    }

    /// As [`Self::ask`], over HTTP/2; `None` where the server does not choose it.
    pub(super) async fn ask2(&self, question: Question) -> Option<Asked> {
        self.pace.wait().await;
        let started = Instant::now();
        let reply = self.in_time(self.reply2(&question)).await.transpose()?;
        Some(asked(&question, reply, started))
    }

    async fn in_time<T>(
        &self,
        reply: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let timeout = self.options.timeout;
        tokio::time::timeout(timeout, reply)
            .await
            .unwrap_or_else(|_| {
                let seconds = timeout.as_secs_f64();
                Err(failure(
                    FailureKind::TimedOut,
                    format!("no whole answer came within {seconds} s"),
                ))
            })
    }

    async fn reply2(&self, question: &Question) -> Result<Option<(Answer, Private)>, Failure> {
        let (_, host, port) = origin(&question.url);
        let found = self.resolve(&host, port).await?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        let roots = Arc::clone(&self.roots);
        let Some(mut connection) = connect2(&found, &host, roots, self.options.timeout).await?
        else {
            return Ok(None);
        };
        let sent = connection.sender.send_request(wire2(question)?).await;
        let response = sent.map_err(|error| broken(&error, &Seen::default()))?;
        let read = answer(question, response, None, Some(connection.trust)).await;
        Ok(Some((read.answer, read.private)))
    }

    async fn reply(&self, question: &Question) -> Result<(Answer, Private), Failure> {
        if question.announces {
            return self.announce(question).await;
        }
        let origin = origin(&question.url);
        if let Some(mut kept) = self.kept(&origin).filter(|_| !question.is_alone()) {
            // The server may have closed it meanwhile: then the request goes out once more.
            kept.seen.take();
            if let Ok(response) = kept.sender.send_request(wire(question)?).await {
                return Ok(self.finish(question, origin, kept, response).await);
            }
        }
        let mut fresh = self.open(&origin, question.way).await?;
        let sent = fresh.sender.send_request(wire(question)?).await;
        let response = sent.map_err(|error| broken(&error, &fresh.seen))?;
        Ok(self.finish(question, origin, fresh, response).await)
    }

    /// Announces a body. A server that asks for it is given a moment to think better of it:
    /// gunicorn asks before Django has looked at the length.
    async fn announce(&self, question: &Question) -> Result<(Answer, Private), Failure> {
        const MOMENT: Duration = Duration::from_secs(1);
        let origin = origin(&question.url);
        let mut fresh = self.open(&origin, question.way).await?;
        let mut request = wire(question)?;
        let asked = Arc::new(Notify::new());
        let notify = Arc::clone(&asked);
        hyper::ext::on_informational(&mut request, move |response| {
            if response.status() == hyper::StatusCode::CONTINUE {
                notify.notify_one();
            }
        });
        let sent = fresh.sender.send_request(request);
        tokio::pin!(sent);
        let response = tokio::select! {
            response = &mut sent => Some(response),
            () = asked.notified() => tokio::time::timeout(MOMENT, &mut sent).await.ok(),
        };
        match response {
            Some(Ok(response)) => Ok(self.finish(question, origin, fresh, response).await),
            Some(Err(error)) => Err(broken(&error, &fresh.seen)),
            None => {
                let answer = Answer {
                    version: "HTTP/1.1".to_owned(),
                    status: hyper::StatusCode::CONTINUE.as_u16(),
                    certificate: fresh.trust.clone(),
                    ..Answer::default()
                };
                Ok((answer, Private::default()))
            }
        }
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

    async fn resolve(&self, host: &str, port: u16) -> Resolved {
        let mut resolved = self.resolved.lock().await;
        match resolved.get(&(host.to_owned(), port)) {
            Some(known) => known.clone(),
            None => {
                let found =
                    addresses(host, port, &self.options.connect_to, self.options.timeout).await;
                resolved.insert((host.to_owned(), port), found.clone());
                found
            }
        }
    }

    async fn open(&self, (scheme, host, port): &Origin, way: Way) -> Result<Connection, Failure> {
        let mut found = self.resolve(host, *port).await?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        let from = match way {
            Way::Usual => None,
            Way::From(address) => Some(address),
            Way::To(address) => {
                found = vec![address];
                None
            }
        };
        let secure = (scheme == "https").then(|| (host.as_str(), Arc::clone(&self.roots)));
        connect(&found, from, secure, self.options.timeout).await
    }

    /// Reads the answer to its end, and keeps the connection where it can be used again.
    async fn finish(
        &self,
        question: &Question,
        origin: Origin,
        connection: Connection,
        response: Response<Incoming>,
    ) -> (Answer, Private) {
        let received = connection.seen.take();
        let trust = connection.trust.clone();
        let read = answer(question, response, Some(&received), trust).await;
        if read.is_whole && !question.is_alone() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.entry(origin).or_default().push(connection);
        }
        (read.answer, read.private)
    }
}

/// An answer that was read as far as it is read.
struct Whole {
    answer: Answer,
    private: Private,
    /// Whether its end was reached.
    is_whole: bool,
}

/// Reads an answer to its end. Of `received` the fields are taken as they stood on the wire.
async fn answer(
    question: &Question,
    response: Response<Incoming>,
    received: Option<&[u8]>,
    certificate: Option<Trust>,
) -> Whole {
    let (parts, incoming) = response.into_parts();
    let read = read(incoming, MOST_BODY_BYTES).await;
    let is_whole = read.cut.is_none();
    let encoding = parts.headers.get(hyper::header::CONTENT_ENCODING);
    let encoding = encoding.and_then(|value| value.to_str().ok());
    let is_weighed = question.purpose.is_weighed() && is_whole && encoding.is_some();
    let packed = is_weighed.then_some(read.bytes.len());
    let mut body = decode(read, encoding, MOST_BODY_BYTES);
    let mut headers = received
        .and_then(head::fields)
        .unwrap_or_else(|| head::sorted(&parts.headers));
    if let Some(account) = &question.account {
        // What is noted must not depend on what was made up.
        let text = String::from_utf8_lossy(&body.bytes);
        body.bytes = nameless(&text, account).into_bytes();
        for header in &mut headers {
            header.value = nameless(&header.value, account);
        }
    }
    let cookies = parts.headers.get_all(hyper::header::SET_COOKIE).iter();
    let cookies = cookies.filter_map(|value| Some(value.to_str().ok()?.to_owned()));
    let cookies = cookies.collect();
    let answer = Answer {
        version: format!("{:?}", parts.version),
        status: parts.status.as_u16(),
        headers,
        content: Content {
            packed,
            ..digest::content(
                question.purpose,
                &body.bytes,
                body.cut,
                &question.url,
                &parts.headers,
            )
        },
        certificate,
    };
    Whole {
        answer,
        private: Private {
            body: body.bytes,
            cookies,
        },
        is_whole,
    }
}

fn asked(
    question: &Question,
    reply: Result<(Answer, Private), Failure>,
    started: Instant,
) -> Asked {
    let (reply, private) = match reply {
        Ok((answer, private)) => (Reply::Answer(Box::new(answer)), private),
        Err(failure) => (Reply::None(failure), Private::default()),
    };
    Asked {
        exchange: Exchange {
            purpose: question.purpose,
            request: question.noted(),
            reply,
        },
        took: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        private,
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

/// A text with the same word for every account that was made up, written plainly or as in an address.
fn nameless(text: &str, account: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(account.as_bytes()).collect();
    text.replace(account, digest::ACCOUNT)
        .replace(&encoded, digest::ACCOUNT)
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
