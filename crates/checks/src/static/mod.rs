//! Static files.

mod root_unset;
mod whitenoise_misplaced;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[&root_unset::CHECK, &whitenoise_misplaced::CHECK];
