//! What is handed to another server, and what becomes of its answer:
//! [ngx_http_proxy_module](https://nginx.org/en/docs/http/ngx_http_proxy_module.html) and its like.

use tightship_model::nginx::Directive;

use super::{Content, Length, Next, Walk};
use crate::nginx::answer::{Body, Doubt, Header, Protocol, Response, Text, Upstream};
use crate::nginx::leaf::Handler;
use crate::nginx::location::Matcher;
use crate::nginx::scope::{Level, Scope};
use crate::nginx::uri::{self, Escape};

/// What nginx sets by itself where no `proxy_set_header` names it.
const PROXY_HEADERS: [(&str, &str); 8] = [
    ("Host", "$proxy_host"),
    ("Connection", "close"),
    ("Content-Length", "$content_length"),
    ("Transfer-Encoding", ""),
    ("TE", ""),
    ("Keep-Alive", ""),
    ("Expect", ""),
    ("Upgrade", ""),
];

/// What nginx leaves out where it keeps the answer in a cache.
const CONDITIONS: [&str; 6] = [
    "if-modified-since",
    "if-unmodified-since",
    "if-none-match",
    "if-match",
    "range",
    "if-range",
];

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

    /// The request that nginx makes; `None` where the target is no address.
    fn upstream(&mut self, directive: &'a Directive) -> Result<Option<Upstream>, Doubt> {
        let name = directive.name.text.as_str();
        let module = name.strip_suffix("_pass").unwrap_or(name);
        let word = directive.arguments.first();
        let word = word.ok_or_else(|| Doubt::new(Some(directive.span), "where it leads"))?;
        let target = self.expand(word);
        let url = match &target {
            Text::Known(text) => Url::of(text, module),
            Text::NotKnown { .. } => None,
        };
        let Some(url) = url else {
            if target.known().is_some() {
                return Ok(None);
            }
            self.proxied = Some((target.clone(), target.clone()));
            return Ok(Some(Upstream {
                protocol: Url::protocol(&word.text, module),
                target,
                servers: Vec::new(),
                method: self.method.clone(),
                uri: Text::not_known("the path that is asked for"),
                headers: self.sent_headers(module),
                span: directive.span,
            }));
        };
        self.proxied = Some((Text::Known(url.host_header()), Text::Known(url.port())));
        let uri = match module {
            "proxy" => self.sent_uri(directive, &url, word.text.contains('$'))?,
            _ => self.request.target.clone(),
        };
        let method = match self
            .scope
            .one("proxy_method")
            .and_then(|one| one.arguments.first())
        {
            Some(word) if module == "proxy" => self.known(word)?,
            _ => self.method.clone(),
        };
        let block = self.http.scope().block();
        let group = block
            .into_iter()
            .flat_map(Directive::directives)
            .find(|block| block.is("upstream") && block.argument(0) == Some(url.host));
        let servers = group.into_iter().flat_map(Directive::directives);
        let servers = servers
            .filter(|one| one.is("server"))
            .filter_map(|one| one.argument(0));
        Ok(Some(Upstream {
            protocol: url.protocol,
            target: Text::Known(url.place()),
            servers: servers.map(str::to_owned).collect(),
            method,
            uri: Text::Known(uri),
            headers: self.sent_headers(module),
            span: directive.span,
        }))
    }

    /// The path and query that `proxy_pass` sends.
    fn sent_uri(
        &self,
        directive: &Directive,
        url: &Url<'_>,
        has_variables: bool,
    ) -> Result<String, Doubt> {
        if has_variables && !url.uri.is_empty() {
            return Ok(match url.uri.starts_with('?') {
                true => format!("/{}", url.uri),
                false => url.uri.to_owned(),
            });
        }
        if url.uri.is_empty() && self.is_target_valid {
            return Ok(self.request.target.clone());
        }
        // The name of the location gives its place to the path of the `proxy_pass`.
        let owner = self.scope.chain().find(|scope| {
            scope.level() == Level::Location
                && scope
                    .declared("proxy_pass")
                    .iter()
                    .any(|one| one.span == directive.span)
        });
        let name = match owner.and_then(|owner| owner.matcher()) {
            Some(Matcher::Exact(name) | Matcher::Prefix { path: name, .. }) => name.len(),
            _ => 0,
        };
        let cut = if self.is_location_valid && !url.uri.is_empty() {
            name
        } else {
            0
        };
        // nginx reads past the end of a path that try_files made shorter than the location's name.
        let rest = self.path.get(cut..).ok_or_else(|| {
            let reason = "what becomes of a path that is shorter than the name of its location";
            Doubt::new(Some(directive.span), reason)
        })?;
        let mut uri = String::new();
        if self.is_location_valid {
            uri.push_str(url.uri);
        }
        match self.is_quoted || self.is_internal {
            true => uri.push_str(&uri::escape(rest, Escape::Path)),
            false => uri.push_str(rest),
        }
        if !self.args.is_empty() {
            uri.push('?');
            uri.push_str(&self.args);
        }
        Ok(uri)
    }

    /// The header fields or parameters of the request that nginx makes.
    fn sent_headers(&mut self, module: &str) -> Vec<Header> {
        let setter = match module {
            "proxy" | "grpc" => format!("{module}_set_header"),
            module => format!("{module}_param"),
        };
        let is_http = matches!(module, "proxy" | "grpc");
        let mut named: Vec<String> = Vec::new();
        let mut sent = Vec::new();
        if module == "scgi" {
            sent.push(Header::new("CONTENT_LENGTH", self.request.length()));
        }
        let set = self.scope.effective(&setter).directives;
        for directive in set {
            let [name, value, ..] = &directive.arguments[..] else {
                continue;
            };
            named.push(name.text.to_ascii_lowercase());
            let value = self.expand(value);
            let keeps_empty = !is_http && directive.argument(2) != Some("if_not_empty");
            if value.known() == Some("") && !keeps_empty {
                continue;
            }
            sent.push(Header {
                is_certain: value.known().is_some(),
                span: Some(directive.span),
                ..Header::new(name.text.as_str(), value)
            });
        }
        if is_http {
            for (name, written) in PROXY_HEADERS {
                if named.contains(&name.to_ascii_lowercase()) {
                    continue;
                }
                named.push(name.to_ascii_lowercase());
                let value = self.fill_text(written, false);
                // Since 1.29.7 connections to the server behind are kept.
                let is_kept = match name {
                    "Connection" => self.is_since((1, 29, 7)),
                    _ => Some(false),
                };
                if value.known() != Some("") && is_kept != Some(true) {
                    sent.push(Header {
                        is_certain: is_kept.is_some(),
                        ..Header::new(name, value)
                    });
                }
            }
        }
        if self
            .scope
            .value(&format!("{module}_cache"))
            .is_some_and(|zone| zone != "off")
        {
            // What is kept for all clients is not asked for with the conditions of one.
            named.extend(CONDITIONS.map(str::to_owned));
        }
        if self.scope.flag(&format!("{module}_pass_request_headers")) == Some(false) {
            return sent;
        }
        let host = self.request.host.iter().map(|host| ("Host", host.as_str()));
        let others = self.request.headers.iter();
        let others = others.map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in host.chain(others) {
            let key = match is_http {
                true => name.to_ascii_lowercase(),
                false => format!("http_{}", name.to_ascii_lowercase().replace('-', "_")),
            };
            if named.contains(&key) || !self.is_taken(name) {
                continue;
            }
            let name = if is_http {
                name.to_owned()
            } else {
                key.to_ascii_uppercase()
            };
            sent.push(Header::new(name, value));
        }
        sent
    }

    /// Whether nginx takes a header of the client: not one with an underscore in its name, unless
    /// `underscores_in_headers` or `ignore_invalid_headers` says so.
    fn is_taken(&self, name: &str) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let has_underscores = name.contains('_');
        let is_valid = name.bytes().all(|byte| is_plain(byte) || byte == b'_');
        let takes_underscores = self.server.scope.flag("underscores_in_headers") == Some(true);
        self.server.scope.flag("ignore_invalid_headers") == Some(false)
            || is_valid && (!has_underscores || takes_underscores)
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

/// The parameter of a `proxy_pass` or its like, taken apart.
struct Url<'t> {
    protocol: Protocol,
    /// The name or address, or the path of a Unix socket.
    host: &'t str,
    port: Option<&'t str>,
    is_unix: bool,
    /// From the first slash or question mark; empty where there is none.
    uri: &'t str,
}

impl<'t> Url<'t> {
    fn of(text: &'t str, module: &str) -> Option<Self> {
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

    fn protocol(text: &str, module: &str) -> Protocol {
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
    fn host_header(&self) -> String {
        match self.port {
            _ if self.is_unix => "localhost".to_owned(),
            Some(port) if port != self.usual_port() => format!("{}:{port}", self.host),
            _ => self.host.to_owned(),
        }
    }

    /// `$proxy_port`.
    fn port(&self) -> String {
        match self.port {
            _ if self.is_unix => String::new(),
            Some(port) => port.to_owned(),
            None => self.usual_port().to_owned(),
        }
    }

    fn place(&self) -> String {
        match self.port {
            _ if self.is_unix => format!("unix:{}", self.host),
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.to_owned(),
        }
    }
}
