//! The address that the user named.

use thiserror::Error;
use url::{Host, Url};

use super::address::names_this_machine;

/// An address of a site: http, https or smtp, with a host, and without a name and a password in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: Url,
}

/// Why a text is no [`Target`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadTarget {
    #[error("it is no address: {0}")]
    NoAddress(url::ParseError),
    #[error("it begins with {0}:, and only http, https and smtp are looked at")]
    Scheme(String),
    // The text is not repeated: it holds a password.
    #[error("it holds a user name or a password")]
    Credentials,
}

impl Target {
    /// Reads `https://shop.example:8443/path`; without a scheme it is https.
    ///
    /// # Errors
    ///
    /// Where it is no such address.
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        let text = text.trim();
        let whole = match text.contains("://") {
            true => text.to_owned(),
            false => format!("https://{text}"),
        };
        let mut url = Url::parse(&whole).map_err(BadTarget::NoAddress)?;
        if !matches!(url.scheme(), "http" | "https" | MAIL) || url.host().is_none() {
            return Err(BadTarget::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadTarget::Credentials);
        }
        url.set_fragment(None);
        Ok(Self { url })
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    /// In the form of DNS, or an IP address without brackets.
    pub fn host(&self) -> String {
        host(&self.url)
    }

    /// Whether it is a mail server, which is asked for TLS alone.
    pub fn is_mail(&self) -> bool {
        self.url.scheme() == MAIL
    }

    /// The port; for mail that of submission (RFC 6409, 3.1) where none is named.
    pub(super) fn port(&self) -> Option<u16> {
        const SUBMISSION: u16 = 587;
        self.url
            .port_or_known_default()
            .or(self.is_mail().then_some(SUBMISSION))
    }

    /// Whether it is named as this machine: `localhost`, 127.0.0.1, \[::1\].
    pub(super) fn is_this_machine(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => names_this_machine(name),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The same host over plain HTTP; `None` where the port tells none.
    pub fn plain(&self) -> Option<Url> {
        match (self.url.scheme(), self.url.port()) {
            ("http", _) => Some(self.url.clone()),
            (_, None) => {
                let mut url = self.url.clone();
                url.set_scheme("http").ok()?;
                Some(url)
            }
            _ => None,
        }
    }
}

/// The scheme of a mail server.
const MAIL: &str = "smtp";

/// The host of an address, in the form that is resolved and named to TLS.
pub(super) fn host(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_form() {
        for (text, url) in [
            ("shop.example", "https://shop.example/"),
            ("HTTPS://Shop.Example:443/a#b", "https://shop.example/a"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
            ("https://[::1]:8443/x?y", "https://[::1]:8443/x?y"),
            ("https://bücher.example", "https://xn--bcher-kva.example/"),
            ("localhost:8000", "https://localhost:8000/"),
            ("smtp://mail.example:587", "smtp://mail.example:587"),
        ] {
            assert_eq!(Target::parse(text).expect(text).url().as_str(), url);
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        let is_here = |text| Target::parse(text).expect(text).is_this_machine();
        assert!(
            is_here("localhost:8443") && is_here("https://127.0.0.9/") && is_here("http://[::1]/")
        );
        assert!(!is_here("shop.example") && !is_here("192.0.2.1") && !is_here("notlocalhost"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "https://",
            "ftp://shop.example",
            "smtp:mail.example",
            "file:///etc/passwd",
            "https://a b/",
        ] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
        let error = Target::parse("https://me:hunter2@shop.example").expect_err("a password");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn the_plain_twin_is_on_the_usual_port_or_not_known() {
        for (text, plain) in [
            ("https://shop.example/a", Some("http://shop.example/a")),
            ("https://shop.example:8443/", None),
            ("http://localhost:8000/", Some("http://localhost:8000/")),
        ] {
            let twin = Target::parse(text).expect(text).plain();
            assert_eq!(twin.as_ref().map(Url::as_str), plain, "{text}");
        }
    }
}
