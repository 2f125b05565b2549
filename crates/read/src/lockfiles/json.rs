//! Pipfile.lock.

use serde_json::Value;
use tightship_model::{SourceId, Span};

use super::{Collected, Fault};

/// The packages under `default`; `develop` is not deployed.
pub(super) fn pipfile_lock(
    source: SourceId,
    text: &str,
    packages: &mut Collected,
) -> Result<(), Fault> {
    let document: Value = serde_json::from_str(text).map_err(|error| Fault {
        line: Some(error.line()),
        reason: format!("is not JSON (column {})", error.column()),
    })?;
    let Some(default) = document.get("default").and_then(Value::as_object) else {
        return Ok(());
    };
    for (name, entry) in default {
        let version = entry
            .get("version")
            .and_then(Value::as_str)
            .and_then(|version| version.strip_prefix("=="))
            .map(str::to_owned);
        let requirement = match &version {
            Some(version) => format!("{name}=={version}"),
            None => name.clone(),
        };
        // The JSON reader gives no places; a name stands once as a key of the section.
        let start = text.find(&format!("\"{name}\"")).unwrap_or(0) as u32;
        let end = start + name.len() as u32 + 2;
        packages.add(name, version, requirement, Span::new(source, start, end));
    }
    Ok(())
}
