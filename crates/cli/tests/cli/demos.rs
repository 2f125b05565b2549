//! The two demos, as the README shows them.

use crate::documents::docs;
use crate::project::Project;

fn check(demo: &str) -> (i32, serde_json::Value) {
    let output = Project::empty()
        .command(&["check", demo, "--format", "json"])
        .current_dir(docs().join(".."))
        .output()
        .expect("the command runs");
    let report = serde_json::from_slice(&output.stdout).expect("JSON");
    (output.status.code().expect("no signal"), report)
}

#[test]
fn the_careless_shop_fails() {
    let (code, report) = check("demo/careless");
    assert_eq!(code, 1);
    assert_ne!(report["summary"]["critical"], 0);
    assert_eq!(report["environment"]["variables_from"], "compose");
}

/// What `demo/careless/FAULTS.md` lists and settings or the environment decide, and the check that
/// finds it.
const FAULTS: &[(&str, &str)] = &[
    (
        "6: the redirect hides behind a variable",
        "django/https-redirect-off",
    ),
    (
        "6: the session cookie hides behind it too",
        "django/session-cookie-insecure",
    ),
    (
        "6: and so does that of forms",
        "django/csrf-cookie-insecure",
    ),
    ("6: nothing sets that variable", "env/flag-never-set"),
    (
        "the webhook believes whoever calls it",
        "code/webhook-unverified",
    ),
    ("8: CORS admits http:// origins", "cors/insecure-origin"),
    ("12: Compose says DEBUG=0 to nobody", "env/variable-unread"),
    (
        "12: the worker runs with other settings",
        "env/settings-module-differs",
    ),
    ("12: the shop runs on SQLite", "django/database-sqlite"),
    (
        "19: axes locks by user name only",
        "axes/lockout-by-name-alone",
    ),
    ("19: axes sees no address", "axes/lockout-without-address"),
    ("21: a default key in Compose", "django/secret-key-weak"),
    (
        "22: a fallback for SECRET_KEY in the code",
        "django/unsafe-default",
    ),
    ("23: DEBUG is on", "django/debug-on"),
    ("23: bool(\"False\") is True", "django/env-text-is-true"),
    ("25: ALLOWED_HOSTS holds *", "django/allowed-hosts-wildcard"),
    (
        "25: ALLOWED_HOSTS holds a scheme",
        "django/allowed-hosts-unmatchable",
    ),
    (
        "26: a default password for the superuser",
        "env/admin-password-default",
    ),
    (
        "29: access tokens live for 30 days",
        "jwt/access-lifetime-long",
    ),
    (
        "29: refresh tokens live for a year",
        "jwt/refresh-lifetime-long",
    ),
    ("29: blacklisting without its app", "jwt/blacklist-missing"),
    ("29: everything is open by omission", "drf/open-by-default"),
    (
        "manage.py and wsgi.py name another module",
        "django/settings-module-disagrees",
    ),
    (
        "AXES_COOLOFF_DURATION is no setting",
        "axes/unknown-setting",
    ),
    ("AXES_FAILURE_LIMIT of 20", "axes/failure-limit-high"),
    ("AxesMiddleware is not last", "axes/middleware-not-last"),
    (
        "AxesStandaloneBackend is not first",
        "axes/backend-not-first",
    ),
    ("SecurityMiddleware is last", "django/middleware-order"),
    (
        "WhiteNoise stands in the wrong place",
        "static/whitenoise-misplaced",
    ),
    ("CORS stands after Common", "cors/middleware-late"),
    (
        "settings that Django stopped reading",
        "django/removed-setting",
    ),
    ("misspelt settings", "django/misspelt-setting"),
    (
        "the session cookie is readable",
        "django/session-cookie-readable",
    ),
    (
        "the session cookie has no SameSite",
        "django/session-cookie-cross-site",
    ),
    ("the session lives for a year", "django/session-long"),
    ("sessions are pickled", "django/session-pickled"),
    ("HSTS for one hour", "django/hsts-short"),
    ("HSTS without subdomains", "django/hsts-subdomains-open"),
    ("HSTS without preload", "django/hsts-not-preloaded"),
    ("X_FRAME_OPTIONS is ALLOWALL", "django/framing-allowed"),
    ("no Content-Security-Policy", "django/csp-missing"),
    (
        "CSRF_TRUSTED_ORIGINS holds http://",
        "django/trusted-origin-insecure",
    ),
    (
        "X-Forwarded-Host is believed",
        "django/forwarded-host-trusted",
    ),
    (
        "CORS admits every origin, with credentials",
        "cors/allow-all",
    ),
    ("an origin pattern has no anchor", "cors/open-regex"),
    (
        "MD5 is the first password hasher",
        "django/password-hasher-weak",
    ),
    ("passwords of 6 characters", "django/password-minimum-short"),
    (
        "registration skips the validators",
        "django/validators-bypassed",
    ),
    (
        "the JWT signing key is SECRET_KEY",
        "jwt/signing-key-shared",
    ),
    ("no authentication classes", "drf/basic-authentication"),
    ("no throttles", "drf/no-throttle"),
    ("live keys are literals", "secrets/literal-in-settings"),
    ("mail is printed to the log", "mail/backend-sends-nothing"),
    (
        "email addresses need no verification",
        "allauth/email-unverified",
    ),
    ("no log of security events", "logging/security-unheard"),
    (
        "1: PostgreSQL and Redis are published",
        "compose/database-published",
    ),
    ("1: and Redis asks for no password", "compose/database-open"),
    (
        "2: gunicorn's port is published beside nginx",
        "compose/app-server-published",
    ),
    ("21: default secrets in Compose", "compose/default-secret"),
    (
        "21: a database password that is guessed at once",
        "compose/password-weak",
    ),
    (
        "24: .env and a key end in the image",
        "docker/secret-file-in-image",
    ),
    (
        "30: runserver is the image's command",
        "compose/development-server",
    ),
    ("30: the source is bind-mounted", "compose/source-mounted"),
    ("30: root user", "docker/runs-as-root"),
    ("30: no .dockerignore", "docker/context-unfiltered"),
    ("a privileged container", "compose/privileged"),
    ("9: add_header lost by inheritance", "nginx/headers-dropped"),
    ("10: two different HSTS headers", "nginx/header-twice"),
    ("17: port 80 proxies in clear", "cross/plain-http-answered"),
    (
        "27: nginx allows every origin, with credentials",
        "nginx/cors-open",
    ),
    ("an alias without its slash", "nginx/alias-traversal"),
    ("the client's own Host", "nginx/host-forged"),
    (
        "nothing tells Django of HTTPS",
        "nginx/proxy-headers-missing",
    ),
    ("TLS 1.0 and 1.1", "nginx/tls-protocol-old"),
    ("medium ciphers", "nginx/tls-cipher-weak"),
    ("cookies in the access log", "nginx/log-holds-secrets"),
    ("bodies of any size", "nginx/body-unlimited"),
    ("uploads are listed", "nginx/listing-open"),
    ("no limit of requests", "nginx/requests-unlimited"),
    ("nginx tells its version", "nginx/version-shown"),
    (
        "headers that error pages lack",
        "nginx/header-lost-on-errors",
    ),
    ("no restart policy", "compose/restart-missing"),
    ("no health checks", "compose/healthcheck-missing"),
    ("no log limits", "compose/logs-unbounded"),
    ("floating images", "compose/floating-image"),
    ("nginx gets the shop's secrets", "compose/secrets-shared"),
    ("chmod 777", "docker/world-writable"),
    (
        "13: the ACME folder is mounted nowhere in nginx",
        "certbot/webroot-not-served",
    ),
    (
        "15: the certificate is for one name of three",
        "certbot/names-differ",
    ),
    (
        "the admin takes one password from everywhere",
        "cross/admin-exposed",
    ),
    (
        "limits that each worker counts alone",
        "cross/limit-not-shared",
    ),
    (
        "two minutes to finish, and Docker's ten seconds",
        "cross/stopped-too-soon",
    ),
    (
        "nginx on one network with the stores",
        "compose/store-beside-proxy",
    ),
    (
        "20: the document promises what nothing does",
        "docs/claim-unmet",
    ),
    ("no guide to deploy or to restore", "docs/procedure-missing"),
    (
        "the settings and the database are served",
        "cross/project-served",
    ),
    (
        "statements are logged with their values",
        "logging/statements-logged",
    ),
    ("three containers migrate at once", "cross/migrations-race"),
    (
        "heartbeats of gunicorn are on disk",
        "cross/worker-files-on-disk",
    ),
    (
        "Sentry gets names and cookies",
        "logging/personal-data-sent",
    ),
];

