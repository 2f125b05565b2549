//! What the DNS says of the site's name and of its mail.

mod alias_dangling;
mod caa_forbids_issuer;
mod caa_missing;
mod dkim;
mod dkim_key_short;
mod dkim_missing;
mod dmarc_missing;
mod dmarc_none;
mod dnssec_broken;
mod look;
mod mail;
mod spf_broken;
mod spf_missing;
mod spf_relay_refused;
mod spf_too_many_lookups;
mod spf_too_open;
mod unresolved;
mod www_unanswered;

use tightship_model::Check;

pub(crate) use look::is_inner;

pub(crate) const CHECKS: &[&Check] = &[
    &unresolved::CHECK,
    &alias_dangling::CHECK,
    &www_unanswered::CHECK,
    &dnssec_broken::CHECK,
    &caa_missing::CHECK,
    &caa_forbids_issuer::CHECK,
    &spf_missing::CHECK,
    &spf_broken::CHECK,
    &spf_too_many_lookups::CHECK,
    &spf_too_open::CHECK,
    &spf_relay_refused::CHECK,
    &dkim_missing::CHECK,
    &dkim_key_short::CHECK,
    &dmarc_missing::CHECK,
    &dmarc_none::CHECK,
];
