use tightship_model::compose::Service;
use tightship_model::{
    Bind, Check, Deployment, Evidence, Finding, Need, Outcome, Process, Reference, Severity, Trail,
    Unknown,
};
use tightship_predict::django::{self, Answer, Outcome as Answered, Received};
use tightship_predict::server::{self, Peer};
use tightship_predict::ways::process_of;

use super::health::{Ask, Probe};
use super::{between, label};

pub(super) static CHECK: Check = Check {
    id: "cross/healthcheck-refused",
    title: "Django refuses or redirects what the health check asks",
    severity: Severity::High,
    needs: &[Need::Settings],
    items: &[],
    django_ids: &[],
    references: &[
        Reference::Django("ref/settings/#allowed-hosts"),
        Reference::Django("ref/settings/#secure-ssl-redirect"),
        Reference::Url("https://docs.docker.com/reference/dockerfile/#healthcheck"),
    ],
    doc: include_str!("healthcheck_refused.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    let mut open = None;
    let services = deployment
        .compose
        .iter()
        .flat_map(|compose| &compose.services);
    for service in services.filter(|service| service.starts_by_default()) {
        let Some(process) = process_of(deployment, service) else {
            continue;
        };
        let Some(probe) = Probe::of(deployment, service) else {
            continue;
        };
        let Some(ask) = probe.ask().filter(|ask| reaches(ask, service, process)) else {
            continue;
        };
        match answer(deployment, process, &ask) {
            Ok(Answered::View(_)) => evidence.push(Evidence {
                text: format!("the health check of {} reaches a view", service.name),
                trail: Trail::at(probe.span, "asks Django"),
            }),
            Ok(answered) => findings.extend(finding(service, &probe, &ask, &answered)),
            Err(unknown) => {
                let span = unknown.span.unwrap_or(probe.span);
                open = open.or(Some((unknown.reason, span)));
            }
        }
    }
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some((reason, span))) => Outcome::Unknown {
            reason: format!("what Django answers to the health check is not known: {reason}"),
            remedy: "see `tightship inspect settings --only ALLOWED_HOSTS SECURE_SSL_REDIRECT`"
                .to_owned(),
            trail: Trail::at(span, "decides"),
        },
        (true, None) if evidence.is_empty() => Outcome::NotApplicable(
            "no health check is a plain request to Django over HTTP".to_owned(),
        ),
        (true, None) => Outcome::Pass(evidence),
    }
}

/// Whether the request goes to the server of Django in that very container.
fn reaches(ask: &Ask, service: &Service, process: &Process) -> bool {
    let Some((host, port)) = ask.target() else {
        return false;
    };
    let is_own = LOOPBACK.contains(&host) || host == service.name;
    is_own
        && process.program.serves_django()
        && process.binds.iter().any(
            |bind| matches!(&bind.value, Bind::Tcp { port: Some(bound), .. } if *bound == port),
        )
}

const LOOPBACK: [&str; 4] = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];

/// What Django answers in the end: redirects within the site are followed where the program does.
fn answer(deployment: &Deployment, process: &Process, ask: &Ask) -> Result<Answered, Unknown> {
    const MOST_REDIRECTS: usize = 4;
    let headers = ask.sent();
    let sent = |name: &str| {
        let found = headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    };
    let mut received = Received {
        method: ask.method.to_owned(),
        path: ask.path.clone(),
        query: ask.query.clone(),
        headers: headers.clone(),
        scheme: server::scheme(process, Peer::Loopback, &sent)?,
    };
    let mut last = None;
    for _ in 0..MOST_REDIRECTS {
        let Some(answer) = django::answer(deployment, &received) else {
            break;
        };
        let answered = settled(answer)?;
        match &answered {
            Answered::Redirect { location, .. } if ask.follows && location.starts_with('/') => {
                let (path, query) = location.split_once('?').unwrap_or((location, ""));
                received.path = path.to_owned();
                received.query = query.to_owned();
                last = Some(answered);
            }
            _ => return Ok(answered),
        }
    }
    last.ok_or_else(|| {
        Unknown::new(
            tightship_model::Cause::File,
            "there are no settings",
            process.trail.first_span(),
        )
    })
}

/// The answer, unless middleware that is not modelled may give another one first.
fn settled(answer: Answer) -> Result<Answered, Unknown> {
    match answer.outcome {
        Answered::Unknown(unknown) => Err(unknown),
        view @ Answered::View(_) => Ok(view),
        other => match answer.not_modelled.first() {
            None => Ok(other),
            Some(middleware) => Err(Unknown::new(
                tightship_model::Cause::Package,
                format!("{middleware} may answer first"),
                None,
            )),
        },
    }
}

fn finding(service: &Service, probe: &Probe, ask: &Ask, answered: &Answered) -> Option<Finding> {
    let (what, trail, advice, is_error) = match answered {
        Answered::HostRefused { trail, .. } => (
            "400, as ALLOWED_HOSTS does not hold the host that it names".to_owned(),
            trail.clone(),
            "Send a host of the site with the check (`-H 'Host: shop.example'`), or add \
             `localhost` to ALLOWED_HOSTS.",
            true,
        ),
        Answered::Redirect {
            status,
            location,
            trail,
            ..
        } => {
            let own = format!("https://{}", ask.authority);
            // Where a redirect leads to another machine, what answers there is not known.
            if ask.follows && !location.starts_with(&own) {
                return None;
            }
            let to = match location.starts_with("https://") {
                true => "HTTPS",
                false => "another path",
            };
            (
                format!("{status} to {to}"),
                trail.clone(),
                "Send `X-Forwarded-Proto: https` with the check where Django trusts that header, \
                 or add its path to SECURE_REDIRECT_EXEMPT.",
                false,
            )
        }
        Answered::NotFound => (
            "404, as no route has that path".to_owned(),
            Trail::default(),
            "Ask a path that the URL configuration has.",
            true,
        ),
        _ => return None,
    };
    let is_unhealthy = (is_error && ask.minds_errors) || (!is_error && ask.follows);
    let lost = match is_unhealthy {
        true => {
            "the container counts as unhealthy while the site works, and what waits for it \
                 never starts"
        }
        false => {
            "the container counts as healthy whatever becomes of the site, as no view is asked"
        }
    };
    let mut finding = between(
        format!("service:{} healthcheck", service.name),
        format!(
            "{lost}: Django answers {} of the health check with {what}, which {} takes for {}",
            ask.path,
            ask.program,
            if is_unhealthy { "an error" } else { "success" }
        ),
        label(probe.span, "asks Django"),
        &trail,
        advice,
    );
    finding.severity = (!is_unhealthy).then_some(Severity::Medium);
    Some(finding)
}
