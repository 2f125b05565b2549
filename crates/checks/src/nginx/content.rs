//! What a text with variables may hold when a request is answered.
//!
//! A variable is followed through `set`, `map`, `geo`, `split_clients` and the groups of regular
//! expressions down to nginx's own variables. The answer is wide where text does not tell, but
//! for variables of unknown modules, of which nothing is claimed.

use super::bytes::Bytes;
use super::pattern::{Node, Pattern};

/// What a text may hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    /// Every byte that may stand in it.
    pub(super) bytes: Bytes,
    /// The bytes that stand in it always.
    pub(super) always: Bytes,
    /// The bytes that it may begin with.
    pub(super) first: Bytes,
    pub(super) may_be_empty: bool,
    /// Whether a client writes any of it freely.
    pub(super) from_client: bool,
    /// Whether it holds the path as nginx decodes it, which is not the path that was sent.
    pub(super) is_decoded: bool,
    /// Every value, where they are few.
    pub(super) texts: Option<Vec<String>>,
    /// nginx's own variables that it is made of, in lower case.
    pub(super) made_of: Vec<String>,
}

/// A part of a text: as written, or a variable's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Literal(&'a str),
    Variable(&'a str),
}

impl Content {
    pub(super) fn literal(text: &str) -> Self {
        let bytes = Bytes::of(text);
        Self {
            bytes,
            always: bytes,
            first: text.bytes().take(1).collect(),
            may_be_empty: text.is_empty(),
            texts: Some(vec![text.to_owned()]),
            ..Self::default()
        }
    }

    /// Nothing is known of it, and nothing is claimed.
    pub(super) fn untold() -> Self {
        Self {
            may_be_empty: true,
            ..Self::default()
        }
    }

    /// What may be written by a client, of these bytes.
    pub(super) fn free(bytes: Bytes) -> Self {
        Self {
            bytes,
            first: bytes,
            may_be_empty: true,
            from_client: true,
            ..Self::default()
        }
    }

    /// A path: it begins with a slash.
    pub(super) fn path(bytes: Bytes) -> Self {
        Self {
            bytes,
            always: Bytes::of("/"),
            first: Bytes::of("/"),
            may_be_empty: false,
            from_client: true,
            ..Self::default()
        }
    }

    /// This text and then another.
    pub(super) fn then(self, next: Self) -> Self {
        const MOST: usize = 64;
        let texts = match (self.texts, next.texts) {
            (Some(these), Some(others)) if these.len() * others.len() <= MOST => Some(
                these
                    .iter()
                    .flat_map(|this| others.iter().map(move |other| format!("{this}{other}")))
                    .collect(),
            ),
            _ => None,
        };
        Self {
            bytes: self.bytes.or(next.bytes),
            always: self.always.or(next.always),
            first: if self.may_be_empty {
                self.first.or(next.first)
            } else {
                self.first
            },
            may_be_empty: self.may_be_empty && next.may_be_empty,
            from_client: self.from_client || next.from_client,
            is_decoded: self.is_decoded || next.is_decoded,
            texts,
            made_of: merged(self.made_of, next.made_of),
        }
    }

    /// Either this text or another.
    pub(super) fn or(self, other: Self) -> Self {
        let texts = match (self.texts, other.texts) {
            (Some(mut these), Some(others)) => {
                these.extend(others);
                these.dedup();
                Some(these)
            }
            _ => None,
        };
        Self {
            bytes: self.bytes.or(other.bytes),
            always: self.always.and(other.always),
            first: self.first.or(other.first),
            may_be_empty: self.may_be_empty || other.may_be_empty,
            from_client: self.from_client || other.from_client,
            is_decoded: self.is_decoded || other.is_decoded,
            texts,
            made_of: merged(self.made_of, other.made_of),
        }
    }

    /// What a part of a regular expression captures out of this text.
    pub(super) fn captured(&self, node: &Node) -> Self {
        let bytes = node.bytes().and(self.bytes);
        let texts = node.texts();
        Self {
            bytes,
            always: node.always(),
            first: node.first().and(self.bytes),
            may_be_empty: node.may_be_empty(),
            from_client: self.from_client && texts.is_none(),
            is_decoded: self.is_decoded && !bytes.is_within(HARMLESS),
            texts,
            made_of: self.made_of.clone(),
        }
    }

    /// As nginx writes it into a query: control characters and the like as `%XX`.
    pub(super) fn escaped(self) -> Self {
        let replaced = Bytes::range(0, 0x20).or(Bytes::of("#&+?"));
        let bytes = self.bytes.without(replaced).or(Bytes::of("%"));
        Self {
            bytes,
            is_decoded: false,
            ..self
        }
    }

