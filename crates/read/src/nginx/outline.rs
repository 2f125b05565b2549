//! What a file of nginx claims for itself and whom it hands requests to, from its syntax alone.

use std::collections::BTreeSet;

use super::syntax::{self, Body, Statement, Syntax};

/// Blocks inside of blocks that are looked into: `http`, `server`, `location`, and one more of these.
const DEEPEST: usize = 8;

/// What one file says, its includes left aside.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// What only one file of a configuration can have: an upstream's name, a server's name on a port.
    claims: BTreeSet<String>,
    upstreams: BTreeSet<String>,
    hosts: Vec<String>,
}

impl Outline {
    pub(super) fn of(text: &str, syntax: &Syntax) -> Self {
        let mut outline = Self::default();
        let words = Words { text, syntax };
        outline.block(words, &syntax.statements, DEEPEST);
        outline
    }

    /// What both claim, so that nginx cannot mean both.
    pub(super) fn clash<'a>(&'a self, other: &'a Self) -> Option<&'a str> {
        let both = self.claims.intersection(&other.claims).next();
        both.map(String::as_str)
    }

    /// A name without a dot that requests go to: one of a network of containers, which no resolver of
    /// a machine knows.
    pub(super) fn container(&self) -> Option<&str> {
        let mut hosts = self.hosts.iter().map(String::as_str);
        hosts.find(|host| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            !matches!(*host, "localhost" | "unix")
                && !self.upstreams.contains(*host)
                && host.starts_with(|c: char| c.is_ascii_alphabetic())
                && host.chars().all(is_name)
        })
    }

    fn block(&mut self, words: Words<'_>, statements: &[Statement], depth: usize) {
        for statement in statements {
            let line = words.of(statement);
            let Some((name, arguments)) = line.split_first() else {
                continue;
            };
            let Body::Block {
                statements: inner, ..
            } = &statement.body
            else {
                if name.ends_with("_pass")
                    && let Some(target) = arguments.first()
                {
                    self.hosts.push(host(target).to_owned());
                }
                continue;
            };
            match (name.as_str(), arguments.first()) {
                ("upstream", Some(upstream)) => {
                    self.claims.insert(format!("the upstream {upstream}"));
                    self.upstreams.insert(upstream.clone());
                    let servers = words.all(inner, "server");
                    let hosts = servers.iter().filter_map(|line| line.first());
                    self.hosts.extend(hosts.map(|at| host(at).to_owned()));
                }
                ("server", None) => self.server(words, inner),
                _ => {}
            }
            if depth > 0 {
                self.block(words, inner, depth - 1);
            }
        }
    }

    fn server(&mut self, words: Words<'_>, statements: &[Statement]) {
        let firsts = |lines: Vec<Vec<String>>, default: &str| {
            let mut found: Vec<String> = lines.into_iter().flatten().collect();
            if found.is_empty() {
                found.push(default.to_owned());
            }
            found
        };
        let listens = words.all(statements, "listen").into_iter();
        let addresses = listens.map(|line| line.into_iter().take(1).collect());
        let names = firsts(words.all(statements, "server_name"), "");
        for address in firsts(addresses.collect(), "80") {
            let address = ["*:", "0.0.0.0:"]
                .iter()
                .find_map(|any| address.strip_prefix(any))
                .unwrap_or(&address);
            for name in &names {
                self.claims
                    .insert(format!("the server {name} on {address}"));
            }
        }
    }
}

/// The words of one file.
#[derive(Clone, Copy)]
struct Words<'a> {
    text: &'a str,
    syntax: &'a Syntax,
}

impl Words<'_> {
    /// The arguments of each directive of this name in a block.
    fn all(self, statements: &[Statement], name: &str) -> Vec<Vec<String>> {
        let lines = statements.iter().map(|statement| self.of(statement));
        lines
            .filter(|line| line.first().is_some_and(|first| first == name))
            .map(|line| line[1..].to_vec())
            .collect()
    }

    fn of(self, statement: &Statement) -> Vec<String> {
        let tokens = self.syntax.tokens.get(statement.words.clone());
        let tokens = tokens.unwrap_or_default().iter();
        tokens
            .filter(|token| matches!(token.kind, syntax::Kind::Word | syntax::Kind::Quoted))
            .filter_map(|token| {
                let written = self.text.get(token.start as usize..token.end as usize)?;
                Some(syntax::unescaped(token.kind, written).into_owned())
            })
            .collect()
    }
}

/// The host of `http://web:8000/api`, `web:8000` and `web`.
fn host(target: &str) -> &str {
    let behind = target.split_once("://").map_or(target, |(_, rest)| rest);
    behind.split([':', '/']).next().unwrap_or(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Outline {
        Outline::of(text, &syntax::parse(text))
    }

    #[test]
    fn one_name_on_one_port_is_claimed_once() {
        let plain = outline("server { listen 80; server_name a.example b.example; }");
        let same =
            outline("http { server { listen *:80 default_server; server_name b.example; } }");
        let other = outline("server { listen 443 ssl; server_name b.example; }");
        let bare = outline("server { root /srv; }");
        let any = outline("server { listen 80; }");
        assert_eq!(plain.clash(&same), Some("the server b.example on 80"));
        assert_eq!(plain.clash(&other), None);
        assert_eq!(bare.clash(&any), Some("the server  on 80"));
        let upstream = outline("upstream app { server web:8000; }");
        assert_eq!(upstream.clash(&upstream), Some("the upstream app"));
    }

    #[test]
    fn a_name_without_a_dot_is_a_container() {
        let of = |target: &str| {
            let text = format!("server {{ location / {{ proxy_pass {target}; }} }}");
            outline(&text).container().map(str::to_owned)
        };
        assert_eq!(of("http://web:8000/").as_deref(), Some("web"));
        for host in [
            "http://127.0.0.1:8000",
            "http://localhost:8000",
            "http://app.example",
            "http://unix:/run/app.sock",
            "http://$backend",
            "http://[::1]:8000",
        ] {
            assert_eq!(of(host), None, "{host}");
        }
        let named = outline(
            "upstream app { server 127.0.0.1:8000; } server { location / { proxy_pass http://app; } }",
        );
        assert_eq!(named.container(), None);
    }
}
