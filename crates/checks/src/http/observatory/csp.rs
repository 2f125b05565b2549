//! The test of the content security policy.

use std::collections::{BTreeMap, BTreeSet};

use super::View;

const NAME: &str = "content-security-policy";

/// Sources that let in everybody.
const BROAD: [&str; 8] = [
    "ftp:",
    "http:",
    "https:",
    "*",
    "http://*",
    "http://*.*",
    "https://*",
    "https://*.*",
];

/// Directives that a `<meta>` cannot give.
const HEADERS_ONLY: [&str; 3] = ["frame-ancestors", "report-uri", "sandbox"];

/// Less is no policy: the length of `img-sr`.
const SHORTEST: usize = 6;

type Sources = BTreeSet<String>;

/// The directives of all policies together, each with the sources that all of them allow.
#[derive(Default)]
struct Merged {
    directives: BTreeMap<String, Sources>,
    has_repeated_report: bool,
}

/// Why policies do not count.
struct Invalid;

/// Whether a policy that counts says who may show the page in a frame.
pub(super) fn names_frame_ancestors(view: &View<'_>) -> bool {
    let counts = !result(view).starts_with("csp-not-implemented");
    let merged = merge(&all(view));
    counts && merged.is_ok_and(|merged| merged.directives.contains_key("frame-ancestors"))
}

/// The policies of the header, then those of the page.
fn all(view: &View<'_>) -> Vec<String> {
    let header = view.header(NAME).into_iter();
    let metas = view.policies_in_page().into_iter().map(str::to_owned);
    header.chain(metas).collect()
}

pub(super) fn result(view: &View<'_>) -> &'static str {
    let Ok(merged) = merge(&all(view)) else {
        return "csp-header-invalid";
    };
    let by_header =
        merge(&Vec::from_iter(view.header(NAME))).map_or(0, |merged| merged.directives.len());
    let by_meta = merge(&view.policies_in_page()).map_or(0, |merged| {
        let names = merged.directives.keys();
        names
            .filter(|name| !HEADERS_ONLY.contains(&name.as_str()))
            .count()
    });
    if by_header + by_meta == 0 {
        let reports = view.header("content-security-policy-report-only");
        return match reports {
            Some(value) if !value.is_empty() => "csp-not-implemented-but-reporting-enabled",
            _ => "csp-not-implemented",
        };
    }
    let result = judge(&merged, view.page.is_secure());
    let passes = matches!(
        result,
        "csp-implemented-with-no-unsafe"
            | "csp-implemented-with-no-unsafe-default-src-none"
            | "csp-implemented-with-unsafe-inline-in-style-src-only"
            | "csp-implemented-with-insecure-scheme-in-passive-content-only"
    );
    match passes && merged.has_repeated_report {
        true => "csp-implemented-but-duplicate-directives",
        false => result,
    }
}

fn judge(merged: &Merged, is_secure: bool) -> &'static str {
    let given = |name: &str| merged.directives.get(name);
    let or_default = |name: &str| {
        let sources = given(name).or_else(|| given("default-src"));
        sources
            .cloned()
            .unwrap_or_else(|| Sources::from(["*".to_owned()]))
    };
    let object = or_default("object-src");
    let script = or_default("script-src");
    let mut style = or_default("style-src");
    let is_guarded = guards(&script);
    let mut script = without_inline(script);
    if guards(&style) {
        style = without_inline(style);
    }
    if script.contains("'strict-dynamic'") {
        if !is_guarded {
            return "csp-header-invalid";
        }
        script.retain(|source| {
            !BROAD.iter().any(|start| source.starts_with(start)) && source != "'self'"
        });
    }
    let is_broad = |source: &String| BROAD.contains(&source.as_str());
    let is_inline = |source: &String| source == "'unsafe-inline'" || source == "data:";
    let is_plain =
        |source: &String| is_secure && (source.starts_with("http:") || source.starts_with("ftp:"));
    let is_passive = |name: &str| matches!(name, "img-src" | "media-src");
    let others = merged
        .directives
        .iter()
        .filter(|(name, _)| !is_passive(name) && *name != "script-src");
    let mut active = others.flat_map(|(_, sources)| sources).chain(&script);
    let passive = ["img-src", "media-src"].map(|name| given(name).or_else(|| given("default-src")));
    let mut passive = passive.into_iter().flatten().flatten();
    if script.iter().any(|one| is_broad(one) || is_inline(one)) || object.iter().any(is_broad) {
        "csp-implemented-with-unsafe-inline"
    } else if active.any(is_plain) {
        "csp-implemented-with-insecure-scheme"
    } else if script.contains("'unsafe-eval'") || style.contains("'unsafe-eval'") {
        "csp-implemented-with-unsafe-eval"
    } else if passive.any(is_plain) {
        "csp-implemented-with-insecure-scheme-in-passive-content-only"
    } else if style.iter().any(|one| is_broad(one) || is_inline(one)) {
        "csp-implemented-with-unsafe-inline-in-style-src-only"
    } else if given("default-src").is_some_and(|only| only.len() == 1 && only.contains("'none'")) {
        "csp-implemented-with-no-unsafe-default-src-none"
    } else {
        "csp-implemented-with-no-unsafe"
    }
}

