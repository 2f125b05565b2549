//! What the code of views does, as far as names tell.

mod guards;
mod proof;
mod webhook_unverified;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[&webhook_unverified::CHECK];
