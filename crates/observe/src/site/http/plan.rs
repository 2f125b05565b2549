//! What is asked of a site, in which order.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::RootCertStore;
use tightship_model::site::Timing;
use tightship_model::site::http::{Exchange, Http, Purpose, Reply, Skipped, Token};
use url::Url;

use super::client::{Client, Private, same_host};
use super::question::Question;
use crate::site::{Hints, Options};

/// Redirects that are followed; browsers follow twenty.
const MOST_REDIRECTS: usize = 10;

/// Requests that are under way at once.
const AT_ONCE: usize = 4;

/// The requests to one site, and what came of them.
pub(in crate::site) struct Capture {
    client: Arc<Client>,
    options: Options,
    /// Requests that may still be sent.
    pub(in crate::site) left: usize,
    pub(in crate::site) http: Http,
    took: Vec<u64>,
    /// What was made up and sent.
    pub(in crate::site) made_up: Vec<String>,
}

impl Capture {
    pub(in crate::site) fn new(options: &Options, roots: Arc<RootCertStore>) -> Self {
        Self {
            left: options.max_requests,
            client: Arc::new(Client::new(options, roots)),
            options: options.clone(),
            http: Http::default(),
            took: Vec::new(),
            made_up: Vec::new(),
        }
    }

    /// Asks a site everything that an ordinary look at it needs.
    pub(in crate::site) async fn browse(&mut self) {
        let named = self.options.target.url().clone();
        let page = self.follow(Purpose::Page, named.clone()).await;
        match self.options.target.plain() {
            Some(plain) if plain != named => {
                self.follow(Purpose::Plain, plain).await;
            }
            Some(_) => {}
            None => self.skip(Purpose::Plain, "which port speaks plain HTTP is not known"),
        }
        match page {
            Some(page) => {
                self.over_http2(page.clone()).await;
                let questions = questions(&page, &self.http, &self.options.hints);
                self.all(questions).await;
            }
            None => {
                let rest = Purpose::ALL.into_iter().skip(2);
                for purpose in rest.filter(|purpose| purpose.is_browsing()) {
                    self.skip(purpose, "the site gave no answer");
                }
            }
        }
    }

    /// What was exchanged, and what was seen beside it: the addresses of the site, and what differs
    /// each time.
    pub(in crate::site) async fn finish(self) -> (Http, Vec<String>, Timing) {
        let timing = Timing {
            connections: self.client.opened(),
            requests: self.took,
            made_up: self.made_up,
            ..Timing::default()
        };
        (self.http, self.client.addresses().await, timing)
    }

    /// Where an API of the site takes passwords, as the project's files tell.
    pub(in crate::site) fn api_login(&self) -> Option<&str> {
        self.options.hints.api_login.as_deref()
    }

    /// Where the host of an address was found.
    pub(in crate::site) async fn addresses(&self, url: &Url) -> Vec<SocketAddr> {
        self.client.addresses_of(url).await
    }

    /// Asks one question; also gives what is not kept of the answer.
    ///
    /// # Errors
    ///
    /// Where no further request may be sent.
    pub(in crate::site) async fn one(
        &mut self,
        question: Question,
    ) -> Result<(&Exchange, Private), String> {
        self.left = self.left.checked_sub(1).ok_or(SPENT)?;
        let is_new = |account: &&String| !self.made_up.contains(account);
        if let Some(account) = question.account.as_ref().filter(is_new) {
            self.made_up.push(account.clone());
        }
        let asked = self.client.ask(question).await;
        self.took.push(asked.took);
        let place = self.http.exchanges.len();
        self.http.exchanges.push(asked.exchange);
        Ok((&self.http.exchanges[place], asked.private))
    }

    /// Notes the tokens of the answer that came last.
    pub(in crate::site) fn note_tokens(&mut self, tokens: Vec<Token>) {
        if let Some(Reply::Answer(answer)) =
            self.http.exchanges.last_mut().map(|one| &mut one.reply)
        {
            answer.content.tokens = tokens;
        }
    }

