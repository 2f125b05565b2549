//! The proxy in front of the site: what settings say of it, and what nginx tells Django.

use tightship_model::{
    Deployment, Finding, Items, Link, Outcome, Process, Program, Span, Trail, Value,
};
use tightship_predict::nginx::Matcher;
use tightship_predict::server::{Peer, trust};
use tightship_predict::ways::{Edge, Way, edges};

use crate::cross::forwarded_headers::{Sent, sent};
use crate::package::{holds_true, setting_value, strings, value_of};
use crate::setting;

/// Whether an nginx of the project has a directive of this name and these words.
pub(crate) fn nginx_says(deployment: &Deployment, says: impl Fn(&str, &[&str]) -> bool) -> bool {
    let mut does = false;
    for configuration in &deployment.nginx.configurations {
        configuration.walk(&mut |_, directive| {
            let words: Vec<&str> = directive.texts().collect();
            does |= says(&directive.name.text, &words);
        });
    }
    does
}

/// What becomes of a fault of Django where nginx does in its stead what is missing: it is no fault, and
/// whether nginx does so everywhere is judged by its own check.
pub(crate) fn unless_nginx(
    outcome: Outcome,
    deployment: &Deployment,
    judged_by: &str,
    says: impl Fn(&str, &[&str]) -> bool,
) -> Outcome {
    match outcome {
        Outcome::Fail(_) if nginx_says(deployment, says) => {
            Outcome::NotApplicable(format!("nginx does so, and {judged_by} judges it"))
        }
        outcome => outcome,
    }
}

/// Whether a directive is `add_header` of this name.
pub(crate) fn adds_header(name: &str, words: &[&str], header: &str) -> bool {
    name == "add_header"
        && words
            .first()
            .is_some_and(|first| first.eq_ignore_ascii_case(header))
}

/// That a proxy stands in front.
pub(crate) struct Front {
    /// The first half of a sentence: `SECURE_PROXY_SSL_HEADER says that a proxy stands in front`.
    pub(crate) sentence: String,
    pub(crate) trail: Trail,
    /// Whether the nginx itself is seen, and not a setting alone.
    pub(crate) is_seen: bool,
}

/// The proxy that hands requests to Django over HTTP, or the setting that tells of one: only a
/// deployment behind a proxy has it on.
pub(crate) fn front(deployment: &Deployment) -> Option<Front> {
    let sign = SIGNS.into_iter().find_map(|name| {
        let value = setting_value(deployment, name)?;
        (holds_true(&value, &Value::truthy) == Some(true)).then_some((name, value.trail))
    });
    let nginx = nginx_in_front(deployment);
    let passes = |span| Link::new(Some(span), "nginx hands requests to Django");
    match (sign, nginx) {
        (Some((name, trail)), nginx) => {
            let mut links = trail.links().to_vec();
            links.extend(nginx.map(passes));
            Some(Front {
                sentence: format!("{name} says that a proxy stands in front"),
                trail: Trail::new(links),
                is_seen: nginx.is_some(),
            })
        }
        (None, Some(span)) => Some(Front {
            sentence: "nginx stands in front".to_owned(),
            trail: Trail::new(vec![passes(span)]),
            is_seen: true,
        }),
        (None, None) => None,
    }
}

/// Where nginx hands requests to a gunicorn or waitress, which take the proxy's address for
/// REMOTE_ADDR.
fn nginx_in_front(deployment: &Deployment) -> Option<Span> {
    edges(deployment).iter().find_map(|edge| {
        let ways = edge.ways_to_django(deployment);
        let way = ways.iter().find(|way| {
            way.pass.is("proxy_pass")
                && way.django().is_some_and(|process| {
                    matches!(process.program, Program::Gunicorn | Program::Waitress)
                })
        })?;
        Some(way.pass.heading_span())
    })
}

/// What Django gets in a header that should hold the visitor's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    /// The address that nginx sees, whatever the visitor sent.
    Address,
    /// What the visitor sent, and behind it the address that nginx sees.
    Appended,
    /// What the visitor sent.
    AsSent,
}

/// What nginx hands on in a header, by its name in HTTP, and where. `None` where no nginx is seen
/// that visitors reach themselves, or what it hands on is not known.
pub(crate) fn handed(deployment: &Deployment, header: &str) -> Option<(Handed, Span)> {
    let mut worst: Option<(Handed, Span)> = None;
    for edge in edges(deployment) {
        let ways = edge.ways_to_django(deployment);
        if ways.is_empty() {
            continue;
        }
        if !is_outermost(&edge) {
            return None;
        }
        for way in main_ways(ways) {
            let found = handed_by(&way, header)?;
            let rank = |handed: Handed| handed as u8;
            if worst.is_none_or(|(known, _)| rank(found.0) > rank(known)) {
                worst = Some(found);
            }
        }
    }
    worst
}

