//! Variables: [the embedded ones](https://nginx.org/en/docs/http/ngx_http_core_module.html#variables),
//! those of the configuration, and the texts that hold them.

use tightship_model::nginx::{Directive, Word};

use super::{LONGEST_TEXT, Walk};
use crate::nginx::answer::{Doubt, Text};
use crate::nginx::tables;

/// Variables inside of variables.
const DEEPEST: usize = 40;

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Literal(&'t str),
    Variable(&'t str),
    /// `$1`: what the last regular expression captured.
    Capture(usize),
}

/// Takes a text apart as `ngx_http_script_compile` does.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (front, behind) = (&rest[..at], &rest[at + 1..]);
        if !front.is_empty() {
            found.push(Piece::Literal(front));
        }
        if let Some(digit) = behind
            .bytes()
            .next()
            .filter(|byte| (b'1'..=b'9').contains(byte))
        {
            found.push(Piece::Capture(usize::from(digit - b'0')));
            rest = &behind[1..];
            continue;
        }
        let (inner, is_braced) = match behind.strip_prefix('{') {
            Some(inner) => (inner, true),
            None => (behind, false),
        };
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = inner.find(|c| !is_part(c)).unwrap_or(inner.len());
        let (name, mut after) = inner.split_at(end);
        if is_braced {
            after = after.strip_prefix('}').unwrap_or(after);
        }
        if name.is_empty() {
            found.push(Piece::Literal("$"));
            rest = behind;
        } else {
            found.push(Piece::Variable(name));
            rest = after;
        }
    }
    if !rest.is_empty() {
        found.push(Piece::Literal(rest));
    }
    found
}

impl<'a> Walk<'_, 'a, '_> {
    /// The text of a word with its variables put in.
    pub(super) fn expand(&mut self, word: &Word) -> Text {
        self.fill(word, false)
    }

    /// As [`Walk::expand`]; `escapes` for the captures of a `set` or `if`.
    pub(super) fn fill(&mut self, word: &Word, escapes: bool) -> Text {
        if !word.is_known {
            return Text::NotKnown {
                written: word.text.clone(),
                reason: format!("the variable of the template in {}", word.text),
            };
        }
        self.fill_text(&word.text, escapes)
    }

    pub(super) fn fill_text(&mut self, written: &str, escapes: bool) -> Text {
        let mut text = String::with_capacity(written.len());
        let captures = self.captures.clone();
        let mut has_capture = false;
        for piece in pieces(written) {
            has_capture |= matches!(piece, Piece::Capture(_));
            match self.piece(piece, escapes) {
                Text::Known(part) => text.push_str(&part),
                Text::NotKnown { reason, .. } => {
                    return Text::NotKnown {
                        written: written.to_owned(),
                        reason,
                    };
                }
            }
            if text.len() > LONGEST_TEXT {
                return Text::not_known("a text of more than 65536 bytes");
            }
        }
        // nginx measures a text before it writes it: a map that captures in between confuses it.
        if has_capture && captures != self.captures {
            return Text::not_known("what a capture holds after a map with an expression");
        }
        Text::Known(text)
    }

    pub(super) fn piece(&mut self, piece: Piece<'_>, escapes: bool) -> Text {
        match piece {
            Piece::Literal(text) => Text::from(text),
            Piece::Capture(number) => Text::Known(self.captured(number, escapes)),
            Piece::Variable(name) => self.variable(name),
        }
    }

    pub(super) fn variable(&mut self, name: &str) -> Text {
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        if let Err(doubt) = self.count() {
            return Text::not_known(doubt.reason);
        }
        if let Some(table) = self.http.table(name) {
            if self.asked.len() >= DEEPEST || self.asked.iter().any(|asked| asked == name) {
                return Text::not_known(format!("${name}, which needs itself"));
            }
            self.asked.push(name.to_owned());
            let value = match self.look_up(table) {
                Ok(value) => value,
                Err(doubt) => Text::not_known(doubt.reason),
            };
            self.asked.pop();
            let is_volatile = table.directives().iter().any(|entry| entry.is("volatile"));
            if !is_volatile {
                self.variables.insert(name.to_owned(), value.clone());
            }
            return value;
        }
        match self.embedded(name) {
            Some(value) => value,
            None if self.http.is_settable(name) || self.is_captured_somewhere(name) => {
                Text::from("")
            }
            None => Text::not_known(format!("${name}")),
        }
    }

