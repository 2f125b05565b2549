use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::page;

pub(super) static CHECK: Check = Check {
    id: "http/sniffing-allowed",
    title: "Browsers may guess the type of what the site sends",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B6.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://fetch.spec.whatwg.org/#x-content-type-options-header"),
        Reference::Django("ref/settings/#secure-content-type-nosniff"),
        Reference::Cwe(430),
    ],
    doc: include_str!("sniffing_allowed.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const NAME: &str = "X-Content-Type-Options";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = page(deployment)?;
    // Browsers read the first of all values, whatever the header it stands in.
    let first = seen
        .answer
        .value(NAME)
        .and_then(|value| value.split(',').next());
    Ok(match first.map(str::trim) {
        Some(value) if value.eq_ignore_ascii_case("nosniff") => seen.holds("it is nosniff", NAME),
        _ => Outcome::Fail(vec![seen.on_header(
            NAME,
            "an upload that looks like a script or a page runs as one: nothing keeps browsers from \
             guessing types"
                .to_owned(),
            "Leave SECURE_CONTENT_TYPE_NOSNIFF on, or `add_header X-Content-Type-Options nosniff \
             always;` in nginx.",
        )]),
    })
}
