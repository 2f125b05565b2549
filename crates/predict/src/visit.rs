//! What a visitor gets who opens an address: the walk through nginx, the server and Django, with
//! its redirects followed.

use std::cell::RefCell;
use std::net::IpAddr;

use tightship_model::compose::Service;
use tightship_model::{Bind, Containers, Deployment, Files, Place, Process};

use crate::django::{self, OriginCheck, Outcome, Received, Scheme};
use crate::nginx::{Answer, Entry, Header, Protocol, Request, Response, Text, Upstream, World};
use crate::server::{peer, scheme};
use crate::ways::{Edge, service_of};

/// Redirects that are followed: browsers give up after about twenty.
const MOST_HOPS: usize = 20;

/// The address of a visitor in predictions: one that is kept for examples (RFC 5737).
pub const VISITOR: &str = "203.0.113.7";

/// The way of one visit.
#[derive(Debug)]
pub struct Visit<'h, 'a> {
    /// At least one, in order.
    pub hops: Vec<Hop<'h, 'a>>,
    pub end: End,
}

/// One request and its answer.
#[derive(Debug)]
pub struct Hop<'h, 'a> {
    pub url: String,
    /// The nginx that takes it; `None` where none listens there.
    pub edge: Option<&'h Edge<'a>>,
    pub nginx: Option<Answer<'h, 'a>>,
    /// What Django was asked, and answers.
    pub django: Option<Asked<'a>>,
}

/// A request that reached Django.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub received: Received,
    pub process: &'a Process,
    pub answer: django::Answer,
    /// Whether a form of this very page passes the check of its origin, whatever its token.
    pub form: django::Known<OriginCheck>,
}

/// How a visit ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The last hop is the answer.
    Answered,
    /// The last hop leads back to this address, for ever.
    Loop(String),
    /// It leads to a host that no server of the deployment is named for.
    Leaves(String),
    NotKnown(String),
}

/// Follows a visit from an absolute URL; `None` where the text is none.
pub fn visit<'h, 'a>(
    deployment: &'a Deployment,
    edges: &'h [Edge<'a>],
    url: &str,
) -> Option<Visit<'h, 'a>> {
    Request::get(url)?;
    let mut hops: Vec<Hop<'h, 'a>> = Vec::new();
    let mut next = url.to_owned();
    loop {
        let Some(request) = Request::get(&next) else {
            let end = End::NotKnown(format!("{next} is no address that is understood"));
            return Some(Visit { hops, end });
        };
        let hop = hop(deployment, edges, &next, request);
        let led = hop.location();
        let is_known = hop.nginx.is_some() || hop.django.is_some();
        hops.push(hop);
        let end = match led {
            _ if !is_known => Some(End::NotKnown(format!(
                "nothing in the files listens for {next}"
            ))),
            None => Some(End::Answered),
            Some(Text::NotKnown { reason, .. }) => Some(End::NotKnown(format!(
                "where it redirects is not known: {reason}"
            ))),
            Some(Text::Known(location)) => {
                let target = absolute(&next, &location);
                let is_loop = hops.iter().any(|hop| same(&hop.url, &target));
                let host = host_of(&target);
                let stays =
                    hops.iter().any(|hop| host_of(&hop.url) == host) || is_named(edges, host);
                next = target;
                match () {
                    () if is_loop => Some(End::Loop(next.clone())),
                    () if !stays => Some(End::Leaves(next.clone())),
                    () if hops.len() >= MOST_HOPS => Some(End::Loop(next.clone())),
                    () => None,
                }
            }
        };
        if let Some(end) = end {
            return Some(Visit { hops, end });
        }
    }
}

/// The first request of a visit alone, its redirects not followed; `None` where the text is no
/// absolute URL.
pub fn first_hop<'h, 'a>(
    deployment: &'a Deployment,
    edges: &'h [Edge<'a>],
    url: &str,
) -> Option<Hop<'h, 'a>> {
    Some(hop(deployment, edges, url, Request::get(url)?))
}

/// As [`first_hop`], for a request of another method, with these fields in its head.
pub fn first_hop_with<'h, 'a>(
    deployment: &'a Deployment,
    edges: &'h [Edge<'a>],
    url: &str,
    method: &str,
    fields: Vec<(String, String)>,
) -> Option<Hop<'h, 'a>> {
    let request = Request {
        method: method.to_owned(),
        headers: fields,
        ..Request::get(url)?
    };
    Some(hop(deployment, edges, url, request))
}

impl Hop<'_, '_> {
    /// The status; `None` where it is not known.
    pub fn status(&self) -> Option<u16> {
        match (&self.nginx, &self.django) {
            (Some(answer), _) => answer.status,
            (None, Some(asked)) => status(&asked.answer.outcome),
            (None, None) => None,
        }
    }

