//! Faults that stand between the layers: each needs at least two of settings, nginx, Compose,
//! images and certbot, and each finding has a label in both.

pub(crate) mod acme_challenge_lost;
pub(crate) mod admin_exposed;
mod allowed_host_unserved;
mod backup_flawed;
mod backup_untold;
mod cdn_header_forgeable;
mod connections_exceeded;
mod cors_twice;
mod data_in_container;
mod database_in_clear;
mod database_superuser;
mod database_unsupported;
mod files_not_found;
mod firewall_bypassed;
mod form_larger_than_proxy;
pub(crate) mod forwarded_headers;
mod forwarded_host_forgeable;
mod front;
mod header_twice;
pub(crate) mod headers_only_from_django;
mod health;
mod healthcheck_refused;
mod healthcheck_tool_missing;
mod hops;
mod host_lost;
mod hsts;
mod hsts_breaks_subdomain;
mod hsts_differs;
mod https_unreachable;
mod limit_not_shared;
mod log_in_container;
pub(crate) mod login_unlimited;
mod migrations_race;
mod nginx_log_unrotated;
mod origin_refused;
mod pages_cached;
pub(crate) mod plain_http_answered;
mod project_served;
mod protected_files_open;
pub(crate) mod proto_header_forgeable;
mod proto_header_from_client;
mod proto_header_misnamed;
pub(crate) mod proto_header_untold;
pub(crate) mod proxies_miscounted;
mod proxy_bypassed;
mod proxy_gives_up_first;
mod python_refused;
mod python_unsupported;
mod query_outlives_worker;
mod redirect_loop;
mod reset_unlimited;
mod served;
mod server_name_refused;
mod stopped_too_soon;
mod stranger;
pub(crate) mod unknown_host_answered;
mod upload_has_no_room;
mod uploads_on_site_origin;
mod upstream_unreachable;
mod visitor_address_forged;
mod visitors_internal;
mod volume_unwritable;
mod websocket_refused;
mod worker_files_on_disk;

use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Outcome, Process, Span, Trail,
};
use tightship_predict::ways::{Edge, Way, edges};

pub(crate) use served::{Folder, url_path};

pub(crate) use stranger::lets_strangers_through;

pub(crate) const CHECKS: &[&Check] = &[
    &proto_header_forgeable::CHECK,
    &proto_header_from_client::CHECK,
    &proto_header_untold::CHECK,
    &proto_header_misnamed::CHECK,
    &acme_challenge_lost::CHECK,
    &cors_twice::CHECK,
    &forwarded_host_forgeable::CHECK,
    &header_twice::CHECK,
    &headers_only_from_django::CHECK,
    &host_lost::CHECK,
    &https_unreachable::CHECK,
    &origin_refused::CHECK,
    &plain_http_answered::CHECK,
    &redirect_loop::CHECK,
    &server_name_refused::CHECK,
    &unknown_host_answered::CHECK,
    &proxy_bypassed::CHECK,
    &proxies_miscounted::CHECK,
    &upstream_unreachable::CHECK,
    &healthcheck_refused::CHECK,
    &healthcheck_tool_missing::CHECK,
    &proxy_gives_up_first::CHECK,
    &form_larger_than_proxy::CHECK,
    &python_unsupported::CHECK,
    &python_refused::CHECK,
    &log_in_container::CHECK,
    &login_unlimited::CHECK,
    &visitor_address_forged::CHECK,
    &uploads_on_site_origin::CHECK,
    &reset_unlimited::CHECK,
    &admin_exposed::CHECK,
    &allowed_host_unserved::CHECK,
    &database_in_clear::CHECK,
    &limit_not_shared::CHECK,
    &query_outlives_worker::CHECK,
    &hsts_breaks_subdomain::CHECK,
    &hsts_differs::CHECK,
    &cdn_header_forgeable::CHECK,
    &upload_has_no_room::CHECK,
    &visitors_internal::CHECK,
    &stopped_too_soon::CHECK,
    &project_served::CHECK,
    &nginx_log_unrotated::CHECK,
    &volume_unwritable::CHECK,
    &backup_flawed::CHECK,
    &backup_untold::CHECK,
    &pages_cached::CHECK,
    &websocket_refused::CHECK,
    &files_not_found::CHECK,
    &protected_files_open::CHECK,
    &data_in_container::CHECK,
    &connections_exceeded::CHECK,
    &firewall_bypassed::CHECK,
    &database_superuser::CHECK,
    &database_unsupported::CHECK,
    &migrations_race::CHECK,
    &worker_files_on_disk::CHECK,
];

