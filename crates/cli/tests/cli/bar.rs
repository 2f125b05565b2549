//! The thirty kinds of fault that small deployments have, several of which show only where two
//! files are read together: all are found on `demo/careless`, at the place of their cause, and none
//! in what has no part in production.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::documents::docs;
use crate::project::{Project, verdict};

/// A kind of fault, by its number, with what must be found for it.
struct Kind {
    number: usize,
    fault: &'static str,
    found: &'static [Found],
}

/// A finding: its check, a part of its subject, and the files that its places lie in.
struct Found(&'static str, &'static str, &'static [&'static str]);

const COMPOSE: &str = "docker-compose.yml";
const NGINX: &str = "nginx/nginx.conf";
const SNIPPET: &str = "nginx/snippets/security.conf";
const BASE: &str = "backend/config/settings/base.py";
const PRODUCTION: &str = "backend/config/settings/production.py";

const KINDS: &[Kind] = &[
    Kind {
        number: 1,
        fault: "a database, a cache or a broker answers the internet",
        found: &[
            Found("compose/database-published", "service:db", &[COMPOSE]),
            Found("compose/database-open", "service:redis", &[COMPOSE]),
        ],
    },
    Kind {
        number: 2,
        fault: "the application server is reached beside nginx",
        found: &[Found(
            "compose/app-server-published",
            "service:web",
            &[COMPOSE],
        )],
    },
    Kind {
        number: 3,
        fault: "Django believes a header that nginx never sets",
        found: &[Found(
            "cross/proto-header-forgeable",
            "location /",
            &[NGINX, PRODUCTION],
        )],
    },
    Kind {
        number: 4,
        fault: "Django believes that header where no proxy stands in front",
        found: &[Found(
            "cross/proxy-bypassed",
            "service:backoffice",
            &[COMPOSE, PRODUCTION],
        )],
    },
    Kind {
        number: 5,
        fault: "TLS ends at nginx and Django does not know",
        found: &[Found(
            "cross/proto-header-untold",
            "location /",
            &[NGINX, PRODUCTION],
        )],
    },
    Kind {
        number: 6,
        fault: "the hardening waits for a flag that nothing sets",
        found: &[Found(
            "env/flag-never-set",
            "ENABLE_HTTPS",
            &[PRODUCTION, COMPOSE],
        )],
    },
    Kind {
        number: 7,
        fault: "forms need a trusted origin that is not there",
        found: &[Found(
            "cross/origin-refused",
            "https://harbourgoods.example",
            &[NGINX, PRODUCTION],
        )],
    },
    Kind {
        number: 8,
        fault: "plain HTTP origins may read the API with cookies",
        found: &[Found(
            "cors/insecure-origin",
            "http://app.harbourgoods.example",
            &[BASE],
        )],
    },
    Kind {
        number: 9,
        fault: "one add_header drops those of the outer block",
        found: &[Found("nginx/headers-dropped", "/api/", &[NGINX, SNIPPET])],
    },
    Kind {
        number: 10,
        fault: "HSTS is sent twice, with two lengths",
        found: &[Found(
            "nginx/header-twice",
            "Strict-Transport-Security",
            &[NGINX, SNIPPET],
        )],
    },
    Kind {
        number: 11,
        fault: "nginx and Django send X-Frame-Options that differ",
        found: &[Found(
            "cross/header-twice",
            "X-Frame-Options",
            &[SNIPPET, PRODUCTION],
        )],
    },
    Kind {
        number: 12,
        fault: "Compose sets what the settings never ask for, DEBUG before all",
        found: &[
            Found("env/variable-unread", "variable:DEBUG", &[COMPOSE, BASE]),
            Found("env/variable-unread", "variable:DB_PASS", &[COMPOSE, BASE]),
        ],
    },
    Kind {
        number: 13,
        fault: "nginx does not mount the folder of the ACME challenge",
        found: &[Found(
            "certbot/webroot-not-served",
            "service:nginx",
            &[NGINX, COMPOSE],
        )],
    },
    Kind {
        number: 14,
        fault: "the first certificate is written beside the mount",
        found: &[Found(
            "certbot/first-run-elsewhere",
            "data/certbot/conf",
            &["init-letsencrypt.sh", COMPOSE],
        )],
    },
    Kind {
        number: 15,
        fault: "the names of certificate, nginx and Django differ",
        found: &[
            Found(
                "certbot/names-differ",
                "names www.harbourgoods.example",
                &[NGINX, "init-letsencrypt.sh"],
            ),
            Found(
                "django/allowed-hosts-unmatchable",
                "https://harbourgoods.example",
                &[BASE, ".env"],
            ),
        ],
    },
    Kind {
        number: 16,
        fault: "nginx hands requests to a service that does not exist",
        found: &[Found(
            "cross/upstream-unreachable",
            "/reports/",
            &[NGINX, COMPOSE],
        )],
    },
    Kind {
        number: 17,
        fault: "port 80 serves the site in clear",
        found: &[Found(
            "cross/plain-http-answered",
            "http://harbourgoods.example",
            &[NGINX],
        )],
    },
    Kind {
        number: 18,
        fault: "code believes the first X-Forwarded-For, and nginx appends",
        found: &[Found(
            "cross/visitor-address-forged",
            "middleware.py",
            &["backend/apps/accounts/middleware.py", NGINX],
        )],
    },
    Kind {
        number: 19,
        fault: "axes cannot tell visitors apart, and anyone locks anyone out",
        found: &[
            Found(
                "axes/lockout-without-address",
                "AXES_LOCKOUT_PARAMETERS",
                &[BASE],
            ),
            Found(
                "axes/lockout-by-name-alone",
                "AXES_LOCKOUT_PARAMETERS",
                &[BASE],
            ),
        ],
    },
    Kind {
        number: 20,
        fault: "a security document promises what the settings lack",
        found: &[Found(
            "docs/claim-unmet",
            "a lock after 5 failed logins",
            &["docs/SECURITY.md", BASE],
        )],
    },
    Kind {
        number: 21,
        fault: "a default in Compose defeats the settings' own guard",
        found: &[
            Found(
                "compose/default-secret",
                "web default SECRET_KEY",
                &[COMPOSE],
            ),
            Found(
                "compose/default-secret",
                "db default POSTGRES_PASSWORD",
                &[COMPOSE],
            ),
        ],
    },
    Kind {
        number: 22,
        fault: "a key in the code for when none is given, and one per process",
        found: &[
            Found("django/unsafe-default", "SECRET_KEY", &[BASE]),
            Found("secrets/key-made-anew", "INVOICE_LINK_KEY", &[BASE]),
        ],
    },
    Kind {
        number: 23,
        fault: "DEBUG is on, by default and by a text that is true",
        found: &[
            Found("django/debug-on", "DEBUG", &[BASE, ".env"]),
            Found("django/env-text-is-true", "DEBUG", &[BASE, ".env"]),
        ],
    },
    Kind {
        number: 24,
        fault: "secrets, data and a key are committed",
        found: &[
            Found("secrets/file-committed", "file:.env", &[".env"]),
            Found("secrets/file-committed", "file:backend/db.sqlite3", &[]),
            Found(
                "secrets/file-committed",
                "file:nginx/ssl/harbour.key",
                &["nginx/ssl/harbour.key"],
            ),
        ],
    },
    Kind {
        number: 25,
        fault: "ALLOWED_HOSTS holds everything, and an entry with a scheme",
        found: &[
            Found("django/allowed-hosts-wildcard", "\"*\"", &[BASE, ".env"]),
            Found(
                "django/allowed-hosts-unmatchable",
                "https://",
                &[BASE, ".env"],
            ),
        ],
    },
    Kind {
        number: 26,
        fault: "the start script makes an administrator whom everybody knows",
        found: &[Found(
            "env/admin-password-default",
            "ADMIN_PASSWORD",
            &["entrypoint.sh"],
        )],
    },
    Kind {
        number: 27,
        fault: "nginx lets every origin read, with credentials",
        found: &[Found("nginx/cors-open", "/api/", &[NGINX])],
    },
    Kind {
        number: 28,
        fault: "settings that nothing reads",
        found: &[
            Found("django/setting-unread", "ENABLE_TWO_FACTOR", &[BASE]),
            Found("django/setting-unread", "PASSWORD_MIN_LENGTH", &[BASE]),
            Found("django/removed-setting", "STATICFILES_STORAGE", &[BASE]),
        ],
    },
    Kind {
        number: 29,
        fault: "tokens for a year, a blacklist without its app, an API that is open by omission",
        found: &[
            Found(
                "jwt/refresh-lifetime-long",
                "REFRESH_TOKEN_LIFETIME",
                &[BASE],
            ),
            Found("jwt/blacklist-missing", "BLACKLIST_AFTER_ROTATION", &[BASE]),
            Found("drf/open-by-default", "DEFAULT_PERMISSION_CLASSES", &[]),
        ],
    },
    Kind {
        number: 30,
        fault: "runserver, bound source, root, no .dockerignore, uploads on the site's origin",
        found: &[
            Found(
                "compose/development-server",
                "service:backoffice",
                &["Dockerfile"],
            ),
            Found("compose/source-mounted", "service:web", &[COMPOSE]),
            Found("docker/runs-as-root", "image:Dockerfile", &["Dockerfile"]),
            Found(
                "docker/context-unfiltered",
                "image:Dockerfile",
                &["Dockerfile"],
            ),
            Found("cross/uploads-on-site-origin", "/media", &[NGINX]),
        ],
    },
];

