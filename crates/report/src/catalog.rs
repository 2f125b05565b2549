//! The pages of the checks, by id.

use std::collections::HashMap;

use tightship_model::Check;

/// The checks that this version knows. A report that was kept may name others, whose pages are
/// then not there.
pub struct Catalog(HashMap<&'static str, &'static Check>);

impl Catalog {
    pub fn new(checks: impl IntoIterator<Item = &'static Check>) -> Self {
        Self(checks.into_iter().map(|check| (check.id, check)).collect())
    }

    pub(crate) fn get(&self, id: &str) -> Option<&'static Check> {
        self.0.get(id).copied()
    }
}
