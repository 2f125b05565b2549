//! What Google's csp_evaluator (npm, version 1.1.8) finds in a policy: the same flaws, by the same
//! numbers, for browsers that know CSP 3.
//!
//! Hand-written because csp_evaluator is JavaScript. It states flaws; which of them a site is accused
//! of is decided by the checks.

use std::collections::HashSet;

use super::hosts::{self, Bypass};
use super::{Policy, words};

/// Something about a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flaw {
    pub kind: Kind,
    pub weight: Weight,
    pub directive: String,
    /// The word that it is about; `None` where it is about the directive as a whole.
    pub source: Option<String>,
}

/// What a flaw is; the number is csp_evaluator's `Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    MissingSemicolon = 100,
    UnknownDirective = 101,
    InvalidKeyword = 102,
    NonceCharset = 106,
    MissingDirective = 300,
    UnsafeInline = 301,
    UnsafeEval = 302,
    PlainScheme = 303,
    PlainWildcard = 304,
    ScriptBypass = 305,
    ObjectBypass = 306,
    NonceShort = 307,
    IpSource = 308,
    DeprecatedDirective = 309,
    PlainHttp = 310,
    UnsafeHashes = 317,
    NotStrict = 400,
    StrictAlone = 401,
    NoInlineFallback = 403,
    NoAllowlistFallback = 404,
    Ignored = 405,
    NoTrustedTypes = 500,
    NoReports = 600,
    ReportToOnly = 601,
}

/// How much a flaw weighs; the number is csp_evaluator's `Severity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    High = 10,
    Syntax = 20,
    Medium = 30,
    Strict = 45,
    MediumMaybe = 50,
    Info = 60,
    None = 100,
}

const SCRIPTS: [&str; 3] = ["script-src", "script-src-attr", "script-src-elem"];

/// All flaws of a policy, each once.
pub fn evaluate(policy: &str) -> Vec<Flaw> {
    flaws(&Policy::parse(policy))
}

pub(in crate::http) fn flaws(policy: &Policy) -> Vec<Flaw> {
    let given = normal(policy);
    let mut found = Found::default();
    let policy = effective(&given, &mut found);
    scripts(&policy, &mut found);
    everywhere(&policy, &mut found);
    missing(&policy, &mut found);
    script_bypasses(&policy, &mut found);
    object_bypasses(&policy, &mut found);
    for (directive, sources) in &policy.directives {
        one_directive(directive, sources, &mut found);
    }
    strictness(&given, &mut found);
    reports(&given, &mut found);
    found.0.sort();
    found.0.dedup();
    found.0
}

#[derive(Default)]
struct Found(Vec<Flaw>);

impl Found {
    fn whole(&mut self, kind: Kind, weight: Weight, directive: &str) {
        self.0.push(Flaw {
            kind,
            weight,
            directive: directive.to_owned(),
            source: None,
        });
    }

    fn source(&mut self, kind: Kind, weight: Weight, directive: &str, source: &str) {
        self.0.push(Flaw {
            kind,
            weight,
            directive: directive.to_owned(),
            source: Some(source.to_owned()),
        });
    }
}

/// Keywords and schemes in small letters, each source once.
fn normal(policy: &Policy) -> Policy {
    let directives = policy.directives.iter().map(|(name, sources)| {
        let mut known = HashSet::new();
        let sources = sources.iter().map(|source| {
            let small = source.to_ascii_lowercase();
            match words::is_keyword(&small) || words::is_scheme(source) {
                true => small,
                false => source.clone(),
            }
        });
        let sources = sources.filter(|source| known.insert(source.clone()));
        (name.clone(), sources.collect())
    });
    Policy {
        directives: directives.collect(),
    }
}