#[test]
#[expect(clippy::print_stdout, reason = "the figure is what the test is for")]
fn all_kinds_of_fault_are_found_by_their_cause() {
    let project = careless_checkout();
    let report = project.report(&[]);
    let mut missed = Vec::new();
    let mut found = 0;
    for kind in KINDS {
        let lacking: Vec<_> = kind
            .found
            .iter()
            .filter(|wanted| !is_found(&report, wanted))
            .map(|Found(check, subject, files)| format!("{check} {subject} in {files:?}"))
            .collect();
        match lacking.is_empty() {
            true => found += 1,
            false => missed.push(format!("{}. {}: {lacking:?}", kind.number, kind.fault)),
        }
    }
    println!(
        "{found} of {} kinds of fault are found on demo/careless",
        KINDS.len()
    );
    assert!(
        missed.is_empty(),
        "{found} of {}:\n{}",
        KINDS.len(),
        missed.join("\n")
    );
    let numbers: Vec<_> = KINDS.iter().map(|kind| kind.number).collect();
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
}

/// A file that nothing mounts, a placeholder, and a default that is good as it is.
#[test]
fn what_has_no_part_in_production_is_not_accused() {
    let project = careless_checkout();
    let report = project.report(&[]);
    for finding in findings(&report) {
        let files = files_of(finding);
        assert!(
            !files.iter().any(|file| file == "nginx/tls-2022.conf"),
            "nothing mounts it: {finding}"
        );
    }
    // Django's own defaults of X_FRAME_OPTIONS, SECURE_CONTENT_TYPE_NOSNIFF and their like are
    // safe: that they stand nowhere is no fault.
    let defaults = Project::with_settings(
        "import os\nSECRET_KEY = os.environ[\"SECRET_KEY\"]\nDEBUG = False\n\
         ALLOWED_HOSTS = [\"shop.example\"]\n\
         MIDDLEWARE = [\"django.middleware.security.SecurityMiddleware\",\n\
         \x20   \"django.middleware.csrf.CsrfViewMiddleware\",\n\
         \x20   \"django.middleware.clickjacking.XFrameOptionsMiddleware\"]\n",
    )
    .file(".env.example", "SECRET_KEY=change-me\n");
    let report = defaults.report(&[]);
    for check in [
        "django/framing-allowed",
        "django/nosniff-off",
        "django/referrer-policy-off",
        "django/session-cookie-readable",
        "django/password-hasher-weak",
        "secrets/literal-in-settings",
        "secrets/file-committed",
    ] {
        let status = &verdict(&report, check)["status"];
        assert!(status != "fail", "{check}: {status}");
    }
    assert!(
        !findings(&report)
            .any(|finding| files_of(finding).iter().any(|file| file == ".env.example")),
        "placeholders are no secrets"
    );
}

