//! What nginx answers to one request: the server and location that take it, what is sent on, and
//! the headers that come back.

mod json;
mod terminal;

pub use json::{Document, render as render_json};
pub use terminal::render as render_terminal;

use tightship_model::Span;
use tightship_model::nginx::RunsIn;
use tightship_predict::nginx::{Answer, Body, Text, Upstream};

/// A server or location that had a say: its heading and place.
fn scopes(answer: &Answer<'_, '_>) -> Vec<(String, Span)> {
    let mut passed: Vec<_> = answer
        .scopes
        .iter()
        .filter_map(|scope| Some((scope.heading(), scope.block()?.name.span)))
        .collect();
    let server = answer.server.and_then(|server| {
        let block = server.directive()?;
        let names: Vec<_> = server
            .names()
            .iter()
            .filter_map(|name| Some(name.word?.text.as_str()))
            .collect();
        let heading = match names[..] {
            [] => "server without a name".to_owned(),
            _ => format!("server {}", names.join(" ")),
        };
        Some((heading, block.name.span))
    });
    if let Some(server) = server {
        passed.retain(|(_, span)| *span != server.1);
        passed.insert(0, server);
    }
    passed.dedup();
    passed
}

/// What the client gets, in a sentence.
fn body(body: &Body<'_>) -> String {
    match body {
        Body::File(path) => format!("the file {path}"),
        Body::Listing(path) => format!("a listing of the folder {path}"),
        Body::Upstream(upstream) => format!("what {} answers", target(upstream)),
        Body::Text(Text::Known(text)) => format!("the text {text:?}"),
        Body::Text(Text::NotKnown { reason, .. }) => format!("a text that is not known: {reason}"),
        Body::Page => "nginx's own page for the status".to_owned(),
        Body::Module(directive) => format!("what {} makes", directive.name.text),
        Body::Closed => "nothing: nginx closes the connection".to_owned(),
        Body::Refused => "nothing: no server listens there".to_owned(),
        Body::NotKnown => "not known".to_owned(),
    }
}

/// The server behind, as `proxy_pass` names it, and what that stands for.
fn target(upstream: &Upstream) -> String {
    let name = match &upstream.target {
        Text::Known(name) => name.clone(),
        Text::NotKnown { written, .. } if !written.is_empty() => written.clone(),
        Text::NotKnown { reason, .. } => format!("a server that is not known ({reason})"),
    };
    match &upstream.servers[..] {
        [] => name,
        servers => format!("{name} ({})", servers.join(", ")),
    }
}

fn runs_in(place: &RunsIn) -> String {
    match place {
        RunsIn::Service(name) => format!("service {name}"),
        RunsIn::Image(path) => format!("the image of {path}"),
        RunsIn::Host(reason) => format!("the machine itself ({reason})"),
        RunsIn::NotKnown(reason) => format!("a place that is not known ({reason})"),
    }
}

/// A text, or `not known: …`.
fn told(text: &Text) -> String {
    match text {
        Text::Known(text) => text.clone(),
        Text::NotKnown { written, reason } if written.is_empty() => format!("not known: {reason}"),
        Text::NotKnown { written, reason } => format!("{written}  (not known: {reason})"),
    }
}
