//! The score of the Observatory against MDN's own package, answer by answer.
//!
//! The package that can be had is 1.4.8 with scoring algorithm 4; tightship follows algorithm 6. They
//! share ten tests, which are compared here; the tests of Cross-Origin-Embedder-Policy and
//! Cross-Origin-Opener-Policy came later and stand alone.

use std::path::Path;

use serde_json::{Map, Value, json};
use tightship_checks::http::observatory::score;
use tightship_observe::site::http::transcript;
use tightship_testbed::ask_node;

const ORIGIN: &str = "https://forged.invalid";

/// The tests that both know, by the names that both give them.
const TESTS: [&str; 10] = [
    "content-security-policy",
    "cookies",
    "cross-origin-resource-sharing",
    "redirection",
    "referrer-policy",
    "strict-transport-security",
    "subresource-integrity",
    "x-content-type-options",
    "x-frame-options",
    "cross-origin-resource-policy",
];

/// One recorded look: what differs from a plain page over HTTPS with a redirect to it.
#[derive(Clone)]
struct Case {
    headers: String,
    body: String,
    route: Vec<&'static str>,
    cors: String,
    verified: bool,
}

const ROUTE: [&str; 2] = ["http://shop.example/", "https://shop.example/"];

fn case() -> Case {
    Case {
        headers: String::new(),
        body: "<title>x</title>".to_owned(),
        route: ROUTE.to_vec(),
        cors: String::new(),
        verified: true,
    }
}

const POLICIES: [&str; 44] = [
    "default-src 'none'",
    "default-src 'self'",
    "default-src 'NONE'; Script-Src 'self'",
    "default-src 'self' 'unsafe-inline'",
    "default-src *",
    "default-src https:",
    "script-src 'self'",
    "script-src 'self'; object-src 'none'",
    "script-src 'unsafe-inline'; object-src 'none'",
    "script-src 'unsafe-inline' 'nonce-abc'; object-src 'none'",
    "script-src 'unsafe-inline' 'sha256-abc'; object-src 'none'; style-src 'unsafe-inline'",
    "script-src 'strict-dynamic' 'nonce-abc' https: 'unsafe-inline'; object-src 'none'",
    "script-src 'strict-dynamic'; object-src 'none'",
    "script-src 'strict-dynamic' 'nonce-abc' http://cdn.example 'self'; object-src 'none'",
    "default-src 'self'; script-src 'self' 'unsafe-eval'",
    "default-src 'self'; style-src 'self' 'unsafe-inline'",
    "default-src 'self'; style-src 'self' 'unsafe-inline' 'nonce-abc'",
    "default-src 'self'; style-src data:",
    "default-src 'self'; style-src 'unsafe-eval'",
    "default-src 'self'; img-src http:",
    "default-src 'self'; img-src http://img.example",
    "default-src 'self'; media-src ftp://a.example",
    "default-src 'self'; connect-src http://api.example",
    "default-src 'self'; script-src http://cdn.example",
    "default-src 'self' http://cdn.example",
    "default-src 'none'; script-src data:",
    "default-src 'none'; object-src *",
    "default-src 'none'; object-src data:",
    "default-src 'none'; frame-ancestors 'none'",
    "frame-ancestors 'none'",
    "frame-ancestors *",
    "upgrade-insecure-requests",
    "default-src 'self'; default-src 'none'",
    "default-src 'self'; report-uri /a; report-uri /b",
    "default-src 'none'; report-to a; report-to b; style-src 'unsafe-inline'",
    "default-src",
    "img-sr",
    "a",
    ";",
    "default-src 'self';;; ;",
    "default-src 'self' https://a.example https://a.example/b",
    "default-src https://*",
    "default-src 'none'; script-src https://*.*",
    "nonsense 'self'",
];

