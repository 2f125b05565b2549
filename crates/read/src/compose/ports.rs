//! `ports`, short and long (the Compose specification, "ports").

use tightship_model::compose::{Port, PortRange};
use tightship_model::{Link, Trail};

use super::scalar;
use crate::yaml::Node;

/// Reads one element; `Err` says why Compose refuses it.
pub(super) fn read(node: &Node) -> Result<Port, &'static str> {
    let part = |key: &str| node.get(key).and_then(scalar::text);
    let origins: Vec<_> = match node.text() {
        Some(_) => vec![&node.origin],
        None => node
            .entries()
            .iter()
            .map(|(_, value)| &value.origin)
            .collect(),
    };
    let mut open: Vec<String> = origins
        .iter()
        .flat_map(|origin| origin.open.clone())
        .collect();
    open.sort();
    open.dedup();
    let written = match scalar::text(node).filter(|_| node.text().is_some()) {
        Some(text) => short(&text)?,
        None => Short {
            host_ip: part("host_ip").filter(|ip| !ip.is_empty()),
            published: match part("published").filter(|text| !text.is_empty()) {
                Some(text) => Some(range(&text).ok_or("`published` is no port")?),
                None => None,
            },
            target: part("target")
                .and_then(|text| range(&text))
                .ok_or("`target` is no port")?,
            protocol: part("protocol").unwrap_or_else(|| "tcp".to_owned()),
        },
    };
    let mut links = vec![Link::new(Some(node.span), "publishes the port")];
    links.extend(origins.iter().flat_map(|origin| origin.links.clone()));
    links.dedup();
    Ok(Port {
        host_ip: written.host_ip,
        published: written.published,
        target: written.target,
        protocol: written.protocol,
        mode: part("mode").unwrap_or_else(|| "ingress".to_owned()),
        open,
        span: node.span,
        trail: Trail::new(links),
    })
}

/// What must differ between two elements (chapter "Merge", "Unique resources").
pub(super) fn key(node: &Node) -> Option<String> {
    let Ok(port) = read(node) else {
        return node.text().map(str::to_owned);
    };
    let ip = port.host_ip.as_deref().unwrap_or("0.0.0.0");
    Some(format!(
        "{ip}:{:?}:{:?}/{}",
        port.published, port.target, port.protocol
    ))
}

struct Short {
    host_ip: Option<String>,
    published: Option<PortRange>,
    target: PortRange,
    protocol: String,
}

/// `[[IP:][HOST]:]CONTAINER[/PROTOCOL]`, each port perhaps a range.
fn short(text: &str) -> Result<Short, &'static str> {
    let (outside, inside) = match text.rsplit_once(':') {
        Some((outside, inside)) => (Some(outside), inside),
        None => (None, text),
    };
    let (target, protocol) = match inside.split_once('/') {
        Some((target, protocol)) => (target, protocol.to_ascii_lowercase()),
        None => (inside, "tcp".to_owned()),
    };
    if !matches!(protocol.as_str(), "" | "tcp" | "udp" | "sctp") {
        return Err("the protocol is none of tcp, udp and sctp");
    }
    let target = range(target).ok_or("the port of the container is none")?;
    let (host_ip, published) = match outside {
        Some(outside) => match outside.rsplit_once(':') {
            Some((ip, host)) => (Some(ip), host),
            None => (None, outside),
        },
        None => (None, ""),
    };
    let published = match published {
        "" => None,
        text => Some(range(text).ok_or("the port of the host is none")?),
    };
    let host_ip = host_ip.map(|ip| ip.trim_start_matches('[').trim_end_matches(']'));
    if host_ip.is_some_and(|ip| !ip.is_empty() && ip.parse::<std::net::IpAddr>().is_err()) {
        return Err("what stands before the ports is no address");
    }
    if let Some(published) = published
        && published.width() != target.width()
        && target.width() != 1
    {
        return Err("the two ranges are not of one length");
    }
    Ok(Short {
        host_ip: host_ip.filter(|ip| !ip.is_empty()).map(str::to_owned),
        published,
        target,
        protocol: match protocol.as_str() {
            "" => "tcp".to_owned(),
            _ => protocol,
        },
    })
}

fn range(text: &str) -> Option<PortRange> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| text.parse::<u16>().ok();
    let range = PortRange {
        first: port(first)?,
        last: port(last)?,
    };
    (range.first <= range.last).then_some(range)
}
