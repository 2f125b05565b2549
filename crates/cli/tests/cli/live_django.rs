//! How a live site behaves: a real Django with axes or allauth behind a real nginx, set up well and
//! badly, from the command line to each verdict.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tightship_testbed::{Server, free_port, nginx, python_unless_skipped, self_signed};

use crate::project::{Project, verdict};

/// A Django behind nginx, over HTTPS as `shop.example`.
struct Shop {
    /// Where each of the servers of nginx listens.
    ports: Vec<u16>,
    /// Where gunicorn does.
    inner: u16,
    folder: TempDir,
    /// In the order in which they are ended.
    _nginx: Server,
    _gunicorn: Server,
}

impl Shop {
    /// Django of a virtual environment, told by `site` what it does otherwise, behind a server of
    /// nginx for each of `servers`: what stands in its location beside `proxy_pass`. `None` where the
    /// machine cannot have the environment.
    fn open(venv: &str, site: &Value, servers: &[&str]) -> Option<Self> {
        let python = python_unless_skipped(venv)?;
        let folder = tempfile::tempdir().expect("a folder");
        let inner = free_port().expect("a port");
        let gunicorn = Server::listening(
            Command::new(python)
                .args(["-m", "gunicorn", "app:application", "--preload"])
                .args(["--threads", "4", "--worker-tmp-dir", "/dev/shm"])
                .args(["--bind", &format!("127.0.0.1:{inner}")])
                .args([
                    "--pythonpath",
                    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/site"),
                ])
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .env("SITE", site.to_string())
                .env_remove("FORWARDED_ALLOW_IPS")
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
            &[inner],
        )
        .expect("gunicorn listens");
        self_signed(folder.path(), "shop", &["shop.example"]);
        let root = folder.path().display();
        let ports: Vec<_> = servers
            .iter()
            .map(|_| free_port().expect("a port"))
            .collect();
        let blocks: String = servers
            .iter()
            .zip(&ports)
            .map(|(inside, port)| {
                format!(
                    "server {{ listen 127.0.0.1:{port} ssl; server_name shop.example;\n\
                     ssl_certificate {root}/shop.crt; ssl_certificate_key {root}/shop.key;\n\
                     location / {{ proxy_pass http://127.0.0.1:{inner}; {inside} }} }}\n"
                )
            })
            .collect();
        let mut command =
            nginx(folder.path(), &format!("{ZONES}{blocks}")).expect("a configuration");
        command.env("OPENSSL_CONF", "/dev/null");
        let nginx = Server::listening(&mut command, &ports).expect("nginx listens");
        Some(Self {
            ports,
            inner,
            folder,
            _nginx: nginx,
            _gunicorn: gunicorn,
        })
    }

    /// The report of a look at a path of one of the servers.
    fn look(&self, server: usize, path: &str, probes: &str) -> Value {
        self.look_from(&Project::empty(), server, path, &["--probe", probes])
    }

    /// As above, from a folder of the caller's and with further arguments.
    fn look_from(&self, project: &Project, server: usize, path: &str, more: &[&str]) -> Value {
        let url = format!("https://shop.example{path}");
        let connect = format!("shop.example:443:127.0.0.1:{}", self.ports[server]);
        let authority = self.folder.path().join("shop.crt").display().to_string();
        let mut arguments = vec![
            "--url",
            &url,
            "--connect-to",
            &connect,
            "--ca-file",
            &authority,
        ];
        arguments.extend(["--rate", "1000", "--select", "http"]);
        arguments.extend(more);
        project.report(&arguments)
    }
}

/// What nginx tells Django, as it should.
const TOLD: &str = "proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto $scheme; \
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; \
                    proxy_set_header X-Real-IP $remote_addr;";

/// Limits by the visitor: for all requests, and for forms alone.
const ZONES: &str = "limit_req_status 429;
    map $request_method $sender { POST $binary_remote_addr; default ''; }
    limit_req_zone $binary_remote_addr zone=all:1m rate=1r/s;
    limit_req_zone $sender zone=forms:1m rate=1r/m;
";

