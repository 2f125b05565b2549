//! Stripe.

mod test_key;

use tightship_model::Check;

pub(crate) const CHECKS: &[&Check] = &[&test_key::CHECK];
