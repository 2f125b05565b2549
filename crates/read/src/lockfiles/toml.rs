//! Lock files in TOML: poetry.lock, uv.lock, pdm.lock and pylock.toml (PEP 751).

use std::ops::Range;

use tightship_model::{SourceId, Span};
use toml::de::DeTable;
use toml_edit::{Document, Item, Table, TableLike};

use super::{Collected, Fault};

/// `[[package]]` with `name` and `version`.
pub(super) fn lock(source: SourceId, text: &str, packages: &mut Collected) -> Result<(), Fault> {
    tables(source, text, "package", packages)
}

/// `[[packages]]` with `name` and `version`.
pub(super) fn pylock(source: SourceId, text: &str, packages: &mut Collected) -> Result<(), Fault> {
    tables(source, text, "packages", packages)
}

/// The document, or what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Document<&str>, Fault> {
    Document::parse(text).map_err(|error| fault(text, error.span(), error.message()))
}

fn fault(text: &str, span: Option<Range<usize>>, message: &str) -> Fault {
    Fault {
        line: span.map(|span| {
            let before = &text.as_bytes()[..span.start.min(text.len())];
            before.iter().filter(|byte| **byte == b'\n').count() + 1
        }),
        reason: format!("is not TOML: {}", message.lines().next().unwrap_or("")),
    }
}

/// The item under a chain of keys.
pub(super) fn find<'a>(table: &'a Table, keys: &[&str]) -> Option<&'a Item> {
    let (last, before) = keys.split_last()?;
    let mut current: &dyn TableLike = table;
    for key in before {
        current = current.get(key)?.as_table_like()?;
    }
    current.get(last)
}

pub(super) fn span(source: SourceId, range: Option<Range<usize>>) -> Span {
    let range = range.unwrap_or(0..0);
    Span::new(source, range.start as u32, range.end as u32)
}

fn tables(
    source: SourceId,
    text: &str,
    array: &str,
    packages: &mut Collected,
) -> Result<(), Fault> {
    // Lock files are large and only read: the parser without formatting is several times faster.
    let document =
        DeTable::parse(text).map_err(|error| fault(text, error.span(), error.message()))?;
    let tables = document
        .get_ref()
        .get(array)
        .and_then(|value| value.get_ref().as_array());
    for table in tables.into_iter().flatten() {
        let string = |key: &str| {
            let value = table.get_ref().get(key)?;
            Some((value.get_ref().as_str()?, value.span()))
        };
        let (Some((name, _)), Some((version, place))) = (string("name"), string("version")) else {
            continue;
        };
        let requirement = format!("{name}=={version}");
        let place = span(source, Some(place));
        packages.add(name, Some(version.to_owned()), requirement, place);
    }
    Ok(())
}
