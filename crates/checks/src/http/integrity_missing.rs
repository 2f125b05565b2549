use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{page, shown};

pub(super) static CHECK: Check = Check {
    id: "http/integrity-missing",
    title: "A script from elsewhere may change under the page",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B6.3"],
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
    for script in &html.scripts {
        let Some(url) = script.url.as_deref().filter(|url| is_released(url)) else {
            continue;
        };
        let has_hash = script.integrity.as_deref().is_some_and(|hash| {
            hash.split_whitespace().any(|one| {
                ["sha256-", "sha384-", "sha512-"]
                    .iter()
                    .any(|start| one.starts_with(start))
            })
        });
        match has_hash {
            true => pinned += 1,
            false => findings.push(seen.finding(
                &format!("script {}", shown(url)),
                format!(
                    "whoever takes over that server runs scripts in the page: <script> in line {} \
                     loads {} without integrity",
                    script.line,
                    shown(url)
                ),
                "Add integrity=\"sha384-…\" and crossorigin=\"anonymous\", or serve the file yourself.",
            )),
        }
    }
    Ok(match (findings.is_empty(), pinned) {
        (false, _) => Outcome::Fail(findings),
        (true, 0) => seen.passes("no released library is loaded from elsewhere"),
        (true, _) => seen.passes("each library from elsewhere is pinned by its hash"),
    })
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
