use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::csp;
use super::look::{page, shown};

pub(super) static CHECK: Check = Check {
    id: "http/framing-allowed",
    title: "Other sites can show the page in a frame",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["A2.7", "B6.3"],
    django_ids: &[],
    references: &[
        Reference::Rfc(7034, "2.1"),
        Reference::Url("https://www.w3.org/TR/CSP3/#directive-frame-ancestors"),
        Reference::Django("ref/clickjacking/"),
        Reference::Cwe(1021),
    ],
    doc: include_str!("framing_allowed.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const ADVICE: &str = "Keep XFrameOptionsMiddleware with X_FRAME_OPTIONS = \"DENY\", or send a policy \
                      with frame-ancestors.";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let seen = page(deployment)?;
    if seen.answer.content.page.is_none() {
        return Err(Outcome::NotApplicable(
            "the answer is no HTML page".to_owned(),
        ));
    }
    // A policy with frame-ancestors overrides X-Frame-Options (CSP 3, section 6.4.2.2).
    let policies = csp::enforced(seen.answer);
    let ancestors: Vec<_> = policies
        .iter()
        .filter_map(|one| one.get("frame-ancestors"))
        .collect();
    if !ancestors.is_empty() {
        let is_open = |sources: &&Vec<String>| {
            sources
                .iter()
                .any(|one| matches!(one.as_str(), "*" | "http:" | "https:"))
        };
        return Ok(match ancestors.iter().all(is_open) {
            true => Outcome::Fail(vec![seen.on_header(
                "Content-Security-Policy",
                "frame-ancestors lets every site show the page in a frame: visitors click on what \
                 they do not see"
                    .to_owned(),
                ADVICE,
            )]),
            false => seen.holds(
                "frame-ancestors says who may show the page",
                "Content-Security-Policy",
            ),
        });
    }
    let name = "X-Frame-Options";
    let values: Vec<_> = seen
        .answer
        .values(name)
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let is_one = |value: &&&str| {
        value.eq_ignore_ascii_case("deny") || value.eq_ignore_ascii_case("sameorigin")
    };
    Ok(match (values.first(), values.iter().find(is_one)) {
        (_, Some(value)) => seen.holds(format!("{name} is {value}"), name),
        (Some(value), None) => Outcome::Fail(vec![seen.on_header(
            name,
            format!(
                "browsers do not know {:?} and let every site show the page in a frame: visitors \
                 click on what they do not see",
                shown(value)
            ),
            ADVICE,
        )]),
        (None, None) => Outcome::Fail(vec![
            seen.on_header(
                name,
                "every site can show the page in a frame: visitors click on what they do not see"
                    .to_owned(),
                ADVICE,
            ),
        ]),
    })
}
