use tightship_model::site::http::{Exchange, Http, Mark, Purpose};
use tightship_model::{Check, Deployment, Need, Outcome, Reference, Severity};

use super::behaviour::{BY_HAND, all_answered, is_page_of_nginx, is_processed, probed};
use super::look::{Answered, unseen};

pub(super) static CHECK: Check = Check {
    id: "http/honest-post-refused",
    title: "The site refuses its own forms",
    severity: Severity::High,
    needs: &[Need::Site],
    items: &["B10.5", "B17.3"],
    django_ids: &[],
    references: &[
        Reference::Django("ref/csrf/#how-it-works"),
        Reference::Django("ref/settings/#csrf-trusted-origins"),
        Reference::Django("ref/settings/#secure-proxy-ssl-header"),
    ],
    doc: include_str!("honest_post_refused.md"),
    run: |deployment| look(deployment).unwrap_or_else(|outcome| outcome),
};

/// Equal observations that the verdict stands on.
const ENOUGH: usize = 3;

fn look(deployment: &Deployment) -> Result<Outcome, Outcome> {
    let (http, sent) = probed(deployment, Purpose::FormOwn, "csrf")?;
    let own = all_answered(sent)?;
    let taken = own.iter().find(|one| is_processed(http, one.answer));
    if let Some(taken) = taken {
        return Ok(taken.passes("the form of the login is taken as a browser sends it"));
    }
    if !has_token(http) {
        return Err(unseen(
            "the form of the login holds no token: a script may add it, and scripts are not run",
            BY_HAND,
        ));
    }
    let refused: Vec<&Answered<'_>> = own
        .iter()
        .filter(|one| one.answer.status == 403 && !is_page_of_nginx(one.answer))
        .collect();
    let cause = cause(http);
    let is_of_django = refused
        .iter()
        .all(|one| one.answer.content.marks.contains(&Mark::CsrfRefused));
    match refused.first() {
        // A page of its own for refused forms is told by what is taken instead.
        Some(first) if refused.len() >= ENOUGH && (is_of_django || cause.is_proven) => {
            Ok(Outcome::Fail(vec![first.finding(
                "form",
                format!(
                    "nobody can log in: {} refuses its own form, sent as a browser does, {} times \
                     out of {}: {}",
                    first.exchange.request.url,
                    refused.len(),
                    own.len(),
                    cause.words
                ),
                cause.advice,
            )]))
        }
        _ => Err(unseen(
            format!(
                "the form of the login is answered {}, and nothing tells whether it was looked at",
                own.first().map_or(0, |one| one.answer.status)
            ),
            BY_HAND,
        )),
    }
}

/// Whether the form that was served brings its token along.
fn has_token(http: &Http) -> bool {
    let page = http.last(Purpose::LoginForm).and_then(Exchange::answer);
    let page = page.and_then(|answer| answer.content.page.as_ref());
    page.is_some_and(|page| {
        let mut forms = page.forms.iter();
        forms.any(|form| form.has_password && form.has_csrf_token)
    })
}

/// Why Django refuses (`django/middleware/csrf.py`, 4.2 to 6.1): first it looks at `Origin`, where there
/// is none and the request came over HTTPS at `Referer`, then at cookie and token.
struct Cause {
    words: &'static str,
    advice: &'static str,
    /// Whether a form that differs in one thing alone is taken.
    is_proven: bool,
}

fn cause(http: &Http) -> Cause {
    let is_taken = |purpose| {
        let answer = http.last(purpose).and_then(Exchange::answer);
        answer.is_some_and(|answer| is_processed(http, answer))
    };
    let form = http.last(Purpose::FormOwn);
    let has = |name: &str| {
        let headers = form.map_or(&[][..], |form| &form.request.headers);
        headers.iter().any(|header| header.name == name)
    };
    if is_taken(Purpose::FormPlainOrigin) {
        Cause {
            words: "Django takes the request for plain HTTP, so the page's origin is not its own",
            advice: "Have nginx send `proxy_set_header X-Forwarded-Proto $scheme;` and set \
                     SECURE_PROXY_SSL_HEADER = (\"HTTP_X_FORWARDED_PROTO\", \"https\").",
            is_proven: true,
        }
    } else if is_taken(Purpose::FormNoOrigin) {
        Cause {
            words: "Django knows the site by another host, so the page's origin is not its own",
            advice: "Have nginx send `proxy_set_header Host $http_host;`, or name the origin in \
                     CSRF_TRUSTED_ORIGINS.",
            is_proven: true,
        }
    } else if !has("Cookie") {
        Cause {
            words: "the login sets no cookie that a browser would send back with the form",
            advice: "Let the view set the cookie (`ensure_csrf_cookie`), keep caches from the \
                     login, and compare CSRF_COOKIE_DOMAIN, CSRF_COOKIE_PATH and \
                     CSRF_COOKIE_SECURE with the address.",
            is_proven: false,
        }
    } else {
        Cause {
            words: "it is neither the cookie nor the scheme, so Django knows the site by another \
                    host, or the form holds a token that does not fit the cookie",
            advice: "Have nginx send `proxy_set_header Host $http_host;`, or name the origin in \
                     CSRF_TRUSTED_ORIGINS; keep caches from the login; and look at the reason in \
                     the log of `django.security.csrf`.",
            is_proven: false,
        }
    }
}
