use tightship_model::{
    Check, Deployment, Finding, Need, Outcome, Process, Reference, Settings, Severity, Trail,
};
use tightship_predict::django::{self, Received, Scheme};
use tightship_predict::server;
use tightship_predict::ways::{Edge, Way};

use super::forwarded_headers::{Sent, sent};
use super::front::judge_ways;
use super::{between, label, place};

pub(crate) static CHECK: Check = Check {
    id: "cross/proto-header-untold",
    title: "Django is not told that visitors use HTTPS",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &["A2.3", "A10.3", "B1.5"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#secure-proxy-ssl-header"),
        Reference::Django("ref/settings/#secure-ssl-redirect"),
        Reference::Url("https://docs.gunicorn.org/en/stable/settings.html#forwarded-allow-ips"),
    ],
    doc: include_str!("proto_header_untold.md"),
    run,
};

/// Headers by which a server or Django may take the scheme.
const NAMES: [&str; 4] = [
    "X-Forwarded-Proto",
    "X-Forwarded-Protocol",
    "X-Forwarded-Ssl",
    "X-Forwarded-Scheme",
];

fn run(deployment: &Deployment) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    judge_ways(
        deployment,
        "no nginx in front of Django ends TLS",
        |edge, way, tally| {
            let Some(process) = way.django().filter(|_| way.leaf.server.has_tls()) else {
                return;
            };
            match told(deployment, settings, edge, way, process) {
                Ok(true) => tally.holds_there(
                    format!("Django sees HTTPS behind {}", way.leaf.scope.heading()),
                    Trail::at(way.pass.heading_span(), "hands requests on"),
                ),
                Ok(false) => tally.fails_there(finding(settings, way)),
                Err(unknown) => tally.unseen_but(
                    "see `tightship inspect response`",
                    format!("whether Django sees HTTPS is not known: {}", unknown.reason),
                    unknown
                        .span
                        .map(|span| Trail::at(span, "is not known"))
                        .unwrap_or_default(),
                ),
            }
        },
    )
}

/// Whether a request that reaches nginx over TLS counts as secure in Django.
fn told<'a>(
    deployment: &'a Deployment,
    settings: &Settings,
    edge: &Edge<'a>,
    way: &Way<'_, 'a>,
    process: &Process,
) -> django::Known<bool> {
    let mut headers = Vec::new();
    for name in NAMES {
        match sent(way, name) {
            Sent::Set(directive) => match directive.argument(1) {
                Some("$scheme") => headers.push((name.to_owned(), "https".to_owned())),
                // `on` for a request over TLS.
                Some("$https") => headers.push((name.to_owned(), "on".to_owned())),
                Some(text) if !text.contains('$') => {
                    headers.push((name.to_owned(), text.to_owned()));
                }
                _ => {
                    return Err(unknown(
                        "what nginx writes into the header is not known",
                        directive.heading_span(),
                    ));
                }
            },
            Sent::PassedOn(_) => {}
            Sent::Unknown => {
                return Err(unknown(
                    "the headers of this way are not known",
                    way.pass.heading_span(),
                ));
            }
        }
    }
    let same = match (edge.service(deployment), way.targets.first()) {
        (Some(own), Some(target)) => target.service.is_some_and(|other| other.name == own.name),
        _ => false,
    };
    let Some(target) = way.targets.first() else {
        return Err(unknown(
            "where requests go is not known",
            way.pass.heading_span(),
        ));
    };
    let received = Received {
        method: "GET".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: headers.clone(),
        scheme: Scheme::Http,
    };
    if django::is_secure(settings, &received)? {
        return Ok(true);
    }
    let header = |name: &str| received.header(name);
    let scheme = server::scheme(process, server::peer(&target.address, same), &header)?;
    django::is_secure(settings, &Received { scheme, ..received })
}

fn unknown(reason: &str, span: tightship_model::Span) -> tightship_model::Unknown {
    tightship_model::Unknown::new(tightship_model::Cause::Code, reason, Some(span))
}

fn finding(settings: &Settings, way: &Way<'_, '_>) -> Finding {
    let redirect = settings.get("SECURE_SSL_REDIRECT");
    let redirects = redirect
        .as_ref()
        .is_some_and(|setting| setting.value.value.truthy() == Some(true));
    let (loss, setting) = match redirects {
        true => (
            "no page opens: Django redirects each to HTTPS, where it already is, for ever",
            redirect,
        ),
        false => (
            "HSTS is never sent, links begin with http://, and form posts fail the CSRF check: \
             request.is_secure() is False for visitors who use HTTPS",
            settings.get("SECURE_PROXY_SSL_HEADER"),
        ),
    };
    let trail = setting
        .map(|setting| setting.value.trail.clone())
        .unwrap_or_default();
    between(
        place(way),
        format!("{loss}. TLS ends at nginx, and nothing that Django trusts tells it so"),
        label(way.pass.heading_span(), "hands requests to Django in clear"),
        &trail,
        "Set `proxy_set_header X-Forwarded-Proto $scheme;` in nginx, and \
         SECURE_PROXY_SSL_HEADER = (\"HTTP_X_FORWARDED_PROTO\", \"https\").",
    )
}
