//! systemd service units (systemd.exec(5), systemd.syntax(7)).

use tightship_model::{SourceId, Span};

use crate::command::{self, Command};

#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    pub(crate) path: String,
    pub(crate) environment: Vec<(String, String, Span)>,
    pub(crate) environment_files: Vec<EnvironmentFile>,
    pub(crate) start: Option<Command>,
    pub(crate) working_directory: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct EnvironmentFile {
    pub(crate) path: String,
    pub(crate) span: Span,
}

/// Reads the `[Service]` section of any text.
pub(crate) fn parse(source: SourceId, path: &str, text: &str) -> Unit {
    let mut unit = Unit {
        path: path.to_owned(),
        ..Unit::default()
    };
    let mut is_service = false;
    for (line, span) in logical_lines(source, text) {
        if let Some(section) = line.strip_prefix('[') {
            is_service = section.trim_end_matches(']') == "Service";
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        if is_service {
            unit.take(key.trim(), value.trim(), span);
        }
    }
    unit
}

impl Unit {
    fn take(&mut self, key: &str, value: &str, span: Span) {
        match key {
            // An empty assignment takes back what came before it.
            "Environment" if value.is_empty() => self.environment.clear(),
            "Environment" => {
                for word in command::words(value) {
                    if let Some((name, value)) = word.split_once('=') {
                        self.environment
                            .push((name.to_owned(), value.to_owned(), span));
                    }
                }
            }
            "EnvironmentFile" if value.is_empty() => self.environment_files.clear(),
            "EnvironmentFile" => self.environment_files.push(EnvironmentFile {
                path: value.trim_start_matches('-').to_owned(),
                span,
            }),
            "ExecStart" => {
                let line = value.trim_start_matches(['-', '@', ':', '+', '!', '|']);
                self.start = Some(Command::shell(line, span));
            }
            "WorkingDirectory" => {
                self.working_directory = Some(value.trim_start_matches('-').to_owned());
            }
            _ => {}
        }
    }
}

fn logical_lines(source: SourceId, text: &str) -> Vec<(String, Span)> {
    let mut lines = Vec::new();
    let mut pending: Option<(String, u32)> = None;
    let mut offset = 0u32;
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len() as u32;
        let line = raw.trim_end();
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let (joined, start) = pending.get_or_insert((String::new(), start));
        match line.strip_suffix('\\') {
            Some(continued) => {
                joined.push_str(continued);
                joined.push(' ');
            }
            None => {
                joined.push_str(line);
                let end = (offset as usize - (raw.len() - line.len())) as u32;
                lines.push((joined.trim().to_owned(), Span::new(source, *start, end)));
                pending = None;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_gives_its_environment_and_start() {
        let unit = parse(
            SourceId(0),
            "web.service",
            "[Unit]\nEnvironment=NO=1\n[Service]\nEnvironment=\"A=x y\" B=2 \\\n  C=3\n\
             # note\nEnvironmentFile=-/srv/app/.env\nExecStart=/venv/bin/gunicorn shop.wsgi\n",
        );
        let names: Vec<_> = unit
            .environment
            .iter()
            .map(|(n, v, _)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(names, [("A", "x y"), ("B", "2"), ("C", "3")]);
        assert_eq!(unit.environment_files[0].path, "/srv/app/.env");
        assert!(unit.start.is_some_and(|start| start.is_server()));
    }
}
