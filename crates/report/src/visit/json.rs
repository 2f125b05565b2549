//! The machine contract `tightship.response/1`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use tightship_model::{Deployment, Span};
use tightship_predict::visit::{End, Hop, Visit};

use super::{arriving, form, outcome, outcome_span, place};
use crate::clean;

/// A predicted visit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// Always `tightship.response/1`.
    schema: &'static str,
    hops: Vec<HopDocument>,
    end: EndDocument,
}

/// One request and its answer.
#[derive(Debug, Serialize, JsonSchema)]
struct HopDocument {
    url: String,
    /// `null` where it is not known.
    status: Option<u16>,
    /// What led to the answer in nginx, in order.
    nginx: Vec<Step>,
    /// `null` where Django is not asked.
    django: Option<Django>,
    headers: Vec<Header>,
    /// What was not known and could make the answer another one.
    doubts: Vec<Step>,
}

/// Something that is so, and where.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Step {
    text: String,
    /// `path:line:column`
    place: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Django {
    /// What `request.scheme` is; `null` where it is not known.
    scheme: Option<&'static str>,
    /// What `request.get_host()` gives; `null` where it is refused or not known.
    host: Option<String>,
    outcome: Step,
    /// Whether a form of the page passes the check of its origin.
    form: String,
    /// Middleware that is not modelled.
    not_modelled: Vec<String>,
}

/// A header that arrives, and what sends it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Header {
    name: String,
    /// `null` where it is not known; then `reason` says why.
    value: Option<String>,
    reason: Option<String>,
    by: String,
    place: Option<String>,
}

/// How a visit ends.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "detail")]
enum EndDocument {
    Answered,
    Loop(String),
    Leaves(String),
    NotKnown(String),
}

/// Writes the visit as JSON.
pub fn render(
    deployment: &Deployment,
    visit: &Visit<'_, '_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document {
        schema: "tightship.response/1",
        hops: visit
            .hops
            .iter()
            .map(|hop| hop_of(deployment, hop))
            .collect(),
        end: match &visit.end {
            End::Answered => EndDocument::Answered,
            End::Loop(url) => EndDocument::Loop(url.clone()),
            End::Leaves(url) => EndDocument::Leaves(url.clone()),
            End::NotKnown(reason) => EndDocument::NotKnown(reason.clone()),
        },
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn hop_of(deployment: &Deployment, hop: &Hop<'_, '_>) -> HopDocument {
    let step = |text: &str, span| step(deployment, text, span);
    let nginx = hop.nginx.as_ref();
    HopDocument {
        url: clean(&hop.url).into_owned(),
        status: hop.status(),
        nginx: nginx
            .map(|answer| &answer.steps[..])
            .unwrap_or_default()
            .iter()
            .map(|made| step(&made.text, made.span))
            .collect(),
        django: hop.django.as_ref().map(|asked| Django {
            scheme: asked
                .answer
                .scheme
                .as_ref()
                .ok()
                .map(|scheme| scheme.name()),
            host: asked.answer.host.clone().ok().flatten(),
            outcome: step(
                &outcome(&asked.answer.outcome),
                outcome_span(&asked.answer.outcome),
            ),
            form: form(asked),
            not_modelled: asked.answer.not_modelled.clone(),
        }),
        headers: headers(deployment, hop),
        doubts: nginx
            .map(|answer| &answer.doubts[..])
            .unwrap_or_default()
            .iter()
            .map(|doubt| step(&doubt.reason, doubt.span))
            .collect(),
    }
}

/// What is so, in one line, and its place.
pub(crate) fn step(deployment: &Deployment, text: &str, span: Option<Span>) -> Step {
    Step {
        text: clean(text).into_owned(),
        place: span.map(|span| place(deployment, span)),
    }
}

/// The headers that arrive.
pub(crate) fn headers(deployment: &Deployment, hop: &Hop<'_, '_>) -> Vec<Header> {
    arriving(hop, &hop.headers())
        .into_iter()
        .map(|header| Header {
            name: header.name.to_owned(),
            value: header.value.ok().map(str::to_owned),
            reason: header.value.err().map(str::to_owned),
            by: header.by,
            place: header.span.map(|span| place(deployment, span)),
        })
        .collect()
}
