//! The faults that stand between the files: what finds each, that a finding shows both places, and
//! that a side which is missing is said and not guessed.
//!
//! Two more are none that files can show: what runs that was started from other files than these, and
//! a page that packs a secret together with what a visitor writes (`http/token-guessable` asks the
//! site).

mod pages;

use tightship_checks::{catalog, judge};
use tightship_model::{Check, Deployment, Outcome};
use tightship_read::Options;

use pages::{Expected, Page};

/// Each fault with the checks that find it.
const FAULTS: &[(&str, &[&str])] = &[
    (
        "Django trusts a header of the scheme that nginx does not set",
        &["cross/proto-header-forgeable"],
    ),
    (
        "nginx hands on the client's own word on the scheme",
        &["cross/proto-header-from-client"],
    ),
    (
        "TLS ends at nginx and Django is not told",
        &["cross/proto-header-untold", "cross/redirect-loop"],
    ),
    (
        "that header is trusted and the server is reached past nginx",
        &["cross/proxy-bypassed"],
    ),
    (
        "the header has another name or another word",
        &["cross/proto-header-misnamed"],
    ),
    (
        "names of nginx and ALLOWED_HOSTS differ",
        &["cross/server-name-refused", "cross/allowed-host-unserved"],
    ),
    (
        "the default server hands unknown names to Django",
        &["cross/unknown-host-answered"],
    ),
    (
        "the host is lost or forged on its way",
        &[
            "cross/host-lost",
            "nginx/host-forged",
            "cross/forwarded-host-forgeable",
        ],
    ),
    (
        "the certificate does not fit the server",
        &[
            "certbot/name-not-covered",
            "certbot/names-differ",
            "certbot/certificate-expired",
            "certbot/key-of-another",
            "certbot/chain-missing",
        ],
    ),
    (
        "nginx reads one issue of the certificate, or not the chain",
        &["certbot/archive-served", "certbot/chain-missing"],
    ),
    (
        "trusted origins do not fit the names",
        &["cross/origin-refused", "django/trusted-origin-insecure"],
    ),
    (
        "origins are told twice, or may read and not write",
        &["cors/origin-untrusted", "cross/cors-twice"],
    ),
    (
        "nginx and Django send the same header",
        &["cross/header-twice", "cross/hsts-differs"],
    ),
    (
        "a header does not reach files and errors",
        &[
            "cross/headers-only-from-django",
            "nginx/headers-dropped",
            "nginx/header-lost-on-errors",
        ],
    ),
    (
        "HSTS covers a name without TLS",
        &["cross/hsts-breaks-subdomain", "cross/hsts-differs"],
    ),
    (
        "redirects lead in a circle, or port 80 serves pages",
        &["cross/redirect-loop", "cross/plain-http-answered"],
    ),
    (
        "the redirect takes the ACME challenge",
        &["cross/acme-challenge-lost"],
    ),
    (
        "TLS lets in what is broken, to visitors or to the database",
        &[
            "nginx/tls-protocol-old",
            "nginx/tls-protocol-ignored",
            "nginx/tls-cipher-weak",
            "cross/database-in-clear",
        ],
    ),
    (
        "nginx and certbot do not share the webroot",
        &["certbot/webroot-not-served"],
    ),
    (
        "nginx and certbot do not share the certificates, or nginx may write them",
        &[
            "certbot/certificates-not-shared",
            "certbot/certificates-writable",
        ],
    ),
    (
        "nobody reloads nginx after a renewal",
        &["certbot/reload-missing"],
    ),
    ("nobody renews", &["certbot/renewal-missing"]),
    (
        "a certificate of a test authority",
        &["certbot/test-authority"],
    ),
    ("certbot wants nginx's port", &["certbot/port-taken"]),
    (
        "renewal is too rare, or the end is near",
        &["certbot/renewal-rare", "certbot/certificate-expired"],
    ),
    (
        "stapling with an issuer that has no responder",
        &["nginx/stapling-without-responder"],
    ),
    (
        "a store or a tool is published",
        &["compose/database-published", "compose/admin-tool-published"],
    ),
    (
        "the application server is published beside nginx",
        &["compose/app-server-published"],
    ),
    ("nginx hands on to nobody", &["cross/upstream-unreachable"]),
    (
        "a store shares a network with nginx",
        &["compose/store-beside-proxy"],
    ),
    (
        "proxies are counted wrong, or the visitor's address is forged",
        &[
            "cross/proxies-miscounted",
            "cross/visitor-address-forged",
            "axes/address-forged",
            "axes/address-of-proxy",
            "drf/throttle-address-forged",
        ],
    ),
    (
        "the server believes every proxy, or not the one there is",
        &["cross/proxy-bypassed", "cross/proto-header-untold"],
    ),
    (
        "nginx believes everybody's address",
        &[
            "nginx/real-ip-from-anyone",
            "nginx/real-ip-unread",
            "cross/cdn-header-forgeable",
        ],
    ),
    (
        "every visitor counts as internal",
        &["cross/visitors-internal"],
    ),
    (
        "a login without a limit, or one that is not shared",
        &[
            "cross/login-unlimited",
            "cross/reset-unlimited",
            "cross/limit-not-shared",
        ],
    ),
    (
        "the admin behind a password alone",
        &["cross/admin-exposed"],
    ),
    (
        "sizes of bodies do not fit",
        &["cross/form-larger-than-proxy", "cross/upload-has-no-room"],
    ),
    (
        "times do not fit",
        &[
            "cross/proxy-gives-up-first",
            "cross/query-outlives-worker",
            "cross/stopped-too-soon",
        ],
    ),
    (
        "more connections than the database takes",
        &["cross/connections-exceeded"],
    ),
    (
        "websockets do not get through",
        &["cross/websocket-refused"],
    ),
    (
        "gunicorn's heartbeats on disk",
        &["cross/worker-files-on-disk"],
    ),
    (
        "static files are looked for elsewhere",
        &["cross/files-not-found"],
    ),
    (
        "uploads are pages of the site",
        &["cross/files-not-found", "cross/uploads-on-site-origin"],
    ),
    ("guarded files are open", &["cross/protected-files-open"]),
    ("nginx serves the project", &["cross/project-served"]),
    ("secrets in the image", &["docker/secret-file-in-image"]),
    ("data in the container", &["cross/data-in-container"]),
    ("the source over the image", &["compose/source-mounted"]),
    (
        "a volume that the user may not write",
        &["cross/volume-unwritable"],
    ),
    (
        "a variable that is read and not given",
        &["env/variable-missing"],
    ),
    (
        "a variable that is given and not read",
        &["env/variable-unread"],
    ),
    (
        "a value that is read differently",
        &["env/value-read-differently"],
    ),
    ("a text that is true", &["django/env-text-is-true"]),
    (
        "unsafe without a variable, or settings that disagree",
        &[
            "django/unsafe-default",
            "env/settings-module-differs",
            "django/settings-module-disagrees",
        ],
    ),
    (
        "a secret that is blank while nobody sets it",
        &["compose/blank-secret"],
    ),
    (
        "two sides have two passwords",
        &[
            "env/password-differs",
            "env/redis-password-differs",
            "env/address-unescaped",
        ],
    ),
    (
        "a secret that others know",
        &[
            "compose/default-secret",
            "compose/password-weak",
            "env/example-secret-kept",
            "compose/secret-reused",
        ],
    ),
    (
        "the site is the database's superuser, or all may come in",
        &["cross/database-superuser", "compose/database-open"],
    ),
    (
        "a service gets others' secrets",
        &["compose/secrets-shared"],
    ),
    (
        "a secret as a build argument",
        &["compose/secret-in-build-argument"],
    ),
    (
        "nobody waits for the database",
        &["compose/dependency-not-awaited"],
    ),
    (
        "the health check is refused, or has no program",
        &[
            "cross/healthcheck-refused",
            "cross/healthcheck-tool-missing",
        ],
    ),
    (
        "nobody starts a service again, or a job for ever",
        &["compose/restart-missing", "compose/one-shot-restarted"],
    ),
    (
        "logs that grow or die",
        &[
            "compose/logs-unbounded",
            "cross/nginx-log-unrotated",
            "cross/log-in-container",
        ],
    ),
    (
        "logs with secrets",
        &["nginx/log-holds-secrets", "logging/statements-logged"],
    ),
    ("migrations race", &["cross/migrations-race"]),
    ("two schedules", &["compose/beat-doubled"]),
    (
        "backups that save nothing",
        &["cross/backup-flawed", "cross/backup-untold"],
    ),
    (
        "a major version that floats, or data beside the volume",
        &["compose/floating-image", "compose/data-outside-volume"],
    ),
    (
        "versions that do not fit",
        &[
            "cross/python-refused",
            "cross/python-unsupported",
            "cross/database-unsupported",
        ],
    ),
    (
        "a firewall that Docker goes round",
        &["cross/firewall-bypassed"],
    ),
    ("secrets that all may read", &["secrets/file-open-to-all"]),
    (
        "two policies, or a nonce that is kept",
        &["cross/header-twice", "django/csp-nonce-cached"],
    ),
    (
        "a cache that keeps one visitor's page",
        &["cross/pages-cached", "nginx/cache-keeps-cookies"],
    ),
];

