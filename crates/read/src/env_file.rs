//! Files of environment variables, as Compose reads them.

use tightship_model::Span;

use crate::files::Tree;
use crate::interpolate::is_secret;

/// One variable of a file.
pub(crate) struct Entry {
    pub(crate) name: String,
    /// `None` for a name alone, which hands the variable through.
    pub(crate) value: Option<String>,
    pub(crate) span: Span,
}

/// Reads a file and masks its secrets. `None` where there is none to read.
pub(crate) fn read(tree: &mut Tree, path: &str) -> Option<Vec<Entry>> {
    let source = tree.read(path)?;
    let mut entries = Vec::new();
    let mut secrets = Vec::new();
    let mut offset = 0u32;
    for raw in tree.text(source).split_inclusive('\n') {
        let start = offset;
        offset += raw.len() as u32;
        let line = raw.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let end = start + raw.trim_end().len() as u32;
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name.trim(), Some(unquoted(value.trim()))),
            None => (line, None),
        };
        if let Some(value) = value.as_deref()
            && is_secret(name, value)
        {
            let at = raw.find('=').map_or(start, |at| start + at as u32 + 1);
            secrets.push(Span::new(source, at, end));
        }
        entries.push(Entry {
            name: name.to_owned(),
            value,
            span: Span::new(source, end - line.len() as u32, end),
        });
    }
    secrets.into_iter().for_each(|span| tree.mark_secret(span));
    Some(entries)
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote)
            && let Some(end) = inner.find(quote)
        {
            return inner[..end].to_owned();
        }
    }
    value
        .split(" #")
        .next()
        .unwrap_or(value)
        .trim_end()
        .to_owned()
}
