//! Tools of development that ended up in production: django-debug-toolbar, read from version 8.0.0,
//! and django-silk, read from version 5.6.0.

mod profiler_open;
mod toolbar_for_all;
mod toolbar_miswired;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[
    &toolbar_for_all::CHECK,
    &profiler_open::CHECK,
    &toolbar_miswired::CHECK,
];
