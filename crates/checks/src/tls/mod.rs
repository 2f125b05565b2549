//! What was seen of the TLS server.

mod certificate_demanded;
mod certificate_expiring;
mod certificate_untrusted;
mod chain_incomplete;
mod compression_on;
mod cure;
mod default_server_tells;
mod dh_group_weak;
mod families_differ;
pub mod grade;
mod grade_low;
mod key_published;
mod key_short;
mod library_faulty;
mod look;
mod name_mismatch;
mod protocol_missing;
mod protocol_old;
mod renegotiation_open;
mod staple_missing;
mod staple_wrong;
mod suite_weak;
mod transparency_missing;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[
    &grade_low::CHECK,
    &families_differ::CHECK,
    &protocol_old::CHECK,
    &protocol_missing::CHECK,
    &suite_weak::CHECK,
    &key_published::CHECK,
    &key_short::CHECK,
    &dh_group_weak::CHECK,
    &certificate_untrusted::CHECK,
    &chain_incomplete::CHECK,
    &certificate_expiring::CHECK,
    &certificate_demanded::CHECK,
    &name_mismatch::CHECK,
    &default_server_tells::CHECK,
    &staple_missing::CHECK,
    &staple_wrong::CHECK,
    &transparency_missing::CHECK,
    &compression_on::CHECK,
    &renegotiation_open::CHECK,
    &library_faulty::CHECK,
];
