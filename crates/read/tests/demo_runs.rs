//! The demos are real deployments: each one's `manage.py check` runs in a real Django, under the
//! environment that its `docker-compose.yml` gives to the `web` service, on a copy.
//!
//! The packages are those of `venvs/django52.txt`, which `./test` installs.

use std::{
    env, fs, io,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn the_deployment_check_of_hardened_is_silent() {
    let demo = Demo::copy("hardened");
    for name in HARDENED_SECRETS {
        demo.write_secret(
            name,
            &format!("a value for {name} that only this test knows, 0123456789"),
        );
    }
    demo.write_secret("sentry_dsn", "https://0123456789abcdef@errors.example/1");

    let output = demo.manage(&["check", "--deploy"], HARDENED_ENVIRONMENT);

    assert!(output.status.success(), "{}", everything(&output));
    assert!(
        everything(&output).contains("System check identified no issues (0 silenced)."),
        "{}",
        everything(&output)
    );
}

#[test]
fn the_environment_used_here_is_that_of_compose() {
    let compose = Path::new(REPOSITORY).join("demo/hardened/docker-compose.yml");
    let compose = fs::read_to_string(compose).expect("the Compose file");
    for (name, value) in HARDENED_ENVIRONMENT {
        assert!(
            compose.contains(&format!("    {name}: {value}\n")),
            "{name}"
        );
    }
}

#[test]
fn the_migrations_of_hardened_match_its_models() {
    let demo = Demo::copy("hardened");

    let output = demo.manage(
        &[
            "makemigrations",
            "--check",
            "--settings=config.settings.local",
        ],
        &[],
    );

    assert!(output.status.success(), "{}", everything(&output));
}

#[test]
fn the_tests_of_hardened_pass() {
    let demo = Demo::copy("hardened");

    let output = demo.manage(&["test", "--settings=config.settings.local"], &[]);

    assert!(output.status.success(), "{}", everything(&output));
    assert!(
        !everything(&output).contains("Found 0 test"),
        "{}",
        everything(&output)
    );
}

#[test]
fn careless_starts_all_the_same() {
    let demo = Demo::copy("careless");

    let output = demo.manage(&["check"], CARELESS_ENVIRONMENT);

    assert!(output.status.success(), "{}", everything(&output));
}

/// A copy of a demo's `backend/`, with a folder for what the containers mount.
struct Demo {
    folder: TempDir,
}

impl Demo {
    fn copy(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let demo = Path::new(REPOSITORY)
            .join("demo")
            .join(name)
            .join("backend");
        copy_folder(&demo, &folder.path().join("backend")).expect("the demo can be copied");
        fs::create_dir(folder.path().join("secrets")).expect("a folder for the secrets");
        Self { folder }
    }

    fn write_secret(&self, name: &str, value: &str) {
        fs::write(self.folder.path().join("secrets").join(name), value).expect("a secret file");
    }

    /// Runs `manage.py` under `environment` and nothing else of this process but PATH.
    fn manage(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let folder = self.folder.path();
        Command::new(tightship_testbed::python("django52"))
            .arg("manage.py")
            .args(arguments)
            .current_dir(folder.join("backend"))
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .envs(environment.iter().copied())
            .env("SECRETS_DIR", folder.join("secrets"))
            .env("LOG_DIR", folder)
            .output()
            .expect("Python starts")
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn everything(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

const HARDENED_ENVIRONMENT: &[(&str, &str)] = &[
    ("DJANGO_SETTINGS_MODULE", "config.settings.production"),
    ("SHOP_DOMAIN", "harbourgoods.example"),
    ("SHOP_MEDIA_DOMAIN", "media.harbourgoods.example"),
    ("CORS_ALLOWED_ORIGINS", "https://app.harbourgoods.example"),
    ("DB_HOST", "db"),
    ("DB_NAME", "harbour"),
    ("DB_USER", "harbour_app"),
    ("REDIS_URL", "redis://redis:6379/0"),
    ("EMAIL_HOST", "smtp.mailprovider.example"),
    ("EMAIL_HOST_USER", "shop@harbourgoods.example"),
    ("STATIC_ROOT", "/srv/harbour/static"),
    ("MEDIA_ROOT", "/srv/harbour/media"),
];

const HARDENED_SECRETS: &[&str] = &[
    "django_secret_key",
    "jwt_signing_key",
    "db_password",
    "redis_password",
    "email_password",
    "stripe_secret_key",
    "stripe_webhook_secret",
];

/// What Compose and `.env` set, as far as the settings read it.
const CARELESS_ENVIRONMENT: &[(&str, &str)] = &[
    ("DJANGO_SETTINGS_MODULE", "config.settings.production"),
    ("DJANGO_DEBUG", "False"),
    ("SECRET_KEY", "harbour-goods-secret-2023"),
    ("PAYMENT_WEBHOOK_SECRET", "changeme"),
    (
        "ALLOWED_HOSTS",
        "https://harbourgoods.example,www.harbourgoods.example,*",
    ),
];
