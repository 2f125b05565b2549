use tightship_model::site::http::Purpose;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::behaviour::{Refuser, all_answered, probed};
use super::look::unseen;

pub(super) static CHECK: Check = Check {
    id: "http/burst-unlimited",
    title: "Requests in a row are not limited",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["A14.3", "B6.4"],
    django_ids: &[],
    references: &[
        Reference::Url("https://nginx.org/en/docs/http/ngx_http_limit_req_module.html"),
        Reference::Url("https://www.django-rest-framework.org/api-guide/throttling/"),
        Reference::Cwe(770),
    ],
    doc: include_str!("burst_unlimited.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// The requests that `--probe rate-limit` sends where none is refused.
const ENOUGH: usize = 30;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let (_, sent) = probed(deployment, Purpose::Burst, "rate-limit")?;
    let answers = all_answered(sent)?;
    let refused = answers
        .iter()
        .find_map(|one| Some((one, Refuser::of(one.answer)?)));
    if let Some((one, by)) = refused {
        let again = one.answer.value("retry-after");
        let again = again.map_or_else(String::new, |seconds| format!(", until {seconds} s later"));
        return Ok(one.passes(format!(
            "within {} requests in a row one is refused by {}{again}",
            answers.len(),
            by.name()
        )));
    }
    let Some(first) = answers.first() else {
        return Err(unseen("nothing was sent", LOOK));
    };
    let odd = answers
        .iter()
        .find(|one| one.answer.status != first.answer.status || one.answer.status >= 400);
    match odd {
        None if answers.len() >= ENOUGH => Ok(Outcome::Fail(vec![first.finding(
            "burst",
            format!(
                "a program reads and tries what it likes as fast as the server can: {} requests in a \
                 row for {} are all answered",
                answers.len(),
                first.exchange.request.url
            ),
            "Limit it with `limit_req` in nginx, and an API with the throttles of Django REST \
             framework as well.",
        )])),
        Some(odd) => Err(unseen(
            format!(
                "{} answers {} in a row of requests",
                odd.exchange.request.url, odd.answer.status
            ),
            LOOK,
        )),
        None => Err(unseen("the row of requests was cut short", LOOK)),
    }
}

const LOOK: &str = "name an address that answers, and ask again with --probe rate-limit";
