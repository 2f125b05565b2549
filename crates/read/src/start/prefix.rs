//! Programs that only wrap another one, and the names of those that are told apart.

use std::collections::BTreeMap;

use tightship_model::{Program, Span};

use super::text::Text;

/// A command without what wraps it.
#[derive(Debug, Default)]
pub(super) struct Unwrapped {
    pub(super) argv: Vec<Text>,
    /// `env NAME=value`, `NAME=value` before the command.
    pub(super) variables: BTreeMap<String, Text>,
    /// `gosu app`, `sudo -u app`.
    pub(super) user: Option<Text>,
    /// Whether a wrapper waits for another service first.
    pub(super) waits: bool,
    /// The script of `sh -c`, and what becomes `$1`, `$2`, …
    pub(super) script: Option<Text>,
    pub(super) arguments: Vec<Text>,
}

/// Wrappers inside of wrappers.
const MOST_WRAPPERS: usize = 16;

pub(super) fn unwrap(argv: Vec<Text>, _span: Span) -> Unwrapped {
    let mut result = Unwrapped {
        argv,
        ..Unwrapped::default()
    };
    for _ in 0..MOST_WRAPPERS {
        if !result.unwrap_one() {
            break;
        }
    }
    result
}

impl Unwrapped {
    /// Takes one wrapper away; says whether there was one.
    fn unwrap_one(&mut self) -> bool {
        let Some(first) = self.argv.first() else {
            return false;
        };
        if let Some((variable, value)) = first.text.split_once('=')
            && is_variable(variable)
        {
            let value = Text {
                text: value.to_owned(),
                ..first.clone()
            };
            self.variables.insert(variable.to_owned(), value);
            self.argv.remove(0);
            return true;
        }
        let first = name(&first.text).to_owned();
        let second = self.argv.get(1).map_or("", |word| word.text.as_str());
        match first.as_str() {
            "exec"
            | "command"
            | "nohup"
            | "time"
            | "setsid"
            | "ddtrace-run"
            | "opentelemetry-instrument"
            | "env"
            | "catatonit"
            | "xvfb-run" => {
                self.skip(1, &["-u", "-a", "-C"]);
            }
            "dumb-init" | "tini" | "tini-static" | "docker-init" => self.skip(1, &["-p", "-r"]),
            "nice" | "ionice" | "chrt" => self.skip(1, &["-n", "-c", "-p"]),
            "stdbuf" => self.skip(1, &["-i", "-o", "-e"]),
            "timeout" => {
                self.skip(1, &["-k", "-s"]);
                self.skip(1, &[]);
            }
            "gosu" | "su-exec" | "s6-setuidgid" | "setuidgid" => {
                self.user = self.argv.get(1).cloned();
                self.skip(2, &[]);
            }
            "sudo" => {
                let flag = self.argv.iter().position(|word| word.text == "-u");
                self.user = flag.and_then(|at| self.argv.get(at + 1).cloned());
                self.skip(1, &["-u", "-g"]);
            }
            "poetry" | "uv" | "pipenv" | "pdm" | "rye" | "hatch" | "conda" | "micromamba"
            | "doppler" | "infisical"
                if second == "run" =>
            {
                self.skip(
                    2,
                    &[
                        "-n",
                        "-p",
                        "--env-file",
                        "--with",
                        "--project",
                        "--python",
                        "--directory",
                    ],
                );
            }
            "newrelic-admin" if second == "run-program" => self.skip(2, &[]),
            "wait-for-it"
            | "wait-for-it.sh"
            | "wait-for"
            | "wait-for.sh"
            | "dockerize"
            | "wait-for-postgres.sh"
            | "wait-for-db.sh"
            | "wait_for_it.sh" => {
                let Some(at) = self.argv.iter().position(|word| word.text == "--") else {
                    return false;
                };
                self.waits = true;
                self.argv.drain(..=at);
            }
            "sh" | "bash" | "ash" | "dash" | "zsh" => return self.unwrap_shell(),
            _ if is_python(&first) => return self.unwrap_python(),
            _ => return false,
        }
        !self.argv.is_empty()
    }

    /// Drops words, then options; those that are listed have a value of their own.
    fn skip(&mut self, words: usize, with_value: &[&str]) {
        self.argv.drain(..words.min(self.argv.len()));
        while let Some(word) = self.argv.first() {
            if word.text == "--" {
                self.argv.remove(0);
                return;
            }
            if !word.text.starts_with('-') {
                return;
            }
            let count = 1 + usize::from(with_value.contains(&word.text.as_str()));
            self.argv.drain(..count.min(self.argv.len()));
        }
    }

