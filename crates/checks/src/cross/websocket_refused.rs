use tightship_model::{
    Check, Confidence, Deployment, Evidence, Finding, Need, Outcome, Process, Program, Reference,
    Severity, Trail,
};
use tightship_predict::ways::Way;

use super::{edges_to_django, label, ways_to_django};
use crate::setting::{has_app, labels, setting};

pub(super) static CHECK: Check = Check {
    id: "cross/websocket-refused",
    title: "nginx does not let websockets through",
    severity: Severity::Medium,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A10.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/websocket.html"),
        Reference::Rfc(6455, "4.1"),
    ],
    doc: include_str!("websocket_refused.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    if has_app(deployment, "channels") != Some(true) {
        return Outcome::NotApplicable("Channels is not in use".to_owned());
    }
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut open = None;
    let mut closed = None;
    let mut is_any = false;
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            if !way.django().is_some_and(speaks_asgi) || !way.pass.is("proxy_pass") {
                continue;
            }
            is_any = true;
            let span = way.pass.heading_span();
            match lets_through(&way) {
                Some(true) => {
                    return Outcome::Pass(vec![Evidence {
                        text: format!("{} hands on the upgrade", way.leaf.scope.heading()),
                        trail: Trail::at(span, "hands websockets on"),
                    }]);
                }
                Some(false) => closed = closed.or(Some(span)),
                None => open = open.or(Some(span)),
            }
        }
    }
    match (open, closed) {
        _ if !is_any => {
            Outcome::NotApplicable("nginx hands requests to no server that speaks ASGI".to_owned())
        }
        (Some(span), _) => Outcome::Unknown {
            reason: "whether nginx hands on the upgrade is not known".to_owned(),
            remedy: "run tightship where the files lie that nginx includes".to_owned(),
            trail: Trail::at(span, "hands requests to Django"),
        },
        (None, None) => Outcome::NotApplicable("nginx hands nothing on".to_owned()),
        (None, Some(span)) => {
            let mut places = vec![label(span, "no Upgrade is handed on here, nor elsewhere")];
            let apps = setting(deployment, "INSTALLED_APPS");
            places.extend(apps.into_iter().flat_map(|apps| labels(&apps.value.trail)));
            Outcome::Fail(vec![Finding {
                subject: "nginx:websocket".to_owned(),
                message: "what the site does live stays still: Channels waits for websockets, and \
                          no place of nginx hands on the Upgrade header that opens one"
                    .to_owned(),
                severity: None,
                confidence: Confidence::Medium,
                labels: places,
                trail: Trail::at(span, "hands requests to Django"),
                django_id: None,
                advice: "Add `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
                         proxy_set_header Connection \"upgrade\";` to the location of the \
                         websockets."
                    .to_owned(),
                fix: None,
            }])
        }
    }
}

fn speaks_asgi(process: &Process) -> bool {
    match process.program {
        Program::Daphne | Program::Uvicorn | Program::Hypercorn | Program::Granian => true,
        Program::Gunicorn => {
            let class = process.option("worker_class");
            class.is_some_and(|class| {
                class
                    .value
                    .value
                    .as_str()
                    .is_some_and(|class| class.contains("uvicorn"))
            })
        }
        _ => false,
    }
}

/// Whether a place hands on the header that asks for another protocol, over HTTP/1.1. `None` where
/// that is not known.
fn lets_through(way: &Way<'_, '_>) -> Option<bool> {
    let sent = way.leaf.scope.effective("proxy_set_header");
    let upgrade = sent.directives.iter().any(|header| {
        header
            .argument(0)
            .is_some_and(|name| name.eq_ignore_ascii_case("Upgrade"))
    });
    match (upgrade, sent.gap) {
        (false, Some(_)) => None,
        (false, None) => Some(false),
        (true, _) => way
            .leaf
            .scope
            .value("proxy_http_version")
            .map(|version| version != "1.0"),
    }
}
