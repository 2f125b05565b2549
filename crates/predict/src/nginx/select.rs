//! Which server takes a request: [How nginx processes a
//! request](https://nginx.org/en/docs/http/request_processing.html).

use std::collections::HashMap;
use std::net::IpAddr;

use super::answer::Doubt;
use super::http::{Http, Server, Socket};
use super::listen::Address;
use super::names::{Name, NameForm};
use super::pattern::{Found, Pattern};
use super::request::Request;

/// The server that names chose, and what its regular expression captured.
pub(super) struct Chosen<'h, 'a> {
    pub(super) server: Server<'h, 'a>,
    /// The name that fits; `None` for the default server.
    pub(super) name: Option<&'h Name<'a>>,
    pub(super) found: Option<Found>,
}

impl<'a> Http<'a> {
    /// The socket that takes a request: the one with its very address, else the one that takes all
    /// addresses of the family.
    pub(super) fn socket(&self, request: &Request) -> Result<Option<&Socket>, Doubt> {
        let at_port: Vec<&Socket> = self
            .sockets()
            .iter()
            .filter(|socket| socket.port == request.port)
            .collect();
        let find = |address: &Address| {
            at_port
                .iter()
                .find(|socket| socket.address == *address)
                .copied()
        };
        let any = |family: &dyn Fn(&IpAddr) -> bool| {
            at_port.iter().copied().find(
                |socket| matches!(&socket.address, Address::Ip(ip) if ip.is_unspecified() && family(ip)),
            )
        };
        match request.address {
            Some(address) => {
                let exact = find(&Address::Ip(address));
                let wide = any(&|ip| ip.is_ipv4() == address.is_ipv4());
                // `[::]:80 ipv6only=off` takes connections of both families.
                let both = || any(&IpAddr::is_ipv6).filter(|socket| self.takes_both(socket));
                if let Some(socket) = exact.or(wide).or_else(both) {
                    return Ok(Some(socket));
                }
            }
            None => {
                let chosen = any(&IpAddr::is_ipv4).or_else(|| any(&IpAddr::is_ipv6));
                if let Some(socket) = chosen {
                    return Ok(Some(socket));
                }
                let mut outside = at_port.iter().filter(|socket| !socket.address.is_local());
                if let (Some(socket), None) = (outside.next(), outside.next()) {
                    return Ok(Some(socket));
                }
                if let [socket] = at_port[..] {
                    return Ok(Some(socket));
                }
                if at_port.len() > 1 {
                    let reason = "at which address of the machine the request arrives";
                    return Err(Doubt::new(None, reason));
                }
            }
        }
        let open = self.sockets().iter().find(|socket| match &socket.address {
            Address::NotKnown(_) => true,
            Address::Name(_) => socket.port == request.port,
            _ => false,
        });
        match open {
            Some(_) => Err(Doubt::new(None, "where nginx listens")),
            None => Ok(None),
        }
    }

    fn takes_both(&self, socket: &Socket) -> bool {
        socket
            .servers
            .iter()
            .filter_map(|number| self.server(*number))
            .flat_map(Server::listens)
            .filter(|listen| {
                listen.address == socket.address && listen.ports.contains(&socket.port)
            })
            .filter_map(|listen| listen.directive)
            .any(|directive| directive.option("ipv6only") == Some("off"))
    }

