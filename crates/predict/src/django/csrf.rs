//! Whether Django's CSRF protection takes the origin of a form post, whatever its token.

use tightship_model::{Settings, Trail};

use super::request::{self, Received, is_same_domain};
use super::{Known, settings};

/// What `CsrfViewMiddleware` says of the origin of a post.
#[derive(Clone, Debug, PartialEq)]
pub enum OriginCheck {
    Passes,
    /// 403 whatever the token: the browser sends `origin`, and Django expects `expected` or an
    /// entry of `CSRF_TRUSTED_ORIGINS`.
    Refused {
        origin: String,
        expected: Option<String>,
        /// Where `CSRF_TRUSTED_ORIGINS` comes from.
        trail: Trail,
    },
}

/// Judges a post from a page of `origin` (`https://shop.example`), which browsers send in the
/// `Origin` header (Django 4.0 and newer check it: `CsrfViewMiddleware._origin_verified`).
pub fn origin_check(settings: &Settings, received: &Received, origin: &str) -> Known<OriginCheck> {
    const TRUSTED: &str = "CSRF_TRUSTED_ORIGINS";
    if !settings.django_at_least(4, 0) {
        return Ok(OriginCheck::Passes);
    }
    let host = request::host(settings, received)?;
    let scheme = request::scheme(settings, received)?;
    let expected = host.map(|host| format!("{}://{host}", scheme.name()));
    if expected.as_deref() == Some(origin) {
        return Ok(OriginCheck::Passes);
    }
    let trusted = settings::texts(settings, TRUSTED)?;
    let (sent_scheme, sent_host) = origin.split_once("://").unwrap_or_default();
    let is_trusted = trusted.iter().any(|entry| match entry.split_once("://") {
        Some((scheme, host)) if entry.contains('*') => {
            scheme == sent_scheme && is_same_domain(sent_host, host.trim_start_matches('*'))
        }
        _ => entry == origin,
    });
    Ok(match is_trusted {
        true => OriginCheck::Passes,
        false => OriginCheck::Refused {
            origin: origin.to_owned(),
            expected,
            trail: settings::trail(settings, TRUSTED),
        },
    })
}
