//! Whatever a server answers, every check ends with a verdict and none panics.

use proptest::collection::vec;
use proptest::prelude::*;
use tightship_model::{Deployment, Outcome};
use tightship_observe::site::http::transcript::received;

/// Judges a deployment of which nothing is known but this answer.
fn judge(bytes: &[u8]) -> bool {
    let Some(site) = received(bytes) else {
        return false;
    };
    let deployment = Deployment {
        site: Some(site),
        ..Deployment::default()
    };
    let verdicts = tightship_checks::judge(&deployment, |check| check.area() == "http");
    assert!(verdicts.len() > 30);
    true
}

/// The fields that checks read, with values that are near to what they look for.
fn field() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "Content-Security-Policy",
        "Content-Type",
        "Location",
        "Permissions-Policy",
        "Referrer-Policy",
        "Server",
        "Set-Cookie",
        "Strict-Transport-Security",
        "Vary",
        "X-Frame-Options",
    ];
    let words = [
        "a",
        "=",
        ";",
        ",",
        " ",
        "\"",
        "'",
        "'self'",
        "'nonce-a'",
        "'sha256-",
        "script-src",
        "https:",
        "*",
        "//",
        "[::1",
        "max-age",
        "99999999999999999999",
        "includeSubDomains",
        "Domain",
        "Secure",
        "text/html",
        "é",
        "\u{9b}2J",
        "\u{202e}",
    ];
    let value = vec(prop::sample::select(words.to_vec()), 0..12);
    (prop::sample::select(names.to_vec()), value).prop_map(|(name, value)| {
        let value = value.concat();
        format!("{name}: {value}\r\n").into_bytes()
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let parts = [
        "<",
        ">",
        "</",
        "<!--",
        "<script src=",
        "<base href=",
        "<form action=",
        "<meta http-equiv=",
        "Content-Security-Policy",
        " content=",
        "'",
        "\"",
        "&",
        "&#x",
        "script-src",
        "http://",
        "//",
        "javascript:",
        "é",
        "\0",
        "\n",
        "Traceback (most recent call last)",
        "Index of /",
    ];
    let known = vec(prop::sample::select(parts.to_vec()), 0..40);
    prop_oneof![
        known.prop_map(|parts| parts.concat().into_bytes()),
        vec(any::<u8>(), 0..400),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_fields_and_any_page_are_judged(fields in vec(field(), 0..8), body in body()) {
        let mut bytes = b"HTTP/1.1 200 OK\r\n".to_vec();
        bytes.extend(fields.concat());
        bytes.extend(b"\r\n");
        bytes.extend(body);
        prop_assert!(judge(&bytes));
    }

    #[test]
    fn any_bytes_are_judged_or_refused(bytes in vec(any::<u8>(), 0..400)) {
        let mut answer = b"HTTP/1.1 200 OK\r\n".to_vec();
        answer.extend(&bytes);
        judge(&answer);
        judge(&bytes);
    }
}

/// What a policy of megabytes costs is bounded, and so is what is said of it.
#[test]
fn a_policy_without_end_is_judged() {
    let sources: String = (0..60_000)
        .map(|n| format!("https://a{n}.cdn.jsdelivr.net "))
        .collect();
    let unknown: String = (0..60_000).map(|n| format!("x{n} self;")).collect();
    let long = "s".repeat(900_000);
    let many = "script-src *,".repeat(60_000);
    for policy in [format!("script-src {sources}"), unknown, long, many] {
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n\
             <meta http-equiv=Content-Security-Policy content=\"{policy}\">"
        );
        let deployment = Deployment {
            site: received(answer.as_bytes()),
            ..Deployment::default()
        };
        for verdict in
            tightship_checks::judge(&deployment, |check| check.id.starts_with("http/csp"))
        {
            if let Outcome::Fail(findings) = &verdict.outcome {
                assert!(findings.len() <= 100, "{} findings", findings.len());
                assert!(findings.iter().all(|one| one.message.len() < 1000));
            }
        }
    }
}
