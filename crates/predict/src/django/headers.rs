//! The headers that middleware makes of settings.

use tightship_model::{Cause, Settings, Unknown, Value};

use super::request::{Received, Scheme};
use super::{Header, Known, settings};
use crate::compiled::{USUAL, compiled};

/// `SecurityMiddleware.process_response`.
pub(super) fn security(settings: &Settings, scheme: &Known<Scheme>) -> Vec<Header> {
    let mut headers = Vec::new();
    add(
        &mut headers,
        settings,
        "Strict-Transport-Security",
        "SECURE_HSTS_SECONDS",
        || {
            let seconds = settings::value(settings, "SECURE_HSTS_SECONDS")?;
            if seconds.value.truthy() == Some(false) || scheme.clone()? == Scheme::Http {
                return Ok(None);
            }
            let Some(seconds) = seconds.value.as_int() else {
                return Err(settings::doubt("SECURE_HSTS_SECONDS", &seconds));
            };
            let mut value = format!("max-age={seconds}");
            if settings::is_on(settings, "SECURE_HSTS_INCLUDE_SUBDOMAINS")? {
                value.push_str("; includeSubDomains");
            }
            if settings::is_on(settings, "SECURE_HSTS_PRELOAD")? {
                value.push_str("; preload");
            }
            Ok(Some(value))
        },
    );
    add(
        &mut headers,
        settings,
        "X-Content-Type-Options",
        "SECURE_CONTENT_TYPE_NOSNIFF",
        || {
            let is_on = settings::is_on(settings, "SECURE_CONTENT_TYPE_NOSNIFF")?;
            Ok(is_on.then(|| "nosniff".to_owned()))
        },
    );
    add(
        &mut headers,
        settings,
        "Referrer-Policy",
        "SECURE_REFERRER_POLICY",
        || {
            let policy = settings::value(settings, "SECURE_REFERRER_POLICY")?;
            Ok(match &policy.value {
                Value::Str(text) if !text.is_empty() => {
                    Some(text.split(',').map(str::trim).collect::<Vec<_>>().join(","))
                }
                Value::List(_) | Value::Tuple(_) => {
                    let policies = settings::texts(settings, "SECURE_REFERRER_POLICY")?;
                    (!policies.is_empty()).then(|| policies.join(","))
                }
                _ => None,
            })
        },
    );
    add(
        &mut headers,
        settings,
        "Cross-Origin-Opener-Policy",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY",
        || settings::text(settings, "SECURE_CROSS_ORIGIN_OPENER_POLICY"),
    );
    headers
}

/// `XFrameOptionsMiddleware.process_response`.
pub(super) fn framing(settings: &Settings) -> Vec<Header> {
    let mut headers = Vec::new();
    add(
        &mut headers,
        settings,
        "X-Frame-Options",
        "X_FRAME_OPTIONS",
        || {
            let value = settings::text(settings, "X_FRAME_OPTIONS")?;
            Ok(value.map(|value| value.to_uppercase()))
        },
    );
    headers
}

/// `ContentSecurityPolicyMiddleware.process_response` of Django 6.0. A nonce is only written where
/// a template asks for one, which is not known here: it is left out.
pub(super) fn policy(settings: &Settings) -> Vec<Header> {
    let mut headers = Vec::new();
    for (header, name) in [
        ("Content-Security-Policy", "SECURE_CSP"),
        (
            "Content-Security-Policy-Report-Only",
            "SECURE_CSP_REPORT_ONLY",
        ),
    ] {
        add(&mut headers, settings, header, name, || {
            let config = settings::value(settings, name)?;
            Ok(config.value.as_dict().and_then(|config| {
                let parts: Vec<String> = config
                    .entries
                    .iter()
                    .filter_map(|(directive, values)| part(directive.as_str()?, &values.value))
                    .collect();
                (!config.entries.is_empty()).then(|| parts.join("; "))
            }))
        });
    }
    headers
}

/// The headers of django-csp: that they are sent is known, how they are put together is not
/// modelled.
pub(super) fn package_policy(settings: &Settings) -> Vec<Header> {
    [
        ("Content-Security-Policy", "CONTENT_SECURITY_POLICY"),
        (
            "Content-Security-Policy-Report-Only",
            "CONTENT_SECURITY_POLICY_REPORT_ONLY",
        ),
    ]
    .into_iter()
    .filter(|(_, name)| {
        let set = settings.get(name);
        set.is_some_and(|setting| setting.value.value.truthy() != Some(false))
    })
    .map(|(header, name)| Header {
        name: header,
        value: Err(Unknown::new(
            Cause::Package,
            format!("django-csp puts it together from {name}"),
            settings::trail(settings, name).first_span(),
        )),
        trail: settings::trail(settings, name),
    })
    .collect()
}

