//! The one list of checks: an array for each area. Everything else (help, docs, schemas, SARIF) is derived from it.

use tightship_model::Check;

/// All checks, by area, in the order of the lists.
pub fn catalog() -> impl Iterator<Item = &'static Check> {
    AREAS.iter().copied().flatten().copied()
}

const AREAS: &[&[&Check]] = &[
    crate::django::CHECKS,
    crate::secrets::CHECKS,
    crate::r#static::CHECKS,
    crate::media::CHECKS,
    crate::mail::CHECKS,
    crate::logging::CHECKS,
    crate::stripe::CHECKS,
    crate::code::CHECKS,
    crate::allauth::CHECKS,
    crate::axes::CHECKS,
    crate::cors::CHECKS,
    crate::csp::CHECKS,
    crate::debug::CHECKS,
    crate::drf::CHECKS,
    crate::jwt::CHECKS,
    crate::compose::CHECKS,
    crate::docker::CHECKS,
    crate::env::CHECKS,
    crate::cross::CHECKS,
    crate::certbot::CHECKS,
    crate::docs::CHECKS,
    crate::policy::CHECKS,
    crate::nginx::CHECKS,
    crate::http::CHECKS,
    crate::updates::CHECKS,
    crate::tls::CHECKS,
    crate::dns::CHECKS,
    crate::tcp::CHECKS,
];