    /// As [`Self::one`], of another host than the site: it is not noted among what the site answered.
    pub(in crate::site) async fn aside(
        &mut self,
        question: Question,
    ) -> Result<(Exchange, Vec<u8>), String> {
        self.left = self.left.checked_sub(1).ok_or(SPENT)?;
        let asked = self.client.ask(question).await;
        self.took.push(asked.took);
        Ok((asked.exchange, asked.private.body))
    }

    /// Asks, and asks again where it is sent on the same host. Gives the address that answered last,
    /// `None` where nothing did.
    async fn follow(&mut self, purpose: Purpose, start: Url) -> Option<Url> {
        let mut url = start;
        for _ in 0..=MOST_REDIRECTS {
            if self.left == 0 {
                self.skip(purpose, SPENT);
                return None;
            }
            let question = Question::get(purpose, url.clone());
            let (exchange, _) = self.one(question).await.ok()?;
            match next(exchange, &url) {
                Some(next) if next != url => url = next,
                _ => return exchange.answer().map(|_| url),
            }
        }
        Some(url)
    }

    /// Asks for the page once more, over HTTP/2.
    async fn over_http2(&mut self, page: Url) {
        if page.scheme() != "https" {
            return self.skip(
                Purpose::Http2,
                "HTTP/2 is agreed on in TLS, and the page has none",
            );
        }
        // A failure counts where it comes twice.
        for _ in 0..2 {
            if self.left == 0 {
                return self.skip(Purpose::Http2, SPENT);
            }
            let question = Question::get(Purpose::Http2, page.clone());
            let Some(asked) = self.client.ask2(question).await else {
                return self.skip(Purpose::Http2, "the server does not choose HTTP/2");
            };
            self.left -= 1;
            let answers = asked.exchange.answer().is_some_and(|it| it.status < 500);
            self.http.exchanges.push(asked.exchange);
            self.took.push(asked.took);
            if answers {
                return;
            }
        }
    }

    /// Asks several at once; what they are noted as does not depend on who is faster.
    pub(in crate::site) async fn all(&mut self, mut questions: Vec<Question>) {
        for question in questions.split_off(self.left.min(questions.len())) {
            self.skip(question.purpose, SPENT);
        }
        self.left -= questions.len();
        let count = questions.len();
        let queue: VecDeque<_> = questions.into_iter().enumerate().collect();
        let queue = Arc::new(Mutex::new(queue));
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..AT_ONCE {
            let (queue, client) = (Arc::clone(&queue), Arc::clone(&self.client));
            workers.spawn(async move {
                let mut done = Vec::new();
                loop {
                    let next = queue
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .pop_front();
                    let Some((place, question)) = next else {
                        return done;
                    };
                    done.push((place, client.ask(question).await));
                }
            });
        }
        let mut done: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
        debug_assert_eq!(done.len(), count, "each question has its exchange");
        done.sort_by_key(|(place, _)| *place);
        for (_, asked) in done {
            self.http.exchanges.push(asked.exchange);
            self.took.push(asked.took);
        }
    }

    pub(in crate::site) fn skip(&mut self, purpose: Purpose, reason: &str) {
        if self.http.why_skipped(purpose).is_none() {
            self.http.skipped.push(Skipped {
                purpose,
                reason: reason.to_owned(),
            });
        }
    }
}

const SPENT: &str = "the requests that --max-requests allows were spent";

/// Where an answer leads on the same host.
pub(in crate::site) fn next(exchange: &Exchange, url: &Url) -> Option<Url> {
    let answer = exchange.answer()?;
    if !answer.is_redirect() {
        return None;
    }
    let mut target = url.join(answer.value("location")?).ok()?;
    target.set_fragment(None);
    let is_http = matches!(target.scheme(), "http" | "https");
    (is_http && same_host(&target, url)).then_some(target)
}

