//! A predicted visit: the hops of an address through nginx, the server and Django, with the headers
//! that arrive and where each comes from.

pub(crate) mod json;
mod terminal;

pub use json::{Document, render as render_json};
pub use terminal::render as render_terminal;
pub(crate) use terminal::{doubts, headers};

use tightship_model::{Deployment, Span};
use tightship_predict::django::{OriginCheck, Outcome};
use tightship_predict::nginx::Text;
use tightship_predict::visit::{Asked, End, Hop};

/// One header as it arrives, with the place that sends it.
pub(crate) struct Arriving<'a> {
    name: &'a str,
    value: Result<&'a str, &'a str>,
    /// Who sends it: `nginx`, or the setting of Django.
    by: String,
    span: Option<Span>,
    /// How often a header of this name arrives.
    times: usize,
}

/// The headers of a hop, each with its place. Those that nginx itself always adds (`Server`, `Date`)
/// are left out where no directive sets them.
pub(crate) fn arriving<'h>(
    hop: &'h Hop<'_, '_>,
    headers: &'h [tightship_predict::nginx::Header],
) -> Vec<Arriving<'h>> {
    const OWN: [&str; 7] = [
        "server",
        "date",
        "content-type",
        "content-length",
        "connection",
        "last-modified",
        "etag",
    ];
    let times = |name: &str| {
        let same = headers
            .iter()
            .filter(|other| other.name.eq_ignore_ascii_case(name));
        same.count()
    };
    headers
        .iter()
        .filter(|header| {
            header.span.is_some() || !OWN.contains(&header.name.to_lowercase().as_str())
        })
        .map(|header| {
            let made = hop.django.as_ref().and_then(|asked| made_by(asked, header));
            let (by, span) = match (header.span, made) {
                (Some(span), _) => ("nginx".to_owned(), Some(span)),
                (None, Some(made)) => made,
                (None, None) => ("nginx itself".to_owned(), None),
            };
            Arriving {
                name: &header.name,
                value: match &header.value {
                    Text::Known(value) => Ok(value),
                    Text::NotKnown { reason, .. } => Err(reason),
                },
                by,
                span,
                times: times(&header.name),
            }
        })
        .collect()
}

/// What in Django makes a header: in words, and its place.
fn made_by(
    asked: &Asked<'_>,
    header: &tightship_predict::nginx::Header,
) -> Option<(String, Option<Span>)> {
    if let Outcome::Redirect { by, trail, .. } = &asked.answer.outcome
        && header.name.eq_ignore_ascii_case("Location")
    {
        return Some((format!("Django's {by}"), trail.first_span()));
    }
    let mut made = asked.answer.headers.iter();
    let made = made.find(|made| made.name.eq_ignore_ascii_case(&header.name))?;
    let text = made.trail.links().first().map(|link| link.text.clone());
    Some((
        format!("Django: {}", text.unwrap_or_else(|| "a setting".to_owned())),
        made.trail.first_span(),
    ))
}

/// What Django makes of the request, in a sentence.
fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Redirect {
            status,
            location,
            by,
            ..
        } => format!("{by} redirects ({status}) to {location}"),
        Outcome::HostRefused { host, .. } => {
            format!("refuses the host {host:?}: it is not in ALLOWED_HOSTS")
        }
        Outcome::View(route) => match (&route.view, route.path()) {
            (tightship_model::View::Callable(view), Some(path)) => {
                format!("the route {path:?} leads to {view}")
            }
            (tightship_model::View::Admin, Some(path)) => {
                format!("the admin answers below {path:?}")
            }
            (tightship_model::View::Package(module), _) => format!("{module} answers"),
            _ => "a view answers".to_owned(),
        },
        Outcome::NotFound => "no route matches".to_owned(),
        Outcome::Preflight => "django-cors-headers answers the preflight request".to_owned(),
        Outcome::Unknown(unknown) => format!("not known: {}", unknown.reason),
    }
}

/// The place of an outcome.
fn outcome_span(outcome: &Outcome) -> Option<Span> {
    match outcome {
        Outcome::Redirect { trail, .. } | Outcome::HostRefused { trail, .. } => trail.first_span(),
        Outcome::View(route) => Some(route.span),
        Outcome::Unknown(unknown) => unknown.span,
        Outcome::NotFound | Outcome::Preflight => None,
    }
}

/// Whether forms of the page pass, in a sentence.
fn form(asked: &Asked<'_>) -> String {
    match &asked.form {
        Ok(OriginCheck::Passes) => "a form of this page passes the check of its origin".to_owned(),
        Ok(OriginCheck::Refused {
            origin, expected, ..
        }) => {
            let expected = expected.as_deref().unwrap_or("a host that it allows");
            format!(
                "every form of this page fails with 403: its origin is {origin}, and Django \
                 expects {expected} or an entry of CSRF_TRUSTED_ORIGINS"
            )
        }
        Err(unknown) => format!(
            "whether a form of this page passes is not known: {}",
            unknown.reason
        ),
    }
}

fn end(end: &End) -> Option<String> {
    match end {
        End::Answered => None,
        End::Loop(url) => Some(format!("and so on for ever: it leads back to {url}")),
        End::Leaves(url) => Some(format!("leaves the deployment for {url}")),
        End::NotKnown(reason) => Some(reason.clone()),
    }
}

/// `path:line:column` below the project's root.
fn place(deployment: &Deployment, span: Span) -> String {
    deployment.sources.place(span)
}
