//! Django's own settings.

mod debug_on;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[&debug_on::CHECK];