fn with_status<'a>(report: &'a serde_json::Value, status: &str) -> Vec<&'a str> {
    let verdicts = report["verdicts"].as_array().expect("verdicts");
    verdicts
        .iter()
        .filter(|verdict| verdict["status"] == status)
        .map(|verdict| verdict["check"].as_str().expect("an id"))
        .collect()
}

#[test]
fn every_fault_of_the_careless_shop_that_settings_decide_is_found() {
    let (_, report) = check("demo/careless");
    let failed = with_status(&report, "fail");
    let missed: Vec<_> = FAULTS
        .iter()
        .filter(|(_, check)| !failed.contains(check))
        .collect();
    assert!(missed.is_empty(), "not found: {missed:#?}");
}

/// Only what stands in secret files, the live site, and what a drill would tell stays unknown, and the
/// report says which files.
#[test]
fn the_hardened_shop_has_no_finding() {
    let (code, report) = check("demo/hardened");
    assert_eq!(code, 0);
    assert_eq!(with_status(&report, "fail"), Vec::<&str>::new());
    for verdict in report["verdicts"].as_array().expect("verdicts") {
        if verdict["status"] == "unknown" {
            let reason = verdict["reason"].as_str().expect("a reason");
            assert!(
                reason.contains("the content of /run/secrets/")
                    || reason == "the live site was not looked at"
                    // What a drill and a look at the server tell.
                    || reason.contains("the ledger tells of no restore that was timed")
                    || reason.contains("how often the database is saved is not told"),
                "{}: {reason}",
                verdict["check"]
            );
        }
    }
}
