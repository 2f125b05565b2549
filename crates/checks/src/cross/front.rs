//! The addresses that visitors open, and what the prediction says of the pages behind them.

use tightship_model::{Deployment, Evidence, Finding, Outcome, Span, Trail};
use tightship_predict::nginx::{Matcher, NameForm, Server, Socket};
use tightship_predict::visit::{Asked, Visit, visit};
use tightship_predict::ways::{Edge, Way, edges};

use super::{edges_to_django, ways_to_django};
use crate::setting::settled;

/// A name of a server of nginx at a port that is open to other machines.
pub(super) struct Front<'e, 'a> {
    pub(super) edge: &'e Edge<'a>,
    pub(super) server: Server<'e, 'a>,
    /// In lower case.
    pub(super) host: String,
    /// As a browser writes it: `https://shop.example`, with the port where it is not the usual one.
    pub(super) origin: String,
    pub(super) is_tls: bool,
    /// The name in `server_name`.
    pub(super) span: Span,
}

/// Who answers a visitor at a place.
enum Reached<'a> {
    Asked(Box<Asked<'a>>),
    /// nginx itself, as where only some addresses are let in.
    Answered,
    NotKnown,
}

/// What a check has found so far.
#[derive(Default)]
pub(super) struct Tally {
    findings: Vec<Finding>,
    evidence: Vec<Evidence>,
    open: Option<Outcome>,
}

/// Names and places that are looked at: a site has a handful.
const MOST_FRONTS: usize = 64;
const MOST_PLACES: usize = 128;

/// Judges each place of an nginx that hands requests to Django, whatever name leads there.
pub(super) fn judge_ways<'a>(
    deployment: &'a Deployment,
    otherwise: &str,
    look: impl Fn(&Edge<'a>, &Way<'_, 'a>, &mut Tally),
) -> Outcome {
    let edges = match edges_to_django(deployment) {
        Ok(edges) => edges,
        Err(outcome) => return outcome,
    };
    let mut tally = Tally::default();
    for edge in &edges {
        for way in ways_to_django(edge, deployment) {
            look(edge, &way, &mut tally);
        }
    }
    tally.outcome(otherwise)
}

/// Judges by the fronts of the nginx that hand requests to Django.
pub(super) fn judge_fronts<'a>(
    deployment: &'a Deployment,
    otherwise: &str,
    look: impl Fn(&[Edge<'a>], &[Front<'_, 'a>], &mut Tally),
) -> Outcome {
    if deployment.settings.is_none() {
        return Outcome::NotApplicable("there are no settings".to_owned());
    }
    if let Err(outcome) = edges_to_django(deployment) {
        return outcome;
    }
    let edges = edges(deployment);
    let fronts = fronts(deployment, &edges);
    if fronts.is_empty() {
        return untold();
    }
    let mut tally = Tally::default();
    look(&edges, &fronts, &mut tally);
    tally.outcome(otherwise)
}

/// Judges by the nginx that hand requests to Django, under whatever name.
pub(super) fn judge_edges<'a>(
    deployment: &'a Deployment,
    otherwise: &str,
    look: impl Fn(&[Edge<'a>], &mut Tally),
) -> Outcome {
    if let Err(outcome) = edges_to_django(deployment) {
        return outcome;
    }
    let edges = edges(deployment);
    let is_open = |edge: &Edge<'_>| {
        let sockets = edge.http.sockets();
        sockets
            .iter()
            .any(|socket| !public_ports(deployment, edge, socket).is_empty())
    };
    if !edges.iter().any(is_open) {
        return untold();
    }
    let mut tally = Tally::default();
    look(&edges, &mut tally);
    tally.outcome(otherwise)
}

fn untold() -> Outcome {
    Outcome::Unknown {
        reason: "no file tells under which name and port visitors reach nginx".to_owned(),
        remedy: "give server_name in nginx, and ports: in Compose".to_owned(),
        trail: Trail::default(),
    }
}

/// Judges each place of each front at which Django answers, with what Django is asked there.
pub(super) fn judge_pages<'a>(
    deployment: &'a Deployment,
    otherwise: &str,
    look: impl Fn(&Front<'_, 'a>, &Way<'_, 'a>, &Asked<'a>, &mut Tally),
) -> Outcome {
    judge_fronts(deployment, otherwise, |edges, fronts, tally| {
        for front in fronts {
            let mut hidden = None;
            let mut is_any_known = false;
            for way in front.ways_to_django(deployment) {
                let Some(path) = path_of(&way) else {
                    hidden = Some(way.pass.heading_span());
                    continue;
                };
                is_any_known = true;
                match front.asked(deployment, edges, &path, &way) {
                    Reached::Asked(asked) => look(front, &way, &asked, tally),
                    Reached::Answered => {}
                    Reached::NotKnown => tally.unseen(
                        format!(
                            "what Django is asked for {}{path} is not known",
                            front.origin
                        ),
                        way.pass.heading_span(),
                    ),
                }
            }
            if let Some(span) = hidden.filter(|_| !is_any_known) {
                tally.unseen("which paths lead there is not known", span);
            }
        }
    })
}

impl<'a> Front<'_, 'a> {
    /// The places of its server at which Django answers.
    pub(super) fn ways_to_django(&self, deployment: &'a Deployment) -> Vec<Way<'_, 'a>> {
        let mut ways = ways_to_django(self.edge, deployment);
        ways.retain(|way| way.leaf.server.number == self.server.number);
        ways.truncate(MOST_PLACES);
        ways
    }

    /// The visit of a path; `None` where another nginx takes it.
    pub(super) fn visit<'h>(
        &self,
        deployment: &'a Deployment,
        edges: &'h [Edge<'a>],
        path: &str,
    ) -> Option<Visit<'h, 'a>> {
        let visit = visit(deployment, edges, &format!("{}{path}", self.origin))?;
        let is_own = visit.hops[0]
            .edge
            .is_some_and(|edge| std::ptr::eq(edge.configuration, self.edge.configuration));
        is_own.then_some(visit)
    }

    fn asked(
        &self,
        deployment: &'a Deployment,
        edges: &[Edge<'a>],
        path: &str,
        way: &Way<'_, 'a>,
    ) -> Reached<'a> {
        let visit = self.visit(deployment, edges, path);
        let first = visit.and_then(|visit| visit.hops.into_iter().next());
        let Some((answer, django)) = first.and_then(|hop| Some((hop.nginx?, hop.django))) else {
            return Reached::NotKnown;
        };
        let taken = answer.leaf().and_then(|leaf| leaf.block());
        let is_there = match (taken, way.leaf.scope.block()) {
            (Some(taken), Some(meant)) => std::ptr::eq(taken, meant),
            _ => false,
        };
        match django {
            Some(asked) if is_there => Reached::Asked(Box::new(asked)),
            None if answer.status.is_some() => Reached::Answered,
            _ => Reached::NotKnown,
        }
    }
}

