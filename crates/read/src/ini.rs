//! Files of sections with keys: systemd units, supervisor, fail2ban, uWSGI, certbot's renewal
//! configuration.
//!
//! One tolerant reader; what differs is told by [`Dialect`].

use tightship_model::{SourceId, Span};

/// Lines of one file.
const MOST_KEYS: usize = 20_000;

/// What the readers of such files do differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A backslash at the end of a line continues it; `#` and `;` begin comments at the start of a
    /// line only (systemd.syntax(7)).
    Systemd,
    /// An indented line continues the value; ` ;` and ` #` begin comments (Python's configparser as
    /// supervisor and fail2ban use it; supervisor: ` ;` only).
    Configparser,
    /// Values end with the line; `[[x]]` is a section inside the one before (configobj, uWSGI).
    Plain,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Empty before the first section; `renewalparams/webroot_map` for a section inside another.
    pub(crate) section: String,
    pub(crate) name: String,
    pub(crate) value: String,
    /// From the name to the end of the value.
    pub(crate) span: Span,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Ini {
    /// Names and places of the sections.
    pub(crate) sections: Vec<(String, Span)>,
    pub(crate) keys: Vec<Key>,
}

impl Ini {
    pub(crate) fn section<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(move |key| key.section == name)
    }
}

/// Reads any text.
pub(crate) fn parse(source: SourceId, text: &str, dialect: Dialect) -> Ini {
    let mut ini = Ini::default();
    let mut section = String::new();
    let mut continues = false;
    let mut offset = 0usize;
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        let line = raw.trim_end();
        let trimmed = line.trim_start();
        let end = start + line.len();
        if trimmed.is_empty() {
            continues = false;
            continue;
        }
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        let is_indented = trimmed.len() < line.len();
        let is_continuation = match dialect {
            Dialect::Systemd => continues,
            Dialect::Configparser => is_indented,
            Dialect::Plain => false,
        };
        if let (true, Some(last)) = (is_continuation, ini.keys.last_mut()) {
            let (kept, more) = continued(trimmed, dialect);
            if !last.value.is_empty() {
                last.value.push(match dialect {
                    Dialect::Systemd => ' ',
                    _ => '\n',
                });
            }
            last.value.push_str(kept);
            last.span.end = end as u32;
            continues = more;
            continue;
        }
        continues = false;
        if let Some(name) = trimmed.strip_prefix('[') {
            let start = (end - trimmed.len()) as u32;
            let inner = name.strip_prefix('[');
            let name = inner.unwrap_or(name).split(']').next().unwrap_or("").trim();
            section = match (inner, section.split('/').next()) {
                (Some(_), Some(outer)) => format!("{outer}/{name}"),
                _ => name.to_owned(),
            };
            let span = Span::new(source, start, end as u32);
            ini.sections.push((section.clone(), span));
            continue;
        }
        let at = match dialect {
            Dialect::Configparser => trimmed.find(['=', ':']),
            _ => trimmed.find('='),
        };
        let (name, value) = match at {
            Some(at) => (trimmed[..at].trim_end(), trimmed[at + 1..].trim_start()),
            None => (trimmed, ""),
        };
        let (kept, more) = continued(value, dialect);
        continues = more;
        if ini.keys.len() == MOST_KEYS {
            break;
        }
        ini.keys.push(Key {
            section: section.clone(),
            name: name.to_owned(),
            value: kept.to_owned(),
            span: Span::new(source, (end - trimmed.len()) as u32, end as u32),
        });
    }
    ini
}

/// A value without what is not of it, and whether the next line goes on.
fn continued(value: &str, dialect: Dialect) -> (&str, bool) {
    match dialect {
        Dialect::Systemd => match value.strip_suffix('\\') {
            Some(kept) => (kept.trim_end(), true),
            None => (value, false),
        },
        Dialect::Configparser => {
            let cut = value.find(" ;").unwrap_or(value.len());
            (value[..cut].trim_end(), false)
        }
        Dialect::Plain => (value, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, dialect: Dialect) -> Vec<String> {
        let keys = parse(SourceId(0), text, dialect).keys;
        keys.into_iter()
            .map(|key| format!("{}.{}={}", key.section, key.name, key.value))
            .collect()
    }

    #[test]
    fn each_dialect_continues_lines_in_its_own_way() {
        let systemd = "[Service]\n# no\nExecStart=/bin/a \\\n  # no\n  --b\n  X=1\n";
        assert_eq!(
            keys(systemd, Dialect::Systemd),
            ["Service.ExecStart=/bin/a --b", "Service.X=1"]
        );
        let supervisor = "[program:web]\ncommand=a\n  b ; note\nuser = app ; note\n";
        assert_eq!(
            keys(supervisor, Dialect::Configparser),
            ["program:web.command=a\nb", "program:web.user=app"]
        );
        let renewal = "version = 2.1\n[renewalparams]\nserver = x\n[[webroot_map]]\na.b = /w\n";
        assert_eq!(
            keys(renewal, Dialect::Plain),
            [
                ".version=2.1",
                "renewalparams.server=x",
                "renewalparams/webroot_map.a.b=/w"
            ]
        );
    }
}