    /// The server of the socket whose name fits the host, in nginx's order: the name itself, the
    /// longest `*.name`, the longest `name.*`, the first regular expression; else the default.
    /// `host` is in lower case and without a port.
    pub(super) fn virtual_server(
        &self,
        socket: &Socket,
        host: &str,
    ) -> Result<Chosen<'_, 'a>, Doubt> {
        let servers = || {
            socket
                .servers
                .iter()
                .filter_map(|number| self.server(*number))
        };
        let mut table = Table::default();
        for server in servers() {
            for name in server.names() {
                table.add(server, name);
            }
        }
        let unknown = servers()
            .flat_map(Server::names)
            .find(|name| matches!(name.form, NameForm::NotKnown(_) | NameForm::Machine));
        if let Some((server, name)) = table.exact.get(host) {
            return Ok(Chosen {
                server: *server,
                name: Some(name),
                found: None,
            });
        }
        if let Some(unknown) = unknown {
            let span = unknown.word.map(|word| word.span);
            return Err(Doubt::new(span, "which server's name fits the host"));
        }
        if let Some((server, name)) = table.wildcard(host) {
            return Ok(Chosen {
                server,
                name: Some(name),
                found: None,
            });
        }
        for server in servers().filter(|_| !host.is_empty()) {
            for name in server.names() {
                let NameForm::Regex { pattern, caseless } = &name.form else {
                    continue;
                };
                let span = name.word.map(|word| word.span);
                let found = Pattern::compile(pattern, *caseless)
                    .and_then(|pattern| pattern.find(host))
                    .map_err(|reason| Doubt::new(span, reason))?;
                if found.is_some() {
                    return Ok(Chosen {
                        server,
                        name: Some(name),
                        found,
                    });
                }
            }
        }
        let default = self.server(socket.default);
        let default = default.ok_or_else(|| Doubt::new(None, "which server is the default"))?;
        Ok(Chosen {
            server: default,
            name: None,
            found: None,
        })
    }
}

/// The names of a socket's servers; of equal ones the first counts, as nginx warns.
#[derive(Default)]
struct Table<'h, 'a> {
    exact: HashMap<&'h str, (Server<'h, 'a>, &'h Name<'a>)>,
    /// Names that a `.name` stands for beside the wildcard: they bar a later equal one.
    taken: HashMap<&'h str, ()>,
    /// With whether the name itself fits too.
    leading: HashMap<&'h str, (Server<'h, 'a>, &'h Name<'a>, bool)>,
    trailing: HashMap<&'h str, (Server<'h, 'a>, &'h Name<'a>)>,
}

impl<'h, 'a> Table<'h, 'a> {
    /// As `ngx_hash_add_key` of nginx 1.22.1.
    fn add(&mut self, server: Server<'h, 'a>, name: &'h Name<'a>) {
        match &name.form {
            NameForm::Exact(text) => {
                if self.taken.insert(text, ()).is_none() {
                    self.exact.insert(text, (server, name));
                }
            }
            NameForm::AtOrBelow(text) => {
                if self.taken.insert(text, ()).is_none() {
                    self.leading.entry(text).or_insert((server, name, true));
                }
            }
            NameForm::Below(text) => {
                self.leading.entry(text).or_insert((server, name, false));
            }
            NameForm::Trailing(text) => {
                self.trailing.entry(text).or_insert((server, name));
            }
            NameForm::Regex { .. } | NameForm::Machine | NameForm::NotKnown(_) => {}
        }
    }

    fn wildcard(&self, host: &str) -> Option<(Server<'h, 'a>, &'h Name<'a>)> {
        if let Some((server, name, true)) = self.leading.get(host) {
            return Some((*server, name));
        }
        let mut rest = host;
        while let Some((_, above)) = rest.split_once('.') {
            rest = above;
            if let Some((server, name, _)) = self.leading.get(rest) {
                return Some((*server, name));
            }
        }
        let mut rest = host;
        while let Some((below, _)) = rest.rsplit_once('.') {
            rest = below;
            if let Some((server, name)) = self.trailing.get(rest) {
                return Some((*server, name));
            }
        }
        None
    }
}

/// A `Host` as nginx takes it: in lower case, without port and final dot. `None` where it answers
/// 400.
pub(super) fn host(text: &str) -> Option<String> {
    let end = match text.strip_prefix('[').and_then(|rest| rest.find(']')) {
        Some(end) => end + 2,
        None => text.find(':').unwrap_or(text.len()),
    };
    let is_bad = |c: char| c <= ' ' || c == '/' || c == '\x7f' || c == '\0';
    if text.contains("..") || text.chars().any(is_bad) {
        return None;
    }
    let host = text[..end].to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert_eq!(host("Shop.Example:8080").as_deref(), Some("shop.example"));
        assert_eq!(host("shop.example.").as_deref(), Some("shop.example"));
        assert_eq!(host("[::1]:80").as_deref(), Some("[::1]"));
        for bad in ["", "a/b", "a..b", ":80", ".", "a b"] {
            assert_eq!(host(bad), None, "{bad}");
        }
    }
}
