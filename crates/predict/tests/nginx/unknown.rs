//! What is told to be not known, and what a hostile configuration costs.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tightship_model::nginx::Configuration;
use tightship_predict::nginx::{Answer, Body, Entry, Http, Request, Response, Text, World};

use crate::{generate, read, upstream};

/// Asks the one configuration of `text` and looks at the answer.
fn asked(text: &str, url: &str, look: impl FnOnce(&Answer<'_, '_>)) {
    let deployment = read(text);
    ask(&deployment.nginx.configurations[0], url, look);
}

fn ask(configuration: &Configuration, url: &str, look: impl FnOnce(&Answer<'_, '_>)) {
    let http = Http::new(configuration).expect("an http block");
    let request = Request::get(url).expect("a URL");
    look(&http.answer(&request, World::UNKNOWN));
}

fn reasons(answer: &Answer<'_, '_>) -> String {
    let reasons: Vec<_> = answer
        .doubts
        .iter()
        .map(|doubt| doubt.reason.as_str())
        .collect();
    reasons.join("; ")
}

#[test]
fn scripts_are_not_guessed() {
    for (inside, reason) in [
        ("rewrite_by_lua_block { ngx.exit(403) } return 200;", ""),
        (
            "rewrite_by_lua_block { ngx.exit(403) }",
            "what rewrite_by_lua_block does",
        ),
        ("access_by_lua_file x.lua;", "what access_by_lua_file does"),
        (
            "content_by_lua_block { ngx.say('x') }",
            "what content_by_lua_block answers",
        ),
        ("js_content main.hello;", "what js_content answers"),
        ("auth_request /check;", "what auth_request /check answers"),
        (
            "set_by_lua_block $a { return 1 } return 200 $a;",
            "what set_by_lua_block gives",
        ),
        (
            "if ($http_x ~ \\Qa) { return 403; }",
            "what the expression \\Qa finds",
        ),
    ] {
        let text = format!("http {{ server {{ location / {{ {inside} }} }} }}");
        asked(&text, "http://shop.example/", |answer| {
            let is_known = answer.body != Body::NotKnown;
            assert_eq!(
                (is_known, reasons(answer).as_str()),
                (reason.is_empty(), reason),
                "{inside}"
            );
            assert_eq!(answer.status.is_some(), is_known);
        });
    }
}

#[test]
fn conditions_of_the_client_leave_the_status_open() {
    let deployment = read("http { server { return 200 x; } }");
    let http = Http::new(&deployment.nginx.configurations[0]).expect("an http block");
    let mut request = Request::get("http://shop.example/").expect("a URL");
    request
        .headers
        .push(("Range".to_owned(), "bytes=0-1".to_owned()));
    let answer = http.answer(&request, World::UNKNOWN);
    assert_eq!(answer.status, None);
    assert!(reasons(&answer).contains("Range"));
}

#[test]
fn headers_may_be_open_where_the_answer_is_not() {
    let text = "http { server { location / { add_header X-Id $request_id; more_set_headers 'A: b';
        add_header X-Known yes; return 200 x; } } }";
    asked(text, "http://shop.example/", |answer| {
        assert_eq!(answer.status, Some(200));
        let id = answer.header("x-id").next().expect("the header");
        assert!(!id.is_certain);
        assert!(matches!(&id.value, Text::NotKnown { written, .. } if written == "$request_id"));
        let known = answer.header("x-known").next().expect("the header");
        assert_eq!(known.value.known(), Some("yes"));
        assert_eq!(reasons(answer), "what more_set_headers does to the headers");
    });
}