/// The ways of visitors: a place for health checks alone, with headers of its own, is none where
/// people log in.
pub(crate) fn main_ways<'h, 'a>(ways: Vec<Way<'h, 'a>>) -> Vec<Way<'h, 'a>> {
    let takes_all = |way: &Way<'_, '_>| match way.leaf.scope.matcher() {
        None => true,
        Some(matcher) => matches!(matcher, Matcher::Prefix { path, .. } if path == "/"),
    };
    match ways.iter().any(takes_all) {
        true => ways.into_iter().filter(takes_all).collect(),
        false => ways,
    }
}

/// Adds the place in nginx to a finding about a setting.
pub(crate) fn beside(finding: Finding, (handed, span): (Handed, Span)) -> Finding {
    setting::beside(finding, Some(span), handed.in_words())
}

impl Handed {
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Address => "nginx writes the address that it sees",
            Self::Appended => "nginx appends to what the visitor sent",
            Self::AsSent => "nginx hands on what the visitor sent",
        }
    }
}

/// What one place of nginx hands on in a header, and where that is said; `None` where it is not
/// known.
pub(crate) fn handed_by(way: &Way<'_, '_>, header: &str) -> Option<(Handed, Span)> {
    match sent(way, header) {
        Sent::PassedOn(_) => Some((Handed::AsSent, way.pass.heading_span())),
        Sent::Unknown => None,
        Sent::Set(directive) => {
            let handed = match directive.argument(1)? {
                "$remote_addr" | "$realip_remote_addr" => Handed::Address,
                "$proxy_add_x_forwarded_for" => Handed::Appended,
                "$http_x_forwarded_for, $remote_addr" => Handed::Appended,
                "$http_x_forwarded_for" | "$http_x_real_ip" => Handed::AsSent,
                _ => return None,
            };
            Some((handed, directive.heading_span()))
        }
    }
}

/// Whether visitors reach this nginx themselves: TLS ends there, and it takes nobody's word for
/// their address.
pub(crate) fn is_outermost(edge: &Edge<'_>) -> bool {
    edge.http.servers().any(|server| server.has_tls())
        && edge.configuration.find("set_real_ip_from").is_empty()
        && edge.configuration.gaps.is_empty()
        && !edge
            .http
            .servers()
            .any(|server| server.listens().iter().any(|listen| listen.proxy_protocol))
}

/// Why REMOTE_ADDR may be the visitor's own address behind that proxy; `None` where nothing is seen
/// that would make it so.
pub(crate) fn may_set_address(deployment: &Deployment) -> Option<String> {
    if let Some(server) = server_that_may(deployment) {
        return Some(format!(
            "{server} may set REMOTE_ADDR to the visitor's address"
        ));
    }
    let middleware = value_of(
        deployment,
        "MIDDLEWARE",
        "Django",
        Value::List(Items::default()),
    );
    let sets_address = |value: &Value| {
        let names = strings(value)?;
        Some(names.iter().any(|name| {
            let name = name.to_lowercase();
            ADDRESS_WORDS.iter().any(|word| name.contains(word))
        }))
    };
    (holds_true(&middleware, &sets_address) != Some(false))
        .then(|| "a middleware may set REMOTE_ADDR to the visitor's address".to_owned())
}

/// The server that may take the visitor's address from a header: one that runs, or where no start
/// command tells, one whose package is there.
fn server_that_may(deployment: &Deployment) -> Option<&str> {
    let is_told = !deployment
        .processes
        .iter()
        .any(|process| process.program == Program::Unknown);
    let mut serving = deployment
        .processes
        .iter()
        .filter(|process| process.program.serves_django())
        .peekable();
    if is_told && serving.peek().is_some() {
        return serving
            .find(|process| may_take_address(process))
            .map(|process| process.program.name());
    }
    SERVERS
        .into_iter()
        .find(|name| deployment.packages.get(name).is_some())
}

fn may_take_address(process: &Process) -> bool {
    let option = |name: &str| {
        process
            .option(name)
            .map(|option| option.value.value.clone())
    };
    match process.program {
        // The workers of uvicorn take it as uvicorn does.
        Program::Gunicorn => match option("worker_class") {
            Some(Value::Str(class)) => class.contains("uvicorn"),
            _ => true,
        },
        Program::Waitress => option("trusted_proxy") != Some(Value::None),
        Program::Runserver => false,
        Program::Daphne => option("proxy_headers") != Some(Value::Bool(false)),
        Program::Uvicorn => trust(process, Peer::Elsewhere).map_or(true, |trust| trust.trusts),
        _ => true,
    }
}

const SIGNS: [&str; 3] = [
    "SECURE_PROXY_SSL_HEADER",
    "USE_X_FORWARDED_HOST",
    "USE_X_FORWARDED_PORT",
];

/// Servers that can hand the visitor's own address on as REMOTE_ADDR: by the uwsgi protocol, by
/// mod_remoteip, or by their options for proxy headers.
const SERVERS: [&str; 6] = [
    "uwsgi",
    "pyuwsgi",
    "mod-wsgi",
    "uvicorn",
    "daphne",
    "hypercorn",
];

/// Words in the path of a middleware that sets REMOTE_ADDR from a header.
const ADDRESS_WORDS: [&str; 8] = [
    "xff",
    "forward",
    "realip",
    "real_ip",
    "remoteaddr",
    "remote_addr",
    "clientip",
    "proxy",
];