/// Whether a nonce or a hash stands among the sources, beside which browsers pass over
/// `'unsafe-inline'`.
fn guards(sources: &Sources) -> bool {
    let starts = ["'sha256-", "'sha384-", "'sha512-", "'nonce-"];
    sources
        .iter()
        .any(|source| starts.iter().any(|start| source.starts_with(start)))
}

fn without_inline(mut sources: Sources) -> Sources {
    if guards(&sources) {
        sources.remove("'unsafe-inline'");
    }
    sources
}

/// Puts policies together. A directive that one policy gives twice makes them invalid, so that
/// people notice; those of reports are passed over with a note.
fn merge(policies: &[impl AsRef<str>]) -> Result<Merged, Invalid> {
    let mut merged = Merged::default();
    let mut is_first = true;
    for policy in policies {
        let policy = policy.as_ref().replace(['\r', '\n'], "");
        let policy = policy.trim();
        if policy.len() < SHORTEST {
            return Err(Invalid);
        }
        let mut seen = BTreeSet::new();
        for part in policy.split(';') {
            let mut words = part.split_whitespace();
            let Some(name) = words.next() else { continue };
            let name = name.to_lowercase();
            if !seen.insert(name.clone()) {
                match name.as_str() {
                    "report-uri" | "report-to" => merged.has_repeated_report = true,
                    _ => return Err(Invalid),
                }
            }
            let mut sources: Vec<String> = words.map(str::to_lowercase).collect();
            if sources.is_empty() && name.ends_with("-src") {
                sources.push("'none'".to_owned());
            }
            let kept = match is_first {
                true => shortest(sources),
                false => common(merged.directives.get(&name), &sources),
            };
            merged.directives.insert(name, kept);
        }
        is_first = false;
    }
    for sources in merged.directives.values_mut() {
        if sources.is_empty() {
            sources.insert("'none'".to_owned());
        }
    }
    Ok(merged)
}

/// Without sources that another one covers, as it is their beginning.
fn shortest(mut sources: Vec<String>) -> Sources {
    sources.sort();
    let mut kept = Sources::new();
    let mut previous: Option<String> = None;
    for source in sources {
        let is_covered = previous
            .as_ref()
            .is_some_and(|known| source.starts_with(known.as_str()));
        if !is_covered {
            kept.insert(source.clone());
        }
        previous = Some(source);
    }
    kept
}

/// What both policies allow; a directive that only the later one has allows nothing.
fn common(before: Option<&Sources>, sources: &[String]) -> Sources {
    let Some(before) = before else {
        return Sources::new();
    };
    let named = sources.iter().filter(|source| before.contains(*source));
    named.cloned().collect()
}
