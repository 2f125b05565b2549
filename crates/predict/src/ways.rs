//! The ways of requests through the deployment: which place of which nginx hands them to which
//! server, and whether Django answers there.

use tightship_model::compose::Service;
use tightship_model::nginx::{Configuration, Directive, RunsIn, Word};
use tightship_model::{Bind, Deployment, Process, Span, Starter};

use crate::nginx::{Handler, Http, Leaf, Scope, Upstream, http_blocks};

/// An nginx of the deployment, put in order.
#[derive(Clone, Copy, Debug)]
pub struct Edge<'a> {
    pub configuration: &'a Configuration,
    pub http: &'a Http<'a>,
}

/// A place of nginx that hands requests on.
#[derive(Clone, Debug)]
pub struct Way<'h, 'a> {
    pub leaf: Leaf<'h, 'a>,
    /// `proxy_pass` or its like.
    pub pass: &'a Directive,
    /// The servers behind it: one, or those of an `upstream`. Empty where variables decide.
    pub targets: Vec<Target<'a>>,
}

/// A server that nginx hands requests to.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// As nginx connects: a host with its port, or a socket.
    pub address: Bind,
    /// Where nginx names it.
    pub span: Span,
    /// The service that answers to that host.
    pub service: Option<&'a Service>,
    /// What listens there, where it is told.
    pub process: Option<&'a Process>,
}

/// Every nginx that has an http block.
pub fn edges(deployment: &Deployment) -> Vec<Edge<'_>> {
    http_blocks(&deployment.nginx)
        .map(|http| Edge {
            configuration: http.configuration,
            http,
        })
        .collect()
}

impl<'a> Edge<'a> {
    /// The places that hand requests on, in the order of the files.
    pub fn ways(&self, deployment: &'a Deployment) -> Vec<Way<'_, 'a>> {
        let hands_on = |leaf: Leaf<'_, 'a>| match leaf.handler {
            Handler::Upstream(pass) => Some(pass),
            _ => None,
        };
        self.http
            .leaves()
            .into_iter()
            .filter_map(|leaf| {
                let pass = hands_on(leaf)?;
                Some(Way {
                    leaf,
                    pass,
                    targets: self.targets(deployment, leaf.scope, pass),
                })
            })
            .collect()
    }

    /// Those at which Django answers.
    pub fn ways_to_django(&self, deployment: &'a Deployment) -> Vec<Way<'_, 'a>> {
        let mut ways = self.ways(deployment);
        ways.retain(|way| way.is_django(deployment) == Some(true));
        ways
    }

