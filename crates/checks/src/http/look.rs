//! Looking at a capture: the answers that checks ask for, and what they say about them.

use tightship_model::site::http::{Answer, Exchange, Failure, FailureKind, Http, Mark, Purpose};
use tightship_model::{Confidence, Deployment, Evidence, Finding, Outcome, Trail};

use super::cookie::Cookie;

/// An exchange with its answer.
#[derive(Clone, Copy)]
pub(super) struct Answered<'a> {
    pub(super) exchange: &'a Exchange,
    pub(super) answer: &'a Answer,
}

/// What was exchanged, or the verdict that says that nothing was.
pub(super) fn http(deployment: &Deployment) -> Result<&Http, Outcome> {
    let site = deployment.site.as_ref();
    site.and_then(|site| site.http.as_ref())
        .filter(|http| !http.exchanges.is_empty())
        .ok_or_else(|| unseen("the site was not asked over HTTP", LOOK_AGAIN))
}

/// The answer to one request of a purpose: the last of its redirects.
pub(super) fn answer(http: &Http, purpose: Purpose) -> Result<Answered<'_>, Outcome> {
    let Some(exchange) = http.last(purpose) else {
        let reason = http.why_skipped(purpose).unwrap_or("it was not asked for");
        let name = purpose.name();
        return Err(unseen(format!("{name}: {reason}"), LOOK_AGAIN));
    };
    answered(exchange)
}

/// An exchange with its answer, or the verdict that says why there is none.
pub(super) fn answered(exchange: &Exchange) -> Result<Answered<'_>, Outcome> {
    match (exchange.answer(), exchange.failure()) {
        (Some(answer), _) => Ok(Answered { exchange, answer }),
        (None, failure) => Err(unseen(
            format!(
                "{} gave no answer{}",
                exchange.request.url,
                failure.map_or_else(String::new, |failure| format!(": {}", because(failure)))
            ),
            LOOK_AGAIN,
        )),
    }
}

/// The page that a visitor of the named address ends on, where it stands for the site: an answer
/// of its own, no redirect to another host, no error of the server.
pub(super) fn page(deployment: &Deployment) -> Result<Answered<'_>, Outcome> {
    let seen = answer(http(deployment)?, Purpose::Page)?;
    let Answered { exchange, answer } = seen;
    if answer.is_redirect() {
        let target = answer.value("location").unwrap_or_default();
        return Err(unseen(
            format!(
                "{} sends visitors to {}, which was not named",
                exchange.request.url,
                shown(target)
            ),
            "name the address that visitors end on with --url",
        ));
    }
    if is_refusal(answer.status) {
        return Err(unseen(
            format!(
                "{} answers {}: that is not the page that visitors see",
                exchange.request.url, answer.status
            ),
            LOOK_AGAIN,
        ));
    }
    if answer.content.marks.contains(&Mark::CertificateDemanded) {
        return Err(unseen(
            format!(
                "{} is kept from who has no certificate of his own: what is behind was not seen",
                exchange.request.url
            ),
            "look from behind the server that asks for it",
        ));
    }
    Ok(seen)
}

/// Whether a status says that the server does not answer now: too many requests, or a failure.
pub(super) fn is_refusal(status: u16) -> bool {
    status == 429 || status >= 500
}

pub(super) const LOOK_AGAIN: &str =
    "look at the site again when it answers: --url, with a lower --rate";

/// What a failure means, in words.
pub(super) fn because(failure: &Failure) -> String {
    let words = match failure.kind {
        FailureKind::Unresolved => "the name has no address",
        FailureKind::AddressForbidden => "the name leads to a reserved address",
        FailureKind::Refused => "nothing listens there",
        FailureKind::Unreachable => "the network does not lead there",
        FailureKind::TimedOut => "no answer came in time",
        FailureKind::Tls => "TLS fails",
        FailureKind::NotHttp => "what comes back is not HTTP",
        FailureKind::Closed => "the connection ends before the answer",
    };
    format!("{words} ({})", shown(&failure.detail))
}

pub(super) fn unseen(reason: impl Into<String>, remedy: &str) -> Outcome {
    Outcome::Unknown {
        reason: reason.into(),
        remedy: remedy.to_owned(),
        trail: Trail::default(),
    }
}

impl Answered<'_> {
    /// `GET https://shop.example/ answers 200`, and what it says.
    pub(super) fn trail(&self, what: impl AsRef<str>) -> Trail {
        let request = &self.exchange.request;
        let own: String = request
            .headers
            .iter()
            .map(|header| format!(", {}: {},", header.name, shown(&header.value)))
            .collect();
        let what = match what.as_ref() {
            "" => String::new(),
            what => format!(" {what}"),
        };
        Trail::outside(format!(
            "{} {}{own} answers {}{what}",
            request.method,
            shown(&request.url),
            self.answer.status
        ))
    }

    /// A header as a trail shows it: `with Server: nginx`.
    pub(super) fn header_trail(&self, name: &str) -> Trail {
        let values: Vec<_> = self.answer.values(name).map(shown).collect();
        self.trail(match values[..] {
            [] => format!("without {name}"),
            _ => format!("with {name}: {}", values.join(&format!(" and {name}: "))),
        })
    }

    pub(super) fn finding(&self, subject: &str, message: String, advice: &str) -> Finding {
        Finding {
            subject: format!("site:{subject}"),
            message,
            severity: None,
            confidence: Confidence::High,
            labels: Vec::new(),
            trail: self.trail(""),
            django_id: None,
            advice: advice.to_owned(),
            fix: None,
        }
    }

    /// A finding about a header.
    pub(super) fn on_header(&self, name: &str, message: String, advice: &str) -> Finding {
        Finding {
            trail: self.header_trail(name),
            ..self.finding(name, message, advice)
        }
    }

    /// A pass that stands on a header.
    pub(super) fn holds(&self, text: impl Into<String>, name: &str) -> Outcome {
        Outcome::Pass(vec![Evidence {
            text: text.into(),
            trail: self.header_trail(name),
        }])
    }

    /// A pass that stands on the answer as a whole.
    pub(super) fn passes(&self, text: impl Into<String>) -> Outcome {
        Outcome::Pass(vec![self.evidence(text)])
    }

    pub(super) fn evidence(&self, text: impl Into<String>) -> Evidence {
        Evidence {
            text: text.into(),
            trail: self.trail(""),
        }
    }
}

/// A text of the site, short enough for a line.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Whether Django, and no server before it, made an answer: its cookies, its tokens, its words.
pub(super) fn is_of_django(answer: &Answer) -> bool {
    let marks = answer.content.marks.iter();
    let is_marked = marks.into_iter().any(|mark| {
        matches!(
            mark,
            Mark::DjangoDebug(_) | Mark::DjangoPlain | Mark::CsrfRefused | Mark::AdminLogin
        )
    });
    let has_cookie = answer
        .values("set-cookie")
        .filter_map(Cookie::parse)
        .any(|cookie| cookie.name == "csrftoken");
    let has_token = answer.content.page.as_ref().is_some_and(|page| {
        let mut forms = page.forms.iter();
        forms.any(|form| form.has_csrf_token)
    });
    is_marked || has_cookie || has_token
}
