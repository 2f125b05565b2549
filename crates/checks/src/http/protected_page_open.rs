use tightship_model::site::http::{Http, Mark, Purpose};
use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Need, Outcome, Reference, Severity,
};
use tightship_predict::django::is_allowed;
use tightship_predict::guarded::{Guarded, guarded};
use tightship_predict::pages::pages;
use url::Url;

use super::look::{Answered, LOOK_AGAIN, answered, http, is_refusal, page, shown, unseen};
use crate::setting::together;

pub(super) static CHECK: Check = Check {
    id: "http/protected-page-open",
    title: "A page for those who are logged in is shown to strangers",
    severity: Severity::High,
    needs: &[Need::Settings, Need::Site],
    items: &["B7.4"],
    django_ids: &[],
    references: &[
        Reference::Django("topics/auth/default/#limiting-access-to-logged-in-users"),
        Reference::Cwe(306),
        Reference::Cwe(862),
    ],
    doc: include_str!("protected_page_open.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Parameters by which a redirect asks another server who the visitor is: OAuth 2.0 (RFC 6749, section
/// 4.1.1) and SAML 2.0 (Bindings, section 3.4.4.1).
const SINGLE_SIGN_ON: [&str; 2] = ["client_id", "SAMLRequest"];

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let guarded = guarded(deployment);
    if guarded.is_empty() {
        return Err(Outcome::NotApplicable(
            "the routes name no page for those who are logged in that a look may ask for"
                .to_owned(),
        ));
    }
    let site = Site {
        home: page(deployment)?,
        http: http(deployment)?,
        login: pages(deployment).login,
    };
    site.is_own(deployment)?;
    let verdicts = guarded.iter().map(|guarded| {
        let verdict = site.judge(guarded);
        verdict.unwrap_or_else(|outcome| outcome)
    });
    Ok(together(verdicts))
}

/// What is known beside the answer of one page.
struct Site<'a> {
    home: Answered<'a>,
    http: &'a Http,
    /// The path of the login, where the files tell it.
    login: Option<String>,
}

impl Site<'_> {
    /// The files say nothing about a host that `ALLOWED_HOSTS` refuses.
    fn is_own(&self, deployment: &Deployment) -> Result<(), Outcome> {
        let url = &self.home.exchange.request.url;
        let host = Url::parse(url).ok();
        let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
        let settings = deployment.settings.as_ref();
        match settings.and_then(|settings| is_allowed(settings, host).ok()) {
            Some(false) => Err(unseen(
                format!("ALLOWED_HOSTS does not hold {host}: another site may answer there"),
                "name the address of this project with --url",
            )),
            Some(true) | None => Ok(()),
        }
    }

    fn judge(&self, guarded: &Guarded<'_>) -> Result<Outcome, Outcome> {
        let path = |url: &str| Url::parse(url).map(|url| url.path().to_owned()).ok();
        let mut asked = self.http.all(Purpose::Guarded);
        let exchange = asked
            .find(|one| path(&one.request.url).as_deref() == Some(&guarded.path))
            .ok_or_else(|| {
                let reason = self.http.why_skipped(Purpose::Guarded);
                let reason = reason.unwrap_or("it was not asked for");
                unseen(format!("{}: {reason}", guarded.path), LOOK_AGAIN)
            })?;
        let seen = answered(exchange)?;
        let status = seen.answer.status;
        let open = |why: &str, remedy: &str| {
            let url = shown(&exchange.request.url);
            Err(unseen(format!("{url} answers {status}{why}"), remedy))
        };
        if is_refusal(status) {
            return open("", LOOK_AGAIN);
        }
        if status == 403 && self.home.answer.status == 403 {
            return open(
                ", as the first page does: who looks is kept out of the whole site",
                "look from where visitors come from",
            );
        }
        if matches!(status, 401 | 403 | 404 | 410) {
            return Ok(seen.passes("the page is not shown to strangers"));
        }
        if seen.answer.is_redirect() {
            return match self.leads_to_login(&seen) {
                true => Ok(seen.holds("strangers are sent to a login", "Location")),
                false => open(
                    &format!(
                        " and leads to {}, which is not known for a login",
                        shown(seen.answer.value("location").unwrap_or_default())
                    ),
                    "name the address that visitors end on with --url, and the login in LOGIN_URL",
                ),
            };
        }
        if status != 200 {
            return open("", "look at the page in a browser that is not logged in");
        }
        if asks_for_password(&seen) {
            return Ok(seen.passes("the page asks strangers for a password"));
        }
        match self.is_for_every_address(&seen) {
            true => open(
                " with what it answers for other addresses too: what the page holds comes by script",
                "look at the page in a browser that is not logged in",
            ),
            false => Ok(Outcome::Fail(vec![finding(&seen, guarded)])),
        }
    }

    /// Whether a redirect asks for a login: the one of the files, one that is told where to return to,
    /// as Django's `redirect_to_login` does, or another server's.
    fn leads_to_login(&self, seen: &Answered<'_>) -> bool {
        let location = seen.answer.value("location");
        let Ok(asked) = Url::parse(&seen.exchange.request.url) else {
            return false;
        };
        let Some(target) = location.and_then(|location| asked.join(location).ok()) else {
            return false;
        };
        if target.path() == asked.path() && target.query().is_none() {
            return false;
        }
        let is_own = target.host() == asked.host() && Some(target.path()) == self.login.as_deref();
        let mut fields = target.query_pairs();
        is_own
            || fields.any(|(name, value)| {
                value.ends_with(asked.path()) || SINGLE_SIGN_ON.contains(&name.as_ref())
            })
    }

    /// Whether the site gives the same for an address that nobody has, or on its first page: the frame of
    /// an application in the browser, or words about maintenance.
    fn is_for_every_address(&self, seen: &Answered<'_>) -> bool {
        let missing = self.http.last(Purpose::NotFound);
        let missing = missing.and_then(|exchange| exchange.answer());
        let home = self.home.exchange.request.url != seen.exchange.request.url;
        missing.is_some_and(|answer| answer.is_success())
            || (home && self.home.answer.content == seen.answer.content)
    }
}

fn asks_for_password(seen: &Answered<'_>) -> bool {
    let content = &seen.answer.content;
    let mut forms = content.page.iter().flat_map(|page| &page.forms);
    forms.any(|form| form.has_password) || content.marks.contains(&Mark::AdminLogin)
}

fn finding(seen: &Answered<'_>, guarded: &Guarded<'_>) -> Finding {
    let by = guarded.by.rsplit('.').next().unwrap_or_default();
    let message = format!(
        "strangers read {}: the project keeps it by {by}, and the site shows it to who sends no cookie",
        shown(&seen.exchange.request.url)
    );
    Finding {
        // A backend of the project's own may grant a permission to strangers.
        confidence: match by {
            "permission_required" => Confidence::Medium,
            _ => Confidence::High,
        },
        labels: vec![Label {
            span: guarded.route.span,
            text: format!("kept by {by}, and shown to strangers"),
        }],
        ..seen.finding(
            &guarded.path,
            message,
            "Find out who answers: an older release, a cache that keeps pages of those who are logged in, \
             or a location of nginx that asks nobody. Then take back what the page has shown.",
        )
    }
}
