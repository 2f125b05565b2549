//! Names that are a slip or two away from one that is read. Nobody reads them, and nobody says so.

use tightship_model::{Deployment, Dict, Finding, Outcome, Traced, Trail, Value};

use crate::package::{finding, pass, project_reads, setting_value};
use crate::setting::{Judged, consider_value, not_set};

/// The names of a table: one a line, `#` begins a comment.
pub(crate) fn names(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

/// Settings whose names are slips of names in `table`, which holds all that the package reads.
pub(crate) fn judge_settings(deployment: &Deployment, package: &str, table: &str) -> Outcome {
    let Some(settings) = &deployment.settings else {
        return Outcome::NotApplicable("there are no settings".to_owned());
    };
    let (set, unset): (Vec<&str>, Vec<&str>) =
        names(table).partition(|read| settings.overrides(read));
    let unset = ReadNames::of(unset);
    let findings: Vec<_> = settings
        .overridden
        .iter()
        .filter(|(name, _)| !set.contains(&name.as_str()))
        .filter_map(|(name, value)| {
            let meant = unset.setting_meant(name)?;
            (!project_reads(deployment, name)).then(|| does_nothing(name, value, package, meant))
        })
        .collect();
    match findings.is_empty() {
        true => pass(
            format!("no setting is a slip of one that {package} reads"),
            &Trail::default(),
        ),
        false => Outcome::Fail(findings),
    }
}

/// The keys of a dict setting, of which the package reads those of a table.
pub(crate) struct Keys<'a> {
    pub(crate) setting: &'static str,
    pub(crate) package: &'static str,
    pub(crate) table: &'a str,
    /// Keys with which the package does not start, which nobody overlooks.
    pub(crate) refused: &'a [&'a str],
    /// What people leave out at the beginning of a key.
    pub(crate) prefix: &'a str,
}

impl Keys<'_> {
    /// Judges the keys: a slip of one that is read does nothing. Other packages and the project's
    /// own code keep keys there too, so a key that is near to none is left alone.
    pub(crate) fn judge(&self, deployment: &Deployment) -> Outcome {
        let Some(value) = setting_value(deployment, self.setting) else {
            return not_set(self.setting);
        };
        let slips = |value: &Value| Some(self.slips(deployment, value.as_dict()?));
        let none = format!("no key of {} is a slip", self.setting);
        match consider_value(self.setting, &value, &|value| {
            Some(!slips(value)?.is_empty())
        }) {
            Judged::Good(value) => pass(none, &value.trail),
            Judged::Open(outcome) => outcome,
            Judged::Bad(bad) => {
                let worded = |mut finding: Finding| {
                    finding.message = bad.worded(finding.message);
                    finding.confidence = bad.confidence;
                    finding
                };
                let findings = slips(&bad.value.value).unwrap_or_default();
                Outcome::Fail(findings.into_iter().map(worded).collect())
            }
        }
    }

    fn slips(&self, deployment: &Deployment, dict: &Dict) -> Vec<Finding> {
        let read = || names(self.table);
        dict.entries
            .iter()
            .filter_map(|(key, value)| Some((key.as_str()?, value)))
            .filter(|(key, _)| read().all(|read| read != *key) && !self.refused.contains(key))
            .filter(|(key, _)| !reads_key(deployment, key))
            .filter_map(|(key, value)| {
                let free = || read().filter(|read| dict.get(read).is_none());
                let without_prefix = |read: &&str| read.strip_prefix(self.prefix) == Some(key);
                let meant = free()
                    .find(without_prefix)
                    .or_else(|| ReadNames::of(free()).key_meant(key))?;
                let name = format!("{}.{key}", self.setting);
                Some(does_nothing(&name, value, self.package, meant))
            })
            .collect()
    }
}

/// Names that are read, which others are held against: a project may have a million of those.
pub(crate) struct ReadNames<'a> {
    /// Each with its [`letters`].
    names: Vec<(&'a str, u64)>,
}

impl<'a> ReadNames<'a> {
    pub(crate) fn of(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter();
        Self {
            names: names.map(|name| (name, letters(name))).collect(),
        }
    }

    /// The setting that was meant by a name with a slip or two.
    pub(crate) fn setting_meant(&self, name: &str) -> Option<&'a str> {
        self.nearest(name, LEAST_LENGTH_OF_SETTING, MOST_SLIPS)
    }

    /// The key that was meant: among few keys a slip of a short one is told too.
    fn key_meant(&self, key: &str) -> Option<&'a str> {
        match key.len() {
            LEAST_LENGTH_OF_SETTING.. => self.setting_meant(key),
            _ => self.nearest(key, LEAST_LENGTH_OF_KEY, 1),
        }
    }

    fn nearest(&self, name: &str, least_length: usize, most_slips: usize) -> Option<&'a str> {
        if name.len() < least_length {
            return None;
        }
        // Lengths and letters first: they rule out most pairs, and the distance costs the most by far.
        let own_letters = letters(name);
        let known = self.names.iter().copied();
        known
            .filter(|(known, _)| known.len() >= least_length)
            .filter(|(known, _)| name.len().abs_diff(known.len()) <= most_slips)
            .filter(|(_, others)| {
                let only_here = (own_letters & !others).count_ones();
                let only_there = (others & !own_letters).count_ones();
                only_here.max(only_there) as usize <= most_slips
            })
            // A digit is no slip: EMAIL_HOST_2 is meant.
            .filter(|(known, _)| digits(name).eq(digits(known)))
            .map(|(known, _)| (strsim::osa_distance(name, known), known))
            .filter(|(slips, _)| *slips <= most_slips)
            .min_by_key(|(slips, _)| *slips)
            .map(|(_, known)| known)
    }
}

fn digits(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_digit)
}

/// Which letters a name has, a bit for each; two that share a bit count as one. A slip takes away at
/// most one and brings at most one.
fn letters(name: &str) -> u64 {
    name.bytes().fold(0, |seen, byte| seen | 1 << (byte % 64))
}

fn does_nothing(name: &str, value: &Traced<Value>, package: &str, meant: &str) -> Finding {
    finding(
        name,
        &value.trail,
        format!(
            "{name} does nothing: {package} reads {meant}, which stays at its default however this \
             line looks"
        ),
        "Correct the name, or delete the line.",
    )
}

/// Whether code of the project takes this key out of a dict.
fn reads_key(deployment: &Deployment, key: &str) -> bool {
    deployment
        .sources
        .iter()
        .filter(|(_, source)| source.path.ends_with(".py"))
        .any(|(_, source)| {
            ['"', '\''].iter().any(|quote| {
                let text = source.raw();
                text.match_indices(&format!("{quote}{key}{quote}"))
                    .map(|(place, found)| text[place + found.len()..].trim_start())
                    .any(|after| after.starts_with([']', ',', ')']))
            })
        })
}

/// Shorter names of settings are too easily near to each other by chance.
const LEAST_LENGTH_OF_SETTING: usize = 12;
const LEAST_LENGTH_OF_KEY: usize = 6;
const MOST_SLIPS: usize = 2;
