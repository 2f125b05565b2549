//! Whether something stands between the visitor and the nginx of the files.

use tightship_model::site::http::{Answer, Http};

use super::cdn;
use super::look::shown;

/// Further fields that servers in front of a site write, each with whose it is, as their manuals name them.
const FIELDS: [(&str, &str); 8] = [
    ("X-Served-By", "a cache"),
    ("X-Fastly-Request-ID", "Fastly"),
    ("X-Akamai-Request-ID", "Akamai"),
    ("X-NF-Request-ID", "Netlify"),
    ("Fly-Request-Id", "Fly.io"),
    ("X-Sucuri-ID", "Sucuri"),
    ("X-Varnish", "Varnish"),
    ("Via", "a proxy"),
];

/// What nginx and its kin call themselves, and the servers behind it whose name it may pass on.
const OWN: [&str; 9] = [
    "nginx",
    "openresty",
    "angie",
    "freenginx",
    "tengine",
    "gunicorn",
    "uvicorn",
    "daphne",
    "wsgiserver",
];

/// What stands in front of the site, in words, where an answer shows it.
pub(crate) fn in_front(http: &Http) -> Option<String> {
    let mut answers = http.exchanges.iter().filter_map(|one| one.answer());
    answers.find_map(shows)
}

fn shows(answer: &Answer) -> Option<String> {
    let mut others = FIELDS.into_iter();
    let field = cdn::named(answer)
        .or_else(|| others.find_map(|(name, whose)| answer.value(name).map(|_| (whose, name))));
    if let Some((whose, name)) = field {
        let value = answer.value(name).unwrap_or_default();
        return Some(format!("{whose} ({name}: {})", shown(value)));
    }
    let server = answer.value("server")?;
    let small = server.to_ascii_lowercase();
    let is_own = small.is_empty() || OWN.iter().any(|own| small.starts_with(own));
    (!is_own).then(|| format!("another server (Server: {})", shown(server)))
}
