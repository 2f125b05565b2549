//! The places that can answer.

use tightship_model::nginx::Directive;

use super::http::{Http, Server};
use super::location::Matcher;
use super::scope::{Level, NodeId, Scope};

/// A server, a location or an `if` in which a request can end.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'h, 'a> {
    pub server: Server<'h, 'a>,
    /// Where its directives hold: ask [`Scope::effective`].
    pub scope: Scope<'h, 'a>,
    pub handler: Handler<'a>,
}

/// What answers in a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler<'a> {
    /// `return`.
    Return(&'a Directive),
    /// Another server: `proxy_pass`, `uwsgi_pass`, `fastcgi_pass`, `grpc_pass` and their like.
    Upstream(&'a Directive),
    /// Something that nginx makes itself: `stub_status`, `empty_gif`, or a script.
    Module(&'a Directive),
    /// A file below `root` or `alias`; `None` where neither is set and nginx's default holds.
    Files(Option<&'a Directive>),
}

/// What hands a request to another server.
pub(super) const UPSTREAMS: [&str; 6] = [
    "proxy_pass",
    "uwsgi_pass",
    "fastcgi_pass",
    "grpc_pass",
    "scgi_pass",
    "memcached_pass",
];

/// What answers by itself.
pub(super) const MODULES: [&str; 9] = [
    "stub_status",
    "empty_gif",
    "flv",
    "mp4",
    "perl",
    "js_content",
    "content_by_lua_block",
    "content_by_lua_file",
    "content_by_lua",
];

impl<'a> Handler<'a> {
    /// What answers of these directives, be it not in vain that it stands there: the first in the
    /// order of the two tables.
    pub(super) fn declared(directives: &'a [Directive]) -> Option<Self> {
        let rank = |directive: &Directive| {
            let mut names = UPSTREAMS.iter().chain(&MODULES);
            names.position(|name| directive.is(name))
        };
        let ranked = directives
            .iter()
            .filter_map(|directive| Some((rank(directive)?, directive)));
        let (rank, directive) = ranked.min_by_key(|(rank, _)| *rank)?;
        Some(match rank < UPSTREAMS.len() {
            true => Self::Upstream(directive),
            false => Self::Module(directive),
        })
    }
}

impl<'a> Http<'a> {
    /// Every place that can answer, in the order of the files, a server before its locations.
    ///
    /// A server answers itself only where no `location /` takes everything; where it has a `return`
    /// outside of every location nothing else answers. An `if` is a leaf of its own where it
    /// changes more than variables and the path.
    pub fn leaves(&self) -> Vec<Leaf<'_, 'a>> {
        self.servers().flat_map(Server::leaves).collect()
    }
}

impl<'a> Server<'_, 'a> {
    /// The places that can answer, worked out.
    pub(super) fn answering(self) -> Vec<(NodeId, Handler<'a>)> {
        let mut found = Vec::new();
        let always = self.scope.declared("return").first();
        if let Some(directive) = always {
            add_conditions(self.scope, &mut found);
            found.push((self.scope.node, Handler::Return(directive)));
            return found;
        }
        let locations = self.locations();
        let takes_all = |scope: &Scope<'_, '_>| {
            scope.around() == Some(self.scope)
                && matches!(scope.matcher(), Some(Matcher::Prefix { path, .. }) if path == "/")
        };
        add_conditions(self.scope, &mut found);
        if !locations.iter().any(takes_all) {
            found.push((self.scope.node, self.scope.handler()));
        }
        for location in locations {
            found.push((location.node, location.handler()));
            add_conditions(location, &mut found);
            for limited in location.inside() {
                if limited.level() == Level::LimitExcept {
                    found.push((limited.node, limited.handler()));
                }
            }
        }
        found
    }
}

fn add_conditions<'a>(scope: Scope<'_, 'a>, found: &mut Vec<(NodeId, Handler<'a>)>) {
    let conditions = scope
        .inside()
        .filter(|inner| inner.level() == Level::If && inner.changes_the_answer());
    found.extend(conditions.map(|inner| (inner.node, inner.handler())));
}

impl<'a> Scope<'_, 'a> {
    /// What answers here when no condition and no rewriting leads away.
    pub fn handler(self) -> Handler<'a> {
        self.http.handler(self.node)
    }

    /// The same, worked out.
    pub(super) fn handled_by(self) -> Handler<'a> {
        if let Some(directive) = self.declared("return").first() {
            return Handler::Return(directive);
        }
        // An `if` without a handler of its own keeps the one of the location around it.
        for scope in self.chain() {
            if let Some(handler) = scope.inner().answers {
                return handler;
            }
            if scope.level() < Level::If {
                break;
            }
        }
        Handler::Files(self.one("root"))
    }

    fn changes_the_answer(self) -> bool {
        let block = self.block().map_or(&[][..], Directive::directives);
        block.iter().any(|directive| {
            let name = directive.name.text.as_str();
            !matches!(name, "set" | "rewrite" | "break")
        })
    }
}
