//! What would turn unknown verdicts into answers.

use std::collections::{BTreeMap, BTreeSet};

use tightship_model::{
    Outcome, Report, Span, Value, give_variables, settings_to_inspect, variables_to_give,
};

use super::Remedy;
use crate::place::from_here;

/// Unknown verdicts by what would settle them, the most fruitful first. Those that wait for
/// variables are one group, as one file can give them all; those that wait for settings are one
/// group for each place where the knowledge ends.
pub(super) fn remedies(report: &Report<'_>) -> Vec<Remedy> {
    let mut groups: BTreeMap<(String, Option<String>), Vec<&'static str>> = BTreeMap::new();
    let mut ends: BTreeMap<End, (BTreeSet<&str>, Vec<&'static str>)> = BTreeMap::new();
    let mut variables = Vec::new();
    let mut waiting = Vec::new();
    for verdict in &report.verdicts {
        let Outcome::Unknown { remedy, .. } = &verdict.outcome else {
            continue;
        };
        let check = verdict.check.id;
        if let Some(names) = variables_to_give(remedy) {
            variables.extend(names);
            waiting.push(check);
        } else if let Some((name, end)) = end(report, remedy) {
            let (names, checks) = ends.entry(end).or_default();
            names.insert(name);
            checks.push(check);
        } else {
            groups
                .entry((remedy.clone(), None))
                .or_default()
                .push(check);
        }
    }
    variables.sort_unstable();
    variables.dedup();
    if !waiting.is_empty() {
        groups.insert((give_variables(&variables), None), waiting);
    }
    for (end, (names, checks)) in ends {
        let place = report.deployment.sources.place(end.span);
        let text = format!(
            "look at {place}, which leaves {} open: {}",
            some_of(&names),
            end.reason
        );
        groups
            .entry((text, Some(place)))
            .or_default()
            .extend(checks);
    }
    let mut remedies: Vec<_> = groups
        .into_iter()
        .map(|((remedy, place), mut checks)| {
            checks.sort_unstable();
            Remedy {
                remedy,
                checks: checks.into_iter().map(str::to_owned).collect(),
                place,
            }
        })
        .collect();
    remedies.sort_by_key(|remedy| std::cmp::Reverse(remedy.checks.len()));
    remedies
}

/// A remedy with its place as seen from where the user stands.
pub(crate) fn worded(remedy: &Remedy, root: &str) -> String {
    match &remedy.place {
        Some(place) => remedy.remedy.replacen(place, &from_here(root, place), 1),
        None => remedy.remedy.clone(),
    }
}

/// Where the knowledge of a setting ends, and why.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct End {
    span: Span,
    reason: String,
}

/// The first setting of a remedy that is open, and where its knowledge ends.
fn end<'a>(report: &'a Report<'_>, remedy: &'a str) -> Option<(&'a str, End)> {
    let settings = report.deployment.settings.as_ref()?;
    settings_to_inspect(remedy)?.find_map(|name| {
        let setting = settings.get(name)?;
        let traced = setting.value.as_ref();
        let reason = traced.value.open_part()?;
        let own = match &traced.value {
            Value::Unknown(unknown) => unknown.span,
            _ => None,
        };
        let span = own.or(traced.trail.first_span())?;
        Some((name, End { span, reason }))
    })
}

/// `A, B, C and 4 more`.
fn some_of(names: &BTreeSet<&str>) -> String {
    const NAMED: usize = 3;
    let named: Vec<_> = names.iter().copied().take(NAMED).collect();
    match names.len() {
        0..=NAMED => named.join(", "),
        all => format!("{} and {} more", named.join(", "), all - NAMED),
    }
}
