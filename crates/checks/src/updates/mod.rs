//! Whether newer versions are looked for.

mod python_left_out;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[&python_left_out::CHECK];
