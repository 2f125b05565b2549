//! What runs: servers, workers and tools, with the options they are started with.

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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    pub value: std::borrow::Cow<'a, Traced<Value>>,
    pub is_set: bool,
}
