//! The end of the way: the header fields of the answer.

use tightship_model::nginx::{Directive, Word};

use super::{Content, Length, Walk};
use crate::nginx::answer::{Answer, Body, Doubt, Header, Text};

/// What changes header fields in a way that is not modelled.
const HEADER_FILTERS: [&str; 7] = [
    "more_set_headers",
    "more_clear_headers",
    "header_filter_by_lua_block",
    "header_filter_by_lua_file",
    "header_filter_by_lua",
    "js_header_filter",
    "image_filter",
];

/// What makes an answer a 206, 304 or 412.
const CONDITIONS: [&str; 5] = [
    "Range",
    "If-Modified-Since",
    "If-None-Match",
    "If-Match",
    "If-Unmodified-Since",
];

/// What changes bodies, and their length with them.
const BODY_FILTERS: [&str; 8] = [
    "sub_filter",
    "add_before_body",
    "add_after_body",
    "xslt_stylesheet",
    "image_filter",
    "body_filter_by_lua_block",
    "body_filter_by_lua_file",
    "js_body_filter",
];

/// The types that `charset` is added to where `charset_types` does not say others:
/// <https://nginx.org/en/docs/http/ngx_http_charset_module.html#charset_types>.
const CHARSET_TYPES: [&str; 6] = [
    "text/html",
    "text/xml",
    "text/plain",
    "text/vnd.wap.wml",
    "application/javascript",
    "application/rss+xml",
];

