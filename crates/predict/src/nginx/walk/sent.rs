//! The request that nginx makes of a server behind it.

use tightship_model::nginx::Directive;

use super::Walk;
use super::url::Url;
use crate::nginx::answer::{Doubt, Header, Text, Upstream};
use crate::nginx::location::Matcher;
use crate::nginx::scope::Level;
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

/// The same for `grpc_set_header`, by `ngx_http_grpc_headers` of nginx 1.22.1: what HTTP/2 has no use
/// for is left out, and the host is told beside the headers.
const GRPC_HEADERS: [(&str, &str); 8] = [
    ("Content-Length", "$content_length"),
    ("TE", "$grpc_internal_trailers"),
    ("Host", ""),
    ("Connection", ""),
    ("Transfer-Encoding", ""),
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

impl<'h, 'a> Walk<'h, 'a, '_> {
    /// The request that nginx makes; `None` where the target is no address.
    pub(super) fn upstream(&mut self, directive: &'a Directive) -> Result<Option<Upstream>, Doubt> {
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
                servers: Vec::new(),
                method: self.method.clone(),
                uri: Text::not_known("the path that is asked for"),
                headers: self.sent_headers(module, &target),
                target,
                span: directive.span,
            }));
        };
        if module == "proxy" {
            self.proxied = Some((Text::Known(url.host_header()), Text::Known(url.port())));
        }
        let uri = match module {
            "proxy" => self.sent_uri(directive, &url, word.text.contains('$'))?,
            "grpc" if !self.is_target_valid => {
                let mut uri = uri::escape(&self.path, Escape::Path);
                self.add_args(&mut uri);
                uri
            }
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
            headers: self.sent_headers(module, &Text::Known(url.authority())),
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
        self.add_args(&mut uri);
        Ok(uri)
    }

    fn add_args(&self, uri: &mut String) {
        if !self.args.is_empty() {
            uri.push('?');
            uri.push_str(&self.args);
        }
    }

    /// The header fields or parameters of the request that nginx makes. What HTTP/2 calls
    /// `:authority` is the header `host`.
    fn sent_headers(&mut self, module: &str, authority: &Text) -> Vec<Header> {
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
        let mut names = set.iter().filter_map(|one| one.argument(0));
        if module == "grpc" && !names.any(|name| name.eq_ignore_ascii_case("host")) {
            sent.push(Header::new("host", authority.clone()));
        }
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
            let own = match module {
                "grpc" => GRPC_HEADERS,
                _ => PROXY_HEADERS,
            };
            for (name, written) in own {
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
        if self.scope.flag(&format!("{module}_pass_request_headers")) != Some(false) {
            sent.extend(self.passed_headers(is_http, &named));
        }
        if module == "grpc" {
            for header in &mut sent {
                header.name.make_ascii_lowercase();
            }
        }
        sent
    }

    /// What the client sent, but for what is `named` in small letters.
    fn passed_headers(&self, is_http: bool, named: &[String]) -> Vec<Header> {
        let mut passed = Vec::new();
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
            passed.push(Header::new(name, value));
        }
        passed
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
}
