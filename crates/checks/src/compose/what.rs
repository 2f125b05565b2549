//! What a service is: by its image, or by the port that it listens on.

use tightship_model::compose::{ImageReference, Port, Service};

/// The kinds of services that matter to checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A database, cache, broker or search engine, by its name.
    Store(&'static str),
    /// A tool for administrators, by its name.
    Admin(&'static str),
    /// A server that stands before the site.
    Proxy,
    Other,
}

pub(crate) fn what(service: &Service) -> What {
    let Some(name) = image_name(service) else {
        return What::Other;
    };
    // Exporters, backups and consoles carry the name of what they serve.
    let is_companion = COMPANIONS.iter().any(|word| name.contains(word));
    let begins = |words: &[&str]| {
        words
            .iter()
            .any(|word| name == *word || name.starts_with(word))
    };
    if let Some((tool, _, _)) = ADMIN_TOOLS.iter().find(|(_, words, _)| begins(words)) {
        What::Admin(tool)
    } else if is_companion {
        What::Other
    } else if let Some((store, _, _)) = STORES.iter().find(|(_, words, _)| begins(words)) {
        match runs_own_server(service) {
            true => What::Store(store),
            false => What::Other,
        }
    } else if begins(&PROXIES) {
        What::Proxy
    } else {
        What::Other
    }
}

/// Whether a service starts what its image is made for, options aside, and not another program of it
/// such as a client that makes backups.
pub(super) fn runs_own_server(service: &Service) -> bool {
    const SERVERS: [&str; 14] = [
        "docker-entrypoint.sh",
        "postgres",
        "mysqld",
        "mariadbd",
        "mongod",
        "redis-server",
        "valkey-server",
        "memcached",
        "rabbitmq-server",
        "elasticsearch",
        "meilisearch",
        "sh",
        "bash",
        "-c",
    ];
    let first = |words: &[String]| {
        words.first().is_none_or(|word| {
            let name = word.rsplit('/').next().unwrap_or(word);
            word.starts_with('-') || SERVERS.contains(&name)
        })
    };
    let starts_script = |words: &[String]| {
        let is_shell = matches!(
            words.first().map(String::as_str),
            Some("sh" | "bash" | "/bin/sh" | "/bin/bash")
        );
        let rest = words.get(1..).unwrap_or_default().join(" ");
        is_shell
            && !SERVERS
                .iter()
                .any(|server| server.len() > 4 && rest.contains(server))
    };
    [&service.entrypoint, &service.command]
        .into_iter()
        .flatten()
        .all(|command| first(&command.words) && !starts_script(&command.words))
}

/// Whether the image of a service is a proxy's. Traefik's is one beside its dashboard.
pub(super) fn is_proxy(service: &Service) -> bool {
    service
        .reference()
        .is_some_and(|image| is_proxy_image(&image))
}

pub(super) fn is_proxy_image(image: &ImageReference) -> bool {
    let name = image
        .repository
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    PROXIES.iter().any(|proxy| name.starts_with(proxy))
        && !COMPANIONS.iter().any(|word| name.contains(word))
}

/// Whether PostgreSQL may listen on the port of its container that is published.
fn listens(service: &Service, port: &Port) -> bool {
    let names_port = |text: &str| text.contains(&port.target.first.to_string());
    let commands = service.command.iter().chain(&service.entrypoint);
    let mut words = commands.flat_map(|command| &command.words);
    [5432, 6432]
        .into_iter()
        .any(|own| port.target.contains(own))
        || service.environment.incomplete.is_some()
        || service.environment.variables.contains_key("PGPORT")
        || service.build.is_some()
        || words.any(|word| names_port(word))
}

/// The store that a published port leads to: by the image of the service, or else by the port.
pub(super) fn store_behind(service: &Service, port: &Port) -> Option<&'static str> {
    let by_port = || {
        let mut stores = STORES.iter();
        let store = stores.find(|(_, _, ports)| ports.iter().any(|own| port.target.contains(*own)));
        store.map(|(name, _, _)| *name)
    };
    match what(service) {
        // The console of RabbitMQ is a tool of its own.
        What::Store(_) if port.target.contains(RABBITMQ_CONSOLE) && port.target.width() == 1 => {
            None
        }
        // PostgreSQL listens on its own port unless its start names another.
        What::Store("PostgreSQL") if !listens(service, port) => None,
        What::Store(name) => Some(name),
        What::Other
            if image_name(service)
                .is_none_or(|name| !COMPANIONS.iter().any(|word| name.contains(word))) =>
        {
            by_port()
        }
        _ => None,
    }
}

/// The tool for administrators that a published port leads to.
pub(super) fn tool_behind(service: &Service, port: &Port) -> Option<&'static str> {
    match what(service) {
        What::Admin(name) => {
            let (_, _, ports) = ADMIN_TOOLS.iter().find(|(tool, _, _)| *tool == name)?;
            (ports.is_empty() || ports.iter().any(|own| port.target.contains(*own))).then_some(name)
        }
        What::Store("RabbitMQ") if port.target.contains(RABBITMQ_CONSOLE) => {
            Some("RabbitMQ's console")
        }
        _ if starts_flower(service) && !asks_for_login(service) => Some("Flower"),
        _ => None,
    }
}

/// Whether a service starts Flower out of the project's own image: `celery -A shop flower`.
fn starts_flower(service: &Service) -> bool {
    words(service).any(|word| word == "flower")
}

