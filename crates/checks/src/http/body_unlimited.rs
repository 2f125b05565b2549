use tightship_model::site::http::{Mark, Purpose};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::behaviour::{all_answered, is_page_of_nginx, probed};
use super::look::unseen;

pub(super) static CHECK: Check = Check {
    id: "http/body-unlimited",
    title: "The site takes bodies of any size",
    severity: Severity::Medium,
    needs: &[Need::Site],
    items: &["B6.8"],
    django_ids: &[],
    references: &[
        Reference::Url(
            "https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size",
        ),
        Reference::Rfc(9110, "10.1.1"),
        Reference::Cwe(770),
    ],
    doc: include_str!("body_unlimited.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Equal observations that the verdict stands on.
const ENOUGH: usize = 3;

/// The server asks for the body (RFC 9110, section 15.2.1).
const CONTINUE: u16 = 100;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let (_, sent) = probed(deployment, Purpose::BodyAnnounced, "body-limit")?;
    let answers = all_answered(sent)?;
    let Some(last) = answers.last() else {
        return Err(unseen("nothing was announced", LOOK));
    };
    let announced = last.exchange.request.headers.iter();
    let mut announced = announced.filter(|header| header.name == "Content-Length");
    let bytes = announced.next().map_or("", |header| header.value.as_str());
    match last.answer.status {
        CONTINUE if answers.len() >= ENOUGH => Ok(Outcome::Fail(vec![last.finding(
            "body",
            format!(
                "whoever likes fills memory or disk: {} asks three times for a body that is \
                 announced with {bytes} bytes",
                last.exchange.request.url
            ),
            "Set `client_max_body_size` in nginx to what the largest form needs, and larger only in \
             the locations of uploads.",
        )])),
        413 => {
            let who = if is_page_of_nginx(last.answer) { "nginx" } else { "the server" };
            Ok(last.passes(format!("{who} refuses a body of {bytes} bytes before it is sent")))
        }
        400 if last.answer.content.marks.contains(&Mark::DjangoPlain) => Ok(last.passes(format!(
            "Django refuses a body of {bytes} bytes before it is sent"
        ))),
        status => Err(unseen(
            format!("a body of {bytes} bytes that is announced is answered {status}"),
            LOOK,
        )),
    }
}

const LOOK: &str = "look at client_max_body_size in nginx's files: `tightship check PATH`";
