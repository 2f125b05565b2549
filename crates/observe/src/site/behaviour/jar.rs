//! Cookies as a browser keeps them for one site (RFC 6265, sections 5.3 and 5.4).

use url::{Host, Url};

/// The cookies of one visitor.
#[derive(Clone, Debug, Default)]
pub(super) struct Jar(Vec<Cookie>);

#[derive(Clone, Debug)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    is_secure: bool,
}

impl Jar {
    /// Takes what an answer from `url` sets, as far as a browser would.
    pub(super) fn take<'a>(&mut self, fields: impl IntoIterator<Item = &'a str>, url: &Url) {
        for field in fields {
            let Some((cookie, keeps)) = read(field, url) else {
                continue;
            };
            self.0.retain(|known| known.name != cookie.name);
            if keeps {
                self.0.push(cookie);
            }
        }
    }

    /// The field that goes with a request for `url`; `None` where no cookie fits.
    pub(super) fn field(&self, url: &Url) -> Option<String> {
        let fits = |cookie: &&Cookie| {
            is_below(url.path(), &cookie.path) && (!cookie.is_secure || is_trustworthy(url))
        };
        let pairs: Vec<_> = self
            .0
            .iter()
            .filter(fits)
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// A cookie, and whether it is kept rather than taken away; `None` where a browser refuses it.
fn read(field: &str, url: &Url) -> Option<(Cookie, bool)> {
    let mut parts = field.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let mut cookie = Cookie {
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
        path: default_path(url),
        is_secure: false,
    };
    let mut keeps = true;
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "secure" => cookie.is_secure = true,
            "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
            "max-age" => keeps = !value.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
            "domain" if !value.is_empty() && !is_within(url, value) => return None,
            _ => {}
        }
    }
    let is_refused = cookie.is_secure && !is_trustworthy(url);
    (!is_refused && !cookie.name.is_empty()).then_some((cookie, keeps))
}

/// Whether a `Secure` cookie is kept and sent: over HTTPS, and to this machine by the name for which
/// browsers make an exception.
fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || url.host_str() == Some("localhost")
}

/// Whether the host of an address is a domain, or below it.
fn is_within(url: &Url, domain: &str) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    match url.host() {
        Some(Host::Domain(host)) => {
            let rest = host.strip_suffix(&domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }
        _ => url.host_str() == Some(&domain),
    }
}

/// Section 5.1.4.
fn default_path(url: &Url) -> String {
    match url.path().rsplit_once('/') {
        Some(("", _)) | None => "/".to_owned(),
        Some((folder, _)) => folder.to_owned(),
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.is_empty() || folder.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(fields: &[&str], from: &str, to: &str) -> Option<String> {
        let mut jar = Jar::default();
        jar.take(
            fields.iter().copied(),
            &Url::parse(from).expect("an address"),
        );
        jar.field(&Url::parse(to).expect("an address"))
    }

    #[test]
    fn cookies_go_where_a_browser_sends_them() {
        let login = "https://shop.example/accounts/login/";
        for (fields, from, to, wanted) in [
            (&["a=1; Path=/", "b=2"][..], login, login, Some("a=1; b=2")),
            (&["a=1; Path=/", "a=2; Path=/"], login, login, Some("a=2")),
            (&["a=1", "a=; Max-Age=0"], login, login, None),
            (&["a=1"], login, "https://shop.example/", None),
            (&["a=1; Path=/acc"], login, login, None),
            (&["a=1; Domain=.example"], login, login, Some("a=1")),
            (&["a=1; Domain=other.example"], login, login, None),
            (&["a=1; Domain=op.example"], login, login, None),
            (&["a=1; Secure"], login, login, Some("a=1")),
            (
                &["a=1; Secure; Path=/"],
                login,
                "http://shop.example/",
                None,
            ),
            (
                &["a=1; Secure"],
                "http://127.0.0.1:1/",
                "http://127.0.0.1:1/",
                None,
            ),
            (
                &["a=1; Secure"],
                "http://localhost/",
                "http://localhost/",
                Some("a=1"),
            ),
        ] {
            assert_eq!(
                sent(fields, from, to).as_deref(),
                wanted,
                "{fields:?} {from} {to}"
            );
        }
    }
}
