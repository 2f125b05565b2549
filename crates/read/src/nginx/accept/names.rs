//! Names that one directive defines and another uses: variables, zones of memory, log formats.

use foldhash::{HashMap, HashSet};
use smallvec::SmallVec;
use tightship_model::Span;
use tightship_model::nginx::{Directive, Fault, Problem, Word};

use super::conditions::parts_of_condition;
use super::sockets;
use super::table::{self, Context};

/// What was defined and used so far.
#[derive(Default)]
pub(super) struct Names {
    http: Variables,
    stream: Variables,
    zones: HashSet<String>,
    zone_uses: Vec<(String, Span, String)>,
    formats: HashSet<String>,
    upstreams: HashSet<String>,
    /// Addresses without a port, which must be names of upstreams.
    upstream_uses: Vec<(String, Span)>,
    problems: Vec<Problem>,
}

#[derive(Default)]
struct Variables {
    defined: HashSet<String>,
    /// By name, the first place.
    used: HashMap<String, Span>,
}

impl Variables {
    fn note_use(&mut self, name: &str, place: Span) {
        // Most are written small, and most are used again and again.
        if !self.used.contains_key(name) {
            self.used.entry(name.to_ascii_lowercase()).or_insert(place);
        }
    }
}

impl Names {
    /// Takes in what a directive defines and uses.
    pub(super) fn take(&mut self, directive: &Directive, context: Context) {
        if context.is_http() {
            self.zone(directive);
            self.format(directive);
        }
        let name = directive.name.text.as_str();
        match (name, directive.arguments.first()) {
            ("upstream", Some(word)) => self.upstream(word, context),
            ("fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "memcached_pass", Some(word)) => {
                let address = sockets::without_scheme(&word.text);
                if word.is_literal() && !address.contains([':', '/']) {
                    self.upstream_uses.push((address.to_owned(), word.span));
                }
            }
            _ => {}
        }
        if !context.is_http() && !context.is_stream() {
            return;
        }
        for word in with_variables(directive) {
            self.text(word, context);
        }
        if name == "if"
            && let Some(word) = condition(directive).0.first()
            && let Some(name) = word.text.trim_matches(['(', ')']).strip_prefix('$')
        {
            // By its index: here what a regular expression captured has none.
            self.of(context).note_use(name, word.span);
        }
        if let Some(word) = definition(directive) {
            let name = word
                .text
                .strip_prefix('$')
                .unwrap_or(&word.text)
                .to_ascii_lowercase();
            if table::is_fixed_variable(kind(context), &name) {
                let message = format!("the duplicate \"{name}\" variable");
                self.tell(word, Fault::Duplicate, message);
            }
            self.of(context).defined.insert(name);
        }
        for word in patterns(directive) {
            self.captures(word, context);
        }
    }

    /// Takes in a line of a `map` and the like.
    pub(super) fn take_pair(&mut self, list: &Directive, pair: &Directive, context: Context) {
        if !list.is("map") || pair.arguments.len() != 1 {
            return;
        }
        self.text(&pair.arguments[0], context);
        if pair.name.text.starts_with('~') {
            self.captures(&pair.name, context);
        }
    }

    /// What was used and never defined.
    pub(super) fn missing(self) -> Vec<Problem> {
        let Self {
            http,
            stream,
            zones,
            zone_uses,
            upstreams,
            upstream_uses,
            mut problems,
            ..
        } = self;
        for (kind, variables) in [("http", http), ("stream", stream)] {
            let Variables { defined, used } = variables;
            let unknown = used
                .into_iter()
                .filter(|(name, _)| !defined.contains(name) && !table::is_variable(kind, name));
            problems.extend(unknown.map(|(name, span)| Problem {
                span,
                fault: Fault::Missing,
                message: format!("unknown \"{name}\" variable"),
            }));
        }
        let unknown = zone_uses
            .into_iter()
            .filter(|(name, _, _)| !zones.contains(name));
        problems.extend(unknown.map(|(_, span, message)| Problem {
            span,
            fault: Fault::Missing,
            message,
        }));
        let is_unknown = |name: &str| !upstreams.contains(&format!("http {name}"));
        let unknown = upstream_uses
            .into_iter()
            .filter(|(name, _)| is_unknown(name));
        problems.extend(unknown.map(|(name, span)| Problem {
            span,
            fault: Fault::Missing,
            message: format!("no port in upstream \"{name}\""),
        }));
        problems.sort_by_key(|problem| problem.span);
        problems
    }

