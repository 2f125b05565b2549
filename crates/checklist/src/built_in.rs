//! The lists that come with tightship.

use crate::Checklist;

/// Name and text of each.
pub static BUILT_IN: [(&str, &str); 3] = [
    (
        "deployment",
        include_str!("../../../checklists/deployment.md"),
    ),
    (
        "production",
        include_str!("../../../checklists/production.md"),
    ),
    ("complete", include_str!("../../../checklists/complete.md")),
];

/// The built-in list of this name.
///
/// Panics where the list itself is broken, which a test of this crate excludes.
pub fn built_in(name: &str) -> Option<Checklist> {
    let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    match Checklist::parse(name, text) {
        Ok(list) => Some(list),
        Err(refusal) => panic!("{refusal}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_lists_are_whole() {
        for (name, _) in BUILT_IN {
            let list = built_in(name).expect("a list");
            assert!(list.loose.is_empty(), "{name}: {:?}", list.loose.first());
            assert!(list.items.iter().all(|item| !item.is_ticked), "{name}");
        }
    }
}