/// The policy as browsers with CSP 3 act upon it: `'unsafe-inline'` is passed over beside a nonce or
/// a hash, lists beside `'strict-dynamic'` (section 6.7.3.3).
fn effective(given: &Policy, found: &mut Found) -> Policy {
    let mut policy = given.clone();
    for name in SCRIPTS {
        let directive = given.deciding(name);
        let Some(sources) = given.get(directive) else {
            continue;
        };
        let is_guarded = sources.iter().any(|one| guards(one));
        let is_strict = has(sources, "'strict-dynamic'");
        let is_ignored = |source: &str| {
            (source == "'unsafe-inline'" && (is_guarded || is_strict))
                || (is_strict && (!source.starts_with('\'') || source == "'self'"))
        };
        for source in sources.iter().filter(|source| is_ignored(source)) {
            found.source(Kind::Ignored, Weight::None, directive, source);
        }
        for (known, sources) in &mut policy.directives {
            if known == directive {
                sources.retain(|source| !is_ignored(source));
            }
        }
    }
    policy
}

fn guards(source: &str) -> bool {
    words::is_nonce(source) || words::is_hash(source)
}

fn has(sources: &[String], wanted: &str) -> bool {
    sources.iter().any(|source| source == wanted)
}

/// The sources that decide about `name`, with the directive that gives them.
fn deciding<'p>(policy: &'p Policy, name: &'static str) -> (&'static str, &'p [String]) {
    let directive = policy.deciding(name);
    let sources = policy.get(directive).map_or(&[][..], Vec::as_slice);
    (directive, sources)
}

fn scripts(policy: &Policy, found: &mut Found) {
    const UNSAFE: [(&str, Kind, Weight); 3] = [
        ("'unsafe-inline'", Kind::UnsafeInline, Weight::High),
        ("'unsafe-hashes'", Kind::UnsafeHashes, Weight::MediumMaybe),
        ("'unsafe-eval'", Kind::UnsafeEval, Weight::MediumMaybe),
    ];
    for name in SCRIPTS {
        let (directive, sources) = deciding(policy, name);
        for (source, kind, weight) in UNSAFE {
            if has(sources, source) {
                found.source(kind, weight, directive, source);
            }
        }
    }
}

/// Sources that let in everybody.
fn everywhere(policy: &Policy, found: &mut Found) {
    for name in SCRIPTS.into_iter().chain(["object-src", "base-uri"]) {
        let (directive, sources) = deciding(policy, name);
        for source in sources {
            if matches!(source.as_str(), "data:" | "http:" | "https:") {
                found.source(Kind::PlainScheme, Weight::High, directive, source);
            }
            if hosts::without_scheme(source) == "*" {
                found.source(Kind::PlainWildcard, Weight::High, directive, source);
            }
        }
    }
}

fn missing(policy: &Policy, found: &mut Found) {
    let objects = policy.get("object-src").or(policy.get("default-src"));
    if objects.is_none_or(Vec::is_empty) {
        found.whole(Kind::MissingDirective, Weight::High, "object-src");
    }
    if !policy.limits_scripts() {
        found.whole(Kind::MissingDirective, Weight::High, "script-src");
    }
    let (_, scripts) = deciding(policy, "script-src");
    let needs_base = scripts.iter().any(|one| words::is_nonce(one))
        || (scripts.iter().any(|one| words::is_hash(one)) && has(scripts, "'strict-dynamic'"));
    if needs_base && !policy.has("base-uri") {
        found.whole(Kind::MissingDirective, Weight::High, "base-uri");
    }
}

fn script_bypasses(policy: &Policy, found: &mut Found) {
    for name in ["script-src", "script-src-elem"] {
        let (directive, sources) = deciding(policy, name);
        if has(sources, "'none'") {
            continue;
        }
        for source in sources {
            let is_host =
                !source.starts_with('\'') && !words::is_scheme(source) && source.contains('.');
            if !is_host && source != "'self'" {
                continue;
            }
            let weight = match known_bypass(source, sources) {
                Some(_) if is_host => Weight::High,
                _ => Weight::MediumMaybe,
            };
            found.source(Kind::ScriptBypass, weight, directive, source);
        }
    }
}

/// A host that a source lets in and that is known to run scripts of whoever asks.
pub(in crate::http) fn known_bypass(source: &str, beside: &[String]) -> Option<&'static str> {
    let jsonp = hosts::bypass(source, &[Bypass::Jsonp, Bypass::JsonpWithEval])
        .filter(|known| !known.needs_eval() || has(beside, "'unsafe-eval'"));
    let known = jsonp.or_else(|| hosts::bypass(source, &[Bypass::Angular]))?;
    Some(known.host())
}

