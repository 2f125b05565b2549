//! Python's `urllib.parse` (3.11.7).

use super::Refusal;

/// What `urlparse` gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) scheme: String,
    pub(crate) netloc: String,
    pub(crate) path: String,
    pub(crate) params: String,
    pub(crate) query: String,
    pub(crate) fragment: String,
}

impl Url {
    /// `urlsplit(text)`: parameters stay in the path.
    pub(crate) fn split(text: &str) -> Result<Self, Refusal> {
        let text: String = text
            .trim_start_matches(|c| c <= ' ')
            .chars()
            .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
            .collect();
        let mut url = Self::default();
        let mut rest = text.as_str();
        if let Some((scheme, after)) = rest.split_once(':')
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        {
            url.scheme = scheme.to_ascii_lowercase();
            rest = after;
        }
        if let Some(after) = rest.strip_prefix("//") {
            let end = after.find(['/', '?', '#']).unwrap_or(after.len());
            url.netloc = after[..end].to_owned();
            rest = &after[end..];
            check_netloc(&url.netloc)?;
        }
        if let Some((before, fragment)) = rest.split_once('#') {
            url.fragment = fragment.to_owned();
            rest = before;
        }
        if let Some((before, query)) = rest.split_once('?') {
            url.query = query.to_owned();
            rest = before;
        }
        url.path = rest.to_owned();
        Ok(url)
    }

    /// `urlparse(text)`.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut url = Self::split(text)?;
        if USES_PARAMS.contains(&url.scheme.as_str()) {
            let last = url.path.rfind('/').unwrap_or(0);
            if let Some(at) = url.path[last..].find(';') {
                url.params = url.path[last + at + 1..].to_owned();
                url.path.truncate(last + at);
            }
        }
        Ok(url)
    }

    /// `urlunparse(url)`.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        if !self.scheme.is_empty() {
            text.push_str(&self.scheme);
            text.push(':');
        }
        if !self.netloc.is_empty() {
            text.push_str("//");
            text.push_str(&self.netloc);
            if !self.path.is_empty() && !self.path.starts_with('/') {
                text.push('/');
            }
        } else if self.path.starts_with("//") {
            text.push_str("//");
        }
        text.push_str(&self.path);
        for (mark, part) in [
            (';', &self.params),
            ('?', &self.query),
            ('#', &self.fragment),
        ] {
            if !part.is_empty() {
                text.push(mark);
                text.push_str(part);
            }
        }
        text
    }

    pub(crate) fn username(&self) -> Option<String> {
        let user = self.user()?;
        Some(
            user.split_once(':')
                .map_or(user, |(name, _)| name)
                .to_owned(),
        )
    }

    pub(crate) fn password(&self) -> Option<String> {
        let (_, password) = self.user()?.split_once(':')?;
        Some(password.to_owned())
    }

    /// In lower case, but for the zone after a `%`.
    pub(crate) fn hostname(&self) -> Option<String> {
        let (host, _) = self.host_and_port();
        if host.is_empty() {
            return None;
        }
        Some(match host.split_once('%') {
            Some((name, zone)) => format!("{}%{zone}", name.to_lowercase()),
            None => host.to_lowercase(),
        })
    }

    pub(crate) fn port(&self) -> Result<Option<u16>, Refusal> {
        let (_, port) = self.host_and_port();
        if port.is_empty() {
            return Ok(None);
        }
        match port.bytes().all(|byte| byte.is_ascii_digit()) {
            true => port
                .parse()
                .map(Some)
                .map_err(|_| Refusal::new(VALUE_ERROR, "Port out of range 0-65535")),
            false => Err(Refusal::new(VALUE_ERROR, "the port is not a number")),
        }
    }

    fn user(&self) -> Option<&str> {
        self.netloc.rsplit_once('@').map(|(user, _)| user)
    }

    fn host_and_port(&self) -> (&str, &str) {
        let place = match self.netloc.rsplit_once('@') {
            Some((_, place)) => place,
            None => &self.netloc,
        };
        match place.split_once('[') {
            Some((_, bracketed)) => {
                let (host, after) = bracketed.split_once(']').unwrap_or((bracketed, ""));
                (host, after.split_once(':').map_or("", |(_, port)| port))
            }
            None => place.split_once(':').unwrap_or((place, "")),
        }
    }
}