/// The versions of Django that both ends of the scale are tried with.
const VENVS: [&str; 3] = ["django42", "django52", "django60"];

const ALL: &str = "csrf,body-limit,rate-limit,lockout";

fn assert_verdicts(report: &Value, wanted: &[(&str, &str)]) {
    for (id, status) in wanted {
        let verdict = verdict(report, id);
        assert_eq!(verdict["status"], *status, "{id}: {verdict:#}");
    }
}

fn assert_says(report: &Value, id: &str, words: &str) {
    let verdict = verdict(report, id).to_string();
    assert!(
        verdict.contains(words),
        "{id} does not say {words:?}: {verdict}"
    );
}

#[test]
fn what_a_careful_shop_refuses_is_seen() {
    let closed = format!("{TOLD} location /admin/ {{ deny all; }}");
    let limited = format!("{TOLD} limit_req zone=all burst=3 nodelay;");
    for venv in VENVS {
        let site = json!({ "settings": by_visitor(venv) });
        let Some(shop) = Shop::open(venv, &site, &[&closed, &limited]) else {
            continue;
        };
        let report = shop.look(0, "/", "csrf,body-limit,lockout");
        assert_verdicts(
            &report,
            &[
                ("http/debug-page", "pass"),
                ("http/admin-open", "pass"),
                ("http/csrf-not-refused", "pass"),
                ("http/honest-post-refused", "pass"),
                ("http/body-unlimited", "pass"),
                ("http/burst-unlimited", "unknown"),
                ("http/login-unlimited", "pass"),
                ("http/lockout-shared", "pass"),
                ("http/lockout-evaded", "pass"),
            ],
        );
        assert_says(&report, "http/login-unlimited", "refused by django-axes");
        assert_says(
            &report,
            "http/lockout-shared",
            "another address may still log in",
        );
        assert_says(&report, "http/body-unlimited", "nginx refuses");
        let report = shop.look(1, "/api/orders/", "rate-limit");
        assert_verdicts(&report, &[("http/burst-unlimited", "pass")]);
        assert_says(&report, "http/burst-unlimited", "refused by nginx");
    }
}

/// Settings by which axes counts the visitor that the one proxy saw. Only one of the environments
/// has django-ipware.
fn by_visitor(venv: &str) -> Value {
    match venv {
        "django52" => json!({"AXES_IPWARE_META_PRECEDENCE_ORDER": ["HTTP_X_REAL_IP"]}),
        _ => json!({"AXES_CLIENT_IP_CALLABLE": "app.visitor"}),
    }
}

#[test]
fn what_a_careless_shop_takes_is_seen() {
    let site = json!({"csrf": false, "settings": {"DEBUG": true}});
    let open = format!("{TOLD} client_max_body_size 0;");
    for venv in VENVS {
        let Some(shop) = Shop::open(venv, &site, &[&open]) else {
            continue;
        };
        let report = shop.look(0, "/", ALL);
        assert_verdicts(
            &report,
            &[
                ("http/debug-page", "fail"),
                ("http/admin-open", "fail"),
                ("http/csrf-not-refused", "fail"),
                ("http/honest-post-refused", "pass"),
                ("http/body-unlimited", "fail"),
                ("http/burst-unlimited", "fail"),
                ("http/login-unlimited", "pass"),
                ("http/lockout-shared", "fail"),
                ("http/lockout-evaded", "pass"),
            ],
        );
        assert_says(&report, "http/lockout-shared", "from 127.0.0.2");
    }
}

