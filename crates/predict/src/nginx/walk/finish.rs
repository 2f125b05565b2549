//! The end of the way: error pages, and the header fields of the answer.

use tightship_model::Span;
use tightship_model::nginx::{Directive, Word};

use super::{Content, Length, Next, Walk};
use crate::nginx::answer::{Answer, Body, Doubt, Header, Text};
use crate::nginx::uri;

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
    /// `ngx_http_special_response_handler`: the `error_page` for the status, or nginx's own.
    pub(super) fn special(&mut self, status: u16) -> Result<Next<'a>, Doubt> {
        if matches!(status, 408 | 444 | 499) {
            self.note(None, "the connection is closed");
            return Ok(Next::Send(Content::closed()));
        }
        self.kept_status = Some(status);
        self.content_type = None;
        self.closes |= matches!(status, 400 | 413 | 414 | 495..=497 | 500 | 501);
        let pages = self.scope.effective("error_page").directives;
        if !self.is_error_page && !pages.is_empty() && self.changes_left != 0 {
            self.is_error_page = self.scope.flag("recursive_error_pages") != Some(true);
            let page = pages.into_iter().find_map(|directive| {
                let page = ErrorPage::of(directive)?;
                page.statuses.contains(&status).then_some(page)
            });
            if let Some(page) = page {
                return self.error_page(&page, status);
            }
        }
        if matches!(status, 494..=497) {
            self.kept_status = Some(400);
        }
        self.out.retain(|header| header.name != "ETag");
        Ok(Next::Send(self.own_page(status)))
    }

    fn error_page(&mut self, page: &ErrorPage<'a>, status: u16) -> Result<Next<'a>, Doubt> {
        let span = Some(page.directive.span);
        self.note(span, format!("the page for {status}"));
        match page.becomes {
            Some(0) => self.kept_status = None,
            Some(other) => self.kept_status = Some(other),
            None if matches!(status, 494..=497) => self.kept_status = Some(400),
            None => {}
        }
        let to = self.expand(page.to);
        if let Some(name) = to.known().filter(|to| to.starts_with('@')) {
            return Ok(self.named_location(name));
        }
        if page.to.text.starts_with('/') || to.known().is_some_and(|to| to.starts_with('/')) {
            let to = self.known(page.to)?;
            if self.method != "HEAD" {
                self.method = "GET".to_owned();
            }
            let (path, args) = uri::split_args(&to);
            return Ok(self.internal_redirect(path.to_owned(), args.to_owned()));
        }
        self.redirect_to(to, span);
        if !matches!(page.becomes, Some(301 | 302 | 303 | 307 | 308)) {
            self.kept_status = Some(302);
        }
        Ok(Next::Send(self.own_page(self.kept_status.unwrap_or(302))))
    }

    fn own_page(&mut self, status: u16) -> Content<'a> {
        let has_page = matches!(
            status,
            301..=303 | 307 | 308 | 400..=406 | 408..=416 | 421 | 429 | 494..=498 | 500..=505 | 507
        );
        self.content_type = has_page.then(|| Text::from("text/html"));
        Content {
            status: Some(status),
            body: Body::Page,
            length: if has_page {
                Length::Sent
            } else {
                Length::Known(0)
            },
            is_file: false,
        }
    }

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
        let status = self.kept_status.or(content.status);
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
            (Some(place), true) => _ = self.out.remove(place),
            (Some(place), false) => self.out[place] = header,
            (None, true) => {}
            (None, false) => self.out.push(header),
        }
    }

    fn expires(&mut self, is_certain: bool, is_file: bool) {
        let Some(directive) = self.scope.one("expires") else {
            return;
        };
        let Some(word) = directive.arguments.last() else {
            return;
        };
        let is_modified = directive.arguments.len() == 2;
        let (time, control) = match self.expand(word) {
            Text::Known(text) => match expiry(&text, is_modified, is_file) {
                Some(found) => found,
                None => return,
            },
            unknown @ Text::NotKnown { .. } => {
                let header = |name| Header {
                    is_certain: false,
                    span: Some(directive.span),
                    ..Header::new(name, unknown.clone())
                };
                self.out
                    .extend([header("Expires"), header("Cache-Control")]);
                return;
            }
        };
        // A header of the server behind gives its place to the new one.
        for (name, value) in [("Expires", time), ("Cache-Control", control)] {
            let header = Header {
                span: Some(directive.span),
                is_certain,
                ..Header::new(name, value)
            };
            let is_it = |header: &Header| header.name.eq_ignore_ascii_case(name);
            match self.out.iter().position(is_it) {
                Some(place) => {
                    self.out[place].value = header.value;
                    let mut later = place + 1;
                    while let Some(again) = self.out[later..].iter().position(is_it) {
                        later += again;
                        self.out.remove(later);
                    }
                }
                None => self.out.push(header),
            }
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

/// One `error_page`.
struct ErrorPage<'a> {
    directive: &'a Directive,
    statuses: Vec<u16>,
    /// The status that the answer gets: 0 for the one of the page itself.
    becomes: Option<u16>,
    to: &'a Word,
}

impl<'a> ErrorPage<'a> {
    fn of(directive: &'a Directive) -> Option<Self> {
        let (to, front) = directive.arguments.split_last()?;
        let (becomes, statuses) = match front.split_last() {
            Some((last, statuses)) if last.text.starts_with('=') => {
                let code = &last.text[1..];
                let code = if code.is_empty() {
                    0
                } else {
                    code.parse().ok()?
                };
                (Some(code), statuses)
            }
            _ => (None, front),
        };
        Some(Self {
            directive,
            statuses: statuses
                .iter()
                .filter_map(|word| word.text.parse().ok())
                .collect(),
            becomes,
            to,
        })
    }
}

/// The `Expires` and `Cache-Control` of an `expires`; `None` for `off` and what nginx passes over.
fn expiry(text: &str, is_modified: bool, is_file: bool) -> Option<(Text, Text)> {
    let later = || Text::not_known("the time");
    match text {
        "off" => return None,
        "epoch" => {
            return Some((
                Text::from("Thu, 01 Jan 1970 00:00:01 GMT"),
                Text::from("no-cache"),
            ));
        }
        "max" => {
            return Some((
                Text::from("Thu, 31 Dec 2037 23:55:55 GMT"),
                Text::from("max-age=315360000"),
            ));
        }
        _ => {}
    }
    if text.starts_with('@') {
        return Some((later(), later()));
    }
    let (is_past, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let seconds = seconds(text)?;
    let control = if is_past && seconds > 0 {
        Text::from("no-cache")
    } else if is_modified && is_file && seconds > 0 {
        later()
    } else {
        Text::Known(format!("max-age={seconds}"))
    };
    Some((later(), control))
}

/// A time as nginx writes it, in seconds: `1h 30m`, `7d`, `3600`.
fn seconds(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            's' | ' ' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            'M' => 2_592_000,
            'y' => 31_536_000,
            _ => return None,
        };
        if digits.is_empty() && c == ' ' {
            continue;
        }
        total = total.checked_add(digits.parse::<u64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    if digits.is_empty() {
        return (!text.is_empty()).then_some(total);
    }
    total.checked_add(digits.parse().ok()?)
}

impl Walk<'_, '_, '_> {
    /// Whether the status has an `error_page` here: then nginx may take over a proxied answer.
    pub(super) fn has_page(&self, status: u16) -> Option<Span> {
        let pages = self.scope.effective("error_page").directives;
        pages.into_iter().find_map(|directive| {
            let page = ErrorPage::of(directive)?;
            page.statuses.contains(&status).then_some(directive.span)
        })
    }
}
