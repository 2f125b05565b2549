//! A request as a client sends it, and what is known of the world around nginx.

use std::net::IpAddr;

use super::answer::{Response, Text, Upstream};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub tls: bool,
    /// The address that it arrives at; `None` where any of the machine's will do.
    pub address: Option<IpAddr>,
    pub port: u16,
    /// The address that it comes from.
    pub client: Option<IpAddr>,
    pub method: String,
    /// What the request line asks for, as sent: `/a%20b?c=d`.
    pub target: String,
    /// The `Host` as sent; `None` for a request of HTTP/1.0 without one.
    pub host: Option<String>,
    /// All others, in their order.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The number of bytes that are sent along, as SCGI asks for it: first of all, whatever `scgi_param`
    /// says (`ngx_http_scgi_create_request`).
    pub(super) fn length(&self) -> Text {
        let header = |wanted: &str| {
            let mut headers = self.headers.iter();
            headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        };
        match (header("Content-Length"), header("Transfer-Encoding")) {
            (_, Some(_)) => Text::not_known("the length of what is sent in pieces"),
            (Some((_, length)), None) => Text::Known(length.clone()),
            (None, None) => Text::Known("0".to_owned()),
        }
    }
}

/// What the configuration does not tell and somebody may know.
#[derive(Clone, Copy)]
pub struct World<'f> {
    /// What stands at a path where nginx sees it; a relative one counts from the prefix that nginx
    /// was built with. `None` where that is not known.
    pub entry: &'f dyn Fn(&str) -> Option<Entry>,
    /// What the server behind answers; `None` where that is not known.
    pub respond: &'f dyn Fn(&Upstream) -> Option<Response>,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    File,
    Folder,
    Missing,
}

impl World<'_> {
    /// Where nothing is known.
    pub const UNKNOWN: World<'static> = World {
        entry: &|_| None,
        respond: &|_| None,
    };
}

impl Request {
    /// A `GET` of an absolute URL, `https://shop.example:8443/admin/?a=b`, as a client on another
    /// machine sends it; `None` where the text is none.
    pub fn get(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let rest = rest.split('#').next()?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let target = match target {
            target if target.starts_with('/') => target.to_owned(),
            target => format!("/{target}"),
        };
        let after_address = authority.rfind(']').map_or(0, |end| end + 1);
        let port = match authority.get(after_address..)?.split_once(':') {
            Some((_, port)) => port.parse().ok()?,
            None if tls => 443,
            None => 80,
        };
        if authority.is_empty() || authority.contains('@') {
            return None;
        }
        Some(Self {
            tls,
            address: None,
            port,
            client: None,
            method: "GET".to_owned(),
            target,
            host: Some(authority.to_owned()),
            headers: Vec::new(),
        })
    }

    /// The value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        if name.eq_ignore_ascii_case("host") {
            return self.host.as_deref();
        }
        let (_, value) = self
            .headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let request = Request::get("https://shop.example/admin/?a=b#c").expect("a request");
        assert!(request.tls);
        assert_eq!(
            (request.port, request.target.as_str()),
            (443, "/admin/?a=b")
        );
        assert_eq!(request.host.as_deref(), Some("shop.example"));
        let request = Request::get("http://[::1]:8080").expect("a request");
        assert_eq!((request.port, request.target.as_str()), (8080, "/"));
        assert_eq!(request.host.as_deref(), Some("[::1]:8080"));
        for bad in [
            "shop.example",
            "ftp://a/",
            "http://a@b/",
            "http:///x",
            "http://a:b/",
        ] {
            assert_eq!(Request::get(bad), None, "{bad}");
        }
    }
}
