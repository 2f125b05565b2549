use tightship_model::{Check, Confidence, Deployment, Need, Outcome, Reference, Severity};
use tightship_predict::nginx::{Matcher, NameForm};
use tightship_predict::ways::Edge;

use super::front::Tally;
use super::{edges_to_django, label, ways_to_django};
use crate::package::finding;
use crate::setting::{overridden, unclear};

pub(super) static CHECK: Check = Check {
    id: "cross/allowed-host-unserved",
    title: "Django allows a name that nginx does not serve",
    severity: Severity::Low,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A1.3", "A10.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#allowed-hosts"),
        Reference::Cwe(644),
    ],
    doc: include_str!("allowed_host_unserved.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    const SETTING: &str = "ALLOWED_HOSTS";
    let Some(hosts) = overridden(deployment, SETTING) else {
        return Outcome::NotApplicable(format!("{SETTING} is not set"));
    };
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let Some(items) = hosts.value.as_items() else {
        return unclear(SETTING, hosts);
    };
    if edges.iter().any(|edge| takes_any_name(edge, deployment)) {
        return Outcome::NotApplicable(
            "nginx hands requests for names that it does not list to Django, too".to_owned(),
        );
    }
    let names = edges
        .iter()
        .flat_map(|edge| names_to_django(edge, deployment));
    let names: Vec<(NameForm, tightship_model::Span)> = names.collect();
    let Some((_, span)) = names.first() else {
        return Outcome::NotApplicable("no server of nginx that leads to Django has a name".into());
    };
    let mut tally = Tally::default();
    for item in &items.items {
        let Some(host) = item.value.as_str() else {
            continue;
        };
        // A dot before a name stands for it and all names below it; one of these is asked for.
        let (parent, asked) = match host.strip_prefix('.') {
            Some(parent) => (parent, format!("{SOME_LABEL}.{parent}")),
            None => (host, host.to_owned()),
        };
        if !is_name(parent) {
            continue;
        }
        let is_served = names
            .iter()
            .any(|(form, _)| form.fits(&asked) != Some(false));
        let place = item.trail.first_span().or(hosts.trail.first_span());
        if is_served {
            tally.holds(format!("nginx serves {host}"), place.unwrap_or(*span));
            continue;
        }
        let trail = match item.trail.is_empty() {
            true => &hosts.trail,
            false => &item.trail,
        };
        let mut finding = finding(
            &format!("{SETTING} {host:?}"),
            trail,
            match host.strip_prefix('.') {
                Some(parent) => format!(
                    "every name below {parent} counts as the site's own, and nginx serves a few of \
                     them alone: whoever gets hold of another one (a forgotten service, a lost DNS \
                     record) has links, redirects and password mails lead there"
                ),
                None => format!(
                    "a name that was given up still counts as the site's own: whoever gets {host} \
                     registered has links, redirects and password mails lead there, and no server \
                     of nginx serves it"
                ),
            },
            match host.starts_with('.') {
                true => "Write out the names of server_name.",
                false => "Remove the name, or add it to server_name.",
            },
        );
        // Something else than this nginx may ask Django by that name.
        finding.confidence = Confidence::Medium;
        finding
            .labels
            .push(label(*span, "nginx serves names like this one"));
        tally.fails(finding);
    }
    tally.outcome("ALLOWED_HOSTS holds no name of the internet")
}

/// A label that no server is named by.
const SOME_LABEL: &str = "a-name-that-nobody-wrote";

/// A name that can be registered: no address, no wildcard, none of this machine or of a network
/// between containers.
fn is_name(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    let is_inner = ["localhost", "local", "internal", "test", "lan", "home"].contains(&last);
    host.contains('.')
        && !host.contains([':', '/', '*'])
        && !is_inner
        && last.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
}

/// Whether the server that takes what no name fits, on a socket of strangers, leads to Django.
fn takes_any_name(edge: &Edge<'_>, deployment: &Deployment) -> bool {
    if !edge.configuration.gaps.is_empty() {
        return true;
    }
    let ways = ways_to_django(edge, deployment);
    edge.http.sockets().iter().any(|socket| {
        let is_open = !socket.address.is_local();
        let leads =
            |way: &tightship_predict::ways::Way<'_, '_>| way.leaf.server.number == socket.default;
        let server = edge.http.server(socket.default);
        let refuses =
            server.is_some_and(|server| server.scope.flag("ssl_reject_handshake") == Some(true));
        is_open && !refuses && ways.iter().any(leads)
    })
}

/// The names under which Django is reached, with their places.
fn names_to_django(
    edge: &Edge<'_>,
    deployment: &Deployment,
) -> Vec<(NameForm, tightship_model::Span)> {
    let ways = ways_to_django(edge, deployment);
    let is_page = |way: &tightship_predict::ways::Way<'_, '_>| {
        !matches!(way.leaf.scope.matcher(), Some(Matcher::Exact(_)))
    };
    let numbers: Vec<_> = ways
        .iter()
        .filter(|way| is_page(way))
        .map(|way| way.leaf.server.number)
        .collect();
    let servers = edge.http.servers();
    servers
        .filter(|server| numbers.contains(&server.number))
        .flat_map(|server| {
            let names = server.names().iter();
            names
                .filter_map(|name| Some((name.form.clone(), name.word?.span)))
                .collect::<Vec<_>>()
        })
        .collect()
}
