use tightship_model::site::http::{Mark, Purpose};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::behaviour::{BY_HAND, Refuser, all_answered, is_page_of_nginx, is_processed, probed};
use super::look::{answer, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/csrf-not-refused",
    title: "The site takes forms that other pages send",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B7.6", "B10.5"],
    django_ids: &[],
    references: &[Reference::Django("ref/csrf/"), Reference::Cwe(352)],
    doc: include_str!("csrf_not_refused.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let (http, _) = probed(deployment, Purpose::FormForeign, "csrf")?;
    let foreign = answer(http, Purpose::FormForeign)?;
    // The control: the honest form, which is looked at. Who repeats the account in a refusal of his
    // own does so in other words.
    let own = all_answered(http.all(Purpose::FormOwn))?;
    let taken = own.iter().find(|one| is_processed(http, one.answer));
    if taken.is_some_and(|taken| taken.answer.says_same(foreign.answer)) {
        return Ok(Outcome::Fail(vec![foreign.finding(
            "form",
            format!(
                "any page that a visitor opens logs him in as the attacker, and acts for him where \
                 other forms are as open: {} takes a form from https://forged.invalid without a \
                 token",
                foreign.exchange.request.url
            ),
            "Put `django.middleware.csrf.CsrfViewMiddleware` into MIDDLEWARE and take \
             `csrf_exempt` from the view.",
        )]));
    }
    if foreign.answer.content.marks.contains(&Mark::CsrfRefused) {
        return Ok(foreign.passes("Django refuses a form of another page"));
    }
    let status = foreign.answer.status;
    if Refuser::of(foreign.answer).is_some() || is_page_of_nginx(foreign.answer) {
        return Err(unseen(
            format!("a form of another page is answered {status} before Django sees it"),
            "try again at a lower --rate",
        ));
    }
    match status {
        // A page of its own for refused forms.
        400..500 if taken.is_some() => {
            Ok(foreign
                .passes("a form of another page is refused, and that of the site's own is not"))
        }
        _ => Err(unseen(
            format!(
                "a form of another page is answered {status}, and nothing tells whether it was \
                 looked at"
            ),
            BY_HAND,
        )),
    }
}
