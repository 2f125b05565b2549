//! What is seen by using the site: who refuses a request, and whether a form was processed.

use tightship_model::site::http::{Answer, Exchange, Http, Mark, Purpose};
use tightship_model::{Deployment, Outcome};

use super::look::{Answered, http, unseen};

/// Who refuses, as far as an answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refuser {
    Axes,
    Allauth,
    RestFramework,
    Nginx,
    /// A network in front that wishes to see a browser first.
    Challenge,
    /// By its status alone.
    Unnamed,
}

impl Refuser {
    /// `None` where an answer is no refusal of a request for being one too many.
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        let marks = &answer.content.marks;
        let is_challenge = answer.value("cf-mitigated") == Some("challenge");
        if marks.contains(&Mark::AxesLocked) {
            Some(Self::Axes)
        } else if marks.contains(&Mark::AllauthLimited) {
            Some(Self::Allauth)
        } else if marks.contains(&Mark::Throttled) && answer.status == 429 {
            Some(Self::RestFramework)
        } else if is_challenge {
            Some(Self::Challenge)
        } else if !matches!(answer.status, 429 | 503) {
            None
        } else if is_page_of_nginx(answer) {
            Some(Self::Nginx)
        } else {
            Some(Self::Unnamed)
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Axes => "django-axes",
            Self::Allauth => "django-allauth",
            Self::RestFramework => "Django REST framework",
            Self::Nginx => "nginx",
            Self::Challenge => "Cloudflare, which wishes to see a browser",
            Self::Unnamed => "somebody who does not tell his name",
        }
    }

    /// Whether it stands before the application, which was not asked then.
    pub(super) fn is_in_front(self) -> bool {
        matches!(self, Self::Nginx | Self::Challenge)
    }
}

/// How to find out what a probe does not show.
pub(super) const BY_HAND: &str = "try it out by hand, or in the project's own tests";

/// Whether nginx itself made the page of an error.
pub(super) fn is_page_of_nginx(answer: &Answer) -> bool {
    answer.content.marks.contains(&Mark::NginxPage)
}

/// The exchange of a purpose that a probe sends; the verdict where it was not sent says how to ask.
pub(super) fn probed<'a>(
    deployment: &'a Deployment,
    purpose: Purpose,
    probe: &str,
) -> Result<(&'a Http, Vec<&'a Exchange>), Outcome> {
    let http = http(deployment)?;
    let sent: Vec<_> = http.all(purpose).collect();
    if !sent.is_empty() {
        return Ok((http, sent));
    }
    Err(match http.why_skipped(purpose) {
        Some(reason) => unseen(reason, BY_HAND),
        None => unseen(
            "it shows only where it is tried out",
            &format!("have it tried out with --probe {probe}"),
        ),
    })
}

/// Whether the application took a form for an attempt to log in: it shows the account again, or the
/// form with other words than before; of an API, whether it refuses otherwise than for what was missing.
pub(super) fn is_processed(http: &Http, answer: &Answer) -> bool {
    if answer.content.marks.contains(&Mark::AccountRepeated) {
        return true;
    }
    let Some(opened) = http.last(Purpose::LoginForm) else {
        return false;
    };
    let Some(before) = opened.answer() else {
        return false;
    };
    let (was, is) = (&before.content.wording, &answer.content.wording);
    let is_refusal = match opened.request.method.as_str() {
        // An API, which was asked with nothing before: 400 of serializers, 401 of SimpleJWT and allauth.
        "POST" => is_json(before) && is_json(answer) && matches!(answer.status, 400 | 401),
        _ => has_password(answer),
    };
    is_refusal && was.is_some() && is.is_some() && was != is
}

fn is_json(answer: &Answer) -> bool {
    let kind = answer.value("content-type");
    kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
}

fn has_password(answer: &Answer) -> bool {
    let page = answer.content.page.as_ref();
    page.is_some_and(|page| page.forms.iter().any(|form| form.has_password))
}

/// The answers to exchanges, or the verdict that says which gave none.
pub(super) fn all_answered<'a>(
    exchanges: impl IntoIterator<Item = &'a Exchange>,
) -> Result<Vec<Answered<'a>>, Outcome> {
    exchanges.into_iter().map(super::look::answered).collect()
}