    fn zone(&mut self, directive: &Directive) {
        let name = directive.name.text.as_str();
        let option = |option| {
            directive
                .option(option)
                .map(|text| before_colon(text).to_owned())
        };
        match name {
            "limit_req_zone" | "limit_conn_zone" => self.zones.extend(option("zone")),
            _ if name.ends_with("_cache_path") => self.zones.extend(option("keys_zone")),
            "limit_req" => {
                if let (Some(zone), Some(word)) = (option("zone"), directive.arguments.first()) {
                    let message = format!("zero size shared memory zone \"{zone}\"");
                    self.zone_uses.push((zone, word.span, message));
                }
            }
            "limit_conn" => {
                if let Some(word) = directive.arguments.first() {
                    let message = format!("zero size shared memory zone \"{}\"", word.text);
                    self.zone_uses.push((word.text.clone(), word.span, message));
                }
            }
            "proxy_cache" | "fastcgi_cache" | "uwsgi_cache" | "scgi_cache" => {
                if let Some(word) = directive.arguments.first()
                    && word.is_literal()
                    && word.text != "off"
                {
                    let message = format!("\"{name}\" zone \"{}\" is unknown", word.text);
                    self.zone_uses.push((word.text.clone(), word.span, message));
                }
            }
            _ => {}
        }
    }

    fn upstream(&mut self, name: &Word, context: Context) {
        if !self
            .upstreams
            .insert(format!("{} {}", kind(context), name.text))
        {
            let message = format!("duplicate upstream \"{}\"", name.text);
            self.tell(name, Fault::Duplicate, message);
        }
    }

    fn define_format(&mut self, name: &Word) {
        if name.text == "combined" || !self.formats.insert(name.text.clone()) {
            let message = format!("duplicate \"log_format\" name \"{}\"", name.text);
            self.tell(name, Fault::Duplicate, message);
        }
    }

    fn format(&mut self, directive: &Directive) {
        match (directive.name.text.as_str(), directive.arguments.as_slice()) {
            ("log_format", [name, ..]) => self.define_format(name),
            ("access_log", [path, name, ..])
                if path.text != "off"
                    && name.is_known
                    && name.text != "combined"
                    && !self.formats.contains(&name.text) =>
            {
                let message = format!("unknown log format \"{}\"", name.text);
                self.tell(name, Fault::Missing, message);
            }
            _ => {}
        }
    }

    /// Takes in the variables of a text, and tells of a `$` that begins none.
    fn text(&mut self, word: &Word, context: Context) {
        // What the environment puts into a template may look like a variable of nginx.
        if !word.text.contains('$') || !word.is_known {
            return;
        }
        if let Some(message) = broken_variable(&word.text) {
            self.tell(word, Fault::InvalidValue, message);
            return;
        }
        for name in word.variables() {
            // nginx takes one digit: $10 is $1 and a zero.
            if !name.starts_with(|c: char| c.is_ascii_digit() && c != '0') {
                self.of(context).note_use(name, word.span);
            }
        }
    }

    fn captures(&mut self, pattern: &Word, context: Context) {
        for name in captured(&pattern.text) {
            let name = name.to_ascii_lowercase();
            if table::is_fixed_variable(kind(context), &name) {
                let message = format!("the duplicate \"{name}\" variable");
                self.tell(pattern, Fault::Duplicate, message);
            }
            self.of(context).defined.insert(name);
        }
    }

    fn of(&mut self, context: Context) -> &mut Variables {
        if context.is_stream() {
            &mut self.stream
        } else {
            &mut self.http
        }
    }

    fn tell(&mut self, word: &Word, fault: Fault, message: String) {
        self.problems.push(Problem {
            span: word.span,
            fault,
            message,
        });
    }
}

/// Parameters, few enough as a rule to need no memory of their own.
type Words<'a> = SmallVec<[&'a Word; 4]>;

