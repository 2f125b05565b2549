//! Several lists as one: where two ask for different thresholds, the stricter one counts.

use std::collections::{BTreeMap, HashMap};

use tightship_model::Policy;

use crate::note::Binding;
use crate::{Checklist, Parameter};

/// All chosen lists as one.
#[derive(Clone, Debug)]
pub struct Joined {
    pub lists: Vec<String>,
    /// In the order of the lists; an id that stands in several is one item, where it stands first.
    pub items: Vec<JoinedItem>,
    /// The policy of the configuration, as strict as the lists ask.
    pub policy: Policy,
    /// Which of several thresholds counts, and what is bound to nothing.
    pub notes: Vec<String>,
}

/// An item, and the list that it stands in.
#[derive(Clone, Debug)]
pub struct JoinedItem {
    pub list: String,
    pub section: String,
    pub text: String,
    /// With the thresholds that count.
    pub binding: Binding,
}

/// Joins lists under the policy of a configuration.
pub fn join(lists: &[Checklist], mut policy: Policy) -> Joined {
    let mut items: Vec<JoinedItem> = Vec::new();
    let mut known = HashMap::<&str, usize>::new();
    let mut asked = BTreeMap::<&str, Vec<Asked<'_>>>::new();
    for list in lists {
        for item in &list.items {
            for (parameter, value) in &item.binding.parameters {
                asked.entry(parameter.name).or_default().push(Asked {
                    parameter,
                    value: *value,
                    by: format!("{} of {}", item.binding.id, list.name),
                });
            }
            match known.get(item.binding.id.as_str()) {
                Some(at) => add(&mut items[*at].binding, &item.binding),
                None => {
                    known.insert(item.binding.id.as_str(), items.len());
                    items.push(JoinedItem {
                        list: list.name.clone(),
                        section: item.section.clone(),
                        text: item.text.clone(),
                        binding: item.binding.clone(),
                    });
                }
            }
        }
    }
    let mut notes = Vec::new();
    for asked in asked.values() {
        let value = held(asked, &mut policy, &mut notes);
        for item in &mut items {
            let parameters = item.binding.parameters.iter_mut();
            let own =
                |(parameter, _): &&mut (&Parameter, u64)| parameter.name == asked[0].parameter.name;
            parameters.filter(own).for_each(|(_, held)| *held = value);
        }
    }
    notes.extend(lists.iter().filter_map(loose));
    Joined {
        lists: lists.iter().map(|list| list.name.clone()).collect(),
        items,
        policy,
        notes,
    }
}

/// A threshold that an item asks for.
struct Asked<'a> {
    parameter: &'a Parameter,
    value: u64,
    by: String,
}

/// The value that counts, put into the policy; a note where somebody asked for less.
fn held(asked: &[Asked<'_>], policy: &mut Policy, notes: &mut Vec<String>) -> u64 {
    let parameter = asked[0].parameter;
    let strictest = asked
        .iter()
        .map(|one| one.value)
        .reduce(|one, other| parameter.stricter(one, other))
        .unwrap_or_default();
    let value = parameter.tighten(policy, strictest);
    let (name, told) = (
        parameter.name,
        |wanted: &dyn Fn(u64) -> bool| -> Vec<String> {
            let asked = asked.iter().filter(|one| wanted(one.value));
            asked
                .map(|one| format!("{} ({})", one.value, one.by))
                .collect()
        },
    );
    let (met, less) = (told(&|one| one == value), told(&|one| one != value));
    if !less.is_empty() {
        let by = match met.is_empty() {
            true => format!("{value} (the configuration)"),
            false => met.join(", "),
        };
        notes.push(format!(
            "{name} is held to the stricter {by}, not to {}",
            less.join(", ")
        ));
    }
    value
}

/// Adds what a second list asks of an item.
pub(crate) fn add(binding: &mut Binding, other: &Binding) {
    fn merge<T: PartialEq + Clone>(all: &mut Vec<T>, others: &[T]) {
        for one in others {
            if !all.contains(one) {
                all.push(one.clone());
            }
        }
    }
    merge(&mut binding.checks, &other.checks);
    merge(&mut binding.needs, &other.needs);
    for (parameter, value) in &other.parameters {
        if binding
            .parameters
            .iter()
            .all(|(own, _)| own.name != parameter.name)
        {
            binding.parameters.push((parameter, *value));
        }
    }
    binding.people = binding.people.max(other.people);
    binding.valid = match (binding.valid, other.valid) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

fn loose(list: &Checklist) -> Option<String> {
    let name = &list.name;
    let boxes = match list.loose.len() {
        0 => return None,
        1 => "1 box".to_owned(),
        number => format!("{number} boxes"),
    };
    Some(format!(
        "{boxes} of {name} are bound to nothing: `tightship checklist adopt {name}` proposes bindings"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str, items: &str) -> Checklist {
        Checklist::parse(name, items).expect("a list")
    }

    #[test]
    fn the_stricter_threshold_counts_and_that_is_said() {
        let one = list(
            "one",
            "- [ ] a year <!-- tightship A; hsts-seconds: 31536000 -->\n\
             - [ ] five <!-- tightship L; axes-failure-limit: 5 -->\n",
        );
        let two = list(
            "two",
            "- [ ] two years <!-- tightship B; hsts-seconds: 63072000 -->\n\
             - [ ] three <!-- tightship M; axes-failure-limit: 3 -->\n",
        );
        let joined = join(&[one.clone(), two], Policy::default());
        assert_eq!(joined.policy.hsts_seconds, 63_072_000);
        assert_eq!(joined.policy.axes_failure_limit, 3);
        assert_eq!(joined.items[0].binding.parameters[0].1, 63_072_000);
        assert_eq!(
            joined.notes,
            [
                "axes-failure-limit is held to the stricter 3 (M of two), not to 5 (L of one)",
                "hsts-seconds is held to the stricter 63072000 (B of two), not to 31536000 (A of one)",
            ]
        );
        let strict = Policy {
            hsts_seconds: 99_000_000,
            ..Policy::default()
        };
        let joined = join(&[one], strict);
        assert_eq!(joined.policy.hsts_seconds, 99_000_000);
        assert!(
            joined.notes[0].contains("99000000 (the configuration)"),
            "{:?}",
            joined.notes
        );
    }

    #[test]
    fn an_id_of_two_lists_is_one_item() {
        let one = list(
            "one",
            "- [ ] first <!-- tightship A; checks: a/b; valid: 90d -->\n",
        );
        let two = list(
            "two",
            "- [ ] again <!-- tightship A; checks: a/b, a/c; needs: site; valid: 30d -->\n- [ ] loose\n",
        );
        let joined = join(&[one, two], Policy::default());
        let [item] = &joined.items[..] else {
            panic!("{:?}", joined.items);
        };
        assert_eq!((item.text.as_str(), item.list.as_str()), ("first", "one"));
        assert_eq!(item.binding.checks, ["a/b", "a/c"]);
        assert_eq!(item.binding.valid, Some(30));
        assert!(
            joined.notes[0].starts_with("1 box of two"),
            "{:?}",
            joined.notes
        );
    }
}
