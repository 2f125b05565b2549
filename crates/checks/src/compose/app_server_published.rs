use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::what::is_public;
use super::{about, compose, is_proxy, judge_each, listed, no_compose, serves_django};

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
    let proxies: Vec<_> = compose
        .services
        .iter()
        .filter(|service| is_proxy(deployment, service))
        .map(|service| service.name.as_str())
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
            judge(service, &listed(&proxies))
        },
    )
}

fn judge(service: &Service, proxies: &str) -> Vec<Finding> {
    service
        .ports
        .iter()
        .filter(|port| is_public(port) && port.protocol != "udp")
        .map(|port| Finding {
            message: format!(
                "{} answers on port {} of the server, beside {proxies}: TLS, rate limits and access \
                 rules are gone round, and X-Forwarded-Proto and X-Forwarded-For are what the client says",
                service.name,
                port.published.map_or(port.target.first, |range| range.first)
            ),
            advice: format!("Use `expose` instead of `ports`: {proxies} reaches it by its name."),
            ..about(service, &format!("port {}", port.target.first), &port.trail)
        })
        .collect()
}
