use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Label, Outcome, Reference, Severity, Trail};

use super::{What, about, is_proxy, is_public, services, what};

pub(super) static CHECK: Check = Check {
    id: "compose/store-beside-proxy",
    title: "The proxy that strangers talk to shares a network with the database",
    severity: Severity::Low,
    needs: &[],
    items: &["A13.4", "B5.2"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/compose/how-tos/networking/#specify-custom-networks",
        ),
        Reference::Cwe(668),
    ],
    doc: include_str!("store_beside_proxy.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let services = match services(deployment) {
        Ok(services) => services,
        Err(outcome) => return outcome,
    };
    let is_open_proxy =
        |service: &&Service| is_proxy(deployment, service) && service.ports.iter().any(is_public);
    let proxies: Vec<_> = services.iter().copied().filter(is_open_proxy).collect();
    let stores: Vec<_> = services
        .iter()
        .copied()
        .filter_map(|service| match what(service) {
            What::Store(name) => Some((service, name, networks(service))),
            _ => None,
        })
        .collect();
    if proxies.is_empty() || stores.is_empty() {
        return Outcome::NotApplicable("no proxy stands beside a database".to_owned());
    }
    let mut findings: Vec<Finding> = Vec::new();
    for proxy in &proxies {
        let own = networks(proxy);
        let shared: Vec<_> = stores
            .iter()
            .filter_map(|(store, name, theirs)| {
                let network = own.iter().find(|network| theirs.contains(network))?;
                Some((*store, *name, *network))
            })
            .collect();
        findings.extend(judge(proxy, &shared));
    }
    match findings.is_empty() {
        false => Outcome::Fail(findings),
        true => super::holds_for(&proxies, "reaches no database"),
    }
}

/// Stores that a finding shows; of more it tells the number.
const MOST_PLACES: usize = 8;

fn judge(proxy: &Service, shared: &[(&Service, &str, &str)]) -> Option<Finding> {
    let (_, _, network) = shared.first()?;
    let mut names = Vec::new();
    for (_, name, _) in shared {
        if !names.contains(name) {
            names.push(*name);
        }
    }
    let mut reached = super::listed(&names);
    if shared.len() > MOST_PLACES {
        reached = format!("{} services ({reached})", shared.len());
    }
    let trail = Trail::at(proxy.span?, "strangers talk to this one");
    let mut finding = about(proxy, "networks", &trail);
    for (store, name, _) in shared.iter().take(MOST_PLACES) {
        finding.labels.extend(store.span.map(|span| Label {
            span,
            text: format!("{name} is on the same network"),
        }));
    }
    finding.message = format!(
        "whoever gets into {} tries passwords and holes on {reached} at once: all of them are on the \
         network {network}, where only the site itself needs them",
        proxy.name
    );
    finding.advice = format!(
        "Put {} and the site on one network, and the site and what it stores in on another with \
         `internal: true`.",
        proxy.name
    );
    Some(finding)
}

/// The networks that a service is on; one that names none is on `default`.
fn networks(service: &Service) -> Vec<&str> {
    if service.network_mode.is_some() {
        return Vec::new();
    }
    match service.networks.is_empty() {
        true => vec!["default"],
        false => service
            .networks
            .iter()
            .map(|attached| attached.network.as_str())
            .collect(),
    }
}
