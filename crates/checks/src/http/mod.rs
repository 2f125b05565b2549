//! What the live site answers over HTTP. Pure functions of the capture.

mod admin_open;
mod asset_missing;
mod asset_uncached;
mod backup_served;
mod behaviour;
mod body_unlimited;
mod burst_unlimited;
mod cdn;
mod compression_missing;
mod cookie;
mod cookie_insecure;
mod cookie_unprefixed;
mod cors_reflected;
pub mod csp;
mod csp_missing;
mod csp_weak;
mod csrf_not_refused;
mod debug_page;
mod differs_from_files;
mod environment_served;
mod error_page_bare;
mod folder_listed;
mod framing_allowed;
mod front;
mod header_grade_low;
mod header_twice;
mod headers_lost_on_errors;
mod honest_post_refused;
mod host_forged;
mod hsts;
mod hsts_missing;
mod hsts_short;
mod http2_broken;
mod http3_unanswered;
mod https_redirect_missing;
mod integrity_missing;
mod lockout;
mod lockout_evaded;
mod lockout_shared;
mod login_unlimited;
mod look;
mod mixed_content;
pub mod observatory;
mod observatory_grade_low;
mod preload_refused;
mod protected_page_open;
mod referrer_leaks;
mod repository_served;
mod robots_disclose;
mod security_contact_missing;
mod session_cookie_cross_site;
mod session_cookie_readable;
mod sniffing_allowed;
mod token_guessable;
mod trace_answered;
mod traceback_shown;
mod unreachable;
mod version_shown;

use tightship_model::{Check, Deployment};

use crate::tls::grade::Hsts;

pub(crate) use front::in_front;

pub(crate) const CHECKS: &[&Check] = &[
    &unreachable::CHECK,
    &http2_broken::CHECK,
    &http3_unanswered::CHECK,
    &debug_page::CHECK,
    &https_redirect_missing::CHECK,
    &hsts_missing::CHECK,
    &hsts_short::CHECK,
    &header_twice::CHECK,
    &cookie_insecure::CHECK,
    &session_cookie_readable::CHECK,
    &session_cookie_cross_site::CHECK,
    &cookie_unprefixed::CHECK,
    &host_forged::CHECK,
    &csp_missing::CHECK,
    &csp_weak::CHECK,
    &framing_allowed::CHECK,
    &sniffing_allowed::CHECK,
    &referrer_leaks::CHECK,
    &cors_reflected::CHECK,
    &repository_served::CHECK,
    &environment_served::CHECK,
    &backup_served::CHECK,
    &folder_listed::CHECK,
    &version_shown::CHECK,
    &trace_answered::CHECK,
    &mixed_content::CHECK,
    &integrity_missing::CHECK,
    &robots_disclose::CHECK,
    &security_contact_missing::CHECK,
    &admin_open::CHECK,
    &protected_page_open::CHECK,
    &asset_missing::CHECK,
    &asset_uncached::CHECK,
    &compression_missing::CHECK,
    &headers_lost_on_errors::CHECK,
    &error_page_bare::CHECK,
    &traceback_shown::CHECK,
    &observatory_grade_low::CHECK,
    &header_grade_low::CHECK,
    &preload_refused::CHECK,
    &differs_from_files::CHECK,
    &csrf_not_refused::CHECK,
    &honest_post_refused::CHECK,
    &body_unlimited::CHECK,
    &token_guessable::CHECK,
    &burst_unlimited::CHECK,
    &login_unlimited::CHECK,
    &lockout_shared::CHECK,
    &lockout_evaded::CHECK,
];

/// How long the page that visitors end on asks for TLS.
pub(crate) fn hsts_of(deployment: &Deployment) -> Hsts {
    let Ok(page) = look::page(deployment) else {
        return Hsts::Unseen;
    };
    if !page.exchange.is_secure() {
        return Hsts::Unseen;
    }
    match page.answer.value(hsts::NAME).map(hsts::Policy::parse) {
        None => Hsts::Absent,
        Some(None) => Hsts::Invalid,
        Some(Some(policy)) => Hsts::For(policy.max_age),
    }
}
