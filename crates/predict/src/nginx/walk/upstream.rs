//! What is handed to another server, and what becomes of its answer:
//! [ngx_http_proxy_module](https://nginx.org/en/docs/http/ngx_http_proxy_module.html) and its like.

use tightship_model::nginx::Directive;

use super::url::Url;
use super::{Content, Length, Next, Walk};
use crate::nginx::answer::{Body, Doubt, Header, Protocol, Response, Text, Upstream};
use crate::nginx::leaf::Handler;
use crate::nginx::location::Matcher;
use crate::nginx::scope::Scope;
use crate::nginx::uri;

/// What is not passed on to the client; the first three by `proxy_pass` only.
const HIDDEN: [&str; 8] = [
    "Date",
    "Server",
    "X-Pad",
    "X-Accel-Expires",
    "X-Accel-Redirect",
    "X-Accel-Limit-Rate",
    "X-Accel-Buffering",
    "X-Accel-Charset",
];

/// What an `X-Accel-Redirect` keeps of the answer that it stands in.
const KEPT: [&str; 6] = [
    "Content-Type",
    "Set-Cookie",
    "Content-Disposition",
    "Cache-Control",
    "Expires",
    "Accept-Ranges",
];

impl<'h, 'a> Walk<'h, 'a, '_> {
    /// The content phase where the place has a handler.
    pub(super) fn handle(&mut self, handler: Scope<'h, 'a>) -> Result<Next<'a>, Doubt> {
        match handler.handler() {
            Handler::Upstream(directive) => self.pass(directive),
            Handler::Module(directive) => self.module(directive),
            Handler::Return(_) | Handler::Files(_) => self.files(),
        }
    }

    fn module(&mut self, directive: &'a Directive) -> Result<Next<'a>, Doubt> {
        let (kind, length) = match directive.name.text.as_str() {
            "stub_status" => ("text/plain", Length::Sent),
            "empty_gif" => ("image/gif", Length::Known(43)),
            name => {
                let reason = format!("what {name} answers");
                return Err(Doubt::new(Some(directive.span), reason));
            }
        };
        if !matches!(self.method.as_str(), "GET" | "HEAD") {
            return Ok(Next::Status(405));
        }
        self.note(
            Some(directive.span),
            format!("answers by {}", directive.name.text),
        );
        self.content_type = Some(Text::from(kind));
        Ok(Next::Send(Content {
            status: Some(200),
            body: Body::Module(directive),
            length,
            is_file: false,
        }))
    }

    fn pass(&mut self, directive: &'a Directive) -> Result<Next<'a>, Doubt> {
        let Some(upstream) = self.upstream(directive)? else {
            self.note(
                Some(directive.span),
                "leads nowhere: its variables make no address",
            );
            return Ok(Next::Status(500));
        };
        let to = match &upstream.target {
            Text::Known(target) => target.as_str(),
            Text::NotKnown { written, .. } => written,
        };
        self.note(Some(directive.span), format!("is handed to {to}"));
        let Some(response) = (self.world.respond)(&upstream) else {
            let reason = format!("what {to} answers");
            self.doubts.push(Doubt::new(Some(directive.span), reason));
            return Ok(Next::Send(Content {
                status: None,
                body: Body::Upstream(Box::new(upstream)),
                length: Length::Open,
                is_file: false,
            }));
        };
        self.take(upstream, &response)
    }

    /// What becomes of the answer of the server behind.
    fn take(&mut self, upstream: Upstream, response: &Response) -> Result<Next<'a>, Doubt> {
        let module = upstream.protocol.module();
        let header = |name: &str| {
            let mut all = response.headers.iter();
            let found = all.find(|(header, _)| header.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value)
        };
        let ignored = self
            .scope
            .effective(&format!("{module}_ignore_headers"))
            .directives;
        let is_ignored = |name: &str| {
            ignored
                .iter()
                .any(|one| one.texts().any(|word| word.eq_ignore_ascii_case(name)))
        };
        if let Some(to) = header("X-Accel-Redirect").filter(|_| !is_ignored("X-Accel-Redirect")) {
            let to = to.known().ok_or_else(|| {
                let reason = "the path of the X-Accel-Redirect of the server behind";
                Doubt::new(Some(upstream.span), reason)
            })?;
            return self.accelerate(to, response);
        }
        let intercepts = self.scope.flag(&format!("{module}_intercept_errors")) == Some(true);
        if let (true, true, Some(span)) = (
            intercepts,
            response.status >= 300,
            self.has_page(response.status),
        ) {
            self.note(
                Some(span),
                format!("takes over the answer {}", response.status),
            );
            if let (401, Some(value)) = (response.status, header("WWW-Authenticate")) {
                self.out
                    .push(Header::new("WWW-Authenticate", value.clone()));
            }
            return Ok(Next::Status(response.status));
        }
        let mut length = Length::Chunked;
        for (name, value) in &response.headers {
            if self.is_hidden(module, name) {
                continue;
            }
            match name.to_ascii_lowercase().as_str() {
                "content-type" => self.content_type = Some(value.clone()),
                "content-length" => {
                    let number = value.known().and_then(|value| value.parse().ok());
                    length = number.map_or(Length::Sent, Length::Known);
                }
                "connection" | "keep-alive" | "transfer-encoding" => {}
                "location" => self.pass_location(name, value, &upstream),
                "set-cookie" if self.changes_cookies(module) => {
                    let value = Text::not_known("the cookie that nginx rewrites");
                    self.out.push(Header::new(name.as_str(), value));
                }
                _ => self.out.push(Header::new(name.as_str(), value.clone())),
            }
        }
        Ok(Next::Send(Content {
            status: Some(response.status),
            body: Body::Upstream(Box::new(upstream)),
            length,
            is_file: false,
        }))
    }

    /// `X-Accel-Redirect`: the server behind names a path of nginx to send instead.
    fn accelerate(&mut self, to: &str, response: &Response) -> Result<Next<'a>, Doubt> {
        for (name, value) in &response.headers {
            if name.eq_ignore_ascii_case("content-type") {
                let charset = value.known().and_then(|value| value.split_once("charset="));
                self.charset = charset.map(|(_, charset)| charset.to_owned());
                self.content_type = Some(value.clone());
            } else if KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name)) {
                self.out.push(Header::new(name.as_str(), value.clone()));
            }
        }
        self.note(
            None,
            format!("the server behind sends X-Accel-Redirect: {to}"),
        );
        if to.starts_with('@') {
            return Ok(self.named_location(to));
        }
        let merges = self.server.scope.flag("merge_slashes") != Some(false);
        let Ok(target) = uri::normalise(to, merges) else {
            return Ok(Next::Status(404));
        };
        if self.method != "HEAD" {
            self.method = "GET".to_owned();
        }
        Ok(self.internal_redirect(target.path, target.args))
    }

    fn is_hidden(&self, module: &str, name: &str) -> bool {
        let lists = |directive: &str| {
            let all = self
                .scope
                .effective(&format!("{module}_{directive}"))
                .directives;
            all.iter().any(|one| {
                one.argument(0)
                    .is_some_and(|it| it.eq_ignore_ascii_case(name))
            })
        };
        let by_itself = match module {
            "proxy" | "grpc" => &HIDDEN[..],
            _ => &HIDDEN[3..],
        };
        let is_status = module == "fastcgi" && name.eq_ignore_ascii_case("status");
        let is_one = by_itself
            .iter()
            .any(|hidden| hidden.eq_ignore_ascii_case(name));
        lists("hide_header") || (is_one || is_status) && !lists("pass_header")
    }

    fn changes_cookies(&self, module: &str) -> bool {
        ["domain", "path", "flags"].iter().any(|part| {
            let one = self.scope.one(&format!("{module}_cookie_{part}"));
            one.is_some_and(|one| one.argument(0) != Some("off"))
        })
    }

    /// [proxy_redirect](https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_redirect):
    /// by default the address of the server behind becomes the location's name.
    fn pass_location(&mut self, name: &str, value: &Text, upstream: &Upstream) {
        let rules = self.scope.effective("proxy_redirect").directives;
        let is_default =
            rules.is_empty() || rules.iter().all(|one| one.argument(0) == Some("default"));
        let is_off = rules.iter().any(|one| one.argument(0) == Some("off"));
        let is_proxy = matches!(upstream.protocol, Protocol::Http | Protocol::Https);
        if is_off || !is_proxy {
            self.out.push(Header::new(name, value.clone()));
            return;
        }
        if !is_default {
            let value = Text::not_known("the address that proxy_redirect makes");
            self.out.push(Header::new(name, value));
            return;
        }
        let pass = self.scope.one("proxy_pass");
        let url = pass.and_then(|pass| pass.argument(0)).unwrap_or_default();
        let owner = self.scope.location().and_then(Scope::matcher);
        let has_path = Url::of(url, "proxy").is_some_and(|url| !url.uri.is_empty());
        let (from, to) = match has_path {
            true => (url.to_owned(), owner.map_or("", Matcher::text)),
            false => (format!("{url}/"), "/"),
        };
        let known = value.known().unwrap_or_default();
        let changed = known.strip_prefix(&from).filter(|_| !url.contains('$'));
        match changed {
            Some(rest) => {
                self.out.push(Header::new(name, format!("{to}{rest}")));
                self.location = Some(self.out.len() - 1);
            }
            None => self.out.push(Header::new(name, value.clone())),
        }
    }
}

impl Protocol {
    /// The start of the names of the module's directives.
    fn module(self) -> &'static str {
        match self {
            Self::Http | Self::Https => "proxy",
            Self::Uwsgi => "uwsgi",
            Self::FastCgi => "fastcgi",
            Self::Scgi => "scgi",
            Self::Grpc => "grpc",
            Self::Memcached => "memcached",
        }
    }
}