/// Everything that is asked once it is known that the site answers.
fn questions(page: &Url, http: &Http, hints: &Hints) -> Vec<Question> {
    let at = |path: &str| page.join(path).ok();
    let get = |purpose, path: &str| at(path).map(|url| Question::get(purpose, url));
    let forged = |url: Option<Url>| {
        Some(Question {
            host: Some(FORGED_HOST.to_owned()),
            ..Question::get(Purpose::ForgedHost, url?)
        })
    };
    let mut all: Vec<Option<Question>> = vec![
        get(Purpose::NotFound, "/tightship-asks-for-no-such-page/"),
        forged(Some(page.clone())),
        // The page may be a file; the login is Django's own.
        forged(at(&hints.login)),
        get(Purpose::Login, &hints.login),
        get(Purpose::Admin, &hints.admin),
        admin_login(&hints.admin).and_then(|path| get(Purpose::Admin, &path)),
        get(Purpose::Robots, "/robots.txt"),
        get(Purpose::SecurityText, "/.well-known/security.txt"),
    ];
    let guarded = hints.guarded.iter();
    all.extend(guarded.map(|path| get(Purpose::Guarded, path)));
    let asset = asset(page, http);
    all.push(asset.clone().map(|url| Question::get(Purpose::Asset, url)));
    for url in [Some(page.clone()), asset].into_iter().flatten() {
        let question = Question::get(Purpose::Compressed, url);
        all.push(Some(question.compressed()));
    }
    all.push(get(Purpose::StaticFolder, &hints.static_folder));
    all.push(get(Purpose::MediaFolder, &hints.media_folder));
    let options = Question {
        method: "OPTIONS",
        ..Question::get(Purpose::Options, page.clone())
    };
    all.push(Some(
        options
            .with("Origin", format!("https://{FORGED_HOST}"))
            .with("Access-Control-Request-Method", "GET"),
    ));
    all.push(Some(Question {
        method: "TRACE",
        ..Question::get(Purpose::Trace, page.clone())
    }));
    let host = page.host_str().unwrap_or_default();
    for (purpose, origin) in [
        (Purpose::OriginForeign, format!("https://{FORGED_HOST}")),
        (
            Purpose::OriginSuffix,
            format!("https://{host}.{FORGED_HOST}"),
        ),
        (Purpose::OriginPrefix, format!("https://not{host}")),
        (Purpose::OriginNull, "null".to_owned()),
    ] {
        let question = Question::get(purpose, page.clone());
        all.push(Some(question.with("Origin", origin)));
    }
    all.push(hints.frontend.as_ref().and_then(|origin| {
        // An API is what frontends ask.
        let url = hints.api_login.as_deref().map_or(Some(page.clone()), at)?;
        let question = Question {
            method: "OPTIONS",
            ..Question::get(Purpose::OriginFrontend, url)
        };
        let question = question.with("Origin", origin.as_str());
        Some(question.with("Access-Control-Request-Method", "GET"))
    }));
    all.push(get(Purpose::Repository, "/.git/HEAD"));
    all.push(get(Purpose::Environment, "/.env"));
    all.extend(BACKUPS.iter().map(|path| get(Purpose::Backup, path)));
    all.into_iter().flatten().collect()
}

/// A name that nobody can have (RFC 2606, section 2).
pub(in crate::site) const FORGED_HOST: &str = "forged.invalid";

/// What people leave in the folder that is served.
const BACKUPS: [&str; 7] = [
    "/.env.prod",
    "/db.sqlite3",
    "/backup.sql",
    "/dump.sql",
    "/backup.zip",
    "/settings.py",
    "/docker-compose.yml",
];

/// Where Django's admin asks for the password.
fn admin_login(admin: &str) -> Option<String> {
    Some(format!("{}/login/", admin.strip_suffix('/')?))
}

/// The first script or style sheet of the page that the site itself serves.
fn asset(page: &Url, http: &Http) -> Option<Url> {
    let answer = http.last(Purpose::Page)?.answer()?;
    let html = answer.content.page.as_ref()?;
    let scripts = html.scripts.iter().filter_map(|script| script.url.as_ref());
    let sheets = html.links.iter().filter(|link| link.rel == "stylesheet");
    sheets
        .map(|link| &link.url)
        .chain(scripts)
        .filter_map(|url| Url::parse(url).ok())
        .find(|url| url.origin() == page.origin())
}