    /// The Compose service that this nginx runs in.
    pub fn service(&self, deployment: &'a Deployment) -> Option<&'a Service> {
        match &self.configuration.runs_in {
            RunsIn::Service(name) => deployment.compose.as_ref()?.service(name),
            RunsIn::Image(_) | RunsIn::Host(_) | RunsIn::NotKnown(_) => None,
        }
    }

    /// The servers that a predicted request is sent to; none where variables decide.
    pub fn targets_of(&self, deployment: &'a Deployment, upstream: &Upstream) -> Vec<Target<'a>> {
        let single = upstream.target.known().into_iter().map(str::to_owned);
        let servers = match upstream.servers.is_empty() {
            true => single.collect(),
            false => upstream.servers.clone(),
        };
        servers
            .iter()
            .map(|server| self.target(deployment, server, 80, upstream.span))
            .collect()
    }

    /// The servers that a directive hands requests to: one, or those of an `upstream`; none where
    /// variables decide.
    pub fn targets(
        &self,
        deployment: &'a Deployment,
        scope: Scope<'_, 'a>,
        pass: &'a Directive,
    ) -> Vec<Target<'a>> {
        let word = pass.arguments.first();
        let Some((word, text)) = word.and_then(|word| Some((word, written_out(scope, word)?)))
        else {
            return Vec::new();
        };
        let (scheme, rest) = match text.split_once("://") {
            Some(("unix", _)) => ("http", text.as_str()),
            Some((scheme, rest)) => (scheme, rest),
            None => ("http", text.as_str()),
        };
        let default_port = if scheme == "https" { 443 } else { 80 };
        let authority = match rest.strip_prefix("unix:") {
            // `http://unix:/run/app.sock:/path/`
            Some(socket) => format!("unix:{}", socket.split(':').next().unwrap_or(socket)),
            None => rest.split('/').next().unwrap_or(rest).to_owned(),
        };
        let upstreams = self.configuration.block("http");
        let upstream = upstreams.and_then(|http| {
            http.children("upstream")
                .find(|upstream| upstream.argument(0) == Some(authority.as_str()))
        });
        let Some(upstream) = upstream else {
            return vec![self.target(deployment, &authority, default_port, word.span)];
        };
        upstream
            .children("server")
            .filter_map(|server| server.arguments.first())
            .map(|word| self.target(deployment, &word.text, 80, word.span))
            .collect()
    }

    fn target(
        &self,
        deployment: &'a Deployment,
        authority: &str,
        default_port: u16,
        span: Span,
    ) -> Target<'a> {
        if let Some(socket) = authority.strip_prefix("unix:") {
            let address = Bind::Unix(socket.to_owned());
            let process = deployment
                .processes
                .iter()
                .find(|process| process.binds.iter().any(|bind| bind.value == address));
            let service = process.and_then(|process| service_of(deployment, process));
            return Target {
                address,
                span,
                service,
                process,
            };
        }
        let (host, port) = split(authority, default_port);
        let service = self.service_named(deployment, &host, port);
        let process = match service {
            Some(service) => process_of(deployment, service),
            None if is_loopback(&host) => self.process_beside(deployment, port),
            None => None,
        };
        Target {
            address: Bind::Tcp { host, port },
            span,
            service,
            process,
        }
    }

    /// The service that a host name of nginx leads to.
    fn service_named(
        &self,
        deployment: &'a Deployment,
        host: &str,
        port: Option<u16>,
    ) -> Option<&'a Service> {
        let compose = deployment.compose.as_ref()?;
        if let Some(own) = self.service(deployment) {
            if is_loopback(host) && !shares_the_host(own) {
                return Some(own);
            }
            if !is_loopback(host) {
                return compose
                    .services
                    .iter()
                    .find(|service| answers_to(service, own, host));
            }
        } else if !is_loopback(host) {
            // Which container reads the file is not told; that it names a service tells the network.
            return compose
                .services
                .iter()
                .find(|service| is_called(service, host));
        }
        // On the host itself: the service that publishes the port there.
        is_loopback(host).then_some(())?;
        compose.services.iter().find(|service| {
            service.ports.iter().any(|published| {
                let range = published.published;
                range.is_some_and(|range| {
                    port.is_some_and(|port| (range.first..=range.last).contains(&port))
                })
            })
        })
    }

    /// A server that runs on the same machine without Compose, by its port.
    fn process_beside(&self, deployment: &'a Deployment, port: Option<u16>) -> Option<&'a Process> {
        deployment
            .processes
            .iter()
            .filter(|process| !matches!(process.starter, Starter::Service(_)))
            .find(|process| {
                process.binds.iter().any(
                    |bind| matches!(&bind.value, Bind::Tcp { port: bound, .. } if *bound == port),
                )
            })
    }
}

impl<'a> Way<'_, 'a> {
    /// Whether Django answers there. `None` where the files do not tell.
    pub fn is_django(&self, deployment: &Deployment) -> Option<bool> {
        let known: Vec<_> = self.targets.iter().map(Target::is_django).collect();
        if known.contains(&Some(true)) {
            return Some(true);
        }
        if !known.is_empty() && known.iter().all(|known| *known == Some(false)) {
            return Some(false);
        }
        deployment.settings.is_none().then_some(false)
    }

    /// The server of Django behind it.
    pub fn django(&self) -> Option<&'a Process> {
        self.targets
            .iter()
            .filter_map(|target| target.process)
            .find(|process| process.program.serves_django())
    }
}

impl Target<'_> {
    fn is_django(&self) -> Option<bool> {
        let process = self.process?;
        match process.program {
            tightship_model::Program::Unknown => None,
            ref program => Some(program.serves_django()),
        }
    }
}

