use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{page, shown};

pub(super) static CHECK: Check = Check {
    id: "http/integrity-missing",
    title: "A script or style from elsewhere may change under the page",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B6.3", "X23"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.w3.org/TR/SRI/"),
        Reference::Cwe(353),
    ],
    doc: include_str!("integrity_missing.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Hosts that serve released versions of libraries, which never change (as their pages say).
const LIBRARIES: [&str; 9] = [
    "cdn.jsdelivr.net",
    "unpkg.com",
    "cdnjs.cloudflare.com",
    "code.jquery.com",
    "ajax.googleapis.com",
    "maxcdn.bootstrapcdn.com",
    "stackpath.bootstrapcdn.com",
    "cdn.datatables.net",
    "ajax.aspnetcdn.com",
];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = page(deployment)?;
    let Some(html) = &seen.answer.content.page else {
        return Err(Outcome::NotApplicable(
            "the answer is no HTML page".to_owned(),
        ));
    };
    let mut findings = Vec::new();
    let mut pinned = 0;
    let scripts = html.scripts.iter().map(|script| Loaded {
        element: "script",
        url: script.url.as_deref(),
        integrity: script.integrity.as_deref(),
        line: script.line,
        gain: "runs scripts in the page",
    });
    let sheets = html.links.iter().filter(|link| is_sheet(&link.rel));
    let sheets = sheets.map(|link| Loaded {
        element: "link",
        url: Some(&link.url),
        integrity: link.integrity.as_deref(),
        line: link.line,
        gain: "lays what it likes over the page and reads on what is typed into it",
    });
    for loaded in scripts.chain(sheets) {
        let Some(url) = loaded.url.filter(|url| is_released(url)) else {
            continue;
        };
        if loaded.integrity.is_some_and(has_hash) {
            pinned += 1;
            continue;
        }
        let Loaded {
            element,
            line,
            gain,
            ..
        } = loaded;
        findings.push(seen.finding(
            &format!("{element} {}", shown(url)),
            format!(
                "whoever takes over that server {gain}: <{element}> in line {line} loads {} without \
                 integrity",
                shown(url)
            ),
            "Add integrity=\"sha384-…\" and crossorigin=\"anonymous\", or serve the file yourself.",
        ));
    }
    Ok(match (findings.is_empty(), pinned) {
        (false, _) => Outcome::Fail(findings),
        (true, 0) => seen.passes("no released library is loaded from elsewhere"),
        (true, _) => seen.passes("each library from elsewhere is pinned by its hash"),
    })
}

/// Something that a page loads and that acts in it.
struct Loaded<'a> {
    element: &'static str,
    url: Option<&'a str>,
    integrity: Option<&'a str>,
    line: usize,
    gain: &'static str,
}

fn is_sheet(rel: &str) -> bool {
    let mut words = rel.split_whitespace();
    words.any(|word| word.eq_ignore_ascii_case("stylesheet"))
}

fn has_hash(integrity: &str) -> bool {
    const HASHES: [&str; 3] = ["sha256-", "sha384-", "sha512-"];
    let mut words = integrity.split_whitespace();
    words.any(|word| HASHES.iter().any(|hash| word.starts_with(hash)))
}

/// A release of a library: its content never changes, so a hash can stand beside it. Scripts that
/// change by design (payment, maps, statistics) cannot have one.
fn is_released(url: &str) -> bool {
    let Some(rest) = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
    else {
        return false;
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    LIBRARIES.contains(&host) && has_whole_version(path)
}

/// `1.2.3` somewhere: `jquery@3` or `latest` moves.
fn has_whole_version(path: &str) -> bool {
    path.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .any(|part| {
            part.trim_matches('.')
                .split('.')
                .filter(|number| !number.is_empty())
                .count()
                >= 3
        })
}