    /// Where it redirects.
    pub fn location(&self) -> Option<Text> {
        self.headers()
            .into_iter()
            .find(|header| header.name.eq_ignore_ascii_case("Location"))
            .map(|header| header.value)
    }

    /// The headers that reach the visitor, as far as they are predicted.
    pub fn headers(&self) -> Vec<Header> {
        match (&self.nginx, &self.django) {
            (Some(answer), _) => answer.headers.clone(),
            (None, Some(asked)) => response(&asked.answer)
                .headers
                .into_iter()
                .map(|(name, value)| Header {
                    name,
                    value,
                    span: None,
                    is_certain: true,
                })
                .collect(),
            (None, None) => Vec::new(),
        }
    }
}

fn hop<'h, 'a>(
    deployment: &'a Deployment,
    edges: &'h [Edge<'a>],
    url: &str,
    mut request: Request,
) -> Hop<'h, 'a> {
    request.client = VISITOR.parse::<IpAddr>().ok();
    let mut hop = Hop {
        url: url.to_owned(),
        edge: None,
        nginx: None,
        django: None,
    };
    for edge in edges {
        let Some(port) = port_inside(edge.service(deployment), request.port) else {
            continue;
        };
        let listens = edge
            .http
            .sockets()
            .iter()
            .any(|socket| socket.port == port && socket.ssl == request.tls);
        if !listens {
            continue;
        }
        let inner = Request {
            port,
            ..request.clone()
        };
        let asked = RefCell::new(None);
        let respond = |upstream: &Upstream| {
            let made = ask(deployment, edge, upstream, url)?;
            let response = response(&made.answer);
            let is_known = !matches!(made.answer.outcome, Outcome::Unknown(_));
            *asked.borrow_mut() = Some(made);
            is_known.then_some(response)
        };
        let entry = |path: &str| entry(deployment, edge, path);
        let world = World {
            entry: &entry,
            respond: &respond,
        };
        hop.nginx = Some(edge.http.answer(&inner, world));
        hop.edge = Some(edge);
        hop.django = asked.into_inner();
        return hop;
    }
    hop.django = ask_directly(deployment, &request, url);
    hop
}

/// What Django makes of what nginx sends on; `None` where another server, or none that is known,
/// is behind.
fn ask<'a>(
    deployment: &'a Deployment,
    edge: &Edge<'a>,
    upstream: &Upstream,
    url: &str,
) -> Option<Asked<'a>> {
    if upstream.protocol != Protocol::Http {
        return None;
    }
    let target = edge
        .targets_of(deployment, upstream)
        .into_iter()
        .find(|target| {
            target
                .process
                .is_some_and(|process| process.program.serves_django())
        })?;
    let process = target.process?;
    let uri = upstream.uri.known()?;
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let settings = deployment.settings.as_ref()?;
    let decides = decisive(settings);
    let mut headers = Vec::new();
    for header in &upstream.headers {
        match header.value.known() {
            Some(value) if header.is_certain => {
                headers.push((header.name.clone(), value.to_owned()))
            }
            _ if decides
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&header.name)) =>
            {
                return None;
            }
            _ => {}
        }
    }
    let received = Received {
        method: upstream.method.clone(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        scheme: Scheme::Http,
    };
    let own = edge.service(deployment);
    let is_same = own.is_some_and(|own| {
        target
            .service
            .is_some_and(|service| service.name == own.name)
    });
    let told = scheme(process, peer(&target.address, is_same), &|name| {
        received.header(name)
    });
    // A server whose part is not known makes no difference where Django trusts the header itself.
    let scheme = match told {
        Ok(scheme) => scheme,
        Err(_) if settings.overrides("SECURE_PROXY_SSL_HEADER") => Scheme::Http,
        Err(_) => return None,
    };
    asked(deployment, Received { scheme, ..received }, process, url)
}

/// A server of Django that is reached without an nginx: its published port, or the host's own.
fn ask_directly<'a>(deployment: &'a Deployment, request: &Request, url: &str) -> Option<Asked<'a>> {
    if request.tls {
        return None;
    }
    let process = deployment.processes.iter().find(|process| {
        let service = service_of(deployment, process);
        let reached = port_inside(service, request.port);
        process.program.serves_django()
            && process.binds.iter().any(|bind| {
                matches!(&bind.value, Bind::Tcp { host, port }
                    if port.is_some() && *port == reached && !host.starts_with("127."))
            })
    })?;
    let (path, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    let mut headers = request.headers.clone();
    headers.extend(request.host.clone().map(|host| ("Host".to_owned(), host)));
    let received = Received {
        method: request.method.clone(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        scheme: Scheme::Http,
    };
    asked(deployment, received, process, url)
}

fn asked<'a>(
    deployment: &Deployment,
    received: Received,
    process: &'a Process,
    url: &str,
) -> Option<Asked<'a>> {
    let settings = deployment.settings.as_ref()?;
    let answer = django::answer(deployment, &received)?;
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let form = django::origin_check(settings, &received, &origin);
    Some(Asked {
        received,
        process,
        answer,
        form,
    })
}

