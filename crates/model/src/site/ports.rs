//! Ports that were asked, and what speaks there.

use serde::{Deserialize, Serialize};

/// Ports of the site's machine beside those of the site itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ports {
    /// The IP address that was asked.
    pub address: String,
    /// Why nothing was asked, where nothing was.
    pub unasked: Option<String>,
    /// In the order of their numbers.
    pub doors: Vec<Door>,
}

/// One port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    pub port: u16,
    /// What usually listens there.
    pub service: Service,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The connection was refused.
    Closed,
    /// No answer to the wish to connect: something drops it.
    Silent,
    /// The network does not lead there: why.
    Unreachable(String),
    Open(Greeting),
}

/// What was heard on a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Greeting {
    /// Its own protocol.
    Speaks {
        /// What shows it, in words: `+PONG`, `PostgreSQL answers N to SSLRequest`.
        proof: String,
        /// Whether it serves without a password; `None` where that was not told.
        open: Option<bool>,
    },
    /// Something, and not what belongs there: the first bytes, escaped.
    Other(String),
    /// Nothing.
    Nothing,
}

/// What must not be reached from the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    Docker,
    MySql,
    PostgreSql,
    Flower,
    Amqp,
    Redis,
    AppServer,
    MailCatcher,
    Elasticsearch,
    Memcached,
    RabbitMq,
    MongoDb,
}

impl Service {
    /// All of them, with the port on which each listens unless told otherwise, by number.
    pub const ALL: [(u16, Self); 12] = [
        // Docker's Engine API without TLS (dockerd --host).
        (2375, Self::Docker),
        (3306, Self::MySql),
        (5432, Self::PostgreSql),
        // celery flower --port.
        (5555, Self::Flower),
        (5672, Self::Amqp),
        (6379, Self::Redis),
        // gunicorn, uvicorn and runserver.
        (8000, Self::AppServer),
        // Mailpit and MailHog.
        (8025, Self::MailCatcher),
        (9200, Self::Elasticsearch),
        (11211, Self::Memcached),
        (15672, Self::RabbitMq),
        (27017, Self::MongoDb),
    ];

    /// What it is called in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "Docker's API",
            Self::MySql => "MySQL or MariaDB",
            Self::PostgreSql => "PostgreSQL",
            Self::Flower => "Flower",
            Self::Amqp => "RabbitMQ",
            Self::Redis => "Redis",
            Self::AppServer => "the application server",
            Self::MailCatcher => "a mail catcher",
            Self::Elasticsearch => "Elasticsearch",
            Self::Memcached => "memcached",
            Self::RabbitMq => "RabbitMQ's management",
            Self::MongoDb => "MongoDB",
        }
    }
}