/// The parameters in which nginx puts variables.
fn with_variables(directive: &Directive) -> impl Iterator<Item = &Word> {
    let arguments = &directive.arguments;
    let of = |range: std::ops::Range<usize>| arguments.get(range).into_iter().flatten();
    let name = directive.name.text.as_str();
    let words: Words<'_> = match name {
        "if" => condition(directive).0.into(),
        "set" | "rewrite" | "auth_request_set" | "perl_set" => of(1..2).collect(),
        "map" | "split_clients" | "limit_req_zone" | "limit_conn_zone" | "access_log" => {
            of(0..1).collect()
        }
        "geo" if arguments.len() == 2 => of(0..1).collect(),
        "return" | "error_page" => arguments.last().into_iter().collect(),
        "add_header" | "add_trailer" => of(1..2).collect(),
        "log_format" => {
            let is_text = |word: &&Word| !word.text.starts_with("escape=");
            arguments.iter().skip(1).filter(is_text).collect()
        }
        _ if name.ends_with("_set_header") || name.ends_with("_param") => of(1..2).collect(),
        _ if EVERY_PARAMETER.contains(&name) => arguments.iter().collect(),
        _ => Words::new(),
    };
    let is_pattern = |word: &&Word| word.text.starts_with('~');
    words.into_iter().filter(move |word| !is_pattern(word))
}

/// The parameter that names a variable to be defined.
pub(super) fn definition(directive: &Directive) -> Option<&Word> {
    match directive.name.text.as_str() {
        "set" | "auth_request_set" | "perl_set" => directive.arguments.first(),
        "map" | "split_clients" => directive.arguments.get(1),
        "geo" => directive.arguments.last(),
        _ => None,
    }
}

/// The parameters that are regular expressions.
fn patterns(directive: &Directive) -> Vec<&Word> {
    let arguments = &directive.arguments;
    match (directive.name.text.as_str(), arguments.as_slice()) {
        ("location", [modifier, name]) if modifier.text.starts_with('~') => vec![name],
        ("location", [name]) if name.text.starts_with('~') => vec![name],
        ("rewrite", [pattern, ..]) | ("fastcgi_split_path_info", [pattern]) => vec![pattern],
        ("server_name", names) => names
            .iter()
            .filter(|one| one.text.starts_with('~'))
            .collect(),
        ("if", _) => condition(directive).1.into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The variable of a condition and what it is compared with; a regular expression apart.
fn condition(directive: &Directive) -> (Vec<&Word>, Option<&Word>) {
    match parts_of_condition(directive).unwrap_or_default().as_slice() {
        [(_, first), (operator, _), (_, last)] if operator.contains('~') => {
            (vec![first], Some(last))
        }
        [(_, first), .., (_, last)] => (vec![first, last], None),
        [(_, only)] => (vec![only], None),
        [] => (Vec::new(), None),
    }
}

/// The names of the groups of a regular expression.
pub(super) fn captured(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split("(?").skip(1).filter_map(|group| {
        let group = group.strip_prefix('P').unwrap_or(group);
        let (name, close) = match group.strip_prefix('<') {
            Some(name) => (name, '>'),
            None => (group.strip_prefix('\'')?, '\''),
        };
        let (name, _) = name.split_once(close)?;
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_name.then_some(name)
    })
}

/// What nginx says of a `$` without a name.
fn broken_variable(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('$') {
        rest = behind;
        let name = behind.strip_prefix('{').unwrap_or(behind);
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return Some(format!("invalid variable name in \"{text}\""));
        }
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        if behind.starts_with('{') && !end.is_some_and(|end| name[end..].starts_with('}')) {
            return Some(format!(
                "the closing bracket in \"{name}\" variable is missing"
            ));
        }
    }
    None
}

fn before_colon(text: &str) -> &str {
    text.split(':').next().unwrap_or(text)
}

fn kind(context: Context) -> &'static str {
    if context.is_stream() {
        "stream"
    } else {
        "http"
    }
}

/// Directives whose parameters all take variables, by nginx's documentation of each.
const EVERY_PARAMETER: [&str; 35] = [
    "alias",
    "auth_basic",
    "auth_basic_user_file",
    "expires",
    "fastcgi_cache_bypass",
    "fastcgi_cache_key",
    "fastcgi_no_cache",
    "fastcgi_pass",
    "grpc_pass",
    "hash",
    "index",
    "limit_rate",
    "limit_rate_after",
    "proxy_cache",
    "proxy_cache_bypass",
    "proxy_cache_key",
    "proxy_cookie_domain",
    "proxy_cookie_path",
    "proxy_method",
    "proxy_no_cache",
    "proxy_pass",
    "proxy_redirect",
    "proxy_set_body",
    "proxy_ssl_name",
    "proxy_store",
    "root",
    "scgi_pass",
    "secure_link",
    "secure_link_md5",
    "sub_filter",
    "try_files",
    "uwsgi_cache_bypass",
    "uwsgi_cache_key",
    "uwsgi_no_cache",
    "uwsgi_pass",
];
