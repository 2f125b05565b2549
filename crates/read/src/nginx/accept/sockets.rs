//! Addresses: `listen` and the servers of upstreams (`ngx_parse_url` of `src/core/ngx_inet.c`), and
//! what `server` blocks do to each other on one address.

use std::net::Ipv6Addr;

use foldhash::{HashMap, HashSet};
use tightship_model::Span;
use tightship_model::nginx::{self, Configuration, Directive, Fault};

use super::conditions::digits;
use super::{Found, invalid};

/// What is wrong with a `listen` of http.
pub(super) fn refused(listen: &Directive) -> Option<Found> {
    if let Some(found) = refused_address(listen) {
        return Some(found);
    }
    listen.arguments.iter().skip(1).find_map(|word| {
        let text = word.text.as_str();
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let is_right = match key {
            "default_server" | "default" | "bind" | "deferred" | "reuseport" | "ssl" | "http2"
            | "proxy_protocol" | "quic" | "multipath" => key == text,
            "backlog" => digits(value).is_some_and(|backlog| backlog > 0),
            "setfib" | "fastopen" => digits(value).is_some(),
            "rcvbuf" | "sndbuf" => nginx::bytes(value).is_some(),
            "ipv6only" => matches!(value, "on" | "off"),
            "accept_filter" => true,
            "so_keepalive" => {
                let parts = || value.split(':').filter(|part| !part.is_empty());
                let is_part = |part| nginx::seconds(part).is_some();
                matches!(value, "on" | "off") || parts().next().is_some() && parts().all(is_part)
            }
            _ => false,
        };
        (!is_right).then(|| invalid(word, format!("invalid parameter \"{text}\"")))
    })
}

/// What is wrong with the address of a `listen`.
pub(super) fn refused_address(listen: &Directive) -> Option<Found> {
    let word = listen.arguments.first()?;
    let message = address(&word.text).err()?;
    Some(invalid(
        word,
        format!("{message} in \"{}\" of the \"listen\" directive", word.text),
    ))
}

/// What is wrong with the address of a server, with or without a path behind it.
pub(super) fn refused_upstream(text: &str) -> Option<&'static str> {
    if let Some(path) = text.strip_prefix("unix:") {
        return path
            .is_empty()
            .then_some("no path in the unix domain socket");
    }
    let host = text.split(['/', '?']).next().unwrap_or(text);
    let (name, port) = match host.rsplit_once(']') {
        Some((_, behind)) => (host, behind.strip_prefix(':')),
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        },
    };
    let is_port = |port: &str| digits(port).is_some_and(|port| (1..=65535).contains(&port));
    match port {
        _ if name.is_empty() => Some("no host"),
        Some(port) if !is_port(port) => Some("invalid port"),
        _ => None,
    }
}

/// The address in a `*_pass` of another protocol than HTTP.
pub(super) fn without_scheme(text: &str) -> &str {
    // The slashes of `unix:///run/app.sock` are the path's.
    if text.starts_with("unix:") {
        return text;
    }
    text.split_once("://").map_or(text, |(_, address)| address)
}

/// Servers of http that nginx does not take together.
pub(super) fn of_servers(configuration: &Configuration) -> Vec<Found> {
    let Some(http) = configuration.block("http") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut taken: HashMap<String, Taken<'_>> = HashMap::default();
    for server in http.children("server") {
        let mut own = HashSet::default();
        for listen in server.children("listen") {
            let Some(word) = listen.arguments.first().filter(|word| word.is_known) else {
                continue;
            };
            let Ok(key) = address(&word.text) else {
                continue;
            };
            let span = listen.heading_span();
            if !own.insert(key.clone()) {
                let message = format!("a duplicate listen {key}");
                found.push((span, Fault::Duplicate, message));
                continue;
            }
            let taken = taken
                .entry(key.clone())
                .or_insert_with(|| Taken::new(server));
            taken.add(listen, server, span, &key, &mut found);
        }
    }
    let mut without: Vec<Found> = taken
        .into_values()
        .filter_map(|taken| taken.without_certificate(http))
        .collect();
    without.sort_by_key(|(span, _, _)| *span);
    found.extend(without);
    found
}

