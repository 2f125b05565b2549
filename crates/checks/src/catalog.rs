//! The one list of checks: an array for each area. Everything else (help, docs, schemas, SARIF) is derived from it.

use tightship_model::Check;

use crate::{django, mail};

/// All checks, by area, in the order of the lists.
pub fn catalog() -> impl Iterator<Item = &'static Check> {
    [django::CHECKS, mail::CHECKS]
        .into_iter()
        .flatten()
        .copied()
}
