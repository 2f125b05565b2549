use tightship_model::compose::Service;
use tightship_model::{Check, Deployment, Finding, Outcome, Reference, Severity};

use super::what::{is_public, store_behind};
use super::{about, beside, database_open, image_place, judge_each};
use crate::told::{leave_out, places_of};

pub(crate) static CHECK: Check = Check {
    id: "compose/database-published",
    title: "A database can be reached from the network",
    severity: Severity::Critical,
    needs: &[],
    items: &["B5.2", "X41"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://docs.docker.com/engine/network/packet-filtering-firewalls/#docker-and-ufw",
        ),
        Reference::Cwe(668),
    ],
    doc: include_str!("database_published.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let outcome = judge_each(
        deployment,
        "no store is published beyond this machine",
        &judge,
    );
    // That a published store asks for no password says this too.
    let open = places_of(deployment, &database_open::CHECK);
    leave_out(outcome, &open, &database_open::CHECK)
}

fn judge(service: &Service) -> Vec<Finding> {
    let ports = service.ports.iter().filter(|port| is_public(port));
    ports
        .filter_map(|port| Some((port, store_behind(service, port)?)))
        .map(|(port, store)| {
            let published = match port.published {
                Some(range) if range.width() > 1 => format!("ports {}-{}", range.first, range.last),
                Some(range) => format!("port {}", range.first),
                None => "a free port".to_owned(),
            };
            let finding = Finding {
                message: format!(
                    "{store} answers on {published} of every address of the server: anyone on the \
                     internet may try passwords and holes on it, past ufw, which Docker goes round"
                ),
                advice: format!(
                    "Leave `ports` out: other services reach {} by its name. For a person, publish \
                     it on 127.0.0.1 and use an SSH tunnel.",
                    service.name
                ),
                ..about(service, &format!("port {}", port.target.first), &port.trail)
            };
            beside(finding, image_place(service), format!("is {store}"))
        })
        .collect()
}
