//! Django's own defaults.

use std::sync::LazyLock;

use super::plain::{self, Plain};

/// The newest version in the table, which a project that names none is taken to run on.
pub(crate) const NEWEST: Version = (6, 1);

/// `django.conf.global_settings` of Django 4.2.30, 5.0.14, 5.1.15, 5.2.19, 6.0.10 and 6.1.3, read
/// from the packages: name, first and last version with this value, the value as a literal.
const DEFAULTS: &str = include_str!("defaults.tsv");

type Version = (u32, u32);

static ROWS: LazyLock<Vec<(&str, Version, Version, Plain)>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let mut fields = line.splitn(4, '\t');
        let name = fields.next()?;
        let from = number(fields.next()?)?;
        let to = number(fields.next()?)?;
        Some((name, from, to, plain::literal(fields.next()?)?))
    };
    DEFAULTS.lines().filter_map(row).collect()
});

/// Reads the table, so that whoever asks for it need not wait.
pub(crate) fn prepare() {
    LazyLock::force(&ROWS);
}

/// The names and values of `global_settings` in one version. Older versions count as 4.2, newer
/// ones as the newest.
pub(crate) fn defaults(version: Version) -> impl Iterator<Item = (&'static str, &'static Plain)> {
    let version = version.clamp((4, 2), NEWEST);
    ROWS.iter()
        .filter(move |(_, from, to, _)| (*from..=*to).contains(&version))
        .map(|(name, _, _, value)| (*name, value))
}

/// Whether a default is not the same in all versions of the table.
pub(crate) fn differs(name: &str) -> bool {
    let whole = format!("{name}\t4.2\t{}.{}\t", NEWEST.0, NEWEST.1);
    !DEFAULTS.lines().any(|line| line.starts_with(&whole))
}

fn number(text: &str) -> Option<Version> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