/// Whether Flower is told to ask who comes, by an option or by its variables
/// (`flower.options` of Flower 2.0).
fn asks_for_login(service: &Service) -> bool {
    let is_one = |name: &str| name.contains("basic") || name.contains("auth");
    words(service).any(|word| word.starts_with("--") && is_one(word))
        || service
            .environment
            .variables
            .keys()
            .any(|name| name.starts_with("FLOWER_") && is_one(&name.to_ascii_lowercase()))
}

/// The words that Compose starts a service with, those of scripts taken apart.
pub(super) fn words(service: &Service) -> impl Iterator<Item = &str> {
    let commands = service.entrypoint.iter().chain(&service.command);
    commands
        .flat_map(|command| &command.words)
        .flat_map(|word| word.split_whitespace())
}

/// Whether a port can be reached from other machines. An address of a private network is taken as
/// meant for that network.
pub(crate) fn is_public(port: &Port) -> bool {
    !port.is_loopback() && !port.host_ip.as_deref().is_some_and(is_private)
}

/// RFC 1918, RFC 6598 and RFC 4193.
fn is_private(ip: &str) -> bool {
    let ip = ip.trim_matches(['[', ']']);
    match ip.parse() {
        Ok(std::net::IpAddr::V4(ip)) => {
            let [a, b, ..] = ip.octets();
            ip.is_private() || (a == 100 && (64..128).contains(&b))
        }
        Ok(std::net::IpAddr::V6(ip)) => ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => false,
    }
}

/// The last part of the name of the image, in lower case.
fn image_name(service: &Service) -> Option<String> {
    let name = ImageReference::last_name(&service.image.as_ref()?.value)?;
    Some(name.to_ascii_lowercase())
}

type Known = (&'static str, &'static [&'static str], &'static [u16]);

/// Name, beginnings of image names, and the ports of each program's own documentation.
const STORES: [Known; 20] = [
    (
        "PostgreSQL",
        &[
            "postgres",
            "postgis",
            "timescaledb",
            "pgvector",
            "pgbouncer",
            "pgpool",
            "alloydb",
        ],
        &[5432, 6432],
    ),
    ("MySQL", &["mysql", "mariadb", "percona"], &[3306]),
    ("MongoDB", &["mongo"], &[27017]),
    (
        "Redis",
        &["redis", "valkey", "keydb", "dragonfly"],
        &[6379, 26379],
    ),
    ("Memcached", &["memcached"], &[11211]),
    ("RabbitMQ", &["rabbitmq"], &[5672, 5671, 25672, 4369]),
    (
        "Elasticsearch",
        &["elasticsearch", "opensearch"],
        &[9200, 9300],
    ),
    ("Solr", &["solr"], &[8983]),
    ("Meilisearch", &["meilisearch"], &[7700]),
    ("Typesense", &["typesense"], &[8108]),
    ("Kafka", &["kafka", "cp-kafka", "redpanda"], &[9092]),
    ("ZooKeeper", &["zookeeper", "cp-zookeeper"], &[2181]),
    ("NATS", &["nats"], &[4222]),
    ("InfluxDB", &["influxdb"], &[8086]),
    ("ClickHouse", &["clickhouse"], &[8123]),
    ("Cassandra", &["cassandra", "scylla"], &[9042]),
    ("Neo4j", &["neo4j"], &[7474, 7687]),
    ("etcd", &["etcd"], &[2379]),
    ("CouchDB", &["couchdb"], &[5984]),
    ("SQL Server", &["mssql"], &[1433]),
];

/// Tools that show or change data, mail or containers; the ports of their consoles, or all.
const ADMIN_TOOLS: [Known; 18] = [
    ("pgAdmin", &["pgadmin"], &[]),
    ("Adminer", &["adminer"], &[]),
    ("phpMyAdmin", &["phpmyadmin"], &[]),
    ("Flower", &["flower"], &[]),
    ("Redis Commander", &["redis-commander"], &[]),
    ("Redis Insight", &["redisinsight"], &[]),
    ("mongo-express", &["mongo-express"], &[]),
    ("MailHog", &["mailhog"], &[]),
    ("Mailpit", &["mailpit"], &[]),
    ("MailCatcher", &["mailcatcher"], &[]),
    ("Portainer", &["portainer"], &[]),
    ("Dozzle", &["dozzle"], &[]),
    ("Kibana", &["kibana", "opensearch-dashboards"], &[]),
    ("Prometheus", &["prometheus"], &[9090]),
    ("cAdvisor", &["cadvisor"], &[]),
    (
        "Jupyter",
        &["jupyter", "base-notebook", "scipy-notebook"],
        &[],
    ),
    ("Traefik's dashboard", &["traefik"], &[8080]),
    ("a Docker API proxy", &["docker-socket-proxy", "dind"], &[]),
];

const PROXIES: [&str; 9] = [
    "nginx",
    "openresty",
    "traefik",
    "caddy",
    "haproxy",
    "httpd",
    "envoy",
    "swag",
    "angie",
];

const COMPANIONS: [&str; 10] = [
    "exporter",
    "backup",
    "commander",
    "express",
    "admin",
    "insight",
    "operator",
    "dump",
    "-ui",
    "acme",
];

const RABBITMQ_CONSOLE: u16 = 15672;