    fn unwrap_shell(&mut self) -> bool {
        let mut at = 1;
        while let Some(word) = self.argv.get(at) {
            let is_option = word.text.starts_with(['-', '+']);
            if is_option && !word.text.starts_with("--") && word.text.contains('c') {
                self.script = self.argv.get(at + 1).cloned();
                // `$0` is the first word behind the script.
                let behind = self.argv.iter().skip(at + 3).cloned();
                self.arguments = behind.collect();
                return false;
            }
            if !is_option {
                break;
            }
            at += 1 + usize::from(word.text == "-o");
        }
        if self.argv.len() <= at {
            return false;
        }
        self.argv.drain(..at);
        true
    }

    /// `python -m module`, `python manage.py`.
    fn unwrap_python(&mut self) -> bool {
        let mut at = 1;
        while let Some(word) = self.argv.get(at) {
            if word.text == "-m" {
                self.argv.drain(..=at);
                if let Some(module) = self.argv.first_mut() {
                    module.text = match module.text.as_str() {
                        "waitress" => "waitress-serve".to_owned(),
                        "django" => "django-admin".to_owned(),
                        "supervisor.supervisord" => "supervisord".to_owned(),
                        other => other.to_owned(),
                    };
                }
                return !self.argv.is_empty();
            }
            if word.text == "-c" || !word.text.starts_with('-') {
                break;
            }
            at += 1 + usize::from(matches!(word.text.as_str(), "-W" | "-X"));
        }
        let is_script = self
            .argv
            .get(at)
            .is_some_and(|word| is_manage(&word.text) || program_named(name(&word.text)));
        if is_script {
            self.argv.drain(..at);
        }
        is_script
    }
}

/// The program that a command starts, where it is one that is told apart.
pub(super) fn program(argv: &[Text]) -> Option<Program> {
    let first = argv.first()?;
    let words = || argv[1..].iter().map(|word| word.text.as_str());
    let own = name(&first.text);
    Some(match own {
        "gunicorn" | "gunicorn3" => Program::Gunicorn,
        "uvicorn" => Program::Uvicorn,
        "daphne" => Program::Daphne,
        "granian" => Program::Granian,
        "uwsgi" | "uwsgi-core" | "uwsgi_python3" => Program::Uwsgi,
        "hypercorn" => Program::Hypercorn,
        "waitress-serve" => Program::Waitress,
        "nginx" | "openresty" | "nginx-debug" => Program::Nginx,
        "certbot" | "certbot-auto" => Program::Certbot,
        "flower" => Program::Flower,
        "celery" => match words().find(|word| matches!(*word, "worker" | "beat" | "flower")) {
            Some("worker") => Program::CeleryWorker,
            Some("beat") => Program::CeleryBeat,
            Some(_) => Program::Flower,
            None => Program::Other("celery".to_owned()),
        },
        _ if is_manage(&first.text) => match words().find(|word| !word.starts_with('-'))? {
            "runserver" | "runserver_plus" => Program::Runserver,
            command => Program::Manage(command.to_owned()),
        },
        _ => return None,
    })
}

/// Whether a program is asked for something and then ends: `nginx -t`, `nginx -s reload`,
/// `celery inspect ping`.
pub(super) fn only_asks(program: &Program, argv: &[Text]) -> bool {
    let has = |wanted: &str| argv.iter().any(|word| word.text == wanted);
    match program {
        Program::Nginx => has("-t") || has("-s") || has("-v") || has("-V") || has("-T"),
        _ => false,
    }
}

/// Whether a program waits for something.
pub(super) fn waits(name: &str) -> bool {
    matches!(
        name,
        "nc" | "pg_isready" | "sleep" | "redis-cli" | "mysqladmin" | "ping"
    ) || name.starts_with("wait")
        || name == "dockerize"
}

/// Whether a path is the entrypoint that base images have.
pub(super) fn is_entrypoint(path: &str) -> bool {
    name(path).contains("entrypoint")
}

/// The name of a program without its folder.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_manage(path: &str) -> bool {
    matches!(
        name(path),
        "manage.py" | "django-admin" | "django-admin.py" | "manage"
    )
}

fn program_named(name: &str) -> bool {
    program(&[Text::new(name)]).is_some()
}

fn is_python(name: &str) -> bool {
    let rest = name.strip_prefix("python").or(name.strip_prefix("pypy"));
    rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
}