impl Tally {
    /// One more finding; not twice where two names share the line.
    pub(super) fn fails(&mut self, finding: Finding) {
        let same = |other: &Finding| {
            other.labels.first() == finding.labels.first() && other.message == finding.message
        };
        if !self.findings.iter().any(same) {
            self.findings.push(finding);
        }
    }

    pub(super) fn holds(&mut self, text: impl Into<String>, span: Span) {
        let text = text.into();
        if !self.evidence.iter().any(|known| known.text == text) {
            let trail = Trail::at(span, text.clone());
            self.evidence.push(Evidence { text, trail });
        }
    }

    /// One more finding, of each place that shares the line.
    pub(super) fn fails_there(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// One more piece of evidence, of each place that has it.
    pub(super) fn holds_there(&mut self, text: impl Into<String>, trail: Trail) {
        let text = text.into();
        self.evidence.push(Evidence { text, trail });
    }

    pub(super) fn unseen(&mut self, reason: impl Into<String>, span: Span) {
        let reason = reason.into();
        let trail = Trail::at(span, reason.clone());
        self.unseen_but("see `tightship inspect response`", reason, trail);
    }

    /// As [`Tally::unseen`], with what else to look at. The first counts.
    pub(super) fn unseen_but(&mut self, remedy: &str, reason: impl Into<String>, trail: Trail) {
        self.open.get_or_insert_with(|| Outcome::Unknown {
            reason: reason.into(),
            remedy: remedy.to_owned(),
            trail,
        });
    }

    pub(super) fn outcome(self, otherwise: &str) -> Outcome {
        let otherwise = Outcome::NotApplicable(otherwise.to_owned());
        match self.open {
            Some(open) if self.findings.is_empty() => open,
            _ => settled(self.findings, self.evidence, otherwise),
        }
    }
}

/// Where visitors reach a socket: with the ports that Compose publishes. Empty for a socket that
/// only the machine itself or a proxy in front can reach.
pub(super) fn public_ports(deployment: &Deployment, edge: &Edge<'_>, socket: &Socket) -> Vec<u16> {
    if socket.address.is_local() || socket.proxy_protocol || socket.port == 0 {
        return Vec::new();
    }
    let Some(service) = edge.service(deployment) else {
        return vec![socket.port];
    };
    let mode = service.network_mode.as_ref();
    if mode.is_some_and(|mode| mode.value == "host") {
        return vec![socket.port];
    }
    service
        .ports
        .iter()
        .filter(|port| !port.is_loopback() && port.target.contains(socket.port))
        .filter_map(|port| {
            let offset = socket.port - port.target.first;
            port.published?.first.checked_add(offset)
        })
        .collect()
}

/// `https://shop.example:8443`, without the port that goes without saying.
pub(super) fn origin(is_tls: bool, host: &str, port: u16) -> String {
    let (scheme, usual) = if is_tls { ("https", 443) } else { ("http", 80) };
    match port == usual {
        true => format!("{scheme}://{host}"),
        false => format!("{scheme}://{host}:{port}"),
    }
}

fn fronts<'e, 'a>(deployment: &'a Deployment, edges: &'e [Edge<'a>]) -> Vec<Front<'e, 'a>> {
    let mut found: Vec<Front<'e, 'a>> = Vec::new();
    for edge in edges {
        for socket in edge.http.sockets() {
            for port in public_ports(deployment, edge, socket) {
                let servers = socket.servers.iter();
                for server in servers.filter_map(|number| edge.http.server(*number)) {
                    add_names(&mut found, edge, server, socket, port);
                }
                if let Some(server) = edge.http.server(socket.default) {
                    let place = Place {
                        edge,
                        server,
                        is_tls: socket.ssl,
                        port,
                    };
                    add_allowed(deployment, &mut found, &place);
                }
            }
        }
    }
    found
}

/// A socket's server, and the port that it is reached by.
struct Place<'e, 'a> {
    edge: &'e Edge<'a>,
    server: Server<'e, 'a>,
    is_tls: bool,
    port: u16,
}

/// The names that Django allows, which the default server takes where no other has them.
fn add_allowed<'e, 'a>(
    deployment: &Deployment,
    found: &mut Vec<Front<'e, 'a>>,
    place: &Place<'e, 'a>,
) {
    let is_named = |front: &Front<'_, '_>| std::ptr::eq(front.edge, place.edge);
    let Some(block) = place.server.directive() else {
        return;
    };
    if found.iter().any(is_named) {
        return;
    }
    let hosts = crate::setting::setting(deployment, "ALLOWED_HOSTS");
    let hosts = hosts
        .as_ref()
        .and_then(|hosts| hosts.value.value.as_items());
    let hosts = hosts.map_or(&[][..], |hosts| &hosts.items).iter();
    let names = hosts.filter_map(|host| host.value.as_str());
    for host in names.filter(|host| is_public_name(host)) {
        let origin = origin(place.is_tls, host, place.port);
        if found.len() < MOST_FRONTS && found.iter().all(|front| front.origin != origin) {
            found.push(Front {
                edge: place.edge,
                server: place.server,
                host: host.to_ascii_lowercase(),
                origin,
                is_tls: place.is_tls,
                span: block.heading_span(),
            });
        }
    }
}

/// Whether visitors elsewhere may use a name of ALLOWED_HOSTS: a whole one, not of the machine.
fn is_public_name(host: &str) -> bool {
    let is_address = host.split('.').all(|part| part.parse::<u8>().is_ok());
    host.contains('.')
        && !host.starts_with('.')
        && !host.contains(['*', '/', ':', '$'])
        && !host.ends_with(".localhost")
        && !(is_address && (host.starts_with("127.") || host == "0.0.0.0"))
}

fn add_names<'e, 'a>(
    found: &mut Vec<Front<'e, 'a>>,
    edge: &'e Edge<'a>,
    server: Server<'e, 'a>,
    socket: &Socket,
    port: u16,
) {
    for name in server.names() {
        let (NameForm::Exact(host) | NameForm::AtOrBelow(host), Some(word)) =
            (&name.form, name.word)
        else {
            continue;
        };
        let origin = origin(socket.ssl, host, port);
        let is_name = host.contains('.') && !host.ends_with(".localhost");
        // nginx takes the first of two servers with one name.
        let is_known = found.iter().any(|front| front.origin == origin);
        if is_name && !is_known && found.len() < MOST_FRONTS {
            found.push(Front {
                edge,
                server,
                host: host.clone(),
                origin,
                is_tls: socket.ssl,
                span: word.span,
            });
        }
    }
}

/// A path that leads to a place; `None` where only a regular expression or a name tells.
pub(super) fn path_of(way: &Way<'_, '_>) -> Option<String> {
    match way.leaf.scope.location() {
        None => Some("/".to_owned()),
        Some(location) => match location.matcher()? {
            Matcher::Prefix { path, .. } | Matcher::Exact(path) => Some(path.clone()),
            Matcher::Regex { .. } | Matcher::Named(_) => None,
        },
    }
}