    fn look_up(&mut self, table: &'a Directive) -> Result<Text, Doubt> {
        let entry = match table.name.text.as_str() {
            "map" => {
                let Some(source) = table.arguments.first() else {
                    return Ok(Text::not_known("a map without a source"));
                };
                let value = match self.expand(source) {
                    Text::Known(value) => value,
                    unknown @ Text::NotKnown { .. } => return Ok(unknown),
                };
                tables::map(table, &value)?
            }
            "geo" => {
                let address = match &table.arguments[..] {
                    [source, _] => self.known(source)?.parse().ok(),
                    _ => self.client(),
                };
                let address = address
                    .ok_or_else(|| Doubt::new(Some(table.span), "the address of the client"))?;
                tables::geo(table, address)?
            }
            // It chooses by a hash of what differs from client to client.
            _ => return Ok(Text::not_known(format!("what {} gives", table.heading()))),
        };
        if let Some(found) = entry.found {
            self.capture(found);
        }
        Ok(match entry.word {
            Some(word) if table.is("geo") => Text::Known(word.text.clone()),
            Some(word) => self.expand(word),
            None => Text::from(""),
        })
    }

    /// The variables that nginx itself has, as far as they are told by the request and the
    /// configuration; `None` for a name that it does not know.
    fn embedded(&mut self, name: &str) -> Option<Text> {
        let request = self.request;
        let header = |name: &str| Text::Known(request.header(name).unwrap_or_default().to_owned());
        let known = match name {
            "scheme" => request.scheme().to_owned(),
            "https" => if request.tls { "on" } else { "" }.to_owned(),
            "host" if self.host.is_empty() => self.server_name()?,
            "host" => self.host.clone(),
            "server_name" => self.server_name()?,
            "uri" | "document_uri" => self.path.clone(),
            "args" | "query_string" => self.args.clone(),
            "is_args" => if self.args.is_empty() { "" } else { "?" }.to_owned(),
            "request_uri" => request.target.clone(),
            "request_method" => self.method.clone(),
            "request" => format!("{} {} {}", request.method, request.target, self.protocol()),
            "server_protocol" => self.protocol().to_owned(),
            "server_port" => request.port.to_string(),
            "content_type" => return Some(header("content-type")),
            "content_length" => return Some(header("content-length")),
            "server_addr" => request.address?.to_string(),
            "remote_addr" => return Some(self.client_text()),
            "remote_user" if request.header("authorization").is_none() => String::new(),
            "realip_remote_addr" => request.client?.to_string(),
            "proxy_host" => return Some(self.proxied_part(|(host, _)| host)),
            "proxy_port" => return Some(self.proxied_part(|(_, port)| port)),
            "grpc_internal_trailers" => {
                let mut values = self.values("te");
                let takes = values.any(|value| value.to_ascii_lowercase().contains("trailers"));
                if takes { "trailers" } else { "" }.to_owned()
            }
            "proxy_add_x_forwarded_for" => {
                let Text::Known(client) = self.client_text() else {
                    return Some(self.client_text());
                };
                let sent: Vec<_> = self.values("x-forwarded-for").collect();
                let all = sent.iter().map(String::as_str).chain([client.as_str()]);
                all.collect::<Vec<_>>().join(", ")
            }
            "document_root" => return Some(self.root_text()),
            "request_filename" => {
                return Some(match self.file_path() {
                    Ok(Some(path)) => Text::Known(path),
                    Ok(None) => Text::not_known("the file of a path that was rewritten"),
                    Err(doubt) => Text::not_known(doubt.reason),
                });
            }
            "sent_http_content_type" => {
                return Some(self.content_type.clone().unwrap_or(Text::from("")));
            }
            "http_cookie" => self.values("cookie").collect::<Vec<_>>().join("; "),
            "http_x_forwarded_for" => self
                .values("x-forwarded-for")
                .collect::<Vec<_>>()
                .join(", "),
            name => {
                if let Some(field) = name.strip_prefix("http_") {
                    return Some(self.header_of_variable(field));
                } else if let Some(argument) = name.strip_prefix("arg_") {
                    self.argument(argument)
                } else if let Some(cookie) = name.strip_prefix("cookie_") {
                    self.cookie(cookie)
                } else if name.starts_with("ssl_") && !request.tls {
                    String::new()
                } else {
                    return None;
                }
            }
        };
        Some(Text::Known(known))
    }

