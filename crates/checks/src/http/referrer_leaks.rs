use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{page, shown};

pub(super) static CHECK: Check = Check {
    id: "http/referrer-leaks",
    title: "Other sites learn the whole address of a page",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B6.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://www.w3.org/TR/referrer-policy/"),
        Reference::Django("ref/settings/#secure-referrer-policy"),
        Reference::Cwe(200),
    ],
    doc: include_str!("referrer_leaks.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const NAME: &str = "Referrer-Policy";

/// The values that browsers know (Referrer Policy, section 3).
const KNOWN: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = page(deployment)?;
    let values: Vec<_> = seen
        .answer
        .values(NAME)
        .flat_map(|value| value.split(','))
        .map(|value| value.trim().to_ascii_lowercase())
        .collect();
    // The last one that the browser knows holds (Referrer Policy, section 8.1).
    let holds = values.iter().rfind(|value| KNOWN.contains(&value.as_str()));
    Ok(match holds.map(String::as_str) {
        Some(value @ ("unsafe-url" | "no-referrer-when-downgrade")) => {
            Outcome::Fail(vec![seen.on_header(
                NAME,
                format!(
                    "{value} tells every linked site the whole address of the page, with the tokens \
                     and names in it"
                ),
                "Send `Referrer-Policy: same-origin`, Django's default, or \
                 strict-origin-when-cross-origin.",
            )])
        }
        Some(value) => seen.holds(format!("it is {value}"), NAME),
        None if values.is_empty() => seen.holds(
            "browsers take strict-origin-when-cross-origin where nothing is said",
            NAME,
        ),
        None => seen.holds(
            format!("browsers do not know {:?} and take strict-origin-when-cross-origin", shown(&values.join(", "))),
            NAME,
        ),
    })
}
