//! Start commands, as far as their words tell.

use tightship_model::Span;

/// The words of a command line and its place.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) words: Vec<String>,
    pub(crate) span: Span,
}

/// Django's own servers, which are made for development.
const DEVELOPMENT_SERVERS: [&str; 2] = ["runserver", "runserver_plus"];

/// Programs that answer requests in production.
const PRODUCTION_SERVERS: [&str; 9] = [
    "gunicorn",
    "uvicorn",
    "daphne",
    "granian",
    "uwsgi",
    "hypercorn",
    "waitress-serve",
    "mod_wsgi-express",
    "unitd",
];

/// Programs whose process is no web process, although it runs the same code.
const WORKERS: [&str; 9] = [
    "celery",
    "rqworker",
    "qcluster",
    "dramatiq",
    "rundramatiq",
    "huey",
    "run_huey",
    "flower",
    "beat",
];

impl Command {
    /// Splits as a shell does; `&&`, `;`, `|` and line breaks end words.
    pub(crate) fn shell(text: &str, span: Span) -> Self {
        Self {
            words: words(text),
            span,
        }
    }

    /// Whether it starts a program that answers requests.
    pub(crate) fn is_server(&self) -> bool {
        self.is_production_server() || self.is_development_server()
    }

    /// Whether it starts a server that is made for production.
    pub(crate) fn is_production_server(&self) -> bool {
        self.words
            .iter()
            .any(|word| PRODUCTION_SERVERS.contains(&program(word)))
    }

    /// Whether it starts Django's own server.
    pub(crate) fn is_development_server(&self) -> bool {
        self.words
            .iter()
            .any(|word| DEVELOPMENT_SERVERS.contains(&program(word)))
    }

    /// Whether it starts a server that takes changes of the code up while it runs.
    pub(crate) fn is_reloading(&self) -> bool {
        const OPTIONS: [&str; 4] = [
            "--reload",
            "--autoreload",
            "--py-autoreload",
            "--py-auto-reload",
        ];
        let name = |word: &String| word.split('=').next().unwrap_or_default().to_owned();
        self.is_server()
            && self
                .words
                .iter()
                .any(|word| OPTIONS.contains(&name(word).as_str()))
    }

    pub(crate) fn is_worker(&self) -> bool {
        self.words
            .iter()
            .any(|word| WORKERS.contains(&program(word)))
            && !self.is_server()
    }

    /// The settings module that an option or a variable before the program names.
    pub(crate) fn settings(&self) -> Option<&str> {
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            let named = match word.as_str() {
                "--settings" => words.next().map(String::as_str),
                word => word
                    .strip_prefix("--settings=")
                    .or_else(|| word.strip_prefix("DJANGO_SETTINGS_MODULE=")),
            };
            if let Some(module) = named.filter(|name| is_dotted(name)) {
                return Some(module);
            }
        }
        None
    }

    /// The variables that it sets for the server: `NAME=value` before the program.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.words
            .iter()
            .take_while(|word| !is_server(word))
            .filter_map(|word| word.split_once('='))
            .filter(|(name, _)| {
                name.starts_with(|c: char| c == '_' || c.is_ascii_uppercase())
                    && name
                        .bytes()
                        .all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit())
            })
    }

    /// The files that it starts or sources, as written: `/start`, `./entrypoint.sh`.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = &str> {
        self.words
            .iter()
            .map(String::as_str)
            .filter(|word| {
                word.ends_with(".sh") || word.contains('/') || word.ends_with("entrypoint")
            })
            .filter(|word| !word.starts_with('-') && !word.contains("://") && !word.ends_with('/'))
    }
}

/// Whether a word can be the dotted name of a module.
pub(crate) fn is_dotted(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').all(|part| {
            part.starts_with(|c: char| c == '_' || c.is_alphabetic())
                && part.chars().all(|c| c == '_' || c.is_alphanumeric())
        })
}

/// The words of a shell text without quotes. Substitutions stay as they are written.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => match chars.next() {
                Some('\n') | None => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            (None, '#') if word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            (None, c) if c.is_whitespace() || matches!(c, ';' | '|' | '&' | '(' | ')') => {
                words.extend(word.take());
            }
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn is_server(word: &str) -> bool {
    PRODUCTION_SERVERS.contains(&program(word)) || DEVELOPMENT_SERVERS.contains(&program(word))
}

fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tightship_model::SourceId;

    fn command(text: &str) -> Command {
        Command::shell(text, Span::new(SourceId(0), 0, 0))
    }

    #[test]
    fn servers_and_workers_are_told_apart() {
        for text in [
            "gunicorn shop.wsgi:application -b :8000",
            "sh -c 'x' && /venv/bin/uvicorn shop.asgi:app",
            "python manage.py migrate && python manage.py runserver 0.0.0.0:8000",
        ] {
            assert!(command(text).is_server(), "{text}");
        }
        assert!(command("celery -A shop worker").is_worker());
        assert!(!command("python manage.py migrate").is_server());
    }

    #[test]
    fn an_option_names_the_settings() {
        for text in [
            "manage.py runserver --settings=shop.prod",
            "manage.py runserver --settings shop.prod",
            "DJANGO_SETTINGS_MODULE=shop.prod gunicorn x",
            "export DJANGO_SETTINGS_MODULE='shop.prod'",
        ] {
            assert_eq!(command(text).settings(), Some("shop.prod"), "{text}");
        }
        assert_eq!(command("x --settings=$NAME").settings(), None);
    }
}