const OTHERS: [&str; 46] = [
    "Strict-Transport-Security: max-age=31536000",
    "Strict-Transport-Security: max-age=15552000; includeSubDomains; preload",
    "Strict-Transport-Security: max-age=15551999",
    "Strict-Transport-Security: max-age=0",
    "Strict-Transport-Security: includeSubDomains",
    "Strict-Transport-Security: max-age=abc",
    "Strict-Transport-Security: max-age=60 seconds",
    "Strict-Transport-Security: max-age=1; max-age=31536000",
    "Strict-Transport-Security: max-age=31536000, max-age=31536000",
    "Strict-Transport-Security: max-age=31536000\nStrict-Transport-Security: max-age=60",
    "Strict-Transport-Security: max-age=\"31536000\"",
    "X-Content-Type-Options: NoSniff",
    "X-Content-Type-Options: sniff",
    "X-Content-Type-Options: nosniff\nX-Content-Type-Options: nosniff",
    "X-Frame-Options: DENY",
    "X-Frame-Options: sameorigin ",
    "X-Frame-Options: ALLOW-FROM https://a.example",
    "X-Frame-Options: ALLOWALL",
    "X-Frame-Options: DENY\nX-Frame-Options: DENY",
    "X-Frame-Options: DENY\nContent-Security-Policy: frame-ancestors 'self'",
    "Referrer-Policy: no-referrer",
    "Referrer-Policy: unsafe-url",
    "Referrer-Policy: origin, strict-origin",
    "Referrer-Policy: Same-Origin, nonsense",
    "Referrer-Policy: nonsense",
    "Referrer-Policy: same-origin\nReferrer-Policy: origin-when-cross-origin",
    "Cross-Origin-Resource-Policy: same-origin",
    "Cross-Origin-Resource-Policy: SAME-SITE",
    "Cross-Origin-Resource-Policy: cross-origin",
    "Cross-Origin-Resource-Policy: nonsense",
    "Content-Security-Policy-Report-Only: default-src 'self'",
    "Content-Security-Policy: default-src 'self'\nContent-Security-Policy: script-src 'none'",
    "Set-Cookie: a=b",
    "Set-Cookie: a=b; Secure",
    "Set-Cookie: a=b; Secure; SameSite=Lax",
    "Set-Cookie: a=b; Secure; SameSite=Whatever",
    "Set-Cookie: a=b; SameSite=None",
    "Set-Cookie: sessionid=b; Secure; HttpOnly; SameSite=Strict",
    "Set-Cookie: sessionid=b; Secure",
    "Set-Cookie: sessionid=b; HttpOnly",
    "Set-Cookie: csrftoken=b; Secure",
    "Set-Cookie: csrftoken=b; Secure; SameSite=Lax\nSet-Cookie: sessionid=c; Secure; HttpOnly; SameSite=Lax",
    "Set-Cookie: sessionid=b\nStrict-Transport-Security: max-age=31536000",
    "Set-Cookie: other=b\nStrict-Transport-Security: max-age=31536000",
    "Set-Cookie: last_login=b; Secure",
    "Set-Cookie: heroku-session-affinity=b",
];

const BODIES: [&str; 18] = [
    "<script>1</script>",
    "<script src=/a.js></script>",
    "<script src=a.js integrity=sha384-x></script>",
    "<script src=https://shop.example/a.js></script>",
    "<script src=https://static.shop.example/a.js></script>",
    "<script src=https://cdn.example.net/a.js></script>",
    "<script src=https://cdn.example.net/a.js integrity=sha384-x></script>",
    "<script src=http://cdn.example.net/a.js></script>",
    "<script src=http://cdn.example.net/a.js integrity=sha384-x></script>",
    "<script src=//cdn.example.net/a.js></script>",
    "<script src=//cdn.example.net/a.js integrity=sha384-x></script>",
    "<script src=http://shop.example/a.js></script>",
    "<script src=https://a.example.net/a.js></script><script src=http://b.example.net/b.js integrity=x></script>",
    "<script src=/a.js integrity=x></script><script src=https://b.example.net/b.js></script>",
    "<meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">",
    "<meta http-equiv=content-security-policy content=\"frame-ancestors 'none'\">",
    "<meta name=referrer content=no-referrer><meta name=Referrer content=unsafe-url>",
    "<!-- <script src=http://cdn.example.net/a.js></script> -->",
];

