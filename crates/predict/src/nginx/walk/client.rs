//! Who asks: the address of the client, and another in its place by
//! [ngx_http_realip_module](https://nginx.org/en/docs/http/ngx_http_realip_module.html).

use std::net::{IpAddr, SocketAddr};

use super::Walk;
use crate::nginx::answer::Text;
use crate::nginx::tables::Network;

/// What is known of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Client {
    Connected(IpAddr),
    /// The address that a header names, which a trusted server sent.
    Named(IpAddr),
    NotKnown,
}

impl Client {
    pub(super) fn of(address: Option<IpAddr>) -> Self {
        address.map_or(Self::NotKnown, Self::Connected)
    }
}

impl Walk<'_, '_, '_> {
    /// The address that nginx takes for the client's, where it is known.
    pub(super) fn client(&self) -> Option<IpAddr> {
        match self.client {
            Client::Connected(address) | Client::Named(address) => Some(address),
            Client::NotKnown => None,
        }
    }

    pub(super) fn client_text(&self) -> Text {
        match self.client() {
            Some(client) => Text::Known(client.to_string()),
            None => Text::not_known("the address of the client"),
        }
    }

    /// Puts the address of a header in the place of the connection's, where the present place
    /// trusts whoever connects. Happens once in a request.
    pub(super) fn replace_client(&mut self) {
        let trusted = self.scope.effective("set_real_ip_from").directives;
        let Client::Connected(connected) = self.client else {
            return;
        };
        if trusted.is_empty() {
            return;
        }
        let networks: Option<Vec<Network>> = trusted
            .iter()
            .filter_map(|directive| directive.argument(0))
            .filter(|text| *text != "unix:")
            .map(Network::parse)
            .collect();
        let name = self.scope.value("real_ip_header").unwrap_or_default();
        let (Some(networks), false) = (networks, name == "proxy_protocol") else {
            self.client = Client::NotKnown;
            return;
        };
        let mut lines: Vec<String> = self.values(name).collect();
        if !name.eq_ignore_ascii_case("x-forwarded-for") {
            lines.truncate(1);
        }
        let recursive = self.scope.flag("real_ip_recursive") == Some(true);
        let is_trusted = |address: IpAddr| networks.iter().any(|network| network.holds(address));
        let mut found = None;
        'lines: for line in lines.iter().rev() {
            // As `ngx_http_get_forwarded_addr_internal`: from the last address to the first.
            for text in line.split([' ', ',']).rev().filter(|text| !text.is_empty()) {
                if !is_trusted(found.unwrap_or(connected)) {
                    break 'lines;
                }
                let Some(address) = parse(text) else {
                    break 'lines;
                };
                found = Some(address);
                if !recursive {
                    break 'lines;
                }
            }
        }
        if let Some(address) = found {
            let directive = trusted.first().map(|directive| directive.span);
            self.note(directive, format!("takes {address} for the client"));
            self.client = Client::Named(address);
        }
    }
}

/// An address, perhaps with a port.
fn parse(text: &str) -> Option<IpAddr> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(address),
        Err(_) => text.parse::<SocketAddr>().ok().map(|address| address.ip()),
    }
}
