//! What runs: servers, workers and tools, with the options they are started with.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::{Span, Traced, Trail, Unknown, Value};

/// The words of a command, program first. They may hold secrets: `Debug` shows the program only.
#[derive(Clone, PartialEq, Eq)]
pub struct Argv {
    pub words: Vec<String>,
    /// Whether a shell reads the last word as a script: Docker's shell form, `sh -c`.
    pub is_shell: bool,
    /// The command as it is written.
    pub span: Span,
}

impl Argv {
    /// The script of a shell form.
    pub fn script(&self) -> Option<&str> {
        self.is_shell
            .then(|| self.words.last())?
            .map(String::as_str)
    }
}

impl fmt::Debug for Argv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Argv")
            .field("program", &self.words.first())
            .field("words", &self.words.len())
            .field("is_shell", &self.is_shell)
            .finish_non_exhaustive()
    }
}

/// One long-running or one-shot program of the deployment.
#[derive(Clone, Debug)]
pub struct Process {
    pub starter: Starter,
    pub program: Program,
    /// What it serves: `shop.wsgi:application`; for a worker, its Celery application.
    pub application: Option<Traced<String>>,
    /// Options that something sets, by the server's own long name (`forwarded_allow_ips`,
    /// `proxy_headers`): command line, environment and configuration file merged as the server
    /// does. Unset ones: [`Process::option`].
    pub options: BTreeMap<String, Traced<Value>>,
    /// Where it listens; the server's default is in it where nothing is set.
    pub binds: Vec<Traced<Bind>>,
    /// Who runs it, where something says.
    pub user: Option<Traced<Value>>,
    pub workdir: Option<Traced<Value>>,
    /// What the start runs before it, in order.
    pub steps: Vec<Step>,
    /// The way from what starts it to the program: Compose's command, the script, the line.
    pub trail: Trail,
    /// Set where options beyond these may hold: a configuration file that is not here.
    pub rest: Option<Unknown>,
}

/// What starts a process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Starter {
    /// A service of the Compose model, by name.
    Service(String),
    /// A systemd unit, by the path of its file.
    Unit(String),
    /// A program of supervisor's configuration, by name.
    Supervisor(String),
    /// A line of a Procfile, by its process type.
    Procfile(String),
    /// The image alone, by the path of its Dockerfile.
    Image(String),
}

impl Starter {
    /// What it is called in a sentence.
    pub fn name(&self) -> String {
        match self {
            Self::Service(name) => format!("service {name}"),
            Self::Unit(path) => format!("unit {path}"),
            Self::Supervisor(name) => format!("supervisor program {name}"),
            Self::Procfile(kind) => format!("Procfile process {kind}"),
            Self::Image(path) => format!("image of {path}"),
        }
    }
}

/// The programs that are told apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    Gunicorn,
    Uvicorn,
    Daphne,
    Granian,
    Uwsgi,
    Hypercorn,
    Waitress,
    /// `manage.py runserver` and `runserver_plus`.
    Runserver,
    CeleryWorker,
    CeleryBeat,
    Flower,
    /// Another command of manage.py, by name.
    Manage(String),
    Nginx,
    Certbot,
    /// Anything else, by the name of the program.
    Other(String),
    /// The start command is not known: the image is not here, or text does not tell.
    Unknown,
}

impl Program {
    /// Whether it answers HTTP requests with Django.
    pub fn serves_django(&self) -> bool {
        matches!(
            self,
            Self::Gunicorn
                | Self::Uvicorn
                | Self::Daphne
                | Self::Granian
                | Self::Uwsgi
                | Self::Hypercorn
                | Self::Waitress
                | Self::Runserver
        )
    }

    /// Whether it runs the code of the project.
    pub fn runs_django(&self) -> bool {
        self.serves_django()
            || matches!(
                self,
                Self::CeleryWorker | Self::CeleryBeat | Self::Flower | Self::Manage(_)
            )
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Gunicorn => "gunicorn",
            Self::Uvicorn => "uvicorn",
            Self::Daphne => "daphne",
            Self::Granian => "granian",
            Self::Uwsgi => "uwsgi",
            Self::Hypercorn => "hypercorn",
            Self::Waitress => "waitress",
            Self::Runserver => "runserver",
            Self::CeleryWorker => "celery worker",
            Self::CeleryBeat => "celery beat",
            Self::Flower => "flower",
            Self::Manage(command) => command,
            Self::Nginx => "nginx",
            Self::Certbot => "certbot",
            Self::Other(name) => name,
            Self::Unknown => "unknown",
        }
    }
}

/// A place to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bind {
    /// `port` is `None` where variables decide that are not known.
    Tcp {
        host: String,
        port: Option<u16>,
    },
    /// A socket in the file system of its container or host.
    Unix(String),
    /// A file descriptor that another program opened.
    Descriptor(String),
    Unknown(Unknown),
}

