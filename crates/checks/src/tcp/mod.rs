//! Ports of the site's machine that were asked with `--probe ports`.

mod port_open;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[&port_open::CHECK];