#[test]
fn who_believes_the_visitor_is_found() {
    let site = json!({"settings": {
        "AXES_IPWARE_PROXY_ORDER": "left-most",
        "AXES_IPWARE_META_PRECEDENCE_ORDER": ["HTTP_X_FORWARDED_FOR"],
    }});
    let Some(shop) = Shop::open("django52", &site, &[TOLD]) else {
        return;
    };
    let project = Project::empty();
    let arguments = ["--probe", "lockout", "--record", "site.json"];
    let report = shop.look_from(&project, 0, "/", &arguments);
    assert_verdicts(
        &report,
        &[
            ("http/login-unlimited", "pass"),
            ("http/lockout-shared", "pass"),
            ("http/lockout-evaded", "fail"),
        ],
    );
    // What was made up stands beside what is judged, and nowhere else; the password nowhere.
    let kept = project.read("site.json");
    let made_up = report["timing"]["made_up"]
        .as_array()
        .expect("what was made up");
    assert!(made_up.len() >= 10, "{made_up:?}");
    assert_eq!(
        kept.matches("@forged.invalid").count(),
        accounts(made_up),
        "{kept}"
    );
    assert!(!kept.contains("Wrong-"), "{kept}");
    let again = project.report(&["--replay", "site.json", "--select", "http"]);
    assert_eq!(again["verdicts"], report["verdicts"]);
}

/// Accounts among what was made up.
fn accounts(made_up: &[Value]) -> usize {
    let accounts = made_up.iter().filter_map(Value::as_str);
    accounts
        .filter(|text| text.ends_with("@forged.invalid"))
        .count()
}

#[test]
fn a_login_that_nobody_limits_is_told_from_one_that_nginx_does() {
    let limited = format!("{TOLD} limit_req zone=forms burst=3 nodelay;");
    let site = json!({"login": "plain"});
    let Some(shop) = Shop::open("django52", &site, &[TOLD, &limited]) else {
        return;
    };
    let report = shop.look(0, "/", "lockout");
    assert_verdicts(
        &report,
        &[
            ("http/login-unlimited", "fail"),
            ("http/lockout-shared", "not-applicable"),
            ("http/lockout-evaded", "not-applicable"),
        ],
    );
    let report = shop.look(1, "/", "lockout");
    assert_verdicts(
        &report,
        &[
            ("http/login-unlimited", "pass"),
            ("http/lockout-shared", "unknown"),
            ("http/lockout-evaded", "unknown"),
        ],
    );
    assert_says(&report, "http/login-unlimited", "refused by nginx");
}

#[test]
fn limits_of_allauth_are_told_by_its_words() {
    // The last one speaks German to whoever does not ask for English.
    for (count, shared, language) in [
        (0, "fail", "en-us"),
        (1, "pass", "en-us"),
        (1, "pass", "de"),
    ] {
        let site = json!({
            "login": "allauth",
            "translated": true,
            "settings": {"ALLAUTH_TRUSTED_PROXY_COUNT": count, "LANGUAGE_CODE": language},
        });
        let Some(shop) = Shop::open("django52", &site, &[TOLD]) else {
            return;
        };
        let report = shop.look(0, "/", "lockout");
        assert_verdicts(
            &report,
            &[
                ("http/login-unlimited", "pass"),
                ("http/lockout-shared", shared),
                ("http/lockout-evaded", "pass"),
            ],
        );
        assert_says(&report, "http/login-unlimited", "django-allauth");
    }
}

/// A project whose routes name where its API takes passwords.
fn with_routes(routes: &str) -> Project {
    let imports = "from django.urls import include, path\n\
                   from rest_framework.authtoken.views import obtain_auth_token\n\
                   from rest_framework_simplejwt.views import TokenObtainPairView\n";
    Project::with_settings("ROOT_URLCONF = \"shop.urls\"\n").file(
        "shop/urls.py",
        format!("{imports}urlpatterns = [{routes}]\n"),
    )
}

/// The addresses to which passwords were sent, each once.
fn tried(report: &Value) -> Vec<&str> {
    let requests = report["site"]["requests"].as_array().expect("requests");
    let tries = requests
        .iter()
        .filter(|one| one["purpose"] == "lockout-try");
    let mut urls: Vec<_> = tries.filter_map(|one| one["url"].as_str()).collect();
    urls.dedup();
    urls
}

const TOKEN: &str = "path(\"api/token/\", TokenObtainPairView.as_view())";

