//! Django's own defaults.

use std::rc::Rc;

use super::plain::{self, Plain};

/// The newest version in the table, which a project that names none is taken to run on.
pub(crate) const NEWEST: (u32, u32) = (6, 1);

/// `django.conf.global_settings` of Django 4.2.30, 5.0.14, 5.1.15, 5.2.19, 6.0.10 and 6.1.3, read
/// from the packages: name, first and last version with this value, the value as a literal.
const DEFAULTS: &str = include_str!("defaults.tsv");

/// The names and values of `global_settings` in one version. Older versions count as 4.2, newer
/// ones as the newest.
pub(crate) fn defaults(version: (u32, u32)) -> Vec<(Rc<str>, Plain)> {
    let version = version.clamp((4, 2), NEWEST);
    DEFAULTS
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(4, '\t');
            let name = fields.next()?;
            let from = number(fields.next()?)?;
            let to = number(fields.next()?)?;
            if !(from..=to).contains(&version) {
                return None;
            }
            Some((name.into(), plain::literal(fields.next()?)?))
        })
        .collect()
}

/// Whether a default is not the same in all versions of the table.
pub(crate) fn differs(name: &str) -> bool {
    let whole = format!("{name}\t4.2\t{}.{}\t", NEWEST.0, NEWEST.1);
    !DEFAULTS.lines().any(|line| line.starts_with(&whole))
}

fn number(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
