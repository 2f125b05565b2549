//! Files that users upload.

mod root_shared;
mod root_unset;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[&root_unset::CHECK, &root_shared::CHECK];
