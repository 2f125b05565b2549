use tightship_model::{
    Check, Confidence, Deployment, Finding, Label, Need, Outcome, Reference, Severity, Traced,
    Value,
};

use crate::code::session_views;
use crate::domains::is_one_site;
use crate::drf;
use crate::package::{absent, pass, strings};
use crate::setting::{about, answers, has_app, labels, lists, setting, shown, unclear};

pub(super) static CHECK: Check = Check {
    id: "cors/origin-untrusted",
    title: "An allowed origin may read and not save",
    severity: Severity::Medium,
    needs: &[Need::Settings],
    items: &["B1.4", "B3.2", "B17.3"],
    django_ids: &[],
    references: &[
        Reference::Url("https://github.com/adamchainz/django-cors-headers#csrf-integration"),
        Reference::Django("ref/settings/#csrf-trusted-origins"),
    ],
    doc: include_str!("origin_untrusted.md"),
    run,
};

const TRUSTED: &str = "CSRF_TRUSTED_ORIGINS";

fn run(deployment: &Deployment) -> Outcome {
    if let Some(outcome) = absent(deployment, super::APP) {
        return outcome;
    }
    let not_applicable = |reason: &str| Outcome::NotApplicable(reason.to_owned());
    if super::with_credentials(deployment) != Some(true) {
        return not_applicable("no cookie goes along with a request of another origin");
    }
    if let Err(why) = logs_in_by_session(deployment) {
        return not_applicable(why);
    }
    let Some((name, origins)) = super::setting(deployment, "CORS_ALLOWED_ORIGINS") else {
        return not_applicable("no origin is allowed by its name");
    };
    let Some(allowed) = strings(&origins.value) else {
        return unclear(name, &origins);
    };
    let trusted = setting(deployment, TRUSTED).map(|setting| setting.value.into_owned());
    let Some(listed) = trusted
        .as_ref()
        .map_or(Some(Vec::new()), |value| strings(&value.value))
    else {
        return trusted.map_or_else(|| not_applicable(TRUSTED), |value| unclear(TRUSTED, &value));
    };
    let hosts = setting(deployment, "ALLOWED_HOSTS").map(|hosts| hosts.value.into_owned());
    let Some(own) = hosts.as_ref().and_then(|hosts| strings(&hosts.value)) else {
        return hosts.map_or_else(
            || not_applicable("ALLOWED_HOSTS is not set"),
            |hosts| unclear("ALLOWED_HOSTS", &hosts),
        );
    };
    let goes_anywhere = answers(
        deployment,
        "SESSION_COOKIE_SAMESITE",
        &|value| match value {
            Value::Bool(on) => Some(!on),
            value => Some(value.as_str()?.eq_ignore_ascii_case("none")),
        },
    );
    let refused = allowed.into_iter().filter(|origin| {
        host_of(origin).is_some_and(|host| {
            let travels = goes_anywhere == Some(true)
                || own
                    .iter()
                    .any(|name| is_one_site(name.trim_start_matches('.'), host));
            travels && !is_own(host, &own) && !listed.iter().any(|entry| trusts(entry, origin))
        })
    });
    let findings: Vec<_> = refused
        .map(|origin| {
            let mut finding = finding(name, &origins, origin, trusted.as_ref());
            let view = session_views(deployment).into_iter().next();
            if view.is_some() {
                // Pages of the other origin may only read.
                finding.confidence = Confidence::Low;
            }
            finding.labels.extend(view.map(|view| Label {
                span: view.span,
                text: "takes JSON and asks for the token of CSRF".to_owned(),
            }));
            finding
        })
        .collect();
    match findings.is_empty() {
        false => Outcome::Fail(findings),
        true => pass(
            "each origin whose requests carry the session may save",
            &origins.trail,
        ),
    }
}

