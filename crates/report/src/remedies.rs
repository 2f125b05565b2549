//! What would turn unknown verdicts into answers.

use std::collections::{BTreeMap, BTreeSet};

use tightship_model::{
    Outcome, Report, Span, Value, give_variables, settings_to_inspect, variables_to_give,
};

use crate::place::{Place, from_here};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remedy {
    pub(crate) text: String,
    /// Ids of the checks that it would answer, sorted.
    pub(crate) checks: Vec<&'static str>,
}

/// Unknown verdicts by what would settle them, the most fruitful first. Those that wait for
/// variables are one group, as one file can give them all; those that wait for settings are one
/// group for each place where the knowledge ends. `root` is the way from the reader to the project.
pub(crate) fn remedies(report: &Report<'_>, root: &str) -> Vec<Remedy> {
    let mut groups: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
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
            groups.entry(remedy.clone()).or_default().push(check);
        }
    }
    variables.sort_unstable();
    variables.dedup();
    if !waiting.is_empty() {
        groups.insert(give_variables(&variables), waiting);
    }
    for (end, (names, checks)) in ends {
        let place = Place::of(&report.deployment.sources, end.span);
        let text = format!(
            "look at {}:{}:{}, which leaves {} open: {}",
            from_here(root, &place.path),
            place.line,
            place.column,
            some_of(&names),
            end.reason
        );
        groups.entry(text).or_default().extend(checks);
    }
    let mut remedies: Vec<_> = groups
        .into_iter()
        .map(|(text, mut checks)| {
            checks.sort_unstable();
            Remedy { text, checks }
        })
        .collect();
    remedies.sort_by_key(|remedy| std::cmp::Reverse(remedy.checks.len()));
    remedies
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