/// Checks of them that have one place to show, and why.
const ONE_PLACE: &[(&str, &str)] = &[
    (
        "nginx/host-forged",
        "the header stands in one line of nginx; cross/host-lost holds it against Django",
    ),
    (
        "django/trusted-origin-insecure",
        "the origin is at fault by itself, whatever nginx does",
    ),
    (
        "nginx/tls-protocol-old",
        "one line decides; nginx/tls-protocol-ignored shows the two that differ",
    ),
    ("nginx/tls-cipher-weak", "one line decides"),
    ("certbot/renewal-rare", "the pause stands at one place"),
    ("nginx/real-ip-unread", "what is missing stands nowhere"),
    ("compose/blank-secret", "what should set it stands nowhere"),
    (
        "compose/default-secret",
        "the default stands in the Compose file alone",
    ),
    (
        "compose/database-open",
        "the service opens itself by one line",
    ),
    ("secrets/file-open-to-all", "the mode of a file has no line"),
];

fn check(id: &str) -> &'static Check {
    let found = catalog().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("there is no check {id}"))
}

fn checks() -> impl Iterator<Item = &'static Check> {
    FAULTS.iter().flat_map(|(_, ids)| *ids).map(|id| check(id))
}

fn outcome(deployment: &Deployment, check: &Check) -> Outcome {
    let mut verdicts = judge(deployment, |other| other.id == check.id);
    verdicts.remove(0).outcome
}

