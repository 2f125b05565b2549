use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity, Span};
use tightship_predict::ways::edges;

use super::what::is_public;
use super::{about, beside, compose, is_proxy, judge_each, listed, no_compose, serves_django};

pub(crate) static CHECK: Check = Check {
    id: "compose/app-server-published",
    title: "The application server can be reached past the proxy",
    severity: Severity::High,
    needs: &[],
    items: &["A10.3", "X41"],
    django_ids: &[],
    references: &[
        Reference::Url("https://docs.gunicorn.org/en/stable/deploy.html"),
        Reference::Cwe(420),
    ],
    doc: include_str!("app_server_published.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(compose) = compose(deployment) else {
        return no_compose(deployment);
    };
    let proxies: Vec<&Service> = compose
        .services
        .iter()
        .filter(|service| is_proxy(deployment, service))
        .collect();
    if proxies.is_empty() {
        return Outcome::NotApplicable("no proxy is among the services".to_owned());
    }
    judge_each(
        deployment,
        "no application server is published",
        &|service| {
            if is_proxy(deployment, service) || !serves_django(deployment, service) {
                return Vec::new();
            }
            // Whoever shares the network of a container has its ports published there.
            let shared = format!("service:{}", service.name);
            let shares = |other: &Service| {
                let mode = other.network_mode.as_ref();
                mode.is_some_and(|mode| mode.value == shared) && is_proxy(deployment, other)
            };
            if compose.services.iter().any(shares) {
                return Vec::new();
            }
            judge(deployment, service, &proxies)
        },
    )
}

fn judge(deployment: &Deployment, service: &Service, proxies: &[&Service]) -> Vec<Finding> {
    let public: Vec<_> = service
        .ports
        .iter()
        .filter(|port| is_public(port) && port.protocol != "udp")
        .collect();
    if public.is_empty() {
        return Vec::new();
    }
    let way_in = way_in(deployment, service).or_else(|| {
        let proxy = proxies.first()?;
        Some((proxy.span?, format!("{} stands in front", proxy.name)))
    });
    let names: Vec<&str> = proxies.iter().map(|proxy| proxy.name.as_str()).collect();
    let proxies = listed(&names);
    let findings = public.into_iter().map(|port| {
        let finding = Finding {
            message: format!(
                "{} answers on port {} of the server, beside {proxies}: TLS, rate limits and access \
                 rules are gone round, and X-Forwarded-Proto and X-Forwarded-For are what the client says",
                service.name,
                port.published.map_or(port.target.first, |range| range.first)
            ),
            advice: format!("Use `expose` instead of `ports`: {proxies} reaches it by its name."),
            ..about(service, &format!("port {}", port.target.first), &port.trail)
        };
        match &way_in {
            Some((span, text)) => beside(finding, Some(*span), text),
            None => finding,
        }
    });
    findings.collect()
}

/// Where nginx hands requests to a service.
fn way_in(deployment: &Deployment, service: &Service) -> Option<(Span, String)> {
    let edges = edges(deployment);
    let mut ways = edges.iter().flat_map(|edge| edge.ways(deployment));
    let way = ways.find(|way| {
        let mut services = way.targets.iter().filter_map(|target| target.service);
        services.any(|target| target.name == service.name)
    })?;
    let text = "visitors are meant to come this way".to_owned();
    Some((way.pass.heading_span(), text))
}