/// Why requests are not let in by the cookie of the session alone; `Ok` where they are.
///
/// REST framework's SessionAuthentication checks for CSRF whatever the middleware and the view say
/// (`rest_framework/authentication.py`, `enforce_csrf`).
fn logs_in_by_session(deployment: &Deployment) -> Result<(), &'static str> {
    const SESSION: &str = "rest_framework.authentication.SessionAuthentication";
    const BASIC: &str = "rest_framework.authentication.BasicAuthentication";
    // Origin is checked from Django 4.0 on.
    let release = deployment
        .packages
        .get("django")
        .and_then(|django| django.release());
    if release.is_some_and(|(major, ..)| major < 4) {
        return Err("this Django does not ask for the origin");
    }
    // Read-only for other origins.
    let is_unsafe = |method: &str| !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
    if setting(deployment, "CORS_ALLOW_METHODS").is_some()
        && lists(deployment, "CORS_ALLOW_METHODS", &is_unsafe) != Some(true)
    {
        return Err("other origins may only read, or that is not known");
    }
    match has_app(deployment, "rest_framework") {
        Some(true) => {
            let classes = drf::classes(
                deployment,
                "DEFAULT_AUTHENTICATION_CLASSES",
                &[SESSION, BASIC],
            );
            let paths = drf::paths(&classes.value).ok_or("how the API logs in is not known")?;
            let brings_tokens = TOKENS
                .iter()
                .any(|package| deployment.packages.get(package).is_some());
            match paths.contains(&SESSION)
                && paths.iter().all(|path| [SESSION, BASIC].contains(path))
                && !brings_tokens
                && has_app(deployment, "rest_framework.authtoken") == Some(false)
            {
                true => Ok(()),
                false => Err("the API takes tokens, which need no trusted origin"),
            }
        }
        // Which views are for others no setting says; those that take JSON are not for forms.
        Some(false) if !session_views(deployment).is_empty() => Ok(()),
        Some(false) => {
            Err("the site has no API of REST framework, and no view that takes JSON by the session")
        }
        None => Err("how the API logs in is not known"),
    }
}

/// Packages that let requests in by a token, whatever the default classes say: views name them.
const TOKENS: [&str; 7] = [
    "djangorestframework-simplejwt",
    "djangorestframework-jwt",
    "drf-jwt",
    "django-rest-knox",
    "django-oauth-toolkit",
    "dj-rest-auth",
    "djoser",
];

/// The host of an origin over TLS. One without TLS is told by cors/insecure-origin.
fn host_of(origin: &str) -> Option<&str> {
    let rest = origin.strip_prefix("https://")?;
    let host = rest.split([':', '/']).next()?;
    host.contains('.').then_some(host)
}

/// Whether a host may be the one that the request itself names.
fn is_own(host: &str, own: &[&str]) -> bool {
    own.iter().any(|name| match name.strip_prefix('.') {
        Some(parent) => host == parent || host.ends_with(&format!(".{parent}")),
        None => *name == "*" || *name == host,
    })
}

/// Whether an entry of CSRF_TRUSTED_ORIGINS is good for an origin (`CsrfViewMiddleware`).
fn trusts(entry: &str, origin: &str) -> bool {
    match entry.split_once("://*.") {
        Some((scheme, parent)) => origin.split_once("://").is_some_and(|(own, host)| {
            own == scheme && (host == parent || host.ends_with(&format!(".{parent}")))
        }),
        None => entry == origin,
    }
}

fn finding(
    name: &str,
    origins: &Traced<Value>,
    origin: &str,
    trusted: Option<&Traced<Value>>,
) -> Finding {
    let items = origins.value.as_items();
    let mut items = items.into_iter().flat_map(|items| &items.items);
    let item = items.find(|item| item.value.as_str() == Some(origin));
    let own = item
        .map(|item| &item.trail)
        .filter(|trail| !trail.is_empty());
    let mut finding = about(name, own.unwrap_or(&origins.trail));
    finding
        .labels
        .extend(trusted.iter().flat_map(|trusted| labels(&trusted.trail)));
    finding.subject = format!("settings:{name} {origin:?}");
    let list = trusted.map_or_else(|| "[]".to_owned(), |trusted| shown(&trusted.value));
    Finding {
        message: format!(
            "pages of {origin} may read with the visitor's session, and what they send gets 403: \
             the session is all that lets them in, and {TRUSTED} is {list}"
        ),
        // A view may let requests in by other means.
        confidence: Confidence::Medium,
        advice: format!("Add {origin:?} to {TRUSTED}, or take it out of {name}."),
        ..finding
    }
}