#[test]
fn every_fault_is_found_and_shown_at_both_places() {
    assert_eq!(FAULTS.len(), 74);
    let mut wrong = Vec::new();
    for check in checks() {
        let examples = Page::parse(check.doc).examples;
        let fires = |example: &&pages::Example| example.expected == Expected::Fires;
        let shows_both = examples.iter().filter(fires).any(|example| {
            matches!(outcome(&example.read(), check), Outcome::Fail(findings)
                if findings.iter().any(|finding| finding.labels.len() > 1))
        });
        let excused = ONE_PLACE.iter().any(|(id, _)| *id == check.id);
        if shows_both == excused {
            wrong.push((check.id, shows_both));
        }
    }
    assert!(
        wrong.is_empty(),
        "with one place, or excused for nothing: {wrong:?}"
    );
}

/// Where one side alone is here, nothing that joins it with another is judged: what is missing is said.
#[test]
fn a_side_that_is_missing_is_said() {
    const MANAGE: &str = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n";
    const SETTINGS: &str = "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')\n\
        ALLOWED_HOSTS = ['shop.example']\nSECURE_SSL_REDIRECT = True\nROOT_URLCONF = 'urls'\n";
    const NGINX: &str =
        "http { server { listen 80; location / { proxy_pass http://web:8000; } } }\n";
    for files in [
        &[("README.md", "# Shop\n")][..],
        &[
            ("manage.py", MANAGE),
            ("settings.py", SETTINGS),
            ("urls.py", "urlpatterns = []\n"),
        ],
        &[("nginx.conf", NGINX)],
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            std::fs::write(folder.path().join(path), text).expect("written");
        }
        let deployment = tightship_read::read(folder.path(), &Options::default()).expect("read");
        let joins = |check: &&Check| {
            let area = check.id.split('/').next();
            area.is_some_and(|area| ["cross", "certbot", "compose", "env"].contains(&area))
        };
        for check in checks().filter(joins) {
            match outcome(&deployment, check) {
                Outcome::Unknown { reason, .. } | Outcome::NotApplicable(reason) => {
                    assert!(!reason.is_empty(), "{}", check.id);
                }
                judged => panic!("{} of {} alone: {judged:?}", check.id, files[0].0),
            }
        }
    }
}
