//! Which directive may stand where, with how many parameters of which kind.

use std::sync::{LazyLock, OnceLock};

use foldhash::HashMap;

/// A release of nginx.
pub(super) type Release = (u32, u32, u32);

/// Where a directive may stand. The names are those of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    Any,
    Main,
    Events,
    Http,
    Server,
    Location,
    Upstream,
    ServerIf,
    LocationIf,
    LimitExcept,
    Mail,
    MailServer,
    Stream,
    StreamServer,
    StreamUpstream,
    /// A list of pairs: `map`, `types`.
    Pairs,
}

/// One way in which a directive may be used.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) module: &'static str,
    contexts: Vec<Context>,
    counts: Counts,
    pub(super) has_block: bool,
    pub(super) value: Kind,
    since: Option<Release>,
    until: Option<Release>,
}

#[derive(Debug)]
enum Counts {
    AtLeast(usize),
    OneOf(Vec<usize>),
}

/// What the parameters are. nginx takes each of these once in a block, but [`Kind::Any`] and
/// [`Kind::Bits`].
#[derive(Debug)]
pub(super) enum Kind {
    Any,
    Once,
    Flag,
    /// Within these bounds.
    Number(u64, u64),
    /// Bytes, with `k` or `m`.
    Size,
    /// Bytes, with `k`, `m` or `g`.
    Offset,
    Milliseconds,
    Seconds,
    /// A number and a size.
    Buffers,
    Enum(Vec<&'static str>),
    /// Any of these words.
    Bits(Vec<&'static str>),
}

/// Reads the tables, so that whoever asks for them need not wait.
pub(crate) fn prepare() {
    LazyLock::force(&DIRECTIVES);
    LazyLock::force(&VARIABLES);
}

/// The rows of a directive; none where no module of nginx's own has it.
pub(super) fn rows(name: &str) -> &'static [Row] {
    DIRECTIVES
        .get(name)
        .map_or(&[], |lines| lines.rows.get_or_init(|| lines.read()))
}

/// Whether nginx itself defines a variable, `kind` being `http` or `stream`.
pub(super) fn is_variable(kind: &str, name: &str) -> bool {
    let families = name.match_indices('_').map(|(at, _)| &name[..=at]);
    families
        .chain([name])
        .any(|name| VARIABLES.contains_key(&(kind, name)))
}

/// Whether nginx itself defines a variable that a configuration may not define again.
pub(super) fn is_fixed_variable(kind: &str, name: &str) -> bool {
    VARIABLES.get(&(kind, name)) == Some(&false) && !name.ends_with('_')
}

/// The module that brings a directive which nginx's own modules do not have.
pub(super) fn foreign_module(name: &str) -> Option<&'static str> {
    if name.contains("_by_lua") {
        return Some("lua");
    }
    let is_family = |(start, _): &&(&str, &str)| match start.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *start,
    };
    FOREIGN.iter().find(is_family).map(|(_, module)| *module)
}

/// Modules of nginx's source that packages build as a file of their own, to be loaded first.
pub(super) fn is_loaded_apart(module: &str) -> bool {
    const APART: [&str; 5] = [
        "http_geoip",
        "stream_geoip",
        "http_image_filter",
        "http_xslt_filter",
        "http_perl",
    ];
    APART.contains(&module)
}

impl Context {
    pub(super) fn name(self) -> &'static str {
        let name = CONTEXTS.iter().find(|(_, context)| *context == self);
        name.map_or("a list of pairs", |(name, _)| name)
    }

    pub(super) fn is_http(self) -> bool {
        use Context::{Http, LimitExcept, Location, LocationIf, Server, ServerIf, Upstream};
        matches!(
            self,
            Http | Server | Location | Upstream | ServerIf | LocationIf | LimitExcept
        )
    }

    pub(super) fn is_stream(self) -> bool {
        matches!(
            self,
            Self::Stream | Self::StreamServer | Self::StreamUpstream
        )
    }

    /// What stands in the block of a directive that stands here.
    pub(super) fn inside(self, directive: &str) -> Self {
        match (self, directive) {
            (Self::Main, "events") => Self::Events,
            (Self::Main, "http") => Self::Http,
            (Self::Main, "mail") => Self::Mail,
            (Self::Main, "stream") => Self::Stream,
            (Self::Http, "server") => Self::Server,
            (Self::Http, "upstream") => Self::Upstream,
            (Self::Mail, "server") => Self::MailServer,
            (Self::Stream, "server") => Self::StreamServer,
            (Self::Stream, "upstream") => Self::StreamUpstream,
            (_, "location") => Self::Location,
            (Self::Server | Self::ServerIf, "if") => Self::ServerIf,
            (_, "if") => Self::LocationIf,
            (_, "limit_except") => Self::LimitExcept,
            _ => Self::Pairs,
        }
    }
}

impl Row {
    pub(super) fn stands_in(&self, context: Context) -> bool {
        self.contexts.contains(&context) || self.contexts.contains(&Context::Any)
    }

    pub(super) fn takes(&self, count: usize) -> bool {
        match &self.counts {
            Counts::AtLeast(least) => count >= *least,
            Counts::OneOf(counts) => counts.contains(&count),
        }
    }

    /// Whether the release has it; where it is not known, whether any release of the last years has.
    pub(super) fn is_in(&self, release: Option<Release>) -> bool {
        let release = release.unwrap_or(self.since.unwrap_or(OLDEST).max(OLDEST));
        self.since.is_none_or(|since| release >= since)
            && self.until.is_none_or(|until| release < until)
    }