fn cases() -> Vec<Case> {
    let mut cases = vec![case()];
    let with = |headers: String| Case { headers, ..case() };
    cases.extend(POLICIES.map(|policy| with(format!("Content-Security-Policy: {policy}"))));
    cases.extend(OTHERS.map(|headers| with(headers.to_owned())));
    cases.extend(BODIES.map(|body| Case {
        body: body.to_owned(),
        ..case()
    }));
    cases.push(with("Content-Type: application/json".to_owned()));
    for route in [
        &[][..],
        &["http://shop.example/"],
        &["http://shop.example/", "http://shop.example/en/"],
        &[
            "http://shop.example/",
            "http://shop.example/en/",
            "https://shop.example/en/",
        ],
        &[
            "http://shop.example/",
            "https://shop.example/",
            "https://shop.example/en/",
        ],
    ] {
        cases.push(Case {
            route: route.to_vec(),
            ..case()
        });
    }
    for cors in [
        "Access-Control-Allow-Origin: *",
        "Access-Control-Allow-Origin: https://forged.invalid",
        "Access-Control-Allow-Origin: https://forged.invalid\nAccess-Control-Allow-Credentials: TRUE",
        "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true",
    ] {
        cases.push(Case {
            cors: cors.to_owned(),
            ..case()
        });
    }
    cases.push(Case {
        verified: false,
        headers: "Strict-Transport-Security: max-age=31536000".to_owned(),
        ..case()
    });
    cases
}

impl Case {
    fn headers(&self) -> String {
        match self.headers.contains("Content-Type:") {
            true => self.headers.clone(),
            false => format!("Content-Type: text/html\n{}", self.headers)
                .trim()
                .to_owned(),
        }
    }

    /// As a capture of ours.
    fn transcript(&self) -> String {
        let trust = match self.verified {
            true => "",
            false => " not verified: made by nobody",
        };
        let mut text = format!(
            "# page{trust}\nGET https://shop.example/\n\nHTTP/1.1 200 OK\n{}\n\n{}\n\n",
            self.headers(),
            self.body
        );
        for (place, url) in self.route.iter().enumerate() {
            let answer = match self.route.get(place + 1) {
                Some(next) => format!("HTTP/1.1 301 Moved Permanently\nLocation: {next}"),
                None => "HTTP/1.1 200 OK".to_owned(),
            };
            text.push_str(&format!("# plain{trust}\nGET {url}\n\n{answer}\n\n"));
        }
        let cors = self.cors.as_str();
        text + &format!(
            "# options\nOPTIONS https://shop.example/\nOrigin: {ORIGIN}\n\nHTTP/1.1 200 OK\n{cors}\n"
        )
    }

    /// As the package reads it: the fields of a name joined, as Node joins them.
    fn recorded(&self) -> Value {
        json!({
            "url": "https://shop.example/",
            "headers": joined(&self.headers()),
            "body": self.body,
            "route": self.route,
            "cors": joined(&self.cors),
            "origin": ORIGIN,
            "verified": self.verified,
        })
    }
}

fn joined(lines: &str) -> Map<String, Value> {
    let mut headers = Map::new();
    for line in lines.lines() {
        let (name, value) = line.split_once(':').expect("a field");
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        if name == "set-cookie" {
            let list = headers.entry(name).or_insert_with(|| json!([]));
            list.as_array_mut().expect("a list").push(json!(value));
        } else {
            let all = match headers.get(&name) {
                Some(before) => format!("{}, {value}", before.as_str().expect("a text")),
                None => value.to_owned(),
            };
            headers.insert(name, json!(all));
        }
    }
    headers
}

#[test]
fn every_shared_test_gives_the_same_result() {
    let cases = cases();
    assert!(cases.len() >= 60);
    let theirs = theirs(&cases);
    let mut differences = Vec::new();
    for (case, theirs) in cases.iter().zip(&theirs) {
        let site = transcript::read(&case.transcript()).expect("a transcript");
        let ours = score(&site).expect("a score");
        for name in TESTS {
            let our = ours.tests.iter().find(|test| test.name == name);
            let our = our.expect("the test").result;
            if theirs[name] != our {
                differences.push(format!(
                    "{name}: {our}, the package {}\n{}",
                    theirs[name],
                    case.transcript()
                ));
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} results differ:\n{}",
        differences.len(),
        cases.len() * TESTS.len(),
        differences.join("\n")
    );
}

fn theirs(cases: &[Case]) -> Vec<Value> {
    let recorded: Vec<Value> = cases.iter().map(Case::recorded).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/observatory");
    let results = ask_node(&folder, json!(recorded).to_string());
    serde_json::from_slice(&results).expect("results")
}