/// `CorsMiddleware.add_response_headers`, for a request with an `Origin`.
pub(super) fn cors(settings: &Settings, received: &Received) -> Vec<Header> {
    let mut headers = Vec::new();
    let Some(origin) = received
        .header("Origin")
        .filter(|origin| !origin.is_empty())
    else {
        return headers;
    };
    let allowed = cors_allows(settings, received, &origin);
    let source = match settings.overrides("CORS_ALLOW_ALL_ORIGINS") {
        true => "CORS_ALLOW_ALL_ORIGINS",
        false => "CORS_ALLOWED_ORIGINS",
    };
    add(
        &mut headers,
        settings,
        "Access-Control-Allow-Origin",
        source,
        || {
            if !allowed.clone()? {
                return Ok(None);
            }
            let is_any = settings::is_on(settings, "CORS_ALLOW_ALL_ORIGINS")?
                && !settings::is_on(settings, "CORS_ALLOW_CREDENTIALS")?;
            Ok(Some(if is_any {
                "*".to_owned()
            } else {
                origin.clone()
            }))
        },
    );
    add(
        &mut headers,
        settings,
        "Access-Control-Allow-Credentials",
        "CORS_ALLOW_CREDENTIALS",
        || {
            let is_on = allowed.clone()? && settings::is_on(settings, "CORS_ALLOW_CREDENTIALS")?;
            Ok(is_on.then(|| "true".to_owned()))
        },
    );
    headers
}

/// Whether django-cors-headers looks at requests to this path (`CorsMiddleware.is_enabled`).
pub(super) fn cors_covers(settings: &Settings, received: &Received) -> Known<bool> {
    match settings::text(settings, "CORS_URLS_REGEX")? {
        Some(paths) => begins_with(&paths, &received.path),
        None => Ok(true),
    }
}

/// Whether it answers this path and origin.
fn cors_allows(settings: &Settings, received: &Received, origin: &str) -> Known<bool> {
    if !cors_covers(settings, received)? {
        return Ok(false);
    }
    if settings::is_on(settings, "CORS_ALLOW_ALL_ORIGINS")? {
        return Ok(true);
    }
    if settings::texts(settings, "CORS_ALLOWED_ORIGINS")?
        .iter()
        .any(|allowed| allowed == origin)
    {
        return Ok(true);
    }
    for regex in settings::texts(settings, "CORS_ALLOWED_ORIGIN_REGEXES")? {
        if begins_with(&regex, origin)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `re.match(regex, text)`.
fn begins_with(regex: &str, text: &str) -> Known<bool> {
    let anchored = format!("^(?:{})", regex.replace(r"\Z", r"\z"));
    is_found(&anchored, text).ok_or_else(|| {
        Unknown::new(
            Cause::Code,
            format!("the regular expression {regex:?} is not understood"),
            None,
        )
    })
}

/// `re.search(regex, text)`; `None` where the expression is not understood or takes too long.
pub(super) fn is_found(regex: &str, text: &str) -> Option<bool> {
    compiled(regex, USUAL)?.is_match(text).ok()
}

/// One directive of a policy, as `django.utils.csp.build_policy` writes it.
fn part(directive: &str, values: &Value) -> Option<String> {
    const NONCE: &str = "<CSP_NONCE_SENTINEL>";
    let mut texts: Vec<&str> = match values {
        Value::None | Value::Bool(false) => return None,
        Value::Bool(true) => return Some(directive.to_owned()),
        Value::Str(text) => vec![text],
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items
            .items
            .iter()
            .filter_map(|item| item.value.as_str())
            .collect(),
        _ => return None,
    };
    if matches!(values, Value::Set(_)) {
        texts.sort_unstable();
    }
    texts.retain(|text| *text != NONCE);
    (!texts.is_empty()).then(|| format!("{directive} {}", texts.join(" ")))
}

/// Adds what `make` gives, with the trail of the setting `name`.
fn add(
    headers: &mut Vec<Header>,
    settings: &Settings,
    header: &'static str,
    name: &str,
    make: impl FnOnce() -> Known<Option<String>>,
) {
    let value = match make() {
        Ok(None) => return,
        Ok(Some(value)) => Ok(value),
        Err(unknown) => Err(unknown),
    };
    headers.push(Header {
        name: header,
        value,
        trail: settings::trail(settings, name),
    });
}
