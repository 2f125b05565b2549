//! `Set-Cookie` as browsers read it (RFC 6265, section 5.2), and what a cookie is for.

use tightship_model::site::http::Http;

use super::look::Answered;

/// A cookie without its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cookie<'a> {
    pub(super) name: &'a str,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) same_site: Option<&'a str>,
    pub(super) max_age: Option<&'a str>,
    pub(super) path: Option<&'a str>,
    pub(super) domain: Option<&'a str>,
}

/// What a cookie is for, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Whoever holds it is the visitor.
    Session,
    /// Django's token against forged forms, or that of a frontend.
    Csrf,
    Other,
}

impl<'a> Cookie<'a> {
    /// `None` where browsers ignore it: without a name and without a value.
    pub(super) fn parse(value: &'a str) -> Option<Self> {
        let mut parts = value.split(';');
        let pair = parts.next()?.trim();
        let (name, _) = pair.split_once('=').unwrap_or(("", pair));
        let mut cookie = Self {
            name: name.trim(),
            ..Self::default()
        };
        if pair.is_empty() || pair == "=" {
            return None;
        }
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), value.trim()),
                None => (part.trim(), ""),
            };
            // The last of each counts.
            match name.to_ascii_lowercase().as_str() {
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                "samesite" => cookie.same_site = Some(value),
                "max-age" => cookie.max_age = Some(value),
                "path" => cookie.path = Some(value),
                "domain" => cookie.domain = Some(value),
                _ => {}
            }
        }
        Some(cookie)
    }

    /// Whether it takes a cookie away: what Django's `delete_cookie` sends.
    pub(super) fn is_deletion(&self) -> bool {
        let seconds = self.max_age.and_then(|age| age.parse::<i64>().ok());
        seconds.is_some_and(|seconds| seconds <= 0)
    }

    /// By the usual names; `sessionid` and `csrftoken` are Django's own.
    pub(super) fn purpose(&self) -> Use {
        let name = self.name.to_ascii_lowercase();
        let has = |part: &str| name.contains(part);
        if has("csrf") || has("xsrf") {
            return Use::Csrf;
        }
        let is_token = [
            "jwt",
            "access_token",
            "access-token",
            "refresh_token",
            "refresh-token",
        ]
        .into_iter()
        .any(has);
        match is_token || has("sessionid") || has("session_id") || name == "session" {
            true => Use::Session,
            false => Use::Other,
        }
    }
}

/// The cookies that a site sets over HTTPS, each name once, with the answer that sets it.
pub(super) fn secure_cookies(http: &Http) -> Vec<(Cookie<'_>, Answered<'_>)> {
    let mut found: Vec<(Cookie<'_>, Answered<'_>)> = Vec::new();
    for exchange in http.exchanges.iter().filter(|one| one.is_secure()) {
        let Some(answer) = exchange.answer() else {
            continue;
        };
        for cookie in answer.values("set-cookie").filter_map(Cookie::parse) {
            let is_new = found.iter().all(|(known, _)| known.name != cookie.name);
            if is_new && !cookie.is_deletion() {
                found.push((cookie, Answered { exchange, answer }));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_browsers_do() {
        let cookie = Cookie::parse(
            "sessionid=<32>; expires=Thu; HTTPONLY; Max-Age=1209600; \
             path=/ ;samesite=Lax; Secure=yes",
        )
        .expect("a cookie");
        assert_eq!(cookie.name, "sessionid");
        assert!(cookie.secure && cookie.http_only && !cookie.is_deletion());
        assert_eq!((cookie.same_site, cookie.path), (Some("Lax"), Some("/")));
        assert!(
            Cookie::parse("messages=<2>; Max-Age=0")
                .expect("one")
                .is_deletion()
        );
        assert_eq!(Cookie::parse("; Secure"), None);
        assert_eq!(Cookie::parse("alone").expect("one").name, "");
    }

    #[test]
    fn purposes_are_told_by_names() {
        for (name, purpose) in [
            ("sessionid", Use::Session),
            ("__Host-sessionid", Use::Session),
            ("shop_access_token", Use::Session),
            ("csrftoken", Use::Csrf),
            ("XSRF-TOKEN", Use::Csrf),
            ("django_language", Use::Other),
            ("cookie_consent", Use::Other),
            ("obsession", Use::Other),
        ] {
            let cookie = Cookie {
                name,
                ..Cookie::default()
            };
            assert_eq!(cookie.purpose(), purpose, "{name}");
        }
    }
}
