use tightship_model::site::http::Purpose;
use tightship_model::site::page::Page;
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::look::{answer, http, page, shown, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/asset-missing",
    title: "A style sheet or script of the page is not there",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["A5.1", "A5.2"],
    django_ids: &[],
    references: &[
        Reference::Django("howto/static-files/deployment/"),
        Reference::Url("https://whitenoise.readthedocs.io/en/stable/django.html"),
    ],
    doc: include_str!("asset_missing.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

const MEND: &str = "Collect the files when the image is built (`manage.py collectstatic`), and serve \
                    `STATIC_ROOT` at `STATIC_URL`, by an `alias` of nginx or by WhiteNoise.";

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    if http(deployment)?.last(Purpose::Asset).is_none() {
        return Err(nothing_asked(deployment)?);
    }
    let seen = answer(http(deployment)?, Purpose::Asset)?;
    let url = shown(&seen.exchange.request.url);
    let kind = seen.answer.value("content-type").unwrap_or_default();
    let fails = |message: String| Ok(Outcome::Fail(vec![seen.finding("asset", message, MEND)]));
    match seen.answer.status {
        404 | 410 => fails(format!(
            "visitors get pages without their style or their script: {url}, which the page loads, is not \
             there"
        )),
        200..=299
            if kind
                .trim_start()
                .to_ascii_lowercase()
                .starts_with("text/html") =>
        {
            fails(format!(
                "visitors get pages without their style or their script: in place of {url}, which the page \
                 loads, comes a page of HTML"
            ))
        }
        200..=299 => Ok(seen.holds("what the page loads is there", "Content-Type")),
        status => Err(unseen(
            format!("{url} answers {status}"),
            "look at the page in a browser: do its style and its script come?",
        )),
    }
}

/// What it means that the page named nothing of the site's own.
fn nothing_asked(deployment: &Deployment) -> Result<Outcome, Outcome> {
    // Where there is no page, that is why.
    let seen = page(deployment)?;
    let loads = |html: &Page| {
        let is_sheet = |rel: &str| rel == "stylesheet";
        html.links.iter().any(|link| is_sheet(&link.rel))
            || html.scripts.iter().any(|script| script.url.is_some())
    };
    Ok(match seen.answer.content.page.as_ref().is_some_and(loads) {
        true => Outcome::NotApplicable("all that the page loads comes from other hosts".to_owned()),
        false => unseen(
            "the page loads no style sheet and no script",
            "name a page that loads one with --url",
        ),
    })
}
