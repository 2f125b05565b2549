//! pyproject.toml (PEP 621, PEP 735, Poetry, PDM, uv) and Pipfile.

use tightship_model::{SourceId, Span};
use toml_edit::{Item, Value};

use super::{Collected, Fault, specifier, toml};

/// Runtime requirements first, then groups, so that the version of production counts.
pub(super) fn pyproject(
    source: SourceId,
    text: &str,
    packages: &mut Collected,
) -> Result<(), Fault> {
    let document = toml::parse(text)?;
    let table = document.as_table();
    let demands = [
        &["project", "requires-python"][..],
        &["tool", "poetry", "dependencies", "python"],
    ];
    for path in demands {
        if let Some(item) = toml::find(table, path)
            && let Some(clauses) = item.as_str()
        {
            packages.demand(&pep440(clauses), toml::span(source, item.span()));
        }
    }
    if let Some(item) = toml::find(table, &["project", "dependencies"]) {
        strings(source, item, packages);
    }
    if let Some(item) = toml::find(table, &["tool", "poetry", "dependencies"]) {
        named(source, item, packages);
    }
    for groups in [
        &["project", "optional-dependencies"][..],
        &["dependency-groups"],
        &["tool", "pdm", "dev-dependencies"],
    ] {
        for (_, item) in toml::find(table, groups)
            .and_then(Item::as_table_like)
            .into_iter()
            .flat_map(|table| table.iter())
        {
            strings(source, item, packages);
        }
    }
    if let Some(item) = toml::find(table, &["tool", "uv", "dev-dependencies"]) {
        strings(source, item, packages);
    }
    for (_, group) in toml::find(table, &["tool", "poetry", "group"])
        .and_then(Item::as_table_like)
        .into_iter()
        .flat_map(|table| table.iter())
    {
        if let Some(item) = group
            .as_table_like()
            .and_then(|group| group.get("dependencies"))
        {
            named(source, item, packages);
        }
    }
    Ok(())
}

/// `[packages]`; `[dev-packages]` is not deployed.
pub(super) fn pipfile(source: SourceId, text: &str, packages: &mut Collected) -> Result<(), Fault> {
    let document = toml::parse(text)?;
    if let Some(item) = document.as_table().get("packages") {
        named(source, item, packages);
    }
    Ok(())
}

/// A list of PEP 508 requirements.
fn strings(source: SourceId, item: &Item, packages: &mut Collected) {
    let Some(array) = item.as_array() else { return };
    for value in array {
        let Some(found) = value.as_str().and_then(specifier::parse) else {
            continue;
        };
        let place = toml::span(source, value.span());
        packages.add(&found.name, found.version, found.text, place);
    }
}

/// A table of names, each with a clause or a table that holds one under `version`.
fn named(source: SourceId, item: &Item, packages: &mut Collected) {
    let Some(table) = item.as_table_like() else {
        return;
    };
    for (name, item) in table.iter() {
        if name == "python" {
            continue;
        }
        let clause = item
            .as_str()
            .or_else(|| item.as_table_like()?.get("version")?.as_str())
            .or_else(|| {
                item.as_array()?
                    .get(0)?
                    .as_inline_table()?
                    .get("version")
                    .and_then(Value::as_str)
            })
            .unwrap_or("*");
        let clauses = pep440(clause);
        let place: Span = toml::span(source, item.span());
        let version = clauses
            .strip_prefix("==")
            .filter(|version| !version.contains(['*', ',']))
            .map(str::to_owned);
        packages.add(name, version, format!("{name}{clauses}"), place);
    }
}

/// Poetry's own clauses in the words of PEP 440: `^4.2` is `>=4.2,<5`, `~5.1` is `>=5.1,<5.2`, a
/// bare version is a pin.
fn pep440(clause: &str) -> String {
    let clauses: Vec<String> = clause
        .split([',', ' '])
        .map(str::trim)
        .filter(|clause| !clause.is_empty() && *clause != "*")
        .map(
            |clause| match (clause.strip_prefix('^'), clause.strip_prefix('~')) {
                (Some(version), _) => up_to(version, first_that_counts(version)),
                (_, Some(version)) if !version.starts_with('=') => up_to(version, 1),
                _ if clause.starts_with(|c: char| c.is_ascii_digit()) => format!("=={clause}"),
                _ => clause.to_owned(),
            },
        )
        .collect();
    clauses.join(",")
}

/// At least this version, and less than the next one in the number at `place` (or in the last).
fn up_to(version: &str, place: usize) -> String {
    let mut numbers: Vec<&str> = version.split('.').collect();
    numbers.truncate(place + 1);
    let next = numbers.pop().and_then(|number| number.parse::<u32>().ok());
    let Some(next) = next.and_then(|number| number.checked_add(1)) else {
        return format!(">={version}");
    };
    let next = next.to_string();
    numbers.push(&next);
    format!(">={version},<{}", numbers.join("."))
}

/// The place of the first number that is not zero: what a caret keeps.
fn first_that_counts(version: &str) -> usize {
    let zeros = version.split('.').take_while(|number| *number == "0");
    zeros.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_of_poetry_in_the_words_of_pep_440() {
        for (clause, expected) in [
            ("^4.2", ">=4.2,<5"),
            ("^0.2.3", ">=0.2.3,<0.3"),
            ("^0", ">=0,<1"),
            ("~5.1", ">=5.1,<5.2"),
            ("~5", ">=5,<6"),
            ("~5.1.3", ">=5.1.3,<5.2"),
            ("^4.x", ">=4.x,<5"),
            ("^dev", ">=dev"),
            ("~=5.1", "~=5.1"),
            ("5.2.1", "==5.2.1"),
            ("*", ""),
            (">=4.2,<6", ">=4.2,<6"),
        ] {
            assert_eq!(pep440(clause), expected, "{clause}");
        }
    }
}
