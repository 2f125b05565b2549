//! Who can come to a place, by the sockets of its server.

use std::net::IpAddr;

use tightship_predict::nginx::{Address, Listen};

use super::context::Context;

/// A kind of client, by the list of rules that nginx asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    V4,
    V6,
    /// IPv4 through an IPv6 socket that serves both.
    Mapped,
}

/// The sockets of a `server` block.
pub(super) fn listens<'a>(server: &Context<'a>) -> Vec<Listen<'a>> {
    server.block().map_or_else(Vec::new, Listen::all)
}

/// Whether a server listens where no other machine can connect.
pub(super) fn is_local(server: &Context<'_>) -> bool {
    listens(server)
        .iter()
        .all(|listen| listen.address.is_local())
}

/// The strangers that can come to a place. Where no server is around it, all.
pub(super) fn clients(context: &Context<'_>) -> Vec<Client> {
    let Some(server) = context.around("server") else {
        return vec![Client::V4, Client::V6];
    };
    listens(&server)
        .iter()
        .filter(|listen| !listen.address.is_local() || matches!(listen.address, Address::Name(_)))
        .flat_map(|listen| of_listen(listen))
        .collect()
}

fn of_listen(listen: &Listen<'_>) -> Vec<Client> {
    let serves_both = listen
        .directive
        .is_some_and(|listen| listen.option("ipv6only") == Some("off"));
    match &listen.address {
        Address::Ip(IpAddr::V4(_)) => vec![Client::V4],
        Address::Ip(IpAddr::V6(_)) if serves_both => vec![Client::V6, Client::Mapped],
        Address::Ip(IpAddr::V6(_)) => vec![Client::V6],
        Address::Name(_) | Address::NotKnown(_) => vec![Client::V4, Client::V6],
        Address::Unix(_) => Vec::new(),
    }
}

/// As nginx prints it: `0.0.0.0:80`.
pub(super) fn shown(listen: &Listen<'_>) -> String {
    let port = listen.ports.start();
    match &listen.address {
        Address::Ip(IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
        Address::Ip(ip) => format!("{ip}:{port}"),
        Address::Name(name) | Address::NotKnown(name) => format!("{name}:{port}"),
        Address::Unix(path) => format!("unix:{path}"),
    }
}
