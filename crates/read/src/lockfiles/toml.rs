//! Lock files in TOML: poetry.lock, uv.lock, pdm.lock and pylock.toml (PEP 751).

use tightship_model::{SourceId, Span};
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
    Document::parse(text).map_err(|error| Fault {
        line: error.span().map(|span| {
            text.as_bytes()[..span.start.min(text.len())]
                .iter()
                .filter(|b| **b == b'\n')
                .count()
                + 1
        }),
        reason: format!(
            "is not TOML: {}",
            error.message().lines().next().unwrap_or("")
        ),
    })
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

pub(super) fn span(source: SourceId, range: Option<std::ops::Range<usize>>) -> Span {
    let range = range.unwrap_or(0..0);
    Span::new(source, range.start as u32, range.end as u32)
}

fn tables(
    source: SourceId,
    text: &str,
    array: &str,
    packages: &mut Collected,
) -> Result<(), Fault> {
    let document = parse(text)?;
    let Some(tables) = document
        .as_table()
        .get(array)
        .and_then(Item::as_array_of_tables)
    else {
        return Ok(());
    };
    for table in tables {
        let string = |key: &str| table.get(key).and_then(Item::as_str);
        let (Some(name), Some(version)) = (string("name"), string("version")) else {
            continue;
        };
        let place = span(source, table.get("version").and_then(Item::span));
        let requirement = format!("{name}=={version}");
        packages.add(name, Some(version.to_owned()), requirement, place);
    }
    Ok(())
}