    pub(super) fn may_hold(&self, byte: u8) -> bool {
        self.bytes.holds(byte)
    }

    pub(super) fn is_made_of(&self, name: &str) -> bool {
        self.made_of.iter().any(|one| one == name)
    }
}

fn merged(mut these: Vec<String>, others: Vec<String>) -> Vec<String> {
    for other in others {
        if !these.contains(&other) {
            these.push(other);
        }
    }
    these
}

/// Bytes that are the same in a path whether it is decoded or not.
const HARMLESS: Bytes = Bytes::range(b'0', b'9')
    .or(Bytes::range(b'a', b'z'))
    .or(Bytes::range(b'A', b'Z'))
    .or(Bytes::of("-_."));

/// The parts of a text. A digit after `$` is a name of its own: `$12` is `$1` and then `2`.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut literal = 0;
    while let Some(dollar) = rest[literal..].find('$').map(|at| at + literal) {
        let behind = &rest[dollar + 1..];
        let (name, length) = match behind.strip_prefix('{') {
            Some(inside) => match inside.split_once('}') {
                Some((name, _)) => (name, name.len() + 3),
                None => break,
            },
            None => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = match behind.chars().next() {
                    Some(digit) if digit.is_ascii_digit() => 1,
                    _ => behind.find(|c| !is_part(c)).unwrap_or(behind.len()),
                };
                (&behind[..end], end + 1)
            }
        };
        if name.is_empty() {
            literal = dollar + 1;
            continue;
        }
        if dollar > 0 {
            parts.push(Part::Literal(&rest[..dollar]));
        }
        parts.push(Part::Variable(name));
        rest = &rest[dollar + length..];
        literal = 0;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    parts
}

/// nginx's own variables, as far as a client has a say in them (nginx.org/en/docs/varindex.html).
pub(super) fn builtin(name: &str) -> Content {
    const NO_CONTROL: Bytes = Bytes::range(0x20, 0x7e).or(Bytes::range(0x80, 0xff));
    const RAW: Bytes = NO_CONTROL.without(Bytes::of(" "));
    const HOST: Bytes = Bytes::range(b'0', b'9')
        .or(Bytes::range(b'a', b'z'))
        .or(Bytes::of("-._:[]~!$&'()*+,;=%"));
    let mut content = match name {
        // nginx refuses a path that decodes to a zero byte.
        "uri" | "document_uri" => Content {
            is_decoded: true,
            ..Content::path(Bytes::ALL.without(Bytes::of("\0")))
        },
        "request_filename" | "fastcgi_script_name" | "fastcgi_path_info" | "realpath_root" => {
            Content {
                is_decoded: true,
                ..Content::path(Bytes::ALL.without(Bytes::of("\0")))
            }
        }
        "request_uri" => Content::path(RAW),
        "args" | "query_string" => Content::free(RAW),
        "host" => Content {
            may_be_empty: false,
            ..Content::free(HOST)
        },
        "ssl_server_name" => Content::free(HOST),
        "http_host" => Content::free(NO_CONTROL),
        "request" | "request_method" | "remote_user" | "ssl_client_s_dn" | "request_body" => {
            Content::free(NO_CONTROL)
        }
        "proxy_add_x_forwarded_for" => Content::free(NO_CONTROL),
        "scheme" => Content::literal("http").or(Content::literal("https")),
        "is_args" => Content::literal("?").or(Content::literal("")),
        _ if ["arg_", "cookie_"]
            .iter()
            .any(|start| name.starts_with(start)) =>
        {
            Content::free(RAW)
        }
        _ if name.starts_with("http_") => Content::free(NO_CONTROL.or(Bytes::of("\t"))),
        _ => Content::untold(),
    };
    content.made_of = vec![name.to_owned()];
    content
}

/// The pattern of a regular location, server name, `if` or rewrite with the text that it is held
/// against.
pub(super) struct Capture {
    pub(super) pattern: Pattern,
    pub(super) subject: Content,
}

impl Capture {
    pub(super) fn group(&self, number: usize) -> Option<Content> {
        Some(self.subject.captured(self.pattern.group(number)?))
    }

    pub(super) fn named(&self, name: &str) -> Option<Content> {
        self.group(self.pattern.number(name)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_parts() {
        use Part::{Literal, Variable};
        for (text, expected) in [
            ("a", vec![Literal("a")]),
            (
                "http://$host${uri}x",
                vec![
                    Literal("http://"),
                    Variable("host"),
                    Variable("uri"),
                    Literal("x"),
                ],
            ),
            ("$12", vec![Variable("1"), Literal("2")]),
            ("a$", vec![Literal("a$")]),
            ("$-$a", vec![Literal("$-"), Variable("a")]),
            ("${a", vec![Literal("${a")]),
            ("", vec![]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}
