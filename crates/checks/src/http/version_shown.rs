use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{Answered, http, shown, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/version-shown",
    title: "The site tells the versions of its software",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B6.5", "B10.10"],
    django_ids: &[],
    references: &[Reference::Rfc(9110, "10.2.4"), Reference::Cwe(200)],
    doc: include_str!("version_shown.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Headers that name software.
const HEADERS: [&str; 5] = [
    "Server",
    "X-Powered-By",
    "Via",
    "X-AspNet-Version",
    "X-Generator",
];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let http = http(deployment)?;
    let mut findings: Vec<tightship_model::Finding> = Vec::new();
    let mut first = None;
    for exchange in &http.exchanges {
        let Some(answer) = exchange.answer() else {
            continue;
        };
        let seen = Answered { exchange, answer };
        first = first.or(Some(seen));
        for name in HEADERS {
            for value in answer
                .values(name)
                .filter(|value| names_a_version(name, value))
            {
                let message = format!(
                    "{name} says {:?}: an attacker picks the exploits that fit",
                    shown(value)
                );
                if findings.iter().all(|known| known.message != message) {
                    findings.push(seen.on_header(
                        name,
                        message,
                        "Set `server_tokens off;` in nginx; take the header away where an \
                         application sets it.",
                    ));
                }
            }
        }
    }
    match (findings.is_empty(), first) {
        (false, _) => Ok(Outcome::Fail(findings)),
        (true, Some(seen)) => Ok(seen.holds("no header tells a version", "Server")),
        (true, None) => Err(unseen(
            "the site gave no answer",
            "look at the site again when it answers: --url",
        )),
    }
}

/// A product with its version, `nginx/1.22.1`; in Via the version is that of HTTP, and the product
/// stands in a comment (RFC 9110, sections 7.6.3 and 10.1.5).
fn names_a_version(name: &str, value: &str) -> bool {
    let value = match name {
        "Via" => value.split_once('(').map_or("", |(_, comment)| comment),
        _ => value,
    };
    let after_slash = value
        .split('/')
        .skip(1)
        .any(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    let is_number = name == "X-AspNet-Version" && value.starts_with(|c: char| c.is_ascii_digit());
    after_slash || is_number
}