#[test]
fn files_and_servers_behind_are_facts_to_be_given() {
    let text = "http { server { root /srv; add_header A 1; add_header B 2 always;
        location /app { proxy_pass http://web:8000; } location /try { try_files $uri @x; } } }";
    asked(text, "http://shop.example/a.css", |answer| {
        assert_eq!(answer.body, Body::File("/srv/a.css".to_owned()));
        assert_eq!(answer.status, None);
        assert!(reasons(answer).starts_with("whether /srv/a.css exists"));
    });
    asked(text, "http://shop.example/try", |answer| {
        assert_eq!(answer.body, Body::NotKnown);
        assert_eq!(reasons(answer), "whether /srv/try exists");
    });
    asked(text, "http://shop.example/app/x?y", |answer| {
        let Body::Upstream(upstream) = &answer.body else {
            panic!("an upstream");
        };
        assert_eq!(upstream.target.known(), Some("web:8000"));
        assert_eq!(upstream.uri.known(), Some("/app/x?y"));
        assert_eq!(
            upstream.header("host").and_then(Text::known),
            Some("web:8000")
        );
        let certain: Vec<_> = ["a", "b"]
            .map(|name| answer.header(name).next().expect("the header").is_certain)
            .into();
        assert_eq!(certain, [false, true]);
    });
}

#[test]
fn a_template_and_a_missing_include_leave_doubts() {
    let mut deployment = read(
        "http { server { listen 80; server_name DOMAIN; return 301 https://$host/; }
        server { listen 80; include other.conf; return 404; } }",
    );
    let configuration = Arc::make_mut(&mut deployment.nginx.configurations[0]);
    let http = configuration
        .directives
        .iter_mut()
        .find(|one| one.is("http"))
        .expect("http");
    let server = &mut http.block.as_mut().expect("a block").directives[0];
    let names = &mut server.block.as_mut().expect("a block").directives[1];
    names.arguments[0].is_known = false;
    ask(configuration, "http://shop.example/", |answer| {
        assert_eq!(answer.body, Body::NotKnown);
        assert_eq!(reasons(answer), "which server's name fits the host");
    });
    let text = "http { server { include other.conf; return 404; } }";
    asked(text, "http://shop.example/", |answer| {
        assert_eq!(answer.status, Some(404));
        assert!(
            reasons(answer).contains("other.conf"),
            "{}",
            reasons(answer)
        );
    });
}

#[test]
fn sockets_of_both_families() {
    let text = "http { server { listen 80; server_name a; return 200 four; }
        server { listen [::]:80; return 200 six; }
        server { listen [::]:81 ipv6only=off; return 200 both; }
        server { listen 10.0.0.1:82; return 200 own; }
        server { listen 443 quic; listen 443 ssl; return 200 tls; } }";
    let deployment = read(text);
    let http = Http::new(&deployment.nginx.configurations[0]).expect("an http block");
    let body = |address: &str, port| {
        let mut request = Request::get("http://shop.example/").expect("a URL");
        request.address = Some(address.parse::<IpAddr>().expect("an address"));
        request.port = port;
        request.tls = port == 443;
        http.answer(&request, World::UNKNOWN).body
    };
    let text = |text: &str| Body::Text(Text::Known(text.to_owned()));
    assert_eq!(body("127.0.0.1", 80), text("four"));
    assert_eq!(body("::1", 80), text("six"));
    assert_eq!(body("127.0.0.1", 81), text("both"));
    assert_eq!(body("10.0.0.1", 82), text("own"));
    assert_eq!(body("10.0.0.2", 82), Body::Refused);
    assert_eq!(body("127.0.0.1", 443), text("tls"));
    assert_eq!(http.sockets().len(), 5);
}

#[test]
fn what_the_server_behind_may_not_say_is_given_by_the_caller() {
    let deployment = read("http { server { location / { proxy_pass http://web; } } }");
    let http = Http::new(&deployment.nginx.configurations[0]).expect("an http block");
    let request = Request::get("http://shop.example/").expect("a URL");
    let world = World {
        entry: &|_| Some(Entry::Missing),
        respond: &|upstream| {
            assert_eq!(
                upstream.header("connection").and_then(Text::known),
                Some("close")
            );
            Some(Response {
                status: 403,
                headers: vec![("X-Frame-Options".to_owned(), Text::from("DENY"))],
            })
        },
    };
    let answer = http.answer(&request, world);
    assert_eq!(answer.status, Some(403));
    assert_eq!(answer.header("x-frame-options").count(), 1);
}