    /// Whether nginx refuses a second one in the same block.
    pub(super) fn is_once(&self) -> bool {
        !matches!(self.value, Kind::Any | Kind::Bits(_))
    }

    /// From a line of the table, behind the name.
    fn parse(line: &'static str) -> Option<Self> {
        let mut fields = line.split('\t');
        let module = fields.next()?;
        let contexts = fields.next()?.split(',').filter_map(context).collect();
        let counts = fields.next()?;
        let has_block = counts.ends_with('{');
        let counts = counts.trim_end_matches(['{', ' ']);
        let counts = match counts.strip_suffix('+') {
            Some(least) => Counts::AtLeast(least.parse().ok()?),
            None => Counts::OneOf(counts.split(',').filter_map(|n| n.parse().ok()).collect()),
        };
        let value = kind(fields.next()?);
        Some(Self {
            module,
            contexts,
            counts,
            has_block,
            value,
            since: fields.next().and_then(release),
            until: fields.next().and_then(release),
        })
    }
}

fn context(name: &str) -> Option<Context> {
    let found = CONTEXTS.iter().find(|(known, _)| *known == name);
    found.map(|(_, context)| *context)
}

fn kind(text: &'static str) -> Kind {
    let (kind, words) = text.split_once(':').unwrap_or((text, ""));
    let bounds = words
        .split_once("..")
        .and_then(|(least, most)| Some((least.parse().ok()?, most.parse().unwrap_or(u64::MAX))));
    let words = || words.split('|').collect();
    match kind {
        "once" => Kind::Once,
        "flag" => Kind::Flag,
        "num" => bounds.map_or(Kind::Number(0, i64::MAX as u64), |(least, most)| {
            Kind::Number(least, most)
        }),
        "size" => Kind::Size,
        "off" => Kind::Offset,
        "msec" => Kind::Milliseconds,
        "sec" => Kind::Seconds,
        "bufs" => Kind::Buffers,
        "enum" => Kind::Enum(words()),
        "bits" => Kind::Bits(words()),
        _ => Kind::Any,
    }
}

fn release(text: &str) -> Option<Release> {
    let mut numbers = text.split('.').map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some((next()?, next()?, next()?))
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// The lines of a directive. A configuration has a few dozen of eight hundred: each is read when it is
/// asked for.
#[derive(Default)]
struct Lines {
    /// Behind the name.
    lines: Vec<&'static str>,
    rows: OnceLock<Vec<Row>>,
}

impl Lines {
    fn read(&self) -> Vec<Row> {
        let lines = self.lines.iter();
        lines.filter_map(|line| Row::parse(line)).collect()
    }
}

static DIRECTIVES: LazyLock<HashMap<&str, Lines>> = LazyLock::new(|| {
    let mut directives: HashMap<_, Lines> = HashMap::default();
    for (name, rest) in
        lines(include_str!("directives.tsv")).filter_map(|line| line.split_once('\t'))
    {
        directives.entry(name).or_default().lines.push(rest);
    }
    directives
});

/// By module type and name: whether a configuration may define it again.
static VARIABLES: LazyLock<HashMap<(&str, &str), bool>> = LazyLock::new(|| {
    lines(include_str!("variables.tsv"))
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some(((fields.next()?, fields.next()?), fields.next().is_some()))
        })
        .collect()
});

/// The release that stands for one that is not known, of what is older.
const OLDEST: Release = (1, 18, 0);

const CONTEXTS: [(&str, Context); 15] = [
    ("any", Context::Any),
    ("main", Context::Main),
    ("events", Context::Events),
    ("http", Context::Http),
    ("server", Context::Server),
    ("location", Context::Location),
    ("upstream", Context::Upstream),
    ("server-if", Context::ServerIf),
    ("location-if", Context::LocationIf),
    ("limit_except", Context::LimitExcept),
    ("mail", Context::Mail),
    ("mail-server", Context::MailServer),
    ("stream", Context::Stream),
    ("stream-server", Context::StreamServer),
    ("stream-upstream", Context::StreamUpstream),
];

/// Directives of modules that other projects make, by the documents of those modules. A `*` ends
/// the common beginning of a family.
const FOREIGN: [(&str, &str); 29] = [
    ("more_*", "headers-more"),
    ("brotli*", "brotli"),
    ("zstd*", "zstd"),
    ("js_*", "njs"),
    ("lua_*", "lua"),
    ("modsecurity*", "ModSecurity"),
    ("pagespeed", "PageSpeed"),
    ("geoip2*", "geoip2"),
    ("vhost_traffic_status*", "vhost-traffic-status"),
    ("echo*", "echo"),
    ("set_*", "set-misc"),
    ("fancyindex*", "fancyindex"),
    ("upload_*", "upload"),
    ("passenger_*", "Passenger"),
    ("rtmp*", "rtmp"),
    ("proxy_cache_purge", "cache-purge"),
    ("subs_filter*", "substitutions"),
    ("cookie_flag", "cookie-flag"),
    ("auth_pam*", "auth-pam"),
    ("auth_ldap*", "auth-ldap"),
    ("auth_jwt*", "auth-jwt"),
    ("dav_ext_*", "dav-ext"),
    ("push_stream_*", "push-stream"),
    ("nchan_*", "nchan"),
    ("opentracing*", "opentracing"),
    ("otel_*", "otel"),
    ("naxsi*", "naxsi"),
    ("SecRules*", "naxsi"),
    ("acme_*", "acme"),
];
