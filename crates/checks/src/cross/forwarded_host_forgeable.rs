use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::forwarded_headers::{Sent, client_decides, sent};
use super::front::Tally;
use super::{between, edges_to_django, ends_tls, label, place, ways_to_django};
use crate::setting::unclear;

pub(super) static CHECK: Check = Check {
    id: "cross/forwarded-host-forgeable",
    title: "A client chooses the X-Forwarded-Host that Django believes",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A1.3", "A10.3", "B1.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#use-x-forwarded-host"),
        Reference::Cwe(644),
    ],
    doc: include_str!("forwarded_host_forgeable.md"),
    run,
};

const HEADER: &str = "X-Forwarded-Host";

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let switch = settings.get("USE_X_FORWARDED_HOST");
    let Some(switch) = switch.filter(|switch| switch.value.value.truthy() != Some(false)) else {
        return Outcome::NotApplicable("USE_X_FORWARDED_HOST is off".to_owned());
    };
    if switch.value.value.truthy().is_none() {
        return unclear("USE_X_FORWARDED_HOST", &switch.value);
    }
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut tally = Tally::default();
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            let pass = way.pass.heading_span();
            let place_of = match sent(&way, HEADER) {
                Sent::Set(directive) => {
                    let value = directive.arguments.get(1);
                    let by_client = value.and_then(|word| {
                        let configuration = edge.configuration;
                        client_decides(configuration, word, HEADER)
                            .or_else(|| client_decides(configuration, word, "Host"))
                    });
                    if by_client.is_none() {
                        tally.holds(
                            "nginx sets X-Forwarded-Host itself",
                            directive.heading_span(),
                        );
                        continue;
                    }
                    directive.heading_span()
                }
                Sent::Unknown => {
                    tally.unseen("what nginx includes there is not known", pass);
                    continue;
                }
                Sent::PassedOn(_) if !ends_tls(edge) => {
                    tally.unseen(
                        "what stands in front of this nginx may set the header",
                        pass,
                    );
                    continue;
                }
                Sent::PassedOn(_) => pass,
            };
            match only_host(deployment) {
                Some(host) => tally.holds(format!("ALLOWED_HOSTS holds {host} alone"), pass),
                None => tally.fails(between(
                    place(&way),
                    "whoever sends X-Forwarded-Host chooses, among the names of ALLOWED_HOSTS, the \
                     host of links in password mails and of cached pages: Django believes the \
                     header, and nginx passes on what the client sends"
                        .to_owned(),
                    label(place_of, "the client's X-Forwarded-Host goes through"),
                    &switch.value.trail,
                    "Leave USE_X_FORWARDED_HOST off and pass `Host $host` on, or set \
                     `proxy_set_header X-Forwarded-Host $host;`.",
                )),
            }
        }
    }
    tally.outcome("no nginx of the deployment hands requests to Django")
}

/// The one host that Django answers for, where there is no choice.
fn only_host(deployment: &Deployment) -> Option<String> {
    let hosts = deployment.settings.as_ref()?.get("ALLOWED_HOSTS")?;
    let items = hosts.value.value.as_items()?;
    let [host] = items.items.as_slice() else {
        return None;
    };
    let host = host.value.as_str()?;
    (items.rest.is_none() && host != "*" && !host.starts_with('.')).then(|| host.to_owned())
}
