//! The machine contract `tightship.nginx/1`.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use tightship_model::Deployment;
use tightship_predict::nginx::{Answer, Body, Text, Upstream};
use tightship_predict::visit::Hop;
use tightship_predict::ways::Edge;

use super::{body, runs_in, scopes};
use crate::json::write;
use crate::visit::json::{Header, Step, headers, step};

/// What nginx answers to one request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// Always `tightship.nginx/1`.
    schema: &'static str,
    url: String,
    /// The file that nginx opens first.
    file: String,
    /// Where this nginx runs.
    runs_in: String,
    /// `null` where it is not known.
    status: Option<u16>,
    /// The server that takes the request, then the locations, the one that answers last.
    scopes: Vec<Step>,
    /// What led to the answer, in order.
    steps: Vec<Step>,
    /// What the client gets.
    body: String,
    /// The request that is sent on; `null` where nginx answers itself.
    upstream: Option<Sent>,
    /// Those that the client gets, what the server behind sends included as far as it is predicted.
    headers: Vec<Header>,
    /// What was not known and could make the answer another one.
    doubts: Vec<Step>,
}

/// A request to the server behind.
#[derive(Debug, Serialize, JsonSchema)]
struct Sent {
    /// As `proxy_pass` or its like names it; `null` where it is not known.
    target: Option<String>,
    /// The addresses of the `upstream` block, where it names one.
    servers: Vec<String>,
    method: String,
    /// Path and query; `null` where they are not known.
    uri: Option<String>,
    /// Header fields; for FastCGI, uwsgi and SCGI the parameters.
    headers: Vec<SentHeader>,
    /// `path:line:column`
    place: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SentHeader {
    name: String,
    /// `null` where it is not known; then `reason` says why.
    value: Option<String>,
    reason: Option<String>,
    /// Whether it is surely sent.
    certain: bool,
    /// `path:line:column`; `null` for one of nginx's own.
    place: Option<String>,
}

/// Writes the answer as JSON.
pub fn render(
    deployment: &Deployment,
    edge: &Edge<'_>,
    hop: &Hop<'_, '_>,
    answer: &Answer<'_, '_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document {
        schema: "tightship.nginx/1",
        url: hop.url.clone(),
        file: deployment.sources[edge.configuration.file].path.clone(),
        runs_in: runs_in(&edge.configuration.runs_in),
        status: answer.status,
        scopes: scopes(answer)
            .into_iter()
            .map(|(heading, span)| step(deployment, &heading, Some(span)))
            .collect(),
        steps: answer
            .steps
            .iter()
            .map(|made| step(deployment, &made.text, made.span))
            .collect(),
        body: body(&answer.body),
        upstream: match &answer.body {
            Body::Upstream(upstream) => Some(sent(deployment, upstream)),
            _ => None,
        },
        headers: headers(deployment, hop),
        doubts: answer
            .doubts
            .iter()
            .map(|doubt| step(deployment, &doubt.reason, doubt.span))
            .collect(),
    };
    write(&document, out)
}

fn sent(deployment: &Deployment, upstream: &Upstream) -> Sent {
    let known = |text: &Text| text.known().map(str::to_owned);
    Sent {
        target: known(&upstream.target),
        servers: upstream.servers.clone(),
        method: upstream.method.clone(),
        uri: known(&upstream.uri),
        headers: upstream
            .headers
            .iter()
            .map(|header| SentHeader {
                name: header.name.clone(),
                value: known(&header.value),
                reason: match &header.value {
                    Text::Known(_) => None,
                    Text::NotKnown { reason, .. } => Some(reason.clone()),
                },
                certain: header.is_certain,
                place: header.span.map(|span| deployment.sources.place(span)),
            })
            .collect(),
        place: deployment.sources.place(upstream.span),
    }
}