#[test]
fn bombs_are_bounded() {
    let doubling = "rewrite ^(.*)$ $1$1;\n".repeat(200);
    let mut maps = String::new();
    for number in 0..200 {
        let next = number + 1;
        maps.push_str(&format!(
            "map $host $v{number} {{ default \"$v{next}$v{next}\"; }}\n"
        ));
    }
    let text = format!(
        "http {{ {maps} map $a $b {{ default $b; }}
         server {{ location /double {{ {doubling} }}
         location /maps {{ return 200 $v0; }} location /cycle {{ return 200 $b; }}
         location /slow {{ if ($arg_x ~ \"^(([a-z])+.)+[A-Z]([a-z])+$\") {{ return 403; }} }} }} }}"
    );
    let deployment = read(&text);
    let configuration = &deployment.nginx.configurations[0];
    let start = Instant::now();
    let slow = format!("/slow?x={}", "a".repeat(4000));
    for path in ["/double", "/maps", "/cycle", &slow] {
        ask(configuration, &format!("http://shop.example{path}"), |_| {});
    }
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn nothing_panics() {
    const ODD: [&str; 22] = [
        "ü", "\u{0}", "$", "${", "}", "{", ";", "\"", "%", "~", "\\", "(", "[", "*", "?", "=", "@",
        "/", " ", "\n", "$1", "always",
    ];
    const TARGETS: [&str; 8] = [
        "",
        "/ü",
        "/%c3%28",
        "/%",
        "*",
        "/a%25b%3f%23?%zz#",
        "//..//..",
        "/static/%0a",
    ];
    for seed in 0..200_usize {
        let mut text = generate::case(seed as u64).text;
        for round in 0..12_usize {
            // Places and pieces that differ from round to round, without a generator of their own.
            let at = (seed * 7919 + round * 104_729) % text.len();
            let at = (at..text.len())
                .find(|at| text.is_char_boundary(*at))
                .unwrap_or(0);
            text.insert_str(at, ODD[(seed + round * 5) % ODD.len()]);
        }
        let deployment = read(&format!("http {{ {text} }}").replace("PORT", "80"));
        let Some(http) = Http::new(&deployment.nginx.configurations[0]) else {
            continue;
        };
        for (number, target) in TARGETS.iter().enumerate() {
            let mut request = Request::get("http://a.example/").expect("a URL");
            request.target = (*target).to_owned();
            request.host = Some(ODD[(seed + number) % ODD.len()].to_owned() + "a.example");
            let world = World {
                entry: &|path| (path.len() % 2 == 0).then_some(Entry::File),
                respond: &|upstream| Some(upstream::respond(upstream.uri.known()?)),
            };
            let _ = http.answer(&request, world);
        }
        let _ = http.leaves();
    }
}

#[test]
fn many_locations_are_searched_soon() {
    let mut text = String::from("http { server {\n");
    for number in 0..20_000 {
        text.push_str(&format!(
            "location /p{number}/ {{ add_header X {number}; }}\n"
        ));
    }
    text.push_str("}}\n");
    let deployment = read(&text);
    let configuration = &deployment.nginx.configurations[0];
    let start = Instant::now();
    let http = Http::new(configuration).expect("an http block");
    assert_eq!(http.leaves().len(), 20_001);
    for leaf in http.leaves() {
        assert!(leaf.scope.effective("add_header").dropped.is_empty());
    }
    ask(configuration, "http://shop.example/p19999/x", |answer| {
        assert_eq!(
            answer.leaf().expect("a leaf").heading(),
            "location /p19999/"
        );
    });
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}
