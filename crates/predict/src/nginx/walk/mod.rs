//! The walk of a request through nginx: the phases of `ngx_http_core_module` of nginx 1.22.1.

mod access;
mod client;
mod errors;
mod expiry;
mod files;
mod find;
mod finish;
mod rewrite;
mod sent;
mod upstream;
mod url;
mod variables;

use std::collections::HashMap;

use tightship_model::Span;
use tightship_model::nginx::{Directive, Word};

use self::client::Client;
use super::answer::{Answer, Body, Doubt, Header, Step, Text};
use super::http::{Http, Server, Socket};
use super::location::Matcher;
use super::pattern::{Found, Pattern};
use super::request::{Request, World};
use super::scope::Scope;
use super::select::{Chosen, host};
use super::uri::{self, Refusal};

/// nginx gives up a request after this many rewritings and internal redirects.
const MOST_CHANGES: u8 = 11;

/// Directives, variables and expressions that one request may take; beyond it is not known.
const MOST_STEPS: usize = 100_000;

/// Bytes of a text on the way; beyond it is not known.
const LONGEST_TEXT: usize = 64 * 1024;

impl<'a> Http<'a> {
    /// What nginx answers to a request. Never fails: what is not known is said in
    /// [`Answer::doubts`].
    pub fn answer(&self, request: &Request, world: World<'_>) -> Answer<'_, 'a> {
        let nothing = |body, doubts| Answer {
            server: None,
            scopes: Vec::new(),
            status: None,
            headers: Vec::new(),
            body,
            steps: Vec::new(),
            doubts,
        };
        let socket = match self.socket(request) {
            Ok(Some(socket)) => socket,
            Ok(None) => return nothing(Body::Refused, Vec::new()),
            Err(doubt) => return nothing(Body::NotKnown, vec![doubt]),
        };
        if request.tls && !socket.ssl {
            return nothing(Body::Refused, Vec::new());
        }
        let Some(default) = self.server(socket.default) else {
            return nothing(Body::NotKnown, Vec::new());
        };
        let mut walk = Walk::new(self, request, world, default);
        let end = walk.run(socket);
        walk.finish(end)
    }
}

/// The state of a request, named after what the fields of `ngx_http_request_t` are for.
struct Walk<'h, 'a, 'q> {
    http: &'h Http<'a>,
    request: &'q Request,
    world: World<'q>,
    server: Server<'h, 'a>,
    /// The place whose directives hold now.
    scope: Scope<'h, 'a>,
    /// The place whose handler makes the answer, where one does.
    handler: Option<Scope<'h, 'a>>,
    /// The validated host; empty where the request has none.
    host: String,
    client: Client,
    method: String,
    path: String,
    args: String,
    is_quoted: bool,
    has_plus: bool,
    is_internal: bool,
    /// Whether the target as sent still says what is asked for.
    is_target_valid: bool,
    /// Whether the path still begins with the name of its location.
    is_location_valid: bool,
    is_changed: bool,
    /// After a `try_files` in a location with a regular expression and an `alias`.
    adds_path_to_alias: bool,
    changes_left: u8,
    captures: Vec<String>,
    /// Whether `set` and `if` escape captures: they do until a `rewrite` has run before them.
    escapes_captures: bool,
    variables: HashMap<String, Text>,
    /// A status that an `error_page` keeps.
    kept_status: Option<u16>,
    is_error_page: bool,
    /// Whether the connection ends with the answer.
    closes: bool,
    /// Whether an `add_header` took the place of the time of the file.
    sets_time: bool,
    /// Header fields so far.
    out: Vec<Header>,
    /// The place of the `Location` in `out` that nginx makes absolute.
    location: Option<usize>,
    content_type: Option<Text>,
    /// The charset of an answer whose X-Accel-Redirect was followed.
    charset: Option<String>,
    /// Whether the body of the request was thrown away as too large.
    drops_body: bool,
    /// The target of the `proxy_pass` that answers, for `$proxy_host` and `$proxy_port`.
    proxied: Option<(Text, Text)>,
    steps_left: usize,
    /// Variables that are being told, innermost last.
    asked: Vec<String>,
    scopes: Vec<Scope<'h, 'a>>,
    steps: Vec<Step>,
    doubts: Vec<Doubt>,
}

/// What comes next.
enum Next<'a> {
    ServerRewrite,
    FindLocation,
    /// The rewriting of the location, and all that follows.
    Location,
    /// Ends with this status, by way of `error_page`.
    Status(u16),
    Send(Content<'a>),
}

/// An answer, before the headers that the place adds.
struct Content<'a> {
    status: Option<u16>,
    body: Body<'a>,
    length: Length,
    /// `Last-Modified` and `Accept-Ranges`.
    is_file: bool,
}

/// What nginx knows of the length of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(usize),
    /// nginx knows it, the prediction does not.
    Sent,
    /// It comes in chunks.
    Chunked,
    /// Perhaps one, perhaps the other.
    Open,
}