fn object_bypasses(policy: &Policy, found: &mut Found) {
    let plugins = policy.get("plugin-types");
    if plugins.is_some_and(|types| !has(types, "application/x-shockwave-flash")) {
        return;
    }
    let (directive, sources) = deciding(policy, "object-src");
    if has(sources, "'none'") {
        return;
    }
    for source in sources {
        let weight = match hosts::bypass(source, &[Bypass::Flash]) {
            Some(_) => Weight::High,
            None if directive == "object-src" => Weight::MediumMaybe,
            None => continue,
        };
        found.source(Kind::ObjectBypass, weight, directive, source);
    }
}

/// What is looked at in each directive, whatever it is about.
fn one_directive(directive: &str, sources: &[String], found: &mut Found) {
    /// Fewer characters of a nonce can be guessed.
    const SHORTEST_NONCE: usize = 8;
    if matches!(
        directive,
        "reflected-xss" | "referrer" | "disown-opener" | "prefetch-src"
    ) {
        found.whole(Kind::DeprecatedDirective, Weight::Info, directive);
    }
    if !words::is_directive(directive) {
        found.whole(Kind::UnknownDirective, Weight::Syntax, directive);
    }
    for source in sources {
        if hosts::ip_address(source) {
            found.source(Kind::IpSource, Weight::Info, directive, source);
        }
        if let Some(nonce) = words::nonce(source) {
            if nonce.encode_utf16().count() < SHORTEST_NONCE {
                found.source(Kind::NonceShort, Weight::Medium, directive, source);
            }
            if !words::is_nonce(source) {
                found.source(Kind::NonceCharset, Weight::Info, directive, source);
            }
        }
        if source.starts_with("http://") {
            found.source(Kind::PlainHttp, Weight::Medium, directive, source);
        }
        if words::is_directive(source) {
            found.source(Kind::MissingSemicolon, Weight::Syntax, directive, source);
        }
        if words::lacks_ticks(source) || (source.starts_with('\'') && !fits(directive, source)) {
            found.source(Kind::InvalidKeyword, Weight::Syntax, directive, source);
        }
    }
}

/// Whether a word in ticks is one that the directive knows.
fn fits(directive: &str, source: &str) -> bool {
    match directive {
        "require-trusted-types-for" => source == "'script'",
        "trusted-types" => matches!(source, "'allow-duplicates'" | "'none'"),
        _ => words::is_keyword(source) || guards(source),
    }
}

fn strictness(policy: &Policy, found: &mut Found) {
    let (directive, sources) = deciding(policy, "script-src");
    let is_strict = has(sources, "'strict-dynamic'");
    let is_guarded = sources.iter().any(|one| guards(one));
    if !is_strict && sources.iter().any(|one| !one.starts_with('\'')) {
        found.whole(Kind::NotStrict, Weight::Strict, directive);
    }
    if is_strict && !is_guarded {
        found.whole(Kind::StrictAlone, Weight::Info, directive);
    }
    if is_guarded && !has(sources, "'unsafe-inline'") {
        found.whole(Kind::NoInlineFallback, Weight::Strict, directive);
    }
    let is_fallback =
        |one: &String| matches!(one.as_str(), "http:" | "https:" | "*") || one.contains('.');
    if is_strict && !sources.iter().any(is_fallback) {
        found.whole(Kind::NoAllowlistFallback, Weight::Strict, directive);
    }
    let (directive, sources) = deciding(policy, "require-trusted-types-for");
    if !has(sources, "'script'") {
        found.whole(Kind::NoTrustedTypes, Weight::Info, directive);
    }
}

fn reports(policy: &Policy, found: &mut Found) {
    let given = |name| policy.get(name).is_some_and(|sources| !sources.is_empty());
    match (given("report-uri"), given("report-to")) {
        (true, _) => {}
        (false, true) => found.whole(Kind::ReportToOnly, Weight::Info, "report-to"),
        (false, false) => found.whole(Kind::NoReports, Weight::Info, "report-uri"),
    }
}