    fn proxied_part(&self, part: fn(&(Text, Text)) -> &Text) -> Text {
        let part = self.proxied.as_ref().map(part);
        part.cloned().unwrap_or(Text::from(""))
    }

    fn protocol(&self) -> &'static str {
        if self.request.host.is_some() {
            "HTTP/1.1"
        } else {
            "HTTP/1.0"
        }
    }

    /// The first name of the server, as `$server_name` has it.
    fn server_name(&self) -> Option<String> {
        let first = self.server.names().first()?;
        match first.word {
            Some(word) if !word.is_known || word.text.eq_ignore_ascii_case("$hostname") => None,
            Some(word) if word.text.starts_with('~') => Some(word.text.clone()),
            Some(word) => Some(word.text.trim_start_matches('.').to_ascii_lowercase()),
            None => Some(String::new()),
        }
    }

    /// All values of a header of the request, in their order.
    pub(super) fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = String> + 's {
        self.request
            .headers
            .iter()
            .filter(move |(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    }

    /// `$http_accept_language`: dashes are underscores. Of several lines releases before 1.23.0
    /// take the first, later ones join them.
    fn header_of_variable(&self, field: &str) -> Text {
        let field = field.replace('_', "-");
        if field.eq_ignore_ascii_case("host") {
            return Text::Known(self.request.host.clone().unwrap_or_default());
        }
        let lines: Vec<_> = self.values(&field).collect();
        match (&lines[..], self.is_since((1, 23, 0))) {
            ([], _) => Text::from(""),
            ([line], _) | ([line, ..], Some(false)) => Text::Known(line.clone()),
            (lines, Some(true)) => Text::Known(lines.join(", ")),
            (_, None) => Text::not_known(format!("which {field} of several nginx takes")),
        }
    }

    fn argument(&self, name: &str) -> String {
        let mut pairs = self.args.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }

    fn cookie(&self, name: &str) -> String {
        self.values("cookie")
            .find_map(|cookies| {
                cookies.split(';').find_map(|cookie| {
                    let (key, value) = cookie.trim_start().split_once('=')?;
                    key.eq_ignore_ascii_case(name).then(|| value.to_owned())
                })
            })
            .unwrap_or_default()
    }

    /// Whether a regular expression of the configuration has a group of this name.
    fn is_captured_somewhere(&self, name: &str) -> bool {
        let forms = [
            format!("(?<{name}>"),
            format!("(?P<{name}>"),
            format!("(?'{name}'"),
        ];
        let mut is_found = false;
        self.http.configuration.walk(&mut |_, directive| {
            let mut texts = directive.texts().chain([directive.name.text.as_str()]);
            is_found |= texts.any(|text| forms.iter().any(|form| text.contains(form)));
        });
        is_found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        use Piece::{Capture, Literal, Variable};
        assert_eq!(
            pieces("a$1b${host}$uri/x$"),
            [
                Literal("a"),
                Capture(1),
                Literal("b"),
                Variable("host"),
                Variable("uri"),
                Literal("/x"),
                Literal("$"),
            ]
        );
        assert_eq!(pieces("$12"), [Capture(1), Literal("2")]);
    }
}
