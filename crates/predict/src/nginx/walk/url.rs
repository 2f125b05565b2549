//! Where a `proxy_pass` or its like leads.

use crate::nginx::answer::Protocol;

/// The parameter of a `proxy_pass` or its like, taken apart.
pub(super) struct Url<'t> {
    pub(super) protocol: Protocol,
    /// The name or address, or the path of a Unix socket.
    pub(super) host: &'t str,
    port: Option<&'t str>,
    is_unix: bool,
    /// From the first slash or question mark; empty where there is none.
    pub(super) uri: &'t str,
}

impl<'t> Url<'t> {
    pub(super) fn of(text: &'t str, module: &str) -> Option<Self> {
        let protocol = Self::protocol(text, module);
        let rest = match text.split_once("://") {
            Some((_, rest)) => rest,
            None if matches!(module, "proxy") => return None,
            None => text,
        };
        if let Some(path) = rest.strip_prefix("unix:") {
            let (host, uri) = path.split_once(':').unwrap_or((path, ""));
            return Some(Self {
                protocol,
                host,
                port: None,
                is_unix: true,
                uri,
            });
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, uri) = rest.split_at(end);
        let after_address = authority.rfind(']').map_or(0, |end| end + 1);
        let (host, port) = match authority[after_address..].find(':') {
            Some(colon) => {
                let colon = after_address + colon;
                (&authority[..colon], Some(&authority[colon + 1..]))
            }
            None => (authority, None),
        };
        (!host.is_empty()).then_some(Self {
            protocol,
            host,
            port,
            is_unix: false,
            uri,
        })
    }

    pub(super) fn protocol(text: &str, module: &str) -> Protocol {
        match module {
            "uwsgi" => Protocol::Uwsgi,
            "fastcgi" => Protocol::FastCgi,
            "scgi" => Protocol::Scgi,
            "grpc" => Protocol::Grpc,
            "memcached" => Protocol::Memcached,
            _ if text.to_ascii_lowercase().starts_with("https://") => Protocol::Https,
            _ => Protocol::Http,
        }
    }

    fn usual_port(&self) -> &'static str {
        if self.protocol == Protocol::Https {
            "443"
        } else {
            "80"
        }
    }

    /// `$proxy_host`.
    pub(super) fn host_header(&self) -> String {
        match self.port {
            _ if self.is_unix => "localhost".to_owned(),
            Some(port) if port != self.usual_port() => format!("{}:{port}", self.host),
            _ => self.host.to_owned(),
        }
    }

    /// `$proxy_port`.
    pub(super) fn port(&self) -> String {
        match self.port {
            _ if self.is_unix => String::new(),
            Some(port) => port.to_owned(),
            None => self.usual_port().to_owned(),
        }
    }

    /// The host as HTTP/2 is told it.
    pub(super) fn authority(&self) -> String {
        match self.is_unix {
            true => "localhost".to_owned(),
            false => self.place(),
        }
    }

    pub(super) fn place(&self) -> String {
        match self.port {
            _ if self.is_unix => format!("unix:{}", self.host),
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.to_owned(),
        }
    }
}
