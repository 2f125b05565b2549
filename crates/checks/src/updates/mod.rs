//! Whether newer versions are looked for.

mod automatic_off;
mod python_left_out;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[&automatic_off::CHECK, &python_left_out::CHECK];