/// `parse_qs(query)`: values without text are left out.
pub(super) fn parse_qs(query: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for pair in query.split('&') {
        let Some((name, value)) = pair.split_once('=').filter(|(_, value)| !value.is_empty())
        else {
            continue;
        };
        let (name, value) = (unquote_plus(name), unquote_plus(value));
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => found.push((name, vec![value])),
        }
    }
    found
}

/// `unquote(text)`: `%41` is `A`, what is no UTF-8 becomes U+FFFD.
pub(crate) fn unquote(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Python decodes each run of ASCII on its own.
    while !rest.is_empty() {
        let ascii = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
        out.push_str(&String::from_utf8_lossy(&unquoted_bytes(&rest[..ascii])));
        let after = &rest[ascii..];
        let other = after.find(|c: char| c.is_ascii()).unwrap_or(after.len());
        out.push_str(&after[..other]);
        rest = &after[other..];
    }
    out
}

/// `unquote_plus(text)`.
pub(crate) fn unquote_plus(text: &str) -> String {
    unquote(&text.replace('+', " "))
}

/// `quote(text, safe)`.
pub(super) fn quote(text: &str, safe: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        match c.is_ascii_alphanumeric() || "_.-~".contains(c) || safe.contains(c) {
            true => out.push(c),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn unquoted_bytes(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let decoded = match bytes[at] {
            b'%' => text
                .get(at + 1..at + 3)
                .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
                .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        out.push(decoded.unwrap_or(bytes[at]));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    out
}

fn check_netloc(netloc: &str) -> Result<(), Refusal> {
    let (opened, closed) = (netloc.contains('['), netloc.contains(']'));
    if opened != closed {
        return Err(Refusal::new(VALUE_ERROR, "Invalid IPv6 URL"));
    }
    if opened && !is_bracketed_host(netloc) {
        return Err(Refusal::new(
            VALUE_ERROR,
            "the host in brackets is no IPv6 address",
        ));
    }
    if netloc.contains(MASKED_DELIMITERS) {
        let message = "netloc contains invalid characters under NFKC normalization";
        return Err(Refusal::new(VALUE_ERROR, message));
    }
    Ok(())
}

fn is_bracketed_host(netloc: &str) -> bool {
    let host = netloc.split_once('[').map_or("", |(_, host)| host);
    let host = host.split_once(']').map_or(host, |(host, _)| host);
    if let Some(future) = host.strip_prefix(['v', 'V']) {
        return future.split_once('.').is_some_and(|(version, address)| {
            !version.is_empty()
                && version.bytes().all(|b| b.is_ascii_hexdigit())
                && !address.is_empty()
        });
    }
    let address = host.split_once('%').map_or(host, |(address, _)| address);
    address.parse::<std::net::Ipv6Addr>().is_ok()
}

pub(super) const VALUE_ERROR: &str = "builtins.ValueError";

/// urllib's `uses_params`.
const USES_PARAMS: [&str; 15] = [
    "", "ftp", "hdl", "prospero", "http", "https", "shttp", "rtsp", "rtsps", "rtspu", "sip",
    "sips", "mms", "sftp", "tel",
];

/// Characters that NFKC turns into one of `/?#@:` (Unicode 14).
const MASKED_DELIMITERS: [char; 19] = [
    '\u{2047}', '\u{2048}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}', '\u{2a74}',
    '\u{fe13}', '\u{fe16}', '\u{fe55}', '\u{fe56}', '\u{fe5f}', '\u{fe6b}', '\u{ff03}', '\u{ff0f}',
    '\u{ff1a}', '\u{ff1f}', '\u{ff20}',
];
