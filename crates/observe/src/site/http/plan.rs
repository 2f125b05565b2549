//! What is asked of a site, in which order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::RootCertStore;
use tightship_model::site::http::{Exchange, Http, Purpose, Skipped};
use url::Url;

use super::client::{Client, Question, same_host};
use crate::site::{Hints, Options};

/// What was seen beside the exchanges.
pub(in crate::site) struct Beside {
    pub(in crate::site) addresses: Vec<String>,
    pub(in crate::site) connections: usize,
    pub(in crate::site) requests: Vec<u64>,
}

/// Redirects that are followed; browsers follow twenty.
const MOST_REDIRECTS: usize = 10;

/// Requests that are under way at once.
const AT_ONCE: usize = 4;

/// Asks a site everything that an ordinary look at it needs.
pub(in crate::site) async fn capture(
    options: &Options,
    roots: Arc<RootCertStore>,
) -> (Http, Beside) {
    let client = Arc::new(Client::new(options, roots));
    let mut capture = Capture {
        left: options.max_requests,
        client: Arc::clone(&client),
        http: Http::default(),
        took: Vec::new(),
    };
    let named = options.target.url().clone();
    let page = capture.follow(Purpose::Page, named.clone()).await;
    match options.target.plain() {
        Some(plain) if plain != named => {
            capture.follow(Purpose::Plain, plain).await;
        }
        Some(_) => {}
        None => capture.skip(Purpose::Plain, "which port speaks plain HTTP is not known"),
    }
    match page {
        Some(page) => {
            let questions = questions(&page, &capture.http, &options.hints);
            capture.all(questions).await;
        }
        None => {
            for purpose in Purpose::ALL.into_iter().skip(2) {
                capture.skip(purpose, "the site gave no answer");
            }
        }
    }
    let beside = Beside {
        addresses: client.addresses().await,
        connections: client.opened(),
        requests: capture.took,
    };
    (capture.http, beside)
}

struct Capture {
    client: Arc<Client>,
    /// Requests that may still be sent.
    left: usize,
    http: Http,
    took: Vec<u64>,
}

impl Capture {
    /// Asks, and asks again where it is sent on the same host. Gives the address that answered last,
    /// `None` where nothing did.
    async fn follow(&mut self, purpose: Purpose, start: Url) -> Option<Url> {
        let mut url = start;
        for _ in 0..=MOST_REDIRECTS {
            if self.left == 0 {
                self.skip(purpose, SPENT);
                return None;
            }
            self.left -= 1;
            let question = Question::get(purpose, url.clone());
            let (exchange, took) = self.client.ask(question).await;
            let next = next(&exchange, &url);
            let has_answer = exchange.answer().is_some();
            self.http.exchanges.push(exchange);
            self.took.push(took);
            match next {
                Some(next) if next != url => url = next,
                _ => return has_answer.then_some(url),
            }
        }
        Some(url)
    }

    /// Asks several at once; what they are noted as does not depend on who is faster.
    async fn all(&mut self, mut questions: Vec<Question>) {
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
        for (_, (exchange, took)) in done {
            self.http.exchanges.push(exchange);
            self.took.push(took);
        }
    }

    fn skip(&mut self, purpose: Purpose, reason: &str) {
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
fn next(exchange: &Exchange, url: &Url) -> Option<Url> {
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
    ];
    let asset = asset(page, http);
    all.push(asset.clone().map(|url| Question::get(Purpose::Asset, url)));
    for url in [Some(page.clone()), asset].into_iter().flatten() {
        let question = Question::get(Purpose::Compressed, url);
        all.push(Some(question.with("Accept-Encoding", "gzip, br")));
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
    all.push(get(Purpose::Repository, "/.git/HEAD"));
    all.push(get(Purpose::Environment, "/.env"));
    all.extend(BACKUPS.iter().map(|path| get(Purpose::Backup, path)));
    all.into_iter().flatten().collect()
}

/// A name that nobody can have (RFC 2606, section 2).
const FORGED_HOST: &str = "forged.invalid";

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
