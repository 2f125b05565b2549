use tightship_model::site::http::{Mark, Purpose};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{LOOK_AGAIN, answer, http, is_refusal, page, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/error-page-bare",
    title: "Errors are answered by a server's own page",
    severity: Severity::Low,
    needs: &[Need::Site],
    items: &["X7"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/deployment/checklist/#customize-the-default-error-views"),
        Reference::Cwe(756),
    ],
    doc: include_str!("error_page_bare.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    page(deployment)?;
    let seen = answer(http(deployment)?, Purpose::NotFound)?;
    let status = seen.answer.status;
    if is_refusal(status) {
        let reason = format!("a page that does not exist answers {status}");
        return Err(unseen(reason, LOOK_AGAIN));
    }
    let whose = seen
        .answer
        .content
        .marks
        .iter()
        .find_map(|mark| match mark {
            Mark::DjangoPlain => Some("Django"),
            Mark::NginxPage => Some("nginx"),
            _ => None,
        });
    match (whose, status) {
        (Some(whose), 400..) => Ok(Outcome::Fail(vec![seen.finding(
            "not-found",
            format!(
                "a wrong address ends on {whose}'s bare page: it tells strangers what the site is \
                 made with, and visitors not how to go on"
            ),
            "Write 400.html, 403.html, 404.html and 500.html into a folder of templates, and name \
             pages for nginx's own errors with error_page.",
        )])),
        (None, 404 | 410) if seen.answer.content.page.is_some() => {
            Ok(seen.passes("a wrong address ends on a page of the site's own"))
        }
        _ => Err(Outcome::NotApplicable(
            "a wrong address is answered without an error page".to_owned(),
        )),
    }
}
