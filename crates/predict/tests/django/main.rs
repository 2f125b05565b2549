//! What is predicted of Django, against what the real Django answers, under many settings.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tightship_model::Deployment;
use tightship_predict::django::{
    Answer, OriginCheck, Outcome, Received, Scheme, answer, origin_check,
};
use tightship_read::Options;

/// Settings of one case, each written as a Python literal.
type Settings = BTreeMap<&'static str, &'static str>;

const CASES: u64 = 100;

const URLS: &str = r#"
from django.http import HttpResponse
from django.urls import include, path, re_path


def view(request, *positional, **named):
    return HttpResponse("ok")


urlpatterns = [
    path("", view),
    path("orders/", view),
    path("orders/<int:pk>/", view),
    path("files/<path:name>", view),
    path("api/", include([path("token/", view), re_path(r"^v(?P<version>[0-9]+)/$", view)])),
    re_path(r"^news/(\d{4})/", view),
]
"#;

/// The settings that answers depend on, with values to choose from; the first is left out.
const CHOICES: &[(&str, &[&str])] = &[
    (
        "ALLOWED_HOSTS",
        &[
            "['shop.example', '.shop.test', '127.0.0.1', '[::1]']",
            "['*']",
            "[]",
        ],
    ),
    ("DEBUG", &["", "False", "True"]),
    ("SECURE_SSL_REDIRECT", &["", "True", "False"]),
    ("SECURE_SSL_HOST", &["", "'secure.shop.example'"]),
    (
        "SECURE_REDIRECT_EXEMPT",
        &["", "['^orders/$']", "['token']"],
    ),
    ("SECURE_HSTS_SECONDS", &["", "3600", "0"]),
    ("SECURE_HSTS_INCLUDE_SUBDOMAINS", &["", "True"]),
    ("SECURE_HSTS_PRELOAD", &["", "True"]),
    ("SECURE_CONTENT_TYPE_NOSNIFF", &["", "False"]),
    (
        "SECURE_REFERRER_POLICY",
        &[
            "",
            "None",
            "'origin, strict-origin'",
            "['no-referrer', 'origin']",
        ],
    ),
    (
        "SECURE_CROSS_ORIGIN_OPENER_POLICY",
        &["", "None", "'unsafe-none'"],
    ),
    (
        "SECURE_PROXY_SSL_HEADER",
        &[
            "",
            "('HTTP_X_FORWARDED_PROTO', 'https')",
            "('HTTP_X_FORWARDED_SSL', 'on')",
        ],
    ),
    ("USE_X_FORWARDED_HOST", &["", "True"]),
    ("PREPEND_WWW", &["", "True"]),
    ("APPEND_SLASH", &["", "False"]),
    ("X_FRAME_OPTIONS", &["", "'sameorigin'"]),
    ("CORS_ALLOW_ALL_ORIGINS", &["", "True"]),
    ("CORS_ALLOW_CREDENTIALS", &["", "True"]),
    ("CORS_ALLOWED_ORIGINS", &["", "['https://app.example']"]),
    (
        "CORS_ALLOWED_ORIGIN_REGEXES",
        &["", "['https://.*[.]app[.]example$']"],
    ),
    ("CORS_URLS_REGEX", &["", "'^/api/.*$'"]),
    (
        "CSRF_TRUSTED_ORIGINS",
        &[
            "",
            "['https://app.example']",
            "['https://*.app.example', 'http://shop.example']",
        ],
    ),
    (
        "SECURE_CSP",
        &[
            "",
            "{'default-src': [\"'self'\"], 'img-src': '*', 'upgrade-insecure-requests': True}",
        ],
    ),
    (
        "SECURE_CSP_REPORT_ONLY",
        &["", "{'script-src': {'https:', \"'self'\"}}"],
    ),
];

const MIDDLEWARE: [&str; 6] = [
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
];

/// The headers that are predicted.
const HEADERS: [&str; 10] = [
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "X-Frame-Options",
    "Content-Security-Policy",
    "Content-Security-Policy-Report-Only",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Location",
];

#[test]
fn predictions_are_what_django_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("urls.py"), URLS).expect("a file");
    let mut chance = Chance(1);
    let cases: Vec<(Settings, String, Vec<Received>)> = (0..CASES)
        .map(|_| {
            let (settings, middleware) = (settings(&mut chance), middleware(&mut chance));
            let requests = (0..12).map(|_| request(&mut chance)).collect();
            (settings, middleware, requests)
        })
        .collect();
    let real = real_answers(folder.path(), &cases);
    let mut compared = 0;
    for ((settings, middleware, requests), real) in cases.iter().zip(&real) {
        let deployment = deployment(folder.path(), settings, middleware);
        for (request, real) in requests.iter().zip(real.as_array().expect("answers")) {
            let predicted = answer(&deployment, request).expect("there are settings");
            assert_eq!(
                shown(&predicted),
                told(real),
                "{settings:#?}\n{middleware}\n{request:#?}\n{predicted:#?}"
            );
            if let Some(origin) = request.header("Origin") {
                let settings = deployment.settings.as_ref().expect("settings");
                let check = origin_check(settings, request, &origin).expect("it is known");
                let passes = check == OriginCheck::Passes;
                assert_eq!(json!(passes), real[2], "{settings:#?}\n{request:#?}");
            }
            compared += 1;
        }
    }
    assert_eq!(compared, CASES as usize * 12);
}