/// The process that a service runs.
pub fn process_of<'a>(deployment: &'a Deployment, service: &Service) -> Option<&'a Process> {
    let starter = Starter::Service(service.name.clone());
    let mut processes = deployment.processes_of(&starter);
    let first = processes.next()?;
    // A container may start several: the server among them is the one that is reached.
    match first.program.serves_django() {
        true => Some(first),
        false => processes
            .find(|process| process.program.serves_django())
            .or(Some(first)),
    }
}

/// The service that starts a process.
pub fn service_of<'a>(deployment: &'a Deployment, process: &Process) -> Option<&'a Service> {
    match &process.starter {
        Starter::Service(name) => deployment.compose.as_ref()?.service(name),
        _ => None,
    }
}

/// Whether `from` reaches `service` under this name: both are on one network, and the name is that
/// of the service, of its container or one of its aliases there (Compose specification, "networks":
/// a service without networks is on `default`).
fn answers_to(service: &Service, from: &Service, host: &str) -> bool {
    let is_linked = from.links.iter().any(|link| {
        let (name, alias) = link
            .value
            .split_once(':')
            .unwrap_or((&link.value, &link.value));
        name == service.name && alias == host
    });
    is_linked || is_called(service, host)
}

/// Whether a service has this name on a network.
fn is_called(service: &Service, host: &str) -> bool {
    let own = [&service.container_name, &service.hostname];
    let mut own = own.into_iter().flatten();
    let mut aliases = service.networks.iter().flat_map(|network| &network.aliases);
    service.name == host
        || own.any(|name| name.value == host)
        || aliases.any(|alias| alias.value == host)
}

/// What a word says with the variables put in that one `set` around it writes out: the usual way to
/// have nginx look a name up anew. The request's own path begins where it is put in. `None` where
/// anything else decides.
fn written_out(scope: Scope<'_, '_>, word: &Word) -> Option<String> {
    const PATHS: [&str; 3] = ["request_uri", "document_uri", "uri"];
    if !word.is_known {
        return None;
    }
    // The scheme that the visitor came by decides nothing of who answers.
    let text = word.text.strip_prefix("$scheme://");
    let mut text = text.unwrap_or(&word.text).to_owned();
    for name in word.variables().filter(|name| *name != "scheme") {
        let value = if PATHS.contains(&name) {
            "/"
        } else {
            set_to(scope, name)?
        };
        for form in [format!("${{{name}}}"), format!("${name}")] {
            text = text.replacen(&form, value, 1);
        }
        if value == "/" {
            break;
        }
    }
    Some(text)
}

/// The text that the nearest `set` around a place gives a variable. `None` where there are several,
/// or an `if` has one of its own.
fn set_to<'a>(scope: Scope<'_, 'a>, name: &str) -> Option<&'a str> {
    let of_it = |one: &&&'a Directive| {
        let target = one.argument(0).and_then(|target| target.strip_prefix('$'));
        target == Some(name)
    };
    let (level, set) = scope.chain().find_map(|level| {
        let set = level.declared("set").iter().find(of_it)?;
        Some((level, set))
    })?;
    let is_alone = level.declared("set").iter().filter(of_it).count() == 1;
    let by_condition = level
        .declared("if")
        .iter()
        .any(|block| block.children("set").any(|one| of_it(&&one)));
    let value = set.arguments.get(1).filter(|word| word.is_literal())?;
    (is_alone && !by_condition).then_some(value.text.as_str())
}

/// Whether a service takes the network of the machine, where its ports are open without `ports:`.
pub fn shares_the_host(service: &Service) -> bool {
    let mode = service.network_mode.as_ref();
    mode.is_some_and(|mode| mode.value == "host")
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// `host:port`, `[::1]:8000`, `host`.
fn split(authority: &str, default_port: u16) -> (String, Option<u16>) {
    let colon = match authority.rfind(']') {
        Some(end) => authority[end..].find(':').map(|at| at + end),
        None => authority.find(':'),
    };
    match colon {
        Some(at) => (authority[..at].to_owned(), authority[at + 1..].parse().ok()),
        None => (authority.to_owned(), Some(default_port)),
    }
}
