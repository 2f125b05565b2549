use tightship_model::{
    Bind, Check, Deployment, Need, Outcome, Program, Reference, Severity, Value,
};
use tightship_predict::ways::{Edge, Way};

use super::front::Tally;
use super::{edges_to_django, label, ways_to_django};
use crate::package::{finding, setting_value, strings};
use crate::setting::{answers, overridden, unclear};

pub(super) static CHECK: Check = Check {
    id: "cross/visitors-internal",
    title: "Every visitor comes from an internal address",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A1.1", "A10.3", "B1.1"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#internal-ips"),
        Reference::Url(
            "https://django-debug-toolbar.readthedocs.io/en/latest/installation.html#configure-internal-ips",
        ),
        Reference::Cwe(290),
    ],
    doc: include_str!("visitors_internal.md"),
    run,
};

const SETTING: &str = "INTERNAL_IPS";

fn run(deployment: &Deployment) -> Outcome {
    let Some(internal) = overridden(deployment, SETTING) else {
        return Outcome::NotApplicable(format!("{SETTING} is not set"));
    };
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let Some(addresses) = strings(&internal.value) else {
        return unclear(SETTING, internal);
    };
    let is_debug = answers(deployment, "DEBUG", &Value::truthy);
    let read = deployment
        .facts
        .settings_reads
        .iter()
        .find(|read| read.name == SETTING);
    let mut tally = Tally::default();
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            let pass = way.pass.heading_span();
            let Some(address) = peer(edge, &way, deployment) else {
                tally.holds("nginx has no address that is written down", pass);
                continue;
            };
            if !addresses.contains(&address.as_str()) {
                tally.holds(format!("{address} of nginx is not internal"), pass);
                continue;
            }
            if is_debug == Some(false) && read.is_none() {
                tally.holds(
                    format!("nothing asks for {SETTING} while DEBUG is off"),
                    pass,
                );
                continue;
            }
            let loss = match read {
                Some(_) => "whatever the code shows to internal addresses it shows to everybody",
                None => {
                    "the debug toolbar and the debug variable of templates are there for everybody \
                     while DEBUG is on"
                }
            };
            let mut finding = finding(
                SETTING,
                &internal.trail,
                format!(
                    "{loss}: every request comes from nginx at {address}, which {SETTING} holds"
                ),
                "Take the address out; a check of addresses belongs into nginx, which sees those \
                 of visitors.",
            );
            finding
                .labels
                .push(label(pass, "all requests come from here"));
            finding
                .labels
                .extend(read.map(|read| label(read.span, "asks for them")));
            if is_debug != Some(false) && setting_value(deployment, "DEBUG").is_some() {
                finding.severity = is_debug.map(|_| Severity::High);
            }
            tally.fails(finding);
        }
    }
    tally.outcome("no nginx of the deployment hands requests to Django")
}

/// The address that Django sees in REMOTE_ADDR: nginx's own, where the server does not take another
/// one from a header and the files tell which it is.
fn peer(edge: &Edge<'_>, way: &Way<'_, '_>, deployment: &Deployment) -> Option<String> {
    let process = way.django()?;
    let keeps = matches!(
        process.program,
        Program::Gunicorn | Program::Waitress | Program::Runserver
    );
    if !keeps || !way.pass.is("proxy_pass") {
        return None;
    }
    let target = way.targets.first()?;
    let own = edge.service(deployment);
    let is_same = own.is_some_and(|own| {
        let other = target.service;
        other.is_some_and(|other| other.name == own.name)
    });
    match &target.address {
        Bind::Tcp { host, .. } if host == "[::1]" => Some("::1".to_owned()),
        Bind::Tcp { host, .. } if is_same || matches!(host.as_str(), "localhost" | "127.0.0.1") => {
            // From the host into a container a gateway comes between.
            let stays = target.service.is_none() || is_same;
            stays.then(|| "127.0.0.1".to_owned())
        }
        Bind::Tcp { .. } => {
            let shared = target.service?.networks.iter().map(|one| &one.network);
            let shared: Vec<_> = shared.collect();
            let mut networks = own?.networks.iter();
            let network = networks.find(|one| shared.contains(&&one.network))?;
            Some(network.ipv4_address.as_ref()?.known()?.to_owned())
        }
        _ => None,
    }
}
