//! Secrets never appear; what files say steers nothing.

use crate::project::Project;

const SECRETS: [&str; 5] = [
    "plain-literal-secret-0123456789",
    "dotenv-secret-9876543210",
    "url-password-5556667778",
    "default-secret-1112223334",
    "option-secret-4443332221",
];

const OUTPUTS: [&[&str]; 13] = [
    &["check", "--verbose"],
    &["check", "--format", "json"],
    &["check", "--format", "sarif"],
    &["check", "--format", "junit"],
    &["check", "--format", "github"],
    &["check", "--format", "markdown"],
    &["check", "--format", "html"],
    &["check", "--format", "gitlab"],
    &["check", "--format", "csv"],
    &["inspect", "settings"],
    &["inspect", "settings", "--format", "json"],
    &[
        "check",
        "--env",
        "SECRET_KEY_2=option-secret-4443332221",
        "--verbose",
    ],
    &[
        "inspect",
        "settings",
        "--env",
        "SECRET_KEY_2=option-secret-4443332221",
    ],
];

#[test]
fn no_output_shows_a_secret() {
    let project = Project::with_settings(
        r#"import os
SECRET_KEY = "plain-literal-secret-0123456789"  # plain-literal-secret-0123456789 of production
SECRET_KEY_2 = os.environ.get("SECRET_KEY_2", "default-secret-1112223334")
STRIPE_API_KEY = os.environ["STRIPE_API_KEY"]
DATABASE_URL = os.environ.get("DATABASE_URL", "postgres://shop:url-password-5556667778@db/shop")
DATABASES = {"default": {"PASSWORD": "plain-literal-secret-0123456789", "NAME": "shop"}}
SIMPLE_JWT = {"SIGNING_KEY": SECRET_KEY}
DEBUG = True
"#,
    )
    .file(
        "compose.yml",
        "services:\n  web:\n    build: .\n    env_file: .env.prod\n    command: gunicorn shop.wsgi\n",
    )
    .file(
        ".env.prod",
        "STRIPE_API_KEY=dotenv-secret-9876543210 # dotenv-secret-9876543210\n\
         DATABASE_URL=postgres://shop:url-password-5556667778@db/shop\n",
    );
    for arguments in OUTPUTS {
        let answer = project.run(arguments);
        for secret in SECRETS {
            let shown = [&answer.stdout, &answer.stderr]
                .iter()
                .find_map(|text| text.lines().find(|line| line.contains(secret)));
            assert!(shown.is_none(), "{arguments:?} shows {secret}: {shown:?}");
        }
    }
}

/// Places where people leave secrets beside the plain literal.
#[test]
fn no_output_shows_a_secret_of_an_unusual_place() {
    const SECRET: &str = "hidden-Gk7vQ2mXw9RtLp4z";
    let project = Project::with_settings(&format!(
        r#"import os
import json
import environ
env = environ.Env()
DEBUG = True
SECRET_KEY = """{SECRET}
"""  # was {SECRET}-old
STRIPE_SECRET_KEY = f"{SECRET}"
API_TOKEN = f"live-{{STRIPE_SECRET_KEY}}"
EMAIL_HOST_PASSWORD = "{SECRET}"; EMAIL_USE_TLS = False
BROKER_URL = CELERY_BROKER_URL = "amqp://shop:{SECRET}@broker:5672//"
CACHES = {{"default": {{"BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": "redis://:{SECRET}@cache:6379/0", "OPTIONS": {{"PASSWORD": "{SECRET}"}}}}}}
DATABASES = {{"default": env.db("DATABASE_URL", default="postgres://u:{SECRET}@db/shop")}}
CLOUD = json.loads(os.environ["CLOUD_JSON"])
OPTIONS = {{"aws_secret_access_key": "{SECRET}", "client_secret": "{SECRET}"}}
SOCIALACCOUNT_PROVIDERS = {{"google": {{"APP": {{"client_id": "shop", "secret": "{SECRET}"}}}}}}
SIMPLE_JWT = dict(SIGNING_KEY="{SECRET}", ALGORITHM="HS256")
ALLOWED_HOSTS = ["*"] if SECRET_KEY == "{SECRET}" else ["*"]
PRIVATE_KEY = (
    "{SECRET}"
    "{SECRET}"
)
"#
    ))
    .file(
        "compose.yml",
        format!(
            "services:\n  web:\n    build: .\n    command: gunicorn shop.wsgi\n    environment:\n      \
             CLOUD_JSON: '{{\"private_key\": \"{SECRET}\"}}'\n      DATABASE_URL: postgres://u:{SECRET}@db/shop\n"
        ),
    );
    for arguments in OUTPUTS {
        let answer = project.run(arguments);
        assert!(answer.code < 2, "{arguments:?}: {}", answer.stderr);
        for text in [&answer.stdout, &answer.stderr] {
            let shown = text.lines().find(|line| line.contains(SECRET));
            assert!(shown.is_none(), "{arguments:?} shows a secret: {shown:?}");
        }
    }
}

#[test]
fn what_files_say_steers_no_screen() {
    let project = Project::with_settings(
        "DEBUG = 'on\u{1b}[2J\u{202e}'  # \u{1b}]0;title\u{7}\u{9b}31m\u{202e}\n\
         ALLOWED_HOSTS = ['*', '\\x1b[2J::error::\\n::error::x<script>']\n",
    );
    for arguments in OUTPUTS {
        let answer = project.run(arguments);
        let steering = |c: &char| (c.is_control() && !['\n', '\r'].contains(c)) || *c == '\u{202e}';
        let found: Vec<_> = answer.stdout.chars().filter(steering).collect();
        assert!(found.is_empty(), "{arguments:?} passes on {found:?}");
    }
    let commands = project.run(&["check", "--format", "github"]).stdout;
    assert!(
        commands.lines().all(|line| line.contains("title=")),
        "{commands}"
    );
}

#[test]
fn broken_files_cost_no_answer() {
    let project = Project::with_settings("DEBUG = True\n")
        .file("shop/binary.py", [0, 159, 146, 150, 255, 254, 0])
        .file("shop/deep.py", "(".repeat(20_000))
        .file("shop/long.py", format!("x = '{}'\n", "y".repeat(5_000_000)))
        .file("shop/broken.py", "def f(:\n  return\n\tx = = 1\n")
        .file(".env", [0xff, 0xfe, b'A', 0, b'=', 0]);
    let answer = project.run(&["check", "--select", "django/debug-on"]);
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
}

#[test]
fn files_that_are_no_choice_and_no_report_are_refused_at_once() {
    let project = Project::careless()
        .file("big.toml", "# \n".repeat(1_000_000))
        .file("binary.toml", [0, 159, 146, 150])
        .file("text.json", "no report")
        .file("list.json", "[1, 2]");
    for (arguments, cause) in [
        (["check", "--config", "binary.toml"], "binary.toml"),
        (["check", "--baseline", "text.json"], "text.json"),
        (["check", "--baseline", "list.json"], "list.json"),
        (["check", "--baseline", "absent.json"], "absent.json"),
        (
            ["check", "--output", "absent/report.json"],
            "absent/report.json",
        ),
    ] {
        project.run(&arguments).is_failure(cause, "");
    }
    assert!(project.run(&["check", "--config", "big.toml"]).code < 3);
}

#[test]
fn nothing_goes_to_stderr_that_is_not_a_terminal() {
    // More work than the half second after which a terminal would show a sign of life.
    let slow = "X = 1\n".repeat(100_000) + "DEBUG = True\n";
    let answer = Project::with_settings(&slow).run(&["check"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (1, ""));
}