/// APIs show no form: their routes tell where they take passwords, and they say what they miss.
#[test]
fn logins_that_take_json_are_tried() {
    let site = json!({"login": "plain", "forms": false});
    for venv in VENVS {
        let Some(shop) = Shop::open(venv, &site, &[TOLD]) else {
            continue;
        };
        for routes in [TOKEN, "path(\"api/key/\", obtain_auth_token)"] {
            let project = with_routes(routes);
            let report = shop.look_from(&project, 0, "/", &["--probe", "csrf,lockout"]);
            assert_verdicts(
                &report,
                &[
                    ("http/csrf-not-refused", "unknown"),
                    ("http/login-unlimited", "fail"),
                    ("http/lockout-shared", "not-applicable"),
                ],
            );
            let [url] = tried(&report)[..] else {
                panic!("{:?}", tried(&report));
            };
            assert!(url.starts_with("https://shop.example/api/"), "{url}");
            let report = report.to_string();
            assert!(!report.contains("Wrong-"), "{report}");
        }
    }
    let Some(shop) = Shop::open("django52", &site, &[TOLD]) else {
        return;
    };
    // Who names the address needs no project; which of two fields takes the account the view tells.
    for path in ["/api/token/", "/api/session/"] {
        let report = shop.look(0, path, "lockout");
        assert_verdicts(&report, &[("http/login-unlimited", "fail")]);
        assert_eq!(tried(&report), [format!("https://shop.example{path}")]);
    }
    // What is no login is not tried.
    let report = shop.look(0, "/api/orders/", "lockout");
    assert_eq!(tried(&report), ["https://shop.example/admin/login/"]);
}

#[test]
fn limits_of_logins_that_take_json_are_told_by_who_sets_them() {
    let limited = format!("{TOLD} limit_req zone=forms burst=3 nodelay;");
    let site = json!({"login": "plain", "forms": false, "settings": {"REST_FRAMEWORK": {
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": null,
        "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
        "DEFAULT_THROTTLE_RATES": {"anon": "6/min"},
    }}});
    let Some(shop) = Shop::open("django52", &site, &[TOLD, &limited]) else {
        return;
    };
    let project = with_routes(TOKEN);
    let report = shop.look_from(&project, 1, "/", &["--probe", "lockout"]);
    assert_verdicts(&report, &[("http/login-unlimited", "pass")]);
    assert_says(&report, "http/login-unlimited", "refused by nginx");
    // Without NUM_PROXIES the whole field counts as the visitor, and he writes its beginning himself.
    let report = shop.look_from(&project, 0, "/", &["--probe", "lockout"]);
    assert_verdicts(
        &report,
        &[
            ("http/login-unlimited", "pass"),
            ("http/lockout-evaded", "fail"),
        ],
    );
    assert_says(&report, "http/login-unlimited", "Django REST framework");
    let site = json!({"login": "allauth", "forms": false});
    let Some(shop) = Shop::open("django52", &site, &[TOLD]) else {
        return;
    };
    let project = with_routes("path(\"_allauth/\", include(\"allauth.headless.urls\"))");
    let report = shop.look_from(&project, 0, "/", &["--probe", "lockout"]);
    assert_verdicts(&report, &[("http/login-unlimited", "pass")]);
    assert_says(&report, "http/login-unlimited", "django-allauth");
    assert_eq!(
        tried(&report),
        ["https://shop.example/_allauth/app/v1/auth/login"]
    );
}

/// Each verdict names what is at fault.
#[test]
fn forms_that_the_site_refuses_itself_are_found_with_the_cause() {
    let untold = "proxy_set_header Host $host;";
    let renamed = "proxy_set_header Host backend; proxy_set_header X-Forwarded-Proto $scheme;";
    let site = json!({"login": "plain"});
    let Some(shop) = Shop::open("django52", &site, &[untold, renamed]) else {
        return;
    };
    for (server, cause) in [(0, "for plain HTTP"), (1, "another host")] {
        let report = shop.look(server, "/", "csrf");
        assert_verdicts(
            &report,
            &[
                ("http/csrf-not-refused", "pass"),
                ("http/honest-post-refused", "fail"),
            ],
        );
        assert_says(&report, "http/honest-post-refused", cause);
    }
}