/// Status and headers as text.
fn shown(answer: &Answer) -> (u16, BTreeMap<String, String>) {
    let mut headers: BTreeMap<String, String> = answer
        .headers
        .iter()
        .map(|header| {
            let value = header.value.clone().expect("the settings are known");
            (header.name.to_owned(), value)
        })
        .collect();
    let status = match &answer.outcome {
        Outcome::Redirect {
            status, location, ..
        } => {
            headers.insert("Location".to_owned(), location.clone());
            *status
        }
        Outcome::HostRefused { .. } => 400,
        Outcome::View(_) | Outcome::Preflight => 200,
        Outcome::NotFound => 404,
        Outcome::Unknown(unknown) => panic!("{}", unknown.reason),
    };
    (status, headers)
}

fn told(real: &Value) -> (u16, BTreeMap<String, String>) {
    let headers = real[1].as_array().expect("headers");
    let texts = headers.iter().map(|pair| {
        let text = |at: usize| pair[at].as_str().expect("a text").to_owned();
        (text(0), text(1))
    });
    let wanted = |name: &str| {
        HEADERS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name))
    };
    let headers = texts
        .filter_map(|(name, value)| Some(((*wanted(&name)?).to_owned(), value)))
        .collect();
    (real[0].as_u64().expect("a status") as u16, headers)
}

fn settings(chance: &mut Chance) -> Settings {
    CHOICES
        .iter()
        .map(|(name, values)| (*name, chance.choose(values)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// All layers in their usual order, or some of them in another.
fn middleware(chance: &mut Chance) -> String {
    let mut layers: Vec<&str> = MIDDLEWARE.to_vec();
    if chance.next().is_multiple_of(2) {
        let at = chance.next() as usize % layers.len();
        layers.remove(at);
        let (a, b) = (chance.next() as usize, chance.next() as usize);
        let length = layers.len();
        layers.swap(a % length, b % length);
    }
    format!("{layers:?}")
}

fn request(chance: &mut Chance) -> Received {
    let mut headers = vec![(
        "Host".to_owned(),
        chance
            .choose(&[
                "shop.example",
                "www.shop.example",
                "shop.example:8443",
                "a.shop.test",
                "shop.test.",
                "SHOP.EXAMPLE",
                "evil.example",
                "127.0.0.1:8000",
                "[::1]:8000",
                "bad_host",
                "shop.example:port",
            ])
            .to_owned(),
    )];
    let more: [(&str, &[&str]); 5] = [
        (
            "X-Forwarded-Proto",
            &["", "https", "http", "https, http", " https"],
        ),
        ("X-Forwarded-Ssl", &["", "", "on"]),
        (
            "X-Forwarded-Host",
            &["", "", "other.example", "shop.example"],
        ),
        (
            "Origin",
            &[
                "",
                "https://app.example",
                "https://x.app.example",
                "null",
                "http://shop.example",
                "https://shop.example",
                "https://evil.example",
            ],
        ),
        ("Access-Control-Request-Method", &["", "", "POST"]),
    ];
    for (name, values) in more {
        let value = chance.choose(values);
        if !value.is_empty() {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    Received {
        method: chance.choose(&["GET", "GET", "OPTIONS"]).to_owned(),
        path: chance
            .choose(&[
                "/",
                "/orders/",
                "/orders",
                "/orders/7/",
                "/orders/7",
                "/orders/x/",
                "/files/a/b.txt",
                "/api/token/",
                "/api/token",
                "/api/v2/",
                "/api/vx/",
                "/news/2024/more/",
                "/nothing",
                "//orders",
            ])
            .to_owned(),
        query: chance.choose(&["", "", "page=2"]).to_owned(),
        headers,
        scheme: match chance.next() % 3 {
            0 => Scheme::Https,
            _ => Scheme::Http,
        },
    }
}

/// The project with these settings, as tightship reads it.
fn deployment(urls: &Path, settings: &Settings, middleware: &str) -> Deployment {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = format!("ROOT_URLCONF = 'urls'\nMIDDLEWARE = {middleware}\n");
    for (name, value) in settings {
        text.push_str(&format!("{name} = {value}\n"));
    }
    let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n";
    let files = [
        ("manage.py", manage),
        ("settings.py", &text),
        ("requirements.txt", "Django==6.1\n"),
    ];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    std::fs::copy(urls.join("urls.py"), folder.path().join("urls.py")).expect("a file");
    tightship_read::read(folder.path(), &Options::default()).expect("it is read")
}

fn real_answers(folder: &Path, cases: &[(Settings, String, Vec<Received>)]) -> Vec<Value> {
    let cases: Vec<Value> = cases
        .iter()
        .map(|(settings, middleware, requests)| {
            let mut settings = json!(settings);
            settings["MIDDLEWARE"] = json!(middleware);
            let requests: Vec<Value> = requests
                .iter()
                .map(|request| {
                    let scheme = request.scheme.name();
                    let (path, query) = (&request.path, &request.query);
                    json!([request.method, scheme, path, query, request.headers])
                })
                .collect();
            json!([settings, requests])
        })
        .collect();
    let mut child = Command::new(tightship_testbed::python("django61"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/django/answers.py"
        ))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let question = json!({"folder": folder, "cases": cases}).to_string();
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(question.as_bytes()).expect("a question");
    drop(stdin);
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "answers.py failed");
    serde_json::from_slice(&output.stdout).expect("an answer in JSON")
}

/// Numbers that look random and are the same each time (xorshift64*, Vigna 2016).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
    }

    fn choose<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values[self.next() as usize % values.len()]
    }
}
