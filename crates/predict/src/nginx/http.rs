//! The http block, put in order: its servers, their locations, the sockets that they listen on.

use foldhash::{HashMap, HashSet};
use tightship_model::nginx::{Configuration, Directive};

use super::leaf::{Handler, Leaf};
use super::location::Matcher;
use super::scope::{Level, Node, NodeId, Scope};
use super::{Address, Listen, Merge, Name, merge};

/// The http block of a configuration, read once so that it can be asked often.
#[derive(Debug)]
pub struct Http<'a> {
    pub configuration: &'a Configuration,
    pub(super) nodes: Vec<Node<'a>>,
    /// The node that each block opens. By identity: a file that is included twice makes blocks with
    /// the same span.
    by_block: HashMap<usize, NodeId>,
    servers: Vec<ServerFacts<'a>>,
    sockets: Vec<Socket>,
    /// The `map`, `geo` or `split_clients` that makes a variable, by its name.
    tables: HashMap<&'a str, &'a Directive>,
    /// The variables that a `set` names, wherever it stands.
    settable: HashSet<&'a str>,
    /// The names of all directives and of those that they replace: most that are asked for stand
    /// nowhere.
    names: HashSet<&'a str>,
    /// What answers in each node.
    handlers: Vec<Handler<'a>>,
}

/// One `server` of the http block.
#[derive(Clone, Copy, Debug)]
pub struct Server<'h, 'a> {
    pub http: &'h Http<'a>,
    /// Its number, counted from 0 in the order of the files.
    pub number: usize,
    /// Where its directives hold.
    pub scope: Scope<'h, 'a>,
}

/// An address and port with the servers that listen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    pub address: Address,
    /// 0 for a Unix socket.
    pub port: u16,
    /// Whether any server's `listen` for it asks for TLS: then all speak it.
    pub ssl: bool,
    pub http2: bool,
    pub proxy_protocol: bool,
    /// The numbers of its servers in the order of the files.
    pub servers: Vec<usize>,
    /// The number of the server that takes what no name fits.
    pub default: usize,
    /// Whether a `default_server` says so; else it is the default because it is the first.
    pub default_is_explicit: bool,
}

#[derive(Debug)]
struct ServerFacts<'a> {
    node: NodeId,
    names: Vec<Name<'a>>,
    listens: Vec<Listen<'a>>,
    /// Whether it speaks TLS itself, or a socket that it listens on does.
    has_tls: bool,
    /// The places that can answer, and what does there.
    leaves: Vec<(NodeId, Handler<'a>)>,
}

/// A `listen` with a range of ports makes a socket for each; beyond these no more are listed.
const MOST_SOCKETS: usize = 4096;

impl<'a> Http<'a> {
    /// `None` where the configuration has no http block.
    pub fn new(configuration: &'a Configuration) -> Option<Self> {
        let block = configuration.block("http")?;
        let mut http = Self {
            configuration,
            nodes: Vec::new(),
            by_block: HashMap::default(),
            servers: Vec::new(),
            sockets: Vec::new(),
            tables: HashMap::default(),
            settable: HashSet::default(),
            names: HashSet::default(),
            handlers: Vec::new(),
        };
        http.nodes.push(Node::new(
            Level::Main,
            None,
            None,
            &configuration.directives,
        ));
        http.add(Level::Http, block, NodeId::MAIN);
        http.sockets = sockets(&http.servers);
        for socket in http.sockets.iter().filter(|socket| socket.ssl) {
            for number in &socket.servers {
                http.servers[*number].has_tls = true;
            }
        }
        http.names = http.nodes.iter().flat_map(Node::names).collect();
        let families: Vec<_> = http.names.iter().map(|name| merge(name)).collect();
        for family in families {
            if let Merge::ReplacesWith(family) = family {
                http.names.extend(family);
            }
        }
        let nodes = (0..).map(NodeId).take(http.nodes.len());
        http.handlers = nodes.map(|node| http.at(node).handled_by()).collect();
        let asked = |server: Server<'_, 'a>| (server.answering(), server.scope.flag("ssl"));
        let answers: Vec<_> = http.servers().map(asked).collect();
        for (server, (leaves, ssl)) in http.servers.iter_mut().zip(answers) {
            server.leaves = leaves;
            server.has_tls |= ssl == Some(true);
        }
        Some(http)
    }

    /// Where the directives of the http block itself hold.
    pub fn scope(&self) -> Scope<'_, 'a> {
        self.at(NodeId::HTTP)
    }

    /// The scope that this very block of the configuration opens: `http`, `server`, `location`,
    /// `if`, `limit_except`.
    pub fn scope_of(&self, block: &'a Directive) -> Option<Scope<'_, 'a>> {
        Some(self.at(*self.by_block.get(&address(block))?))
    }

    /// In the order of the files.
    pub fn servers(&self) -> impl Iterator<Item = Server<'_, 'a>> {
        (0..self.servers.len()).filter_map(|number| self.server(number))
    }

    pub fn server(&self, number: usize) -> Option<Server<'_, 'a>> {
        let facts = self.servers.get(number)?;
        Some(Server {
            http: self,
            number,
            scope: self.at(facts.node),
        })
    }

    /// The addresses that nginx listens on, in the order in which the files name them first.
    pub fn sockets(&self) -> &[Socket] {
        &self.sockets
    }

    pub(super) fn at(&self, node: NodeId) -> Scope<'_, 'a> {
        Scope { http: self, node }
    }

