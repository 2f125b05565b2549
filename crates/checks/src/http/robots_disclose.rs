use std::collections::BTreeSet;

use tightship_model::site::http::{Mark, Purpose};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity, View};

use super::look::{answer, http, is_refusal, shown, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/robots-disclose",
    title: "robots.txt tells where the secrets are",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["X24"],
    django_ids: &[],
    references: &[
        Reference::Url("https://infosec.mozilla.org/guidelines/web_security#robotstxt"),
        Reference::Rfc(9309, "3"),
        Reference::Cwe(200),
    ],
    doc: include_str!("robots_disclose.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Folders that no visitor is meant to find. What everybody tries first (`admin`, `api`) or finds by a
/// link (`cart`, `search`, `downloads`) gives nothing away.
const HIDDEN: [&str; 24] = [
    ".env",
    ".git",
    ".hg",
    ".svn",
    "adminer",
    "backup",
    "backups",
    "confidential",
    "dump",
    "dumps",
    "flower",
    "grafana",
    "hidden",
    "internal",
    "intranet",
    "jenkins",
    "kibana",
    "pgadmin",
    "phpmyadmin",
    "private",
    "secret",
    "secrets",
    "staging",
    "testing",
];

/// Ends of files that hold data and no pages.
const ENDS: [&str; 6] = [".bak", ".dump", ".env", ".log", ".sql", ".sqlite3"];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = answer(http(deployment)?, Purpose::Robots)?;
    let status = seen.answer.status;
    if is_refusal(status) || seen.answer.is_redirect() {
        let reason = format!("{} answers {status}", seen.exchange.request.url);
        return Err(unseen(reason, super::look::LOOK_AGAIN));
    }
    let mut marks = seen.answer.content.marks.iter();
    let Some(paths) = marks.find_map(|mark| match mark {
        Mark::Disallowed(paths) if seen.answer.is_success() => Some(paths),
        _ => None,
    }) else {
        return Err(Outcome::NotApplicable(
            "the site has no robots.txt".to_owned(),
        ));
    };
    let admins = hidden_admins(deployment);
    let told: Vec<_> = paths.iter().filter(|path| tells(path, &admins)).collect();
    Ok(match told[..] {
        [] => seen.passes(match paths.len() {
            0 => "robots.txt names no path".to_owned(),
            1 => "the path in robots.txt is no secret".to_owned(),
            all => format!("none of the {all} paths in robots.txt is a secret"),
        }),
        _ => {
            let names: Vec<_> = told.iter().take(4).map(|path| shown(path)).collect();
            Outcome::Fail(vec![seen.finding(
                "robots.txt",
                format!(
                    "whoever looks for what is hidden reads it here first: robots.txt names {}",
                    names.join(", ")
                ),
                "Leave it out of robots.txt, and let a login or the proxy keep strangers away; \
                 `X-Robots-Tag: noindex` on the answers keeps it out of search engines.",
            )])
        }
    })
}

/// Whether a path names something that nobody would have looked for. Patterns name no path.
fn tells(path: &str, admins: &BTreeSet<String>) -> bool {
    let path = path.trim_end_matches(['$', '*']).to_ascii_lowercase();
    if path.contains(['*', '?']) {
        return false;
    }
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    parts.any(|part| HIDDEN.contains(&part) || ENDS.iter().any(|end| part.ends_with(end)))
        || admins.contains(path.trim_matches('/'))
}

/// Where the administrators' pages are, where that is not the path that everybody tries.
fn hidden_admins(deployment: &Deployment) -> BTreeSet<String> {
    let routes = deployment.routes.iter().flat_map(|routes| &routes.routes);
    routes
        .filter(|route| route.view == View::Admin)
        .filter_map(|route| route.path())
        .map(|path| path.trim_matches('/').to_ascii_lowercase())
        .filter(|path| !path.is_empty() && path != "admin")
        .collect()
}