/// The headers by which Django judges a request.
fn decisive(settings: &tightship_model::Settings) -> Vec<String> {
    let mut names = vec!["Host".to_owned()];
    let header = settings.get("SECURE_PROXY_SSL_HEADER");
    let name = header.as_ref().and_then(|setting| {
        let pair = setting.value.value.as_items()?;
        pair.items.first()?.value.as_str()?.strip_prefix("HTTP_")
    });
    names.extend(name.map(|name| name.replace('_', "-")));
    let forwards = settings.get("USE_X_FORWARDED_HOST");
    if forwards.is_some_and(|setting| setting.value.value.truthy() != Some(false)) {
        names.push("X-Forwarded-Host".to_owned());
    }
    names
}

/// Django's answer as a server behind nginx gives it.
fn response(answer: &django::Answer) -> Response {
    let mut headers: Vec<(String, Text)> = answer
        .headers
        .iter()
        .map(|header| {
            let value = match &header.value {
                Ok(value) => Text::Known(value.clone()),
                Err(unknown) => Text::NotKnown {
                    written: String::new(),
                    reason: unknown.reason.clone(),
                },
            };
            (header.name.to_owned(), value)
        })
        .collect();
    if let Outcome::Redirect { location, .. } = &answer.outcome {
        headers.push(("Location".to_owned(), Text::Known(location.clone())));
    }
    Response {
        status: status(&answer.outcome).unwrap_or(200),
        headers,
    }
}

/// The status of an outcome; a view is taken to answer with 200.
fn status(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Redirect { status, .. } => Some(*status),
        Outcome::HostRefused { .. } => Some(400),
        Outcome::View(_) | Outcome::Preflight => Some(200),
        Outcome::NotFound => Some(404),
        Outcome::Unknown(_) => None,
    }
}

/// The port in the container behind a port of the host; `None` where it is not published. Without
/// a container it is the same.
fn port_inside(service: Option<&Service>, port: u16) -> Option<u16> {
    let Some(service) = service else {
        return Some(port);
    };
    let is_host = service
        .network_mode
        .as_ref()
        .is_some_and(|mode| mode.value == "host");
    if is_host {
        return Some(port);
    }
    service.ports.iter().find_map(|published| {
        let range = published.published?;
        (range.first..=range.last)
            .contains(&port)
            .then(|| published.target.first.saturating_add(port - range.first))
    })
}

/// What stands at a path of nginx's container.
fn entry(deployment: &Deployment, edge: &Edge<'_>, path: &str) -> Option<Entry> {
    let service = edge.service(deployment)?;
    let containers = Containers {
        compose: deployment.compose.as_ref()?,
        images: &deployment.images,
        files: &deployment.files,
    };
    match containers.locate(&service.name, path).place {
        Place::Repository(path) | Place::Copied(path) => Some(kind(&deployment.files, &path)),
        Place::Host(_) | Place::Volume { .. } | Place::Tmpfs | Place::Image | Place::Unknown(_) => {
            None
        }
    }
}

fn kind(files: &Files, path: &str) -> Entry {
    match () {
        () if files.has_file(path) => Entry::File,
        () if files.has_folder(path) => Entry::Folder,
        () => Entry::Missing,
    }
}

/// Whether some server of the edges is named for this host (its port apart), as far as that is told.
pub fn is_named(edges: &[Edge<'_>], host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    edges.iter().any(|edge| {
        edge.http.servers().any(|server| {
            server
                .names()
                .iter()
                .any(|known| known.form.fits(name) == Some(true))
        })
    })
}

/// A `Location` as an absolute address.
fn absolute(base: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let scheme_end = base.find("://").map_or(0, |at| at + 3);
    if let Some(rest) = location.strip_prefix("//") {
        return format!("{}{rest}", &base[..scheme_end]);
    }
    let host_end = base[scheme_end..]
        .find('/')
        .map_or(base.len(), |at| at + scheme_end);
    format!("{}{location}", &base[..host_end])
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// Whether two addresses are one: `https://a` and `https://a/`.
fn same(a: &str, b: &str) -> bool {
    let full = |url: &str| match url.matches('/').count() {
        2 => format!("{url}/"),
        _ => url.to_owned(),
    };
    full(a) == full(b)
}
