//! What the live site answers over HTTP. Pure functions of the capture.

mod debug_page;
mod header_twice;
mod hsts;
mod hsts_missing;
mod hsts_short;
mod https_redirect_missing;
mod look;
mod unreachable;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[
    &unreachable::CHECK,
    &debug_page::CHECK,
    &https_redirect_missing::CHECK,
    &hsts_missing::CHECK,
    &hsts_short::CHECK,
    &header_twice::CHECK,
];
