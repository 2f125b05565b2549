//! How the site behaves when it is used otherwise than by browsing. Each of these is sent only where
//! it was asked for, within a budget of its own; everything that was sent is in the capture.

mod announced;
mod burst;
mod csrf;
mod form;
mod jar;
mod lockout;
mod made_up;
mod visitor;

use tightship_model::site::http::{Http, Purpose};
use url::Url;

use super::http::Capture;

/// What is more than browsing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Forms with and without their tokens.
    Csrf,
    /// A body that is announced to be large.
    BodyLimit,
    /// Many requests in a row.
    RateLimit,
    /// Wrong passwords until somebody refuses them.
    Lockout,
}

impl Probe {
    /// In the order in which they are sent: what locks out comes last.
    pub const ALL: [Self; 4] = [Self::Csrf, Self::BodyLimit, Self::RateLimit, Self::Lockout];

    /// The requests that it sends at most.
    pub const fn requests(self) -> usize {
        match self {
            Self::Csrf => csrf::REQUESTS,
            Self::BodyLimit => announced::REQUESTS,
            Self::RateLimit => burst::REQUESTS,
            Self::Lockout => lockout::REQUESTS,
        }
    }

    /// What its requests are for; the first stands for all where none is sent.
    fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Csrf => &[Purpose::FormOwn, Purpose::FormForeign],
            Self::BodyLimit => &[Purpose::BodyAnnounced],
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
    let login = login(&capture.http);
    let form = || {
        login
            .clone()
            .ok_or_else(|| "no login with a form for a password was found".to_owned())
    };
    match probe {
        Probe::Csrf => csrf::send(capture, form()?).await,
        Probe::BodyLimit => announced::send(capture, login.unwrap_or(page)).await,
        Probe::RateLimit => {
            // Who names a path wishes to know about that one.
            let is_named = page.path() != "/";
            burst::send(capture, login.filter(|_| !is_named).unwrap_or(page)).await
        }
        Probe::Lockout => {
            if burst::was_refused(&capture.http) {
                return Err(
                    "the requests in a row were refused, which may last: ask for --probe lockout \
                     alone"
                        .to_owned(),
                );
            }
            lockout::send(capture, form()?).await
        }
    }
}

/// The page that a visitor of the named address ends on.
fn page(http: &Http) -> Option<Url> {
    let exchange = http.last(Purpose::Page)?;
    exchange.answer()?;
    Url::parse(&exchange.request.url).ok()
}

/// The first address that was seen to show a form with a password; else the usual one, where it
/// leads elsewhere.
fn login(http: &Http) -> Option<Url> {
    let seen = || {
        [Purpose::Login, Purpose::Page, Purpose::Admin]
            .into_iter()
            .flat_map(|purpose| http.all(purpose))
            .filter_map(|exchange| Some((exchange, exchange.answer()?)))
    };
    let shows = seen().find(|(_, answer)| {
        let page = answer.content.page.as_ref();
        page.is_some_and(|page| page.forms.iter().any(|form| form.has_password))
    });
    let leads = || {
        seen().find(|(exchange, answer)| exchange.purpose == Purpose::Login && answer.is_redirect())
    };
    let (exchange, _) = shows.or_else(leads)?;
    Url::parse(&exchange.request.url).ok()
}
