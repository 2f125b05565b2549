//! The demos run for real: the nginx and the gunicorn of each, on loopback, with its paths and ports
//! mapped. What is predicted of their files is what they answer.

mod running;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tightship_predict::nginx::Body;
use tightship_predict::visit::visit;
use tightship_predict::ways::edges;
use tightship_read::Options;
use tightship_testbed::python;

use running::Running;

/// The headers that are compared.
const HEADERS: [&str; 10] = [
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
    "referrer-policy",
    "cross-origin-opener-policy",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "location",
];

#[test]
fn hardened_answers_as_predicted() {
    let running = Running::hardened();
    compare(
        "hardened",
        &running,
        &[
            "http://harbourgoods.example/orders/?page=2",
            "http://media.harbourgoods.example/",
            "http://harbourgoods.example/.well-known/acme-challenge/missing",
            "http://evil.example/",
            "https://harbourgoods.example/nothing/",
            "https://harbourgoods.example/orders",
            "https://www.harbourgoods.example/payments/webhook",
            "https://harbourgoods.example/control/",
            "https://harbourgoods.example/healthz",
        ],
    );
}

#[test]
fn careless_answers_as_predicted() {
    let running = Running::careless();
    compare(
        "careless",
        &running,
        &[
            "http://harbourgoods.example/nothing/",
            "https://harbourgoods.example/nothing/",
            "https://shop.harbourgoods.example/api/nothing/",
            "https://evil.example/nothing/",
            "https://harbourgoods.example/static",
            "https://harbourgoods.example/media/missing.png",
        ],
    );
}

fn compare(name: &str, running: &Running, urls: &[&str]) {
    let folder = tightship_testbed::repository().join("demo").join(name);
    let deployment = tightship_read::read(&folder, &Options::default()).expect("the demo");
    let edges = edges(&deployment);
    let real = ask(running, urls);
    let mut differences = Vec::new();
    for (url, real) in urls.iter().zip(real) {
        let visit = visit(&deployment, &edges, url).expect("an address");
        let hop = &visit.hops[0];
        let predicted: BTreeMap<String, Vec<String>> =
            headers(hop.headers().iter().map(|header| {
                let value = header.value.known().unwrap_or(NOT_KNOWN);
                (header.name.clone(), value.to_owned())
            }));
        let is_closed = hop
            .nginx
            .as_ref()
            .is_some_and(|answer| answer.body == Body::Closed);
        let told = real.as_ref().map(|(status, _)| *status);
        let sent = real
            .map(|(_, sent)| headers(sent.into_iter()))
            .unwrap_or_default();
        let is_same = match told {
            None => is_closed,
            Some(_) => hop.status() == told && agree(&predicted, &sent),
        };
        if !is_same {
            differences.push(format!(
                "{url}\n  predicted {:?} {predicted:?}\n  answered  {told:?} {sent:?}",
                hop.status()
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A status and the headers.
type Answer = (u16, Vec<(String, String)>);

/// The answers to absolute addresses; `None` where the connection ends without one.
fn ask(running: &Running, urls: &[&str]) -> Vec<Option<Answer>> {
    let questions: Vec<Value> = urls
        .iter()
        .map(|url| {
            let (scheme, rest) = url.split_once("://").expect("a scheme");
            let (host, path) = rest.split_at(rest.find('/').expect("a path"));
            let port = match scheme {
                "https" => running.https,
                _ => running.http,
            };
            json!([scheme, port, host, path])
        })
        .collect();
    let mut child = Command::new(python("django52"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/demos/ask.py"))
        .arg(running.authority())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(json!(questions).to_string().as_bytes())
        .expect("the questions");
    drop(stdin);
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "ask.py failed");
    serde_json::from_slice(&output.stdout).expect("answers")
}

/// Whether the headers are the same; how django-csp puts its policy together is not predicted.
fn agree(predicted: &BTreeMap<String, Vec<String>>, sent: &BTreeMap<String, Vec<String>>) -> bool {
    predicted.len() == sent.len()
        && predicted.iter().zip(sent).all(|(predicted, sent)| {
            let is_policy = predicted.1 == &[NOT_KNOWN] && predicted.0 == "content-security-policy";
            predicted.0 == sent.0 && (is_policy || predicted.1 == sent.1)
        })
}

const NOT_KNOWN: &str = "not known";

/// Those that are compared, by name in lower case, with all values in their order.
fn headers(all: impl Iterator<Item = (String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in all {
        let name = name.to_lowercase();
        if HEADERS.contains(&name.as_str()) {
            found.entry(name).or_default().push(value);
        }
    }
    found
}
