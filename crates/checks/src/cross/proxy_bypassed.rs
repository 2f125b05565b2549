use tightship_model::{
    Check, Deployment, Evidence, Need, Outcome, Process, Reference, Severity, Trail,
};
use tightship_predict::server::{self, Peer};
use tightship_predict::ways::process_of;

use super::forwarded_headers::TrustedHeader;
use super::{between, edges_to_django, label};
use crate::compose::{is_public, no_compose, serves_django};
use crate::setting::settled;

pub(super) static CHECK: Check = Check {
    id: "cross/proxy-bypassed",
    title: "Visitors who go round the proxy write the header that Django trusts",
    severity: Severity::Critical,
    needs: &[Need::Settings],
    items: &["A2.3", "A10.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#secure-proxy-ssl-header"),
        Reference::Url("https://docs.gunicorn.org/en/stable/settings.html#forwarded-allow-ips"),
        Reference::Cwe(348),
    ],
    doc: include_str!("proxy_bypassed.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let trusted = TrustedHeader::of(settings);
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let Some(compose) = &deployment.compose else {
        return no_compose(deployment);
    };
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    for service in &compose.services {
        let is_edge = edges.iter().any(|edge| {
            edge.service(deployment)
                .is_some_and(|own| own.name == service.name)
        });
        if is_edge || !serves_django(deployment, service) {
            continue;
        }
        let believed = match (&trusted, process_of(deployment, service)) {
            (Some(trusted), _) => Some((
                format!("Django believes {}: {}", trusted.name, trusted.secure),
                trusted.setting.trail.clone(),
            )),
            (None, Some(process)) => believes_everyone(process),
            (None, None) => None,
        };
        let Some((believed, trail)) = believed else {
            continue;
        };
        if service
            .network_mode
            .as_ref()
            .is_some_and(|mode| mode.value == "host")
        {
            return Outcome::Unknown {
                reason: format!(
                    "{} is on the host's network: a firewall decides",
                    service.name
                ),
                remedy: "bind the server to 127.0.0.1".to_owned(),
                trail: service
                    .span
                    .map_or_else(Trail::default, |span| Trail::at(span, "runs here")),
            };
        }
        let published: Vec<_> = service
            .ports
            .iter()
            .filter(|port| is_public(port))
            .collect();
        if published.is_empty() {
            evidence.push(Evidence {
                text: format!("{} is reached through the proxy alone", service.name),
                trail: trail.clone(),
            });
        }
        for port in published {
            let number = port
                .published
                .map_or(port.target.first, |range| range.first);
            findings.push(between(
                format!("service:{} port {}", service.name, port.target.first),
                format!(
                    "anybody who opens port {number} is on plain HTTP and counts as on HTTPS by \
                     one header: redirects are skipped and secure cookies go over the wire in \
                     clear. {believed} from whomever, and {} is published beside nginx",
                    service.name
                ),
                label(port.span, "reached without nginx"),
                &trail,
                "Replace `ports` by `expose`, or publish at 127.0.0.1 where nginx runs on the host.",
            ));
        }
    }
    settled(
        findings,
        evidence,
        Outcome::NotApplicable(
            "no server of the Compose file believes a header about the scheme".to_owned(),
        ),
    )
}

/// Whether the server itself takes the scheme from anybody's header.
fn believes_everyone(process: &Process) -> Option<(String, Trail)> {
    let trust = server::trust(process, Peer::Elsewhere).ok()?;
    let program = process.program.name();
    trust.trusts.then(|| {
        (
            format!("{program} (forwarded_allow_ips) believes X-Forwarded-Proto: https"),
            trust.trail,
        )
    })
}