impl<'h, 'a, 'q> Walk<'h, 'a, 'q> {
    fn new(
        http: &'h Http<'a>,
        request: &'q Request,
        world: World<'q>,
        server: Server<'h, 'a>,
    ) -> Self {
        Self {
            http,
            request,
            world,
            server,
            scope: server.scope,
            handler: None,
            host: String::new(),
            client: Client::of(request.client),
            method: request.method.clone(),
            path: String::new(),
            args: String::new(),
            is_quoted: false,
            has_plus: false,
            is_internal: false,
            is_target_valid: true,
            is_location_valid: true,
            is_changed: false,
            adds_path_to_alias: false,
            changes_left: MOST_CHANGES,
            captures: Vec::new(),
            escapes_captures: true,
            variables: HashMap::new(),
            kept_status: None,
            is_error_page: false,
            closes: false,
            sets_time: false,
            out: Vec::new(),
            location: None,
            content_type: None,
            charset: None,
            drops_body: false,
            proxied: None,
            steps_left: MOST_STEPS,
            asked: Vec::new(),
            scopes: vec![server.scope],
            steps: Vec::new(),
            doubts: Vec::new(),
        }
    }

    fn run(&mut self, socket: &Socket) -> Result<Content<'a>, Doubt> {
        let mut next = self.enter(socket)?;
        loop {
            self.count()?;
            next = match next {
                Next::ServerRewrite => self.rewrite_phase()?.unwrap_or(Next::FindLocation),
                Next::FindLocation => self.find_location()?,
                Next::Location => self.location_phases()?,
                Next::Status(status) => self.special(status)?,
                Next::Send(content) => return Ok(content),
            };
        }
    }

    /// The request line, the host and the choice of the server.
    fn enter(&mut self, socket: &Socket) -> Result<Next<'a>, Doubt> {
        let name = self
            .request
            .host
            .as_deref()
            .map_or(Some(String::new()), host);
        if let (true, Some(name)) = (self.request.tls, &name) {
            // The name in the TLS handshake chooses first, taken to be the same as the host.
            let chosen = self.http.virtual_server(socket, name)?.server;
            if chosen.scope.flag("ssl_reject_handshake") == Some(true) {
                self.note(None, "the TLS handshake is refused for this name");
                return Ok(Next::Send(Content::closed()));
            }
            self.server = chosen;
            self.scope = chosen.scope;
        }
        // The request line comes before the host: it is read as the default server says.
        let merges = self.scope.flag("merge_slashes") != Some(false);
        match uri::normalise(&self.request.target, merges) {
            Ok(target) => {
                self.path = target.path;
                self.args = target.args;
                self.is_quoted = target.is_quoted;
                self.has_plus = target.has_plus;
            }
            Err(Refusal::Bad) => return Ok(Next::Status(400)),
            Err(Refusal::NotText) => {
                return Err(Doubt::new(None, "a path whose bytes are not UTF-8"));
            }
        }
        let Some(name) = name else {
            return Ok(Next::Status(400));
        };
        let Chosen {
            server,
            name: fits,
            found,
        } = self.http.virtual_server(socket, &name)?;
        let how = match fits.and_then(|name| name.word) {
            Some(word) => (Some(word.span), format!("the host fits {}", word.text)),
            None => {
                let span = server.directive().map(Directive::heading_span);
                (
                    span,
                    "no server's name fits the host: this is the default one".to_owned(),
                )
            }
        };
        self.note(how.0, how.1);
        self.server = server;
        self.scope = server.scope;
        self.scopes = vec![server.scope];
        self.host = name;
        if let Some(found) = found {
            self.capture(found);
        }
        if socket.ssl && !self.request.tls {
            self.note(None, "plain HTTP on a socket that speaks TLS");
            return Ok(Next::Status(497));
        }
        if self.request.tls && self.scope.flag("ssl_verify_client") == Some(true) {
            let span = self.scope.one("ssl_verify_client").map(|one| one.span);
            self.note(span, "the client shows no certificate");
            return Ok(Next::Status(496));
        }
        self.replace_client();
        if matches!(self.request.method.as_str(), "TRACE" | "CONNECT") {
            return Ok(Next::Status(405));
        }
        Ok(Next::ServerRewrite)
    }

    /// The rewriting directives of the place; `None` where they lead nowhere else.
    fn rewrite_phase(&mut self) -> Result<Option<Next<'a>>, Doubt> {
        let scope = self.scope;
        self.rewrite(scope)
    }

    /// From the rewriting of the location to its content.
    fn location_phases(&mut self) -> Result<Next<'a>, Doubt> {
        if self.scope != self.server.scope
            && let Some(next) = self.rewrite_phase()?
        {
            return Ok(next);
        }
        self.refuse(&[
            "rewrite_by_lua_block",
            "rewrite_by_lua_file",
            "rewrite_by_lua",
        ])?;
        if self.is_changed {
            self.changes_left -= 1;
            if self.changes_left == 0 {
                self.note(None, "nginx gives up: the path was rewritten too often");
                return Ok(Next::Status(500));
            }
            return Ok(Next::FindLocation);
        }
        self.replace_client();
        if let Some(next) = self.access()? {
            return Ok(next);
        }
        if let Some(next) = self.try_files()? {
            return Ok(next);
        }
        match self.handler {
            Some(handler) => self.handle(handler),
            None => self.files(),
        }
    }

    /// Goes on with another path, as `ngx_http_internal_redirect`.
    fn internal_redirect(&mut self, path: String, args: String) -> Next<'a> {
        self.changes_left -= 1;
        if self.changes_left == 0 {
            self.note(None, "nginx gives up: too many internal redirects");
            return Next::Status(500);
        }
        self.note(None, format!("goes on with {path}"));
        self.path = path;
        self.args = args;
        self.scope = self.server.scope;
        self.handler = None;
        self.is_internal = true;
        self.is_target_valid = false;
        self.is_location_valid = true;
        self.adds_path_to_alias = false;
        Next::ServerRewrite
    }

    /// Goes on in a location with a name, as `ngx_http_named_location`.
    fn named_location(&mut self, name: &str) -> Next<'a> {
        self.changes_left -= 1;
        let target = self
            .server
            .scope
            .locations()
            .into_iter()
            .find(|location| *location.matcher().map_or("", Matcher::text) == *name);
        let Some(target) = target.filter(|_| self.changes_left > 0) else {
            self.note(None, format!("nginx cannot go on in {name}"));
            return Next::Status(500);
        };
        let span = target.block().map(Directive::heading_span);
        self.note(span, format!("goes on in {name}"));
        self.is_internal = true;
        self.handler = None;
        self.is_changed = false;
        self.enter_scope(target);
        Next::Location
    }

    /// Sets the `Location` that nginx makes absolute where it begins with a slash.
    fn redirect_to(&mut self, to: Text, span: Option<Span>) {
        self.clear_location();
        self.out.push(Header {
            span,
            ..Header::new("Location", to)
        });
        self.location = Some(self.out.len() - 1);
    }

    fn clear_location(&mut self) {
        if let Some(place) = self.location.take() {
            self.out.remove(place);
        }
    }

    /// Takes back a header that is not the `Location`.
    fn take_back(&mut self, place: usize) {
        self.out.remove(place);
        self.location = self
            .location
            .map(|location| location - usize::from(place < location));
    }

    fn search(
        &mut self,
        pattern: &str,
        caseless: bool,
        subject: &str,
        span: Option<Span>,
    ) -> Result<Option<Found>, Doubt> {
        self.count()?;
        Pattern::compile(pattern, caseless)
            .and_then(|pattern| pattern.find(subject))
            .map_err(|reason| Doubt::new(span, reason))
    }

    fn capture(&mut self, found: Found) {
        for (name, value) in found.named {
            self.variables.insert(name, Text::Known(value));
        }
        self.captures = found.groups;
    }

    /// The text of a word, which must be known to go on.
    fn known(&mut self, word: &Word) -> Result<String, Doubt> {
        match self.expand(word) {
            Text::Known(text) => Ok(text),
            Text::NotKnown { reason, .. } => Err(Doubt::new(Some(word.span), reason)),
        }
    }

    /// Stops where one of these directives holds: it runs what is not modelled.
    fn refuse(&self, names: &[&str]) -> Result<(), Doubt> {
        let found = names.iter().find_map(|name| self.scope.one(name));
        match found {
            Some(directive) => {
                let reason = format!("what {} does", directive.name.text);
                Err(Doubt::new(Some(directive.span), reason))
            }
            None => Ok(()),
        }
    }

    /// Whether it is this release of nginx or a later one; `None` where that is not known.
    fn is_since(&self, release: (u32, u32, u32)) -> Option<bool> {
        self.http
            .configuration
            .version
            .map(|version| version >= release)
    }

    fn note(&mut self, span: Option<Span>, text: impl Into<String>) {
        self.steps.push(Step {
            span,
            text: text.into(),
        });
    }

    fn count(&mut self) -> Result<(), Doubt> {
        self.steps_left = self.steps_left.saturating_sub(1);
        if self.steps_left == 0 {
            return Err(Doubt::new(
                None,
                "a request that takes more than 100000 steps",
            ));
        }
        Ok(())
    }
}

impl Content<'_> {
    fn closed() -> Self {
        Self {
            status: None,
            body: Body::Closed,
            length: Length::Known(0),
            is_file: false,
        }
    }
}

/// `10m`, `512k`, `1g`, `0`.
fn size(text: &str) -> Option<u64> {
    let (digits, unit) = match text.as_bytes().last()?.to_ascii_lowercase() {
        b'k' => (&text[..text.len() - 1], 1 << 10),
        b'm' => (&text[..text.len() - 1], 1 << 20),
        b'g' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}
