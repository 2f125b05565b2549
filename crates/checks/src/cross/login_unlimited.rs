use std::net::{IpAddr, Ipv4Addr};

use tightship_model::{
    Check, Deployment, Evidence, Need, Outcome, Reference, Route, Severity, Trail, View,
};
use tightship_predict::nginx::{Body, Entry, Request, Scope, Server, World};
use tightship_predict::ways::Edge;

use super::{between, edges_to_django, label, ways_to_django};
use crate::setting::has_app;

pub(super) static CHECK: Check = Check {
    id: "cross/login-unlimited",
    title: "A login that neither nginx nor Django limits",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Nginx],
    items: &["A14.3", "B6.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_limit_req_module.html"),
        Reference::Url("https://django-axes.readthedocs.io/"),
        Reference::Cwe(307),
    ],
    doc: include_str!("login_unlimited.md"),
    run,
};

fn run(deployment: &Deployment) -> Outcome {
    let Some(routes) = &deployment.routes else {
        return Outcome::NotApplicable("the URL configuration is not in the project".to_owned());
    };
    let logins: Vec<_> = routes
        .routes
        .iter()
        .filter(|route| route.when.is_none())
        .filter_map(|route| Some((route, login(route)?)))
        .collect();
    if logins.is_empty() {
        return Outcome::NotApplicable(
            "no route is one of the logins that are known by name".to_owned(),
        );
    }
    if let Some(limiter) = limiter(deployment) {
        return Outcome::Pass(vec![Evidence {
            text: format!("{limiter} counts failed logins"),
            trail: Trail::default(),
        }]);
    }
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut findings = Vec::new();
    let mut evidence = Vec::new();
    let mut open = None;
    for (route, path) in &logins {
        for edge in &edges {
            for (scope, pass) in reached(edge, deployment, path) {
                let limit = scope.effective("limit_req");
                let is_trial = scope.flag("limit_req_dry_run") == Some(true);
                if let Some(directive) = limit.directives.first().filter(|_| !is_trial) {
                    evidence.push(Evidence {
                        text: format!("nginx limits {path}"),
                        trail: Trail::at(directive.heading_span(), "the limit"),
                    });
                } else if let Some(gap) = limit.gap {
                    open = open.or(Some(gap));
                } else {
                    findings.push(between(
                        format!("route:{path}"),
                        format!(
                            "passwords are tried at {path} as fast as the line allows: nginx \
                             passes each try on in {}, and nothing in Django counts them",
                            scope.heading()
                        ),
                        label(pass, "handed on without limit_req"),
                        &Trail::at(route.span, format!("the login at {path}")),
                        "Install django-axes, and set limit_req in a location for the login.",
                    ));
                }
            }
        }
    }
    findings.dedup_by(|a, b| a.subject == b.subject);
    match (findings.is_empty(), open) {
        (false, _) => Outcome::Fail(findings),
        (true, Some(span)) => Outcome::Unknown {
            reason: "whether nginx limits logins is said in a file that is not here".to_owned(),
            remedy: "see `tightship inspect nginx`".to_owned(),
            trail: Trail::at(span, "not here"),
        },
        (true, None) if evidence.is_empty() => {
            Outcome::NotApplicable("nginx lets no stranger through to a login".to_owned())
        }
        (true, None) => Outcome::Pass(evidence),
    }
}

/// The path of the login that a route leads to.
fn login(route: &Route) -> Option<String> {
    let path = format!("/{}", route.path()?);
    let path = match &route.view {
        View::Admin => format!("{path}login/"),
        View::Package(name) if name == "django.contrib.auth.urls" => format!("{path}login/"),
        View::Callable(name) if LOGINS.contains(&name.as_str()) => path,
        _ => return None,
    };
    (!path.contains('<')).then_some(path)
}

/// Views that take a name and a password and count nothing: Django 6.1, Django REST framework 3.18.
const LOGINS: [&str; 3] = [
    "django.contrib.auth.views.LoginView",
    "rest_framework.authtoken.views.obtain_auth_token",
    "rest_framework.authtoken.views.ObtainAuthToken",
];

/// What counts failed logins beside nginx, as far as the project names it.
fn limiter(deployment: &Deployment) -> Option<&'static str> {
    const APPS: [&str; 4] = ["axes", "defender", "brutebuster", "django_otp"];
    const PACKAGES: [&str; 6] = [
        "django-axes",
        "django-defender",
        "django-ratelimit",
        "django-brutebuster",
        "django-lockout",
        "django-otp",
    ];
    let app = APPS
        .into_iter()
        .find(|app| has_app(deployment, app) == Some(true));
    app.or_else(|| {
        PACKAGES
            .into_iter()
            .find(|package| deployment.packages.get(package).is_some())
    })
    .or_else(|| (!deployment.host.jails.is_empty()).then_some("fail2ban"))
}

/// The places of nginx that hand a stranger's login on to Django.
fn reached<'h, 'a>(
    edge: &'h Edge<'a>,
    deployment: &'a Deployment,
    path: &str,
) -> Vec<(Scope<'h, 'a>, tightship_model::Span)> {
    let ways = ways_to_django(edge, deployment);
    let mut found = Vec::new();
    for server in edge.http.servers() {
        let leads = ways
            .iter()
            .any(|way| way.leaf.server.number == server.number);
        let Some(request) = leads.then(|| request(server, path)).flatten() else {
            continue;
        };
        // A login is no file.
        let world = World {
            entry: &|_| Some(Entry::Missing),
            respond: &|_| None,
        };
        let answer = edge.http.answer(&request, world);
        if let (Body::Upstream(upstream), Some(scope)) = (&answer.body, answer.leaf()) {
            found.push((scope, upstream.span));
        }
    }
    found
}

/// A try of a stranger at this server.
fn request(server: Server<'_, '_>, path: &str) -> Option<Request> {
    const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
    let listens = server.listens();
    let mut public: Vec<_> = listens
        .iter()
        .filter(|listen| !listen.address.is_local())
        .collect();
    public.sort_by_key(|listen| !listen.ssl);
    let listen = public.first()?;
    let name = server.names().iter().find_map(|name| name.word);
    let host = name.map_or("localhost", |word| word.text.as_str());
    Some(Request {
        tls: listen.ssl,
        address: None,
        port: *listen.ports.start(),
        client: Some(STRANGER),
        method: "POST".to_owned(),
        target: path.to_owned(),
        host: Some(host.to_owned()),
        headers: Vec::new(),
    })
}
