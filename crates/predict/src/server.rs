//! What the server of Django makes of a request before Django sees it: the scheme.
//!
//! gunicorn and uvicorn take the scheme from a header of a proxy that they trust, so that Django
//! may see HTTPS without `SECURE_PROXY_SSL_HEADER`. Read from gunicorn 27.0 (`gunicorn/http/
//! message.py`), uvicorn 0.54 (`uvicorn/middleware/proxy_headers.py`), daphne 4.2.

use tightship_model::{Bind, Cause, Process, Program, Trail, Unknown, Value};

use crate::django::{Known, Scheme};

/// From where the connection reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The same machine or container, over loopback.
    Loopback,
    Unix,
    /// Another container or machine, of which only the network is known.
    Elsewhere,
}

/// Whether a server takes the word of its peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    pub trusts: bool,
    /// The option that decides, or the default.
    pub trail: Trail,
}

/// The headers from which gunicorn takes the scheme, each with the value for HTTPS: its default
/// `secure_scheme_headers`.
const GUNICORN_SCHEMES: [(&str, &str); 3] = [
    ("X-Forwarded-Protocol", "ssl"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Ssl", "on"),
];

/// The scheme that the server tells Django (`wsgi.url_scheme`), given the headers that it gets.
pub fn scheme(
    process: &Process,
    peer: Peer,
    header: &dyn Fn(&str) -> Option<String>,
) -> Known<Scheme> {
    let trust = trust(process, peer)?;
    if !trust.trusts {
        return Ok(Scheme::Http);
    }
    let is_https = match process.program {
        Program::Gunicorn => {
            let set = process.options.get("secure_scheme_headers");
            if let Some(set) = set {
                return Err(Unknown::new(
                    Cause::Code,
                    "secure_scheme_headers of gunicorn is set",
                    set.trail.first_span(),
                ));
            }
            GUNICORN_SCHEMES
                .iter()
                .any(|(name, https)| header(name).as_deref() == Some(https))
        }
        _ => header("X-Forwarded-Proto").is_some_and(|value| value.trim() == "https"),
    };
    Ok(match is_https {
        true => Scheme::Https,
        false => Scheme::Http,
    })
}

/// Whether the server believes what this peer says of the visitor's scheme.
pub fn trust(process: &Process, peer: Peer) -> Known<Trust> {
    let option = |name: &str| {
        let option = process.options.get(name);
        if option.is_none()
            && let Some(rest) = &process.rest
        {
            return Err(rest.clone());
        }
        Ok(option)
    };
    let never = || {
        Ok(Trust {
            trusts: false,
            trail: process.trail.clone(),
        })
    };
    match process.program {
        Program::Gunicorn if peer == Peer::Unix => Ok(Trust {
            trusts: true,
            trail: process.trail.clone(),
        }),
        Program::Gunicorn => allowed(option("forwarded_allow_ips")?, process, peer),
        Program::Uvicorn => {
            if let Some(switch) = option("proxy_headers")?
                && switch.value.truthy() == Some(false)
            {
                return Ok(Trust {
                    trusts: false,
                    trail: switch.trail.clone(),
                });
            }
            allowed(option("forwarded_allow_ips")?, process, peer)
        }
        // `--proxy-headers` of daphne reads the address and port, never the scheme.
        Program::Daphne | Program::Runserver => never(),
        _ => Err(Unknown::new(
            Cause::Package,
            format!(
                "what {} makes of the scheme is not modelled",
                process.program.name()
            ),
            process.trail.first_span(),
        )),
    }
}

/// Whether the peer is among the addresses that may say so; loopback only by default.
fn allowed(
    option: Option<&tightship_model::Traced<Value>>,
    process: &Process,
    peer: Peer,
) -> Known<Trust> {
    let Some(option) = option else {
        return Ok(Trust {
            trusts: peer == Peer::Loopback,
            trail: process.trail.clone(),
        });
    };
    let addresses: Vec<String> = match &option.value {
        Value::List(items) | Value::Tuple(items) => items
            .items
            .iter()
            .filter_map(|item| item.value.as_str().map(str::to_owned))
            .collect(),
        value => match value.as_str() {
            Some(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
            None => {
                return Err(Unknown::new(
                    Cause::Code,
                    format!(
                        "forwarded_allow_ips of {} is not known",
                        process.program.name()
                    ),
                    option.trail.first_span(),
                ));
            }
        },
    };
    let is_loopback =
        |address: &str| address.starts_with("127.") || matches!(address, "::1" | "localhost");
    let trusts = match peer {
        _ if addresses.iter().any(|address| address == "*") => true,
        Peer::Loopback => addresses.iter().any(|address| is_loopback(address)),
        Peer::Elsewhere if addresses.iter().all(|address| is_loopback(address)) => false,
        // Which address another container gets is not written anywhere.
        Peer::Elsewhere | Peer::Unix => {
            return Err(Unknown::new(
                Cause::Machine,
                format!(
                    "whether the proxy has one of the addresses {} is not known",
                    addresses.join(", ")
                ),
                option.trail.first_span(),
            ));
        }
    };
    Ok(Trust {
        trusts,
        trail: option.trail.clone(),
    })
}

/// How a proxy that connects to this address reaches the server.
pub fn peer(address: &Bind, is_same_container: bool) -> Peer {
    match address {
        Bind::Unix(_) => Peer::Unix,
        Bind::Tcp { host, .. }
            if is_same_container
                || matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") =>
        {
            Peer::Loopback
        }
        Bind::Tcp { .. } | Bind::Descriptor(_) | Bind::Unknown(_) => Peer::Elsewhere,
    }
}