#[test]
fn limits_of_django_itself_are_seen() {
    let site = json!({"login": "plain", "settings": {"REST_FRAMEWORK": {
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": null,
        "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
        "DEFAULT_THROTTLE_RATES": {"anon": "20/min"},
    }}});
    let Some(shop) = Shop::open("django52", &site, &[TOLD]) else {
        return;
    };
    let report = shop.look(0, "/api/orders/", "rate-limit");
    assert_verdicts(&report, &[("http/burst-unlimited", "pass")]);
    assert_says(&report, "http/burst-unlimited", "Django REST framework");
    // Nothing in front keeps the body: gunicorn asks for it, and Django does not wait.
    let url = format!("http://127.0.0.1:{}/", shop.inner);
    let arguments = ["--url", &url, "--rate", "1000", "--probe", "body-limit"];
    let report = Project::empty().report(&arguments);
    assert_verdicts(&report, &[("http/body-unlimited", "pass")]);
    assert_says(&report, "http/body-unlimited", "Django refuses");
}

/// BREACH: a token of the session in a compressed page that repeats what is sought.
#[test]
fn tokens_that_a_compressed_page_gives_away_are_found() {
    let packed = format!("{TOLD} gzip on; gzip_proxied any; gzip_min_length 0;");
    let brotli = format!("{TOLD} brotli on; brotli_min_length 0;");
    let tried = |site: Value, servers: &[&str], wanted: &[(&str, &str)]| {
        let Some(shop) = Shop::open("django52", &site, servers) else {
            return;
        };
        for (server, (status, says)) in wanted.iter().enumerate() {
            let report = shop.look(server, "/find/", "breach");
            assert_verdicts(&report, &[("http/token-guessable", status)]);
            assert_says(&report, "http/token-guessable", says);
        }
    };
    tried(
        json!({"token": "kept"}),
        &[&packed, TOLD, &brotli],
        &[
            ("fail", "learns his form_token letter by letter"),
            ("pass", "is not compressed"),
            ("fail", "learns his form_token letter by letter"),
        ],
    );
    let masked = ("pass", "masked anew");
    tried(json!({}), &[&packed, &brotli], &[masked, masked]);
    // Django's own compression pads at random.
    tried(
        json!({"token": "kept", "packed": true}),
        &[TOLD],
        &[("unknown", "padding at random")],
    );
}

/// What the routes keep for those who are logged in is asked for without cookies.
#[test]
fn pages_that_strangers_read_are_found() {
    let project = Project::with_settings(
        "ROOT_URLCONF = \"shop.urls\"\nALLOWED_HOSTS = [\"shop.example\"]\n",
    )
    .file(
        "shop/urls.py",
        "from django.contrib.auth.decorators import login_required\n\
         from django.urls import path\n\
         from shop import views\n\
         urlpatterns = [\n\
             path(\"account/\", login_required(views.account)),\n\
             path(\"account/delete/\", login_required(views.account)),\n\
         ]\n",
    );
    let cached = format!("{TOLD} location = /account/ {{ return 200 Yours; }}");
    for (site, server, status) in [
        (json!({}), 0, "pass"),
        (json!({}), 1, "fail"),
        (json!({"open": true}), 0, "fail"),
    ] {
        let Some(shop) = Shop::open("django52", &site, &[TOLD, &cached]) else {
            return;
        };
        let report = shop.look_from(&project, server, "/", &[]);
        assert_verdicts(&report, &[("http/protected-page-open", status)]);
        let requests = report["site"]["requests"].as_array().expect("requests");
        let asked = requests.iter().filter(|one| one["purpose"] == "guarded");
        let urls: Vec<_> = asked.map(|one| &one["url"]).collect();
        assert_eq!(urls, ["https://shop.example/account/"]);
        if status == "fail" {
            let finding = &verdict(&report, "http/protected-page-open")["findings"][0];
            let finding = finding.to_string();
            assert!(finding.contains("shop/urls.py"), "{finding}");
            assert!(finding.contains("/account/ answers 200"), "{finding}");
        }
    }
}
