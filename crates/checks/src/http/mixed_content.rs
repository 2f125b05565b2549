use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::csp;
use super::look::{Answered, http, shown, unseen};
use tightship_model::site::http::Purpose;
use tightship_model::site::page::Page;

pub(super) static CHECK: Check = Check {
    id: "http/mixed-content",
    title: "A page loads or sends something over plain HTTP",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B3.4", "B17.1"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.w3.org/TR/mixed-content/"),
        Reference::Cwe(319),
    ],
    doc: include_str!("mixed_content.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const ADVICE: &str = "Write https:// addresses, or paths alone.";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let mut findings: Vec<tightship_model::Finding> = Vec::new();
    let mut evidence = Vec::new();
    let mut is_plain = false;
    for purpose in [
        Purpose::Page,
        Purpose::Login,
        Purpose::Admin,
        Purpose::NotFound,
    ] {
        for exchange in http.all(purpose) {
            let Some(answer) = exchange.answer() else {
                continue;
            };
            let Some(page) = &answer.content.page else {
                continue;
            };
            if !exchange.is_secure() {
                is_plain = true;
                continue;
            }
            let seen = Answered { exchange, answer };
            let upgraded = csp::enforced(answer)
                .iter()
                .any(|policy| policy.has("upgrade-insecure-requests"));
            let mut found = insecure(page);
            found.retain(|one| !(upgraded && one.is_loaded));
            if found.is_empty() {
                evidence.push(seen.evidence("everything comes over HTTPS"));
            }
            for one in found {
                let finding = told(&seen, &one);
                if findings
                    .iter()
                    .all(|known| known.subject != finding.subject)
                {
                    findings.push(finding);
                }
            }
        }
    }
    match (findings.is_empty(), evidence.is_empty()) {
        (false, _) => Ok(Outcome::Fail(findings)),
        (true, false) => Ok(Outcome::Pass(evidence)),
        (true, true) if is_plain => Err(Outcome::NotApplicable(
            "the page itself comes over plain HTTP".to_owned(),
        )),
        (true, true) => Err(unseen(
            "no HTML page was seen over HTTPS",
            "name a page with --url",
        )),
    }
}

struct Insecure<'a> {
    what: &'a str,
    url: &'a str,
    line: usize,
    loss: &'static str,
    severity: Severity,
    is_loaded: bool,
}

const BLOCKED: &str = "browsers refuse to load it and the page is broken; older ones run what whoever \
                       sits on the way makes of it";

const SEEN: &str =
    "whoever sits on the way sees what is looked at and changes it, or browsers do not show it";

/// What a page asks for over plain HTTP. Loopback counts as secure (Mixed Content, section 4.2;
/// Secure Contexts, section 3.1).
fn insecure(page: &Page) -> Vec<Insecure<'_>> {
    let mut found = Vec::new();
    let mut add = |what, url, line, loss, severity, is_loaded| {
        if is_plain(url) {
            found.push(Insecure {
                what,
                url,
                line,
                loss,
                severity,
                is_loaded,
            });
        }
    };
    for script in &page.scripts {
        let url = script.url.as_deref().unwrap_or_default();
        add("script", url, script.line, BLOCKED, Severity::High, true);
    }
    for link in &page.links {
        if link.rel.split_whitespace().any(|rel| LOADED.contains(&rel)) {
            add("link", &link.url, link.line, BLOCKED, Severity::High, true);
        } else if link.rel.split_whitespace().any(|rel| ICONS.contains(&rel)) {
            add("link", &link.url, link.line, SEEN, Severity::Low, true);
        }
    }
    for resource in &page.resources {
        let element = resource.element.as_str();
        match element {
            "iframe" | "frame" | "embed" | "object" => {
                add(
                    element,
                    &resource.url,
                    resource.line,
                    BLOCKED,
                    Severity::High,
                    true,
                );
            }
            _ => {
                let url = &resource.url;
                add(element, url, resource.line, SEEN, Severity::Low, true);
            }
        }
    }
    for form in &page.forms {
        add(
            "form",
            &form.action,
            form.line,
            "whoever sits on the way reads and changes what visitors send",
            Severity::High,
            false,
        );
    }
    found
}

/// Links that a browser follows by itself and acts upon.
const LOADED: [&str; 4] = ["stylesheet", "preload", "modulepreload", "manifest"];

/// Links to pictures that a browser shows beside the page (HTML, section 4.6.7.8).
const ICONS: [&str; 2] = ["icon", "apple-touch-icon"];

fn is_plain(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    let is_local = host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || host == "[";
    !is_local
}

fn told(seen: &Answered<'_>, one: &Insecure<'_>) -> tightship_model::Finding {
    let mut finding = seen.finding(
        &format!("{} {}", one.what, shown(one.url)),
        format!(
            "<{}> in line {} names {}: {}",
            one.what,
            one.line,
            shown(one.url),
            one.loss
        ),
        ADVICE,
    );
    finding.severity = Some(one.severity);
    finding
}