    pub(super) fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id.0 as usize]
    }

    /// What answers in a node.
    pub(super) fn handler(&self, id: NodeId) -> Handler<'a> {
        self.handlers[id.0 as usize]
    }

    /// Whether a directive of this name stands anywhere, or one that replaces it.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub(super) fn table(&self, variable: &str) -> Option<&'a Directive> {
        self.tables.get(variable).copied()
    }

    /// Whether some `set` gives it a value: it is empty until then.
    pub(super) fn is_settable(&self, variable: &str) -> bool {
        self.settable.contains(variable)
    }

    fn note_variable(&mut self, level: Level, directive: &'a Directive) {
        let name = match directive.name.text.as_str() {
            "set" => directive.arguments.first(),
            "map" | "split_clients" | "geo" if level == Level::Http => directive.arguments.last(),
            _ => None,
        };
        let Some(name) = name.and_then(|name| name.text.strip_prefix('$')) else {
            return;
        };
        match directive.block {
            Some(_) => _ = self.tables.insert(name, directive),
            None => _ = self.settable.insert(name),
        }
    }

    /// Readers bound the depth of blocks, so that the stack bears it.
    fn add(&mut self, level: Level, block: &'a Directive, parent: NodeId) {
        let id = NodeId(self.nodes.len() as u32);
        let mut node = Node::new(level, Some(block), Some(parent), block.directives());
        if level == Level::Location {
            node.matcher = Some(Matcher::of(block));
        }
        self.nodes.push(node);
        self.nodes[parent.0 as usize].children.push(id);
        self.by_block.insert(address(block), id);
        if level == Level::Server {
            self.servers.push(ServerFacts {
                node: id,
                names: Name::all(block),
                listens: Listen::all(block),
                has_tls: false,
                leaves: Vec::new(),
            });
        }
        for directive in block.directives() {
            self.note_variable(level, directive);
            let inner = match (level, directive.name.text.as_str()) {
                (Level::Http, "server") => Level::Server,
                (Level::Server | Level::Location, "location") => Level::Location,
                (Level::Server | Level::Location, "if") => Level::If,
                (Level::Location, "limit_except") => Level::LimitExcept,
                _ => continue,
            };
            if directive.block.is_some() {
                self.add(inner, directive, id);
            }
        }
    }
}

/// What tells a block from every other one as long as the configuration stands.
fn address(block: &Directive) -> usize {
    std::ptr::from_ref(block).addr()
}

impl<'h, 'a> Server<'h, 'a> {
    /// The `server` directive.
    pub fn directive(self) -> Option<&'a Directive> {
        self.scope.block()
    }

    /// The names of all its `server_name`; one empty name where it has none.
    pub fn names(self) -> &'h [Name<'a>] {
        &self.http.servers[self.number].names
    }

    /// Where it listens; the default of nginx where it has no `listen`.
    pub fn listens(self) -> &'h [Listen<'a>] {
        &self.http.servers[self.number].listens
    }

    /// The scopes of its locations, nested ones after those around them, each in the order of the
    /// files.
    pub fn locations(self) -> Vec<Scope<'h, 'a>> {
        let mut found = Vec::new();
        let mut open = self.scope.locations();
        open.reverse();
        while let Some(location) = open.pop() {
            found.push(location);
            open.extend(location.locations().into_iter().rev());
        }
        found
    }

    /// The places of it that can answer, as [`Http::leaves`] has them.
    pub fn leaves(self) -> Vec<Leaf<'h, 'a>> {
        let leaves = self.http.servers[self.number].leaves.iter();
        let leaf = |(node, handler): &(NodeId, Handler<'a>)| Leaf {
            server: self,
            scope: self.http.at(*node),
            handler: *handler,
        };
        leaves.map(leaf).collect()
    }

    /// Whether a socket that it listens on speaks TLS.
    pub fn has_tls(self) -> bool {
        self.http.servers[self.number].has_tls
    }
}

/// The sockets of all servers, as `ngx_http_add_addresses` of nginx groups them: flags are those of
/// any `listen`, the default is the one that says so or else the first.
fn sockets(servers: &[ServerFacts<'_>]) -> Vec<Socket> {
    let mut sockets: Vec<Socket> = Vec::new();
    let mut places: HashMap<(Address, u16), usize> = HashMap::default();
    for (number, server) in servers.iter().enumerate() {
        // QUIC has sockets of its own, over UDP.
        for listen in server.listens.iter().filter(|listen| !listen.quic) {
            for port in listen.ports.clone() {
                let key = (listen.address.clone(), port);
                let place = match places.get(&key) {
                    Some(place) => *place,
                    None if sockets.len() == MOST_SOCKETS => return sockets,
                    None => {
                        sockets.push(Socket {
                            address: listen.address.clone(),
                            port,
                            ssl: false,
                            http2: false,
                            proxy_protocol: false,
                            servers: Vec::new(),
                            default: number,
                            default_is_explicit: false,
                        });
                        places.insert(key, sockets.len() - 1);
                        sockets.len() - 1
                    }
                };
                let socket = &mut sockets[place];
                if socket.servers.last() != Some(&number) {
                    socket.servers.push(number);
                }
                socket.ssl |= listen.ssl;
                socket.http2 |= listen.http2;
                socket.proxy_protocol |= listen.proxy_protocol;
                if listen.default_server && !socket.default_is_explicit {
                    socket.default = number;
                    socket.default_is_explicit = true;
                }
            }
        }
    }
    sockets
}
