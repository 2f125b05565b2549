//! What the code of views does, as far as names tell.

mod exempt_view_forged;
mod guards;
mod proof;
mod webhook_unverified;

use tightship_model::Check;

pub(crate) use guards::session_views;

pub(crate) const CHECKS: &[&Check] = &[&webhook_unverified::CHECK, &exempt_view_forged::CHECK];
