use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{answer, http, is_refusal, page, unseen};
use tightship_model::site::http::Purpose;

pub(super) static CHECK: Check = Check {
    id: "http/headers-lost-on-errors",
    title: "Error pages come without the security headers",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["B6.3", "B10.10"],
    django_ids: &[],
    references: &[Reference::Url(
        "https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header",
    )],
    doc: include_str!("headers_lost_on_errors.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Headers that hold for every answer.
const HEADERS: [&str; 3] = [
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let page = page(deployment)?;
    let error = answer(http(deployment)?, Purpose::NotFound)?;
    if is_refusal(error.answer.status) || error.answer.status < 400 {
        return Err(unseen(
            format!(
                "an address that does not exist answers {}",
                error.answer.status
            ),
            "look at the site again when it answers: --url",
        ));
    }
    let lost: Vec<_> = HEADERS
        .into_iter()
        .filter(|name| page.answer.value(name).is_some() && error.answer.value(name).is_none())
        .collect();
    Ok(match lost.is_empty() {
        false => Outcome::Fail(vec![error.finding(
            "not-found",
            format!(
                "what protects the page does not protect its errors: {} is not sent with them",
                lost.join(", ")
            ),
            "Write `always` at the end of each add_header in nginx.",
        )]),
        true if HEADERS
            .into_iter()
            .all(|name| page.answer.value(name).is_none()) =>
        {
            Outcome::NotApplicable("the page comes without them too".to_owned())
        }
        true => error.passes("error pages come with the same headers"),
    })
}