/// Something that runs before the program itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub kind: StepKind,
    pub argv: Argv,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// A command of manage.py, by name: `migrate`, `collectstatic`.
    Manage(String),
    /// Waits for another service.
    Wait,
    /// Anything else, by the name of the program.
    Other(String),
}

/// One option of a server: set, or the server's default.
#[derive(Clone, Debug)]
pub struct ServerOption<'a> {
    pub value: Cow<'a, Traced<Value>>,
    pub is_set: bool,
}

impl Process {
    /// An option by the server's long name with `_`: what sets it, else the server's default.
    ///
    /// `None` where the server has no such option, or nothing is known of its default. Where
    /// [`Process::rest`] is set, an option that nothing sets may be set nevertheless.
    pub fn option(&self, name: &str) -> Option<ServerOption<'_>> {
        if let Some(value) = self.options.get(name) {
            return Some(ServerOption {
                value: Cow::Borrowed(value),
                is_set: true,
            });
        }
        let value = default_of(&self.program, name)?;
        let text = format!("{name} is not set; {}'s default", self.program.name());
        Some(ServerOption {
            value: Cow::Owned(Traced::new(value, Trail::outside(text))),
            is_set: false,
        })
    }

    /// How many processes answer requests, or do tasks; `None` where that is not known.
    pub fn workers(&self) -> Option<ServerOption<'_>> {
        match self.program {
            Program::Uwsgi => self.option("processes"),
            Program::CeleryWorker => self.option("concurrency"),
            _ => self.option("workers"),
        }
    }
}

/// Defaults of servers: gunicorn 27.0 (`gunicorn.config`), uvicorn 0.54, daphne 4.2, granian 2.8,
/// hypercorn 0.18 (`hypercorn.config`), waitress 3.0 (`waitress.adjustments`), as their `--help` and
/// modules give them.
fn default_of(program: &Program, name: &str) -> Option<Value> {
    let text = |text: &str| Some(Value::Str(text.to_owned()));
    let number = |number: i128| Some(Value::Int(number));
    let truth = |truth: bool| Some(Value::Bool(truth));
    match (program, name) {
        (Program::Gunicorn, _) => match name {
            "workers" | "threads" => number(1),
            "worker_class" => text("sync"),
            "worker_connections" => number(1000),
            "timeout" | "graceful_timeout" => number(30),
            "keepalive" => number(2),
            "max_requests" | "max_requests_jitter" => number(0),
            "backlog" => number(2048),
            "limit_request_line" => number(4094),
            "limit_request_fields" => number(100),
            "limit_request_field_size" => number(8190),
            "forwarded_allow_ips" | "proxy_allow_ips" => text("127.0.0.1,::1"),
            "forwarder_headers" => text("SCRIPT_NAME,PATH_INFO"),
            "header_map" => text("drop"),
            "errorlog" => text("-"),
            "loglevel" => text("info"),
            "reload"
            | "preload_app"
            | "daemon"
            | "spew"
            | "reuse_port"
            | "capture_output"
            | "permit_obsolete_folding"
            | "strip_header_spaces" => truth(false),
            "accesslog" | "worker_tmp_dir" | "pidfile" | "certfile" | "keyfile"
            | "tmp_upload_dir" => Some(Value::None),
            _ => None,
        },
        (Program::Uvicorn, _) => match name {
            "workers" => number(1),
            "forwarded_allow_ips" => text("127.0.0.1,::1"),
            "proxy_headers" | "server_header" | "date_header" | "access_log" => truth(true),
            "reload" => truth(false),
            "timeout_keep_alive" => number(5),
            "backlog" => number(2048),
            "limit_concurrency" | "limit_max_requests" | "timeout_graceful_shutdown" => {
                Some(Value::None)
            }
            _ => None,
        },
        (Program::Daphne, _) => match name {
            "workers" => number(1),
            "proxy_headers" => truth(false),
            "websocket_timeout" => number(86_400),
            "http_timeout" => Some(Value::None),
            "server_name" => text("daphne"),
            _ => None,
        },
        (Program::Granian, _) => match name {
            "workers" => number(1),
            "backlog" => number(1024),
            "interface" => text("rsgi"),
            "reload" | "access_log" => truth(false),
            _ => None,
        },
        (Program::Hypercorn, _) => match name {
            "workers" => number(1),
            "worker_class" => text("asyncio"),
            "backlog" => number(100),
            "graceful_timeout" => number(3),
            "keep_alive" => number(5),
            "max_requests" => Some(Value::None),
            "reload" | "debug" => truth(false),
            _ => None,
        },
        (Program::Waitress, _) => match name {
            "workers" => number(1),
            "threads" => number(4),
            "connection_limit" => number(100),
            "channel_timeout" => number(120),
            "max_request_body_size" => number(1_073_741_824),
            "url_scheme" => text("http"),
            "trusted_proxy" | "trusted_proxy_count" => Some(Value::None),
            "clear_untrusted_proxy_headers" => truth(true),
            _ => None,
        },
        // Django's server is one process with threads.
        (Program::Runserver, "workers") => number(1),
        _ => None,
    }
}