/// An address that servers listen on.
struct Taken<'a> {
    default: &'a Directive,
    has_default: bool,
    has_options: bool,
    tls: Option<Span>,
}

impl<'a> Taken<'a> {
    fn new(first: &'a Directive) -> Self {
        Self {
            default: first,
            has_default: false,
            has_options: false,
            tls: None,
        }
    }

    fn add(
        &mut self,
        listen: &Directive,
        server: &'a Directive,
        span: Span,
        key: &str,
        found: &mut Vec<Found>,
    ) {
        let has = |option: &str| listen.texts().skip(1).any(|text| text == option);
        if listen.texts().skip(1).any(is_socket_option) {
            if self.has_options {
                let message = format!("duplicate listen options for {key}");
                found.push((span, Fault::Duplicate, message));
            }
            self.has_options = true;
        }
        if has("default_server") || has("default") {
            if self.has_default {
                let message = format!("a duplicate default server for {key}");
                found.push((span, Fault::Duplicate, message));
            }
            self.has_default = true;
            self.default = server;
        }
        if has("ssl") {
            self.tls = self.tls.or(Some(span));
        }
    }

    fn without_certificate(&self, http: &Directive) -> Option<Found> {
        let span = self.tls?;
        let has = |name: &str| {
            [self.default, http]
                .iter()
                .any(|one| one.child(name).is_some())
        };
        if has("ssl_certificate") || has("ssl_reject_handshake") {
            return None;
        }
        let message = "no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive";
        Some((span, Fault::Missing, message.to_owned()))
    }
}

/// Options of the socket itself, which one server alone may give.
fn is_socket_option(text: &str) -> bool {
    const OPTIONS: [&str; 9] = [
        "backlog=",
        "bind",
        "deferred",
        "fastopen=",
        "ipv6only=",
        "rcvbuf=",
        "reuseport",
        "sndbuf=",
        "so_keepalive=",
    ];
    OPTIONS.iter().any(|option| match option.strip_suffix('=') {
        Some(name) => text.split_once('=').is_some_and(|(key, _)| key == name),
        None => text == *option,
    })
}

/// The address that a `listen` names, in one form: `0.0.0.0:80`, `[::]:80`, `unix:/path`.
fn address(text: &str) -> Result<String, &'static str> {
    if let Some(path) = text.strip_prefix("unix:") {
        return match path {
            "" => Err("no path in the unix domain socket"),
            path => Ok(format!("unix:{path}")),
        };
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (host, behind) = rest.split_once(']').ok_or("invalid host")?;
        let host: Ipv6Addr = host.parse().map_err(|_| "invalid IPv6 address")?;
        let port = match behind.strip_prefix(':') {
            Some(written) => port(written)?,
            None if behind.is_empty() => "80",
            None => return Err("invalid host"),
        };
        return Ok(format!("[{host}]:{port}"));
    }
    if text.contains('/') {
        return Err("invalid host");
    }
    let (host, port) = match text.split_once(':') {
        Some((host, written)) => (host, port(written)?),
        None if text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-') =>
        {
            ("*", port(text)?)
        }
        None => (text, "80"),
    };
    match host {
        "" => Err("no host"),
        "*" => Ok(format!("0.0.0.0:{port}")),
        host => Ok(format!("{host}:{port}")),
    }
}

/// A port, or a range of ports.
fn port(text: &str) -> Result<&str, &'static str> {
    let is_port = |port: &str| digits(port).is_some_and(|port| (1..=65535).contains(&port));
    let is_right = match text.split_once('-') {
        Some((first, last)) => is_port(first) && is_port(last) && digits(first) <= digits(last),
        None => is_port(text),
    };
    if is_right {
        Ok(text)
    } else {
        Err("invalid port")
    }
}
