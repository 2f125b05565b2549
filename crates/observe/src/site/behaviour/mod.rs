//! How the site behaves when it is used otherwise than by browsing. Each of these is sent only where
//! it was asked for, within a budget of its own; everything that was sent is in the capture.

mod announced;
mod breach;
mod burst;
mod csrf;
mod form;
mod jar;
mod lockout;
mod made_up;
mod visitor;

use tightship_model::site::http::{Answer, Exchange, Http, Purpose};
use url::Url;

use super::http::Capture;
use visitor::Login;

/// What is more than browsing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Forms with and without their tokens.
    Csrf,
    /// A body that is announced to be large.
    BodyLimit,
    /// Words in the query of pages that hold a token and come compressed.
    Breach,
    /// Many requests in a row.
    RateLimit,
    /// Wrong passwords until somebody refuses them.
    Lockout,
}

impl Probe {
    /// In the order in which they are sent: what locks out comes last.
    pub const ALL: [Self; 5] = [
        Self::Csrf,
        Self::BodyLimit,
        Self::Breach,
        Self::RateLimit,
        Self::Lockout,
    ];

    /// The requests that it sends at most.
    pub const fn requests(self) -> usize {
        match self {
            Self::Csrf => csrf::REQUESTS,
            Self::BodyLimit => announced::REQUESTS,
            Self::Breach => breach::REQUESTS,
            Self::RateLimit => burst::REQUESTS,
            Self::Lockout => lockout::REQUESTS,
        }
    }

    /// What its requests are for; the first stands for all where none is sent.
    fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Csrf => &[Purpose::FormOwn, Purpose::FormForeign],
            Self::BodyLimit => &[Purpose::BodyAnnounced],
            Self::Breach => &[Purpose::BreachOpen],
            Self::RateLimit => &[Purpose::Burst],
            Self::Lockout => &[Purpose::LockoutTry],
        }
    }
}

/// Sends what was asked for.
pub(super) async fn look(capture: &mut Capture, probes: &[Probe]) {
    for probe in Probe::ALL.into_iter().filter(|one| probes.contains(one)) {
        if let Err(reason) = send(capture, probe).await {
            for purpose in probe.purposes() {
                capture.skip(*purpose, &reason);
            }
        }
    }
}

async fn send(capture: &mut Capture, probe: Probe) -> Result<(), String> {
    let page = page(&capture.http).ok_or("the site gave no answer")?;
    if capture.left < probe.requests() {
        return Err(format!(
            "it takes up to {} requests, and --max-requests leaves {}",
            probe.requests(),
            capture.left
        ));
    }
    let api = capture.api_login().and_then(|path| page.join(path).ok());
    let login = login(&capture.http, api);
    let found = || {
        login
            .clone()
            .ok_or_else(|| "no login with a form for a password was found".to_owned())
    };
    let form = login.clone().filter(|login| !login.is_api);
    let form = form.map(|login| login.url);
    match probe {
        Probe::Csrf => csrf::send(capture, found()?).await,
        Probe::BodyLimit => announced::send(capture, form.unwrap_or(page)).await,
        Probe::Breach => breach::send(capture).await,
        Probe::RateLimit => {
            // Who names a path wishes to know about that one.
            let is_named = page.path() != "/";
            burst::send(capture, form.filter(|_| !is_named).unwrap_or(page)).await
        }
        Probe::Lockout => {
            if burst::was_refused(&capture.http) {
                return Err(
                    "the requests in a row were refused, which may last: ask for --probe lockout \
                     alone"
                        .to_owned(),
                );
            }
            lockout::send(capture, found()?).await
        }
    }
}

/// The page that a visitor of the named address ends on.
fn page(http: &Http) -> Option<Url> {
    let exchange = http.last(Purpose::Page)?;
    exchange.answer()?;
    Url::parse(&exchange.request.url).ok()
}

/// The address that was named, where it takes nothing but JSON; else the first that was seen to show a
/// form with a password, before the admin's the login of an API that the project names; else the usual
/// one, where it leads elsewhere.
fn login(http: &Http, api: Option<Url>) -> Option<Login> {
    let seen = |purposes: &[Purpose]| -> Vec<(&Exchange, &Answer)> {
        let all = purposes.iter().flat_map(|purpose| http.all(*purpose));
        all.filter_map(|exchange| Some((exchange, exchange.answer()?)))
            .collect()
    };
    let at = |url: &str, is_api| {
        Some(Login {
            url: Url::parse(url).ok()?,
            is_api,
        })
    };
    let first = |purposes: &[Purpose], fits: fn(&Answer) -> bool, is_api| {
        let (exchange, _) = seen(purposes)
            .into_iter()
            .find(|(_, answer)| fits(answer))?;
        at(&exchange.request.url, is_api)
    };
    let named = http
        .last(Purpose::Page)
        .filter(|exchange| exchange.answer().is_some_and(takes_json));
    named
        .and_then(|exchange| at(&exchange.request.url, true))
        .or_else(|| first(&[Purpose::Login, Purpose::Page], asks_for_password, false))
        .or_else(|| {
            Some(Login {
                url: api?,
                is_api: true,
            })
        })
        .or_else(|| first(&[Purpose::Admin], asks_for_password, false))
        .or_else(|| first(&[Purpose::Login], Answer::is_redirect, false))
}

fn asks_for_password(answer: &Answer) -> bool {
    let page = answer.content.page.as_ref();
    page.is_some_and(|page| page.forms.iter().any(|form| form.has_password))
}

/// As a view of Django REST framework refuses a `GET` that takes `POST` alone.
fn takes_json(answer: &Answer) -> bool {
    let is_json = answer
        .value("content-type")
        .is_some_and(|kind| kind.contains("json"));
    let takes_post = answer.value("allow").is_some_and(|methods| {
        let mut methods = methods.split(',').map(str::trim);
        methods.any(|method| method == "POST")
    });
    // The page is asked for as a browser asks: then the answer may be a page about the API.
    answer.status == 405 && takes_post && (is_json || answer.content.page.is_some())
}