/// Every nginx that hands requests to Django, or the verdict that says why there is none.
pub(crate) fn edges_to_django(deployment: &Deployment) -> Result<Vec<Edge<'_>>, Outcome> {
    let edges = edges(deployment);
    if edges.is_empty() {
        return Err(Outcome::NotApplicable(
            "no nginx configuration is part of the deployment".to_owned(),
        ));
    }
    // Without settings an unknown server is not taken for Django.
    let serves_django = |process: &Process| process.program.serves_django();
    if deployment.settings.is_none() && !deployment.processes.iter().any(serves_django) {
        return Err(none_to_django());
    }
    let mut open = None;
    let mut found = Vec::new();
    for edge in edges {
        let ways = edge.ways(deployment);
        let mut is_found = false;
        for way in &ways {
            match way.is_django(deployment) {
                Some(true) => is_found = true,
                Some(false) => {}
                None => open = open.or(Some(way.pass.heading_span())),
            }
        }
        drop(ways);
        if is_found {
            found.push(edge);
        }
    }
    match (found.is_empty(), open) {
        (false, _) => Ok(found),
        (true, Some(span)) => Err(Outcome::Unknown {
            reason: "no file tells what answers where nginx hands requests to".to_owned(),
            remedy: "name the server in Compose, a unit or a Procfile of the project".to_owned(),
            trail: Trail::at(span, "hands requests on"),
        }),
        (true, None) => Err(none_to_django()),
    }
}

fn none_to_django() -> Outcome {
    Outcome::NotApplicable("no nginx of the deployment hands requests to Django".to_owned())
}

/// The ways of an edge that lead to Django, with the kind of socket that they are reached by.
pub(crate) fn ways_to_django<'e, 'a>(
    edge: &'e Edge<'a>,
    deployment: &'a Deployment,
) -> Vec<Way<'e, 'a>> {
    edge.ways_to_django(deployment)
}

/// Whether TLS ends at this nginx: some server of it listens with TLS.
pub(crate) fn ends_tls(edge: &Edge<'_>) -> bool {
    edge.http.servers().any(|server| server.has_tls())
}

/// A finding with a primary place in nginx and a second one on the way of a setting.
pub(crate) fn between(
    subject: String,
    message: String,
    primary: Label,
    trail: &Trail,
    advice: &str,
) -> Finding {
    let mut labels = vec![primary];
    labels.extend(trail.links().iter().filter_map(|link| {
        Some(Label {
            span: link.span?,
            text: link.text.clone(),
        })
    }));
    Finding {
        subject,
        message,
        severity: None,
        confidence: Confidence::High,
        labels,
        trail: trail.clone(),
        django_id: None,
        advice: advice.to_owned(),
        fix: None,
    }
}

pub(crate) fn label(span: Span, text: impl Into<String>) -> Label {
    Label {
        span,
        text: text.into(),
    }
}

/// What a place of nginx is called in a subject: stable, without a line number.
pub(crate) fn place(way: &Way<'_, '_>) -> String {
    let server = way.leaf.server.names().iter().find_map(|name| name.word);
    let server = server.map_or("_", |word| word.text.as_str());
    format!("nginx:{server} {}", way.leaf.scope.heading())
}