impl<'h, 'a> Walk<'h, 'a, '_> {
    /// Puts the answer together: `ngx_http_header_filter` and the filters before it.
    pub(super) fn finish(mut self, end: Result<Content<'a>, Doubt>) -> Answer<'h, 'a> {
        let content = match end {
            Ok(content) => content,
            Err(doubt) => {
                self.doubts.push(doubt);
                return self.answer(None, Vec::new(), Body::NotKnown);
            }
        };
        if content.body == Body::Closed {
            return self.answer(None, Vec::new(), Body::Closed);
        }
        let mut status = self.kept_status.or(content.status);
        if let (Some(name), Some(200)) = (self.condition_of_client(), status) {
            let reason = format!("whether the client has it already: it sends {name}");
            self.doubts.push(Doubt::new(None, reason));
            status = None;
        }
        self.find_gaps();
        let headers = self.headers(status, &content);
        self.answer(status, headers, content.body)
    }

    fn answer(self, status: Option<u16>, headers: Vec<Header>, body: Body<'a>) -> Answer<'h, 'a> {
        Answer {
            server: Some(self.server),
            scopes: self.scopes,
            status,
            headers,
            body,
            steps: self.steps,
            doubts: self.doubts,
        }
    }

    /// A header by which the client asks for a part, or for what it does not have yet.
    fn condition_of_client(&self) -> Option<&'static str> {
        let has = |name: &&&str| self.request.header(name).is_some();
        CONDITIONS.iter().find(has).copied()
    }

    /// Places on the way where directives may stand that are not known.
    fn find_gaps(&mut self) {
        let configuration = self.http.configuration;
        let mut found = Vec::new();
        for scope in self.scope.chain().chain(self.scopes.iter().copied()) {
            let span = scope.block().map(|block| block.span);
            let gaps = configuration.gaps.iter();
            let inside = gaps.filter(|gap| gap.within.last().copied() == span);
            for gap in inside {
                let doubt = Doubt::new(Some(gap.span), gap.reason.clone());
                if !found.contains(&doubt) {
                    found.push(doubt);
                }
            }
        }
        self.doubts.extend(found);
    }

    fn headers(&mut self, status: Option<u16>, content: &Content<'a>) -> Vec<Header> {
        self.filter_out(status, content);
        let has = |walk: &Self, name: &str| {
            walk.out
                .iter()
                .any(|header| header.name.eq_ignore_ascii_case(name))
        };
        let is_altered = self.is_altered();
        let mut headers = Vec::new();
        if !has(self, "Server") {
            headers.push(Header::new("Server", self.server_text()));
        }
        if !has(self, "Date") {
            headers.push(Header::new("Date", Text::not_known("the time")));
        }
        // A 204 of the server behind goes through as it came.
        let is_passed = matches!(content.body, Body::Upstream(_)) && self.kept_status.is_none();
        let has_content = is_passed || status != Some(204);
        if let Some(value) = self.content_type.take().filter(|_| has_content) {
            // Old browsers took the charset of a redirect for the page that follows.
            let value = match status {
                Some(301 | 302) if self.charset.is_none() => value,
                _ => self.with_charset(value),
            };
            headers.push(Header::new("Content-Type", value));
        }
        let length = match content.length {
            _ if is_altered => Length::Open,
            length => length,
        };
        let gzip = self.gzip(status, content, &headers);
        let is_open = length == Length::Open || gzip == Gzip::Perhaps;
        let sends_length =
            matches!(length, Length::Known(_) | Length::Sent) && !matches!(gzip, Gzip::Compresses);
        if has_content && (sends_length || is_open) {
            let value = match length {
                Length::Known(length) => Text::Known(length.to_string()),
                _ => Text::not_known("the length of the body"),
            };
            headers.push(Header {
                is_certain: !is_open,
                ..Header::new("Content-Length", value)
            });
        }
        let shows_time = matches!(status, None | Some(200 | 206 | 304));
        if content.is_file && shows_time && !self.sets_time {
            headers.push(Header {
                is_certain: !is_altered,
                ..Header::new("Last-Modified", Text::not_known("the time of the file"))
            });
        }
        if let Some(header) = self.absolute_location() {
            headers.push(header);
        }
        let is_chunked = length == Length::Chunked || gzip == Gzip::Compresses;
        // An answer to HTTP/1.0 just ends with the connection.
        let takes_chunks = self.request.host.is_some()
            && self.method != "HEAD"
            && self.scope.flag("chunked_transfer_encoding") != Some(false);
        if has_content && takes_chunks && (is_chunked || is_open) {
            headers.push(Header {
                is_certain: !is_open,
                ..Header::new("Transfer-Encoding", "chunked")
            });
        }
        let keeps = self.keeps_alive();
        headers.push(Header::new(
            "Connection",
            if keeps { "keep-alive" } else { "close" },
        ));
        let kept = self
            .scope
            .one("keepalive_timeout")
            .and_then(|one| one.argument(1));
        if let (true, Some(seconds)) = (keeps, kept) {
            let seconds = seconds.trim_end_matches('s');
            headers.push(Header::new("Keep-Alive", format!("timeout={seconds}")));
        }
        if gzip != Gzip::Off && self.scope.flag("gzip_vary") == Some(true) {
            headers.push(Header {
                is_certain: gzip != Gzip::Perhaps,
                ..Header::new("Vary", "Accept-Encoding")
            });
        }
        let mut out = std::mem::take(&mut self.out);
        if is_altered {
            for header in out.iter_mut().filter(|header| header.name == "ETag") {
                header.is_certain = false;
            }
        }
        headers.extend(out);
        if matches!(gzip, Gzip::Compresses) || gzip == Gzip::Perhaps && self.accepts_gzip() {
            headers.push(Header {
                is_certain: gzip == Gzip::Compresses,
                ..Header::new("Content-Encoding", "gzip")
            });
        }
        let has_ranges = content.is_file && matches!(status, None | Some(200));
        if has_ranges && gzip != Gzip::Compresses && self.scope.value("max_ranges") != Some("0") {
            headers.push(Header {
                is_certain: !is_altered && gzip != Gzip::Perhaps,
                ..Header::new("Accept-Ranges", "bytes")
            });
        }
        headers
    }

    /// What `expires` and `add_header` add:
    /// [ngx_http_headers_module](https://nginx.org/en/docs/http/ngx_http_headers_module.html).
    fn filter_out(&mut self, status: Option<u16>, content: &Content<'a>) {
        let safe = status.map(|status| {
            matches!(
                status,
                200 | 201 | 204 | 206 | 301 | 302 | 303 | 304 | 307 | 308
            )
        });
        if safe != Some(false) {
            self.expires(safe.is_some(), content.is_file);
        }
        for directive in self.scope.effective("add_header").directives {
            let [name, value, rest @ ..] = &directive.arguments[..] else {
                continue;
            };
            let is_always = rest.first().is_some_and(|word| word.text == "always");
            if safe == Some(false) && !is_always {
                continue;
            }
            let value = self.expand(value);
            self.add_header(directive, &name.text, value, is_always || safe.is_some());
        }
        for name in HEADER_FILTERS {
            for directive in self.scope.effective(name).directives {
                let reason = format!("what {name} does to the headers");
                self.doubts.push(Doubt::new(Some(directive.span), reason));
            }
        }
        if let Some(directive) = self.scope.one("userid")
            && directive.argument(0) != Some("off")
        {
            self.out.push(Header {
                is_certain: false,
                span: Some(directive.span),
                ..Header::new("Set-Cookie", Text::not_known("the number of the user"))
            });
        }
    }

    fn add_header(&mut self, directive: &Directive, name: &str, value: Text, is_certain: bool) {
        let is_single = ["etag", "last-modified"]
            .iter()
            .any(|single| name.eq_ignore_ascii_case(single));
        let is_empty = value.known() == Some("");
        let is_certain = is_certain && value.known().is_some();
        let header = Header {
            span: Some(directive.span),
            is_certain,
            ..Header::new(name, value)
        };
        self.sets_time |= name.eq_ignore_ascii_case("last-modified");
        let held = self
            .out
            .iter()
            .position(|header| is_single && header.name.eq_ignore_ascii_case(name));
        match (held, is_empty) {
            (Some(place), true) => self.take_back(place),
            (Some(place), false) => self.out[place] = header,
            (None, true) => {}
            (None, false) => self.out.push(header),
        }
    }

    /// The `Location` that nginx writes with scheme, host and port.
    fn absolute_location(&mut self) -> Option<Header> {
        let place = self.location?;
        let target = self.out[place].value.known()?;
        if !target.starts_with('/') || self.scope.flag("absolute_redirect") == Some(false) {
            return None;
        }
        let mut header = self.out.remove(place);
        let target = header.value.known().unwrap_or_default().to_owned();
        let host = if self.scope.flag("server_name_in_redirect") == Some(true) {
            self.variable("server_name")
        } else if self.host.is_empty() {
            self.variable("server_addr")
        } else {
            Text::Known(self.host.clone())
        };
        let usual = if self.request.tls { 443 } else { 80 };
        let port = self.request.port;
        let shows_port = port != usual && self.scope.flag("port_in_redirect") != Some(false);
        header.name = "Location".to_owned();
        header.value = match host {
            Text::Known(host) if shows_port => {
                Text::Known(format!("{}://{host}:{port}{target}", self.request.scheme()))
            }
            Text::Known(host) => Text::Known(format!("{}://{host}{target}", self.request.scheme())),
            unknown @ Text::NotKnown { .. } => unknown,
        };
        Some(header)
    }

    fn server_text(&self) -> Text {
        match self.scope.value("server_tokens") {
            Some("off") => Text::from("nginx"),
            Some("on") => match self.http.configuration.version {
                Some((major, minor, patch)) => {
                    Text::Known(format!("nginx/{major}.{minor}.{patch}"))
                }
                None => Text::not_known("the version of nginx"),
            },
            _ => Text::not_known("the build of nginx"),
        }
    }

    fn with_charset(&self, value: Text) -> Text {
        if let (Some(charset), Text::Known(text)) = (&self.charset, &value) {
            return match text.contains(';') {
                true => value,
                false => Text::Known(format!("{text}; charset={charset}")),
            };
        }
        let Some(charset) = self
            .scope
            .value("charset")
            .filter(|charset| *charset != "off")
        else {
            return value;
        };
        let Text::Known(text) = &value else {
            return value;
        };
        let listed: Vec<&Word> = self.scope.effective("charset_types").arguments(0).collect();
        let is_listed = match listed.is_empty() {
            true => CHARSET_TYPES.contains(&text.as_str()),
            false => {
                let all = self.scope.effective("charset_types").directives;
                text == "text/html"
                    || all
                        .iter()
                        .any(|one| one.texts().any(|word| word == text || word == "*"))
            }
        };
        match is_listed && !charset.starts_with('$') {
            true => Text::Known(format!("{text}; charset={charset}")),
            false if is_listed => Text::not_known("the charset"),
            false => value,
        }
    }

    /// [ngx_http_gzip_module](https://nginx.org/en/docs/http/ngx_http_gzip_module.html).
    fn gzip(&self, status: Option<u16>, content: &Content<'a>, headers: &[Header]) -> Gzip {
        if self.scope.flag("gzip") == Some(false) || !matches!(status, None | Some(200 | 403 | 404))
        {
            return Gzip::Off;
        }
        let is_encoded = |header: &Header| header.name.eq_ignore_ascii_case("content-encoding");
        if self.out.iter().any(is_encoded) {
            return Gzip::Off;
        }
        let kind = headers.iter().find(|header| header.name == "Content-Type");
        let Some(kind) = kind.map(|header| header.value.known()) else {
            return if status.is_none() {
                Gzip::Perhaps
            } else {
                Gzip::Off
            };
        };
        let Some(kind) = kind else {
            return Gzip::Perhaps;
        };
        let kind = kind.split(';').next().unwrap_or_default();
        let types = self.scope.effective("gzip_types").directives;
        let is_listed = kind == "text/html"
            || types
                .iter()
                .any(|one| one.texts().any(|word| word == kind || word == "*"));
        if !is_listed {
            return Gzip::Off;
        }
        let least = self.scope.value("gzip_min_length").and_then(super::size);
        let is_long = match (content.length, least) {
            (Length::Known(length), Some(least)) => Some(length as u64 >= least),
            (Length::Chunked, _) => Some(true),
            (Length::Sent, Some(least)) if content.body == Body::Page && least <= 100 => Some(true),
            _ => None,
        };
        let is_plain = self.scope.one("gzip_disable").is_none()
            && self.request.header("via").is_none()
            && self.scope.flag("gzip").is_some();
        match is_long {
            Some(false) => Gzip::Off,
            Some(true) if !self.accepts_gzip() => Gzip::Varies,
            Some(true) if status.is_some() && is_plain => Gzip::Compresses,
            _ => Gzip::Perhaps,
        }
    }

    pub(super) fn accepts_gzip(&self) -> bool {
        let is_old = self.request.host.is_none();
        if is_old && self.scope.value("gzip_http_version") != Some("1.0") {
            return false;
        }
        let accepted = self.request.header("accept-encoding").unwrap_or_default();
        accepted.contains("gzip") || accepted.contains('*')
    }

    fn is_altered(&self) -> bool {
        BODY_FILTERS
            .iter()
            .any(|name| self.scope.one(name).is_some())
            || self.scope.flag("ssi") == Some(true)
            || self.scope.flag("gunzip") == Some(true)
    }

    fn keeps_alive(&self) -> bool {
        let asked: Vec<_> = self.values("connection").collect();
        let asked = asked.join(",").to_ascii_lowercase();
        let keeps = match self.request.host {
            Some(_) => !asked.contains("close"),
            None => asked.contains("keep-alive"),
        };
        let timeout = self.scope.value("keepalive_timeout");
        keeps && !self.closes && !matches!(timeout, Some("0" | "0s"))
    }
}

/// What the gzip filter does to an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gzip {
    Off,
    /// Another client would get it compressed.
    Varies,
    Compresses,
    Perhaps,
}