/// The careless shop in a repository of its own, all of it committed.
fn careless_checkout() -> Project {
    let project = Project::empty();
    copy(&docs().join("../demo/careless"), &project.path(""));
    for arguments in [&["init", "--quiet"][..], &["add", "--force", "--all"]] {
        let done = Command::new("git")
            .args(arguments)
            .current_dir(project.path(""))
            .output()
            .expect("git is installed");
        assert!(done.status.success(), "{done:?}");
    }
    project
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the demo") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => {
                std::fs::copy(&path, &target).expect("a copy");
            }
        }
    }
}

fn is_found(report: &Value, Found(check, subject, files): &Found) -> bool {
    let verdict = verdict(report, check);
    let found = verdict["findings"].as_array();
    found.is_some_and(|found| {
        found.iter().any(|finding| {
            let own = files_of(finding);
            finding["subject"]
                .as_str()
                .is_some_and(|own| own.contains(subject))
                && files.iter().all(|file| own.iter().any(|own| own == file))
        })
    })
}

fn findings(report: &Value) -> impl Iterator<Item = &Value> {
    let verdicts = report["verdicts"].as_array().expect("verdicts").iter();
    verdicts
        .filter_map(|verdict| verdict["findings"].as_array())
        .flatten()
}

/// The files of a finding's places.
fn files_of(finding: &Value) -> Vec<String> {
    let labels = finding["labels"].as_array().expect("labels").iter();
    labels
        .filter_map(|label| Some(label["path"].as_str()?.to_owned()))
        .collect()
}
