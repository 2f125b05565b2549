//! `settings.ini` as python-decouple's `RepositoryIni` reads it: Python's `configparser` with its
//! defaults, section `[settings]`. Verified against python-decouple 3.8 on Python 3.11.

use std::collections::HashMap;

use tightship_model::{Cause, SourceId, Span, Unknown};

use super::Text;
use super::cursor::{is_line_break, is_python_space};

/// The options of `[settings]`, those of `[DEFAULT]` below them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ini {
    options: HashMap<String, (Span, String)>,
}

impl Ini {
    /// The option under a name in any case, `%(other)s` put in.
    pub(crate) fn get(&self, name: &str) -> Option<(Span, Text)> {
        let key = name.to_lowercase();
        let (span, raw) = self.options.get(&key)?;
        let text = match self.interpolate(raw, 1) {
            Ok(text) => Text::Known(text),
            Err(reason) => Text::Unknown(Unknown::new(Cause::Error, reason, Some(*span))),
        };
        Some((*span, text))
    }

    /// All options in the order of the file, `%(other)s` put in.
    pub(crate) fn options(&self) -> Vec<(&str, Text)> {
        let mut options: Vec<_> = self.options.iter().collect();
        options.sort_by_key(|(_, (span, _))| span.start);
        options
            .into_iter()
            .filter_map(|(name, _)| Some((name.as_str(), self.get(name)?.1)))
            .collect()
    }

    /// Sorted, in lower case.
    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.options.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn interpolate(&self, raw: &str, depth: usize) -> Result<String, String> {
        if depth > DEEPEST {
            return Err("`%(…)s` nests too deeply: configparser stops".to_owned());
        }
        let mut out = String::new();
        let mut rest = raw;
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(tail) = after.strip_prefix('%') {
                out.push('%');
                rest = tail;
                continue;
            }
            let inside = after
                .strip_prefix('(')
                .and_then(|inside| Some((inside, inside.find(')')?)))
                .filter(|(inside, end)| inside[end + 1..].starts_with('s'));
            let Some((inside, end)) = inside.filter(|(_, end)| *end > 0) else {
                return Err("a single `%` stands in the value: configparser stops".to_owned());
            };
            let name = inside[..end].to_lowercase();
            let Some((_, value)) = self.options.get(&name) else {
                return Err(format!("`%({name})s` names no option: configparser stops"));
            };
            match value.contains('%') {
                true => out.push_str(&self.interpolate(value, depth + 1)?),
                false => out.push_str(value),
            }
            if out.len() > LONGEST {
                return Err("the value is longer than 1 MB".to_owned());
            }
            rest = &inside[end + 2..];
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Reads the file, or says where and why configparser stops.
pub(crate) fn parse_ini(source: SourceId, text: &str) -> Result<Ini, Unknown> {
    // Without [settings] not even the defaults are found.
    let sections = parse_ini_sections(source, text)?;
    let settings = sections.into_iter().find(|(name, _)| name == SETTINGS);
    Ok(settings.map_or_else(Ini::default, |(_, ini)| ini))
}

/// All sections but the defaults, which stand below each of them.
pub(crate) fn parse_ini_sections(
    source: SourceId,
    text: &str,
) -> Result<Vec<(String, Ini)>, Unknown> {
    let mut reader = Reader::default();
    let mut start = 0;
    while start < text.len() {
        let rest = &text[start..];
        let length = rest.find(is_line_break).unwrap_or(rest.len());
        let line = &rest[..length];
        reader.line(line, start).map_err(|reason| {
            let span = Span::new(source, start as u32, (start + length) as u32);
            Unknown::new(
                Cause::Error,
                format!("{reason}: configparser stops"),
                Some(span),
            )
        })?;
        start += length
            + match &rest[length..] {
                after if after.starts_with("\r\n") => 2,
                after => after.chars().next().map_or(0, char::len_utf8),
            };
    }
    Ok(reader.finish(source))
}

#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
    /// The section that lines go to.
    current: Option<usize>,
    /// The option that deeper lines go on with, by its place in the section.
    option: Option<usize>,
    indent: usize,
}

struct Section {
    name: String,
    options: Vec<Setting>,
}

struct Setting {
    name: String,
    start: usize,
    end: usize,
    lines: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: &str, start: usize) -> Result<(), &'static str> {
        let indent = line.len() - line.trim_start_matches(is_python_space).len();
        let is_comment = line[indent..].starts_with(['#', ';']);
        let body = match is_comment {
            true => "",
            false => line.trim_matches(is_python_space),
        };
        if body.is_empty() {
            // An empty line goes on with the value, a comment does not end it.
            match self.setting() {
                Some(setting) if !is_comment => setting.lines.push(String::new()),
                _ => {}
            }
            return Ok(());
        }
        let level = line.chars().take_while(|c| is_python_space(*c)).count();
        if self.option.is_some() && level > self.indent {
            if let Some(setting) = self.setting() {
                setting.lines.push(body.to_owned());
                setting.end = start + indent + body.len();
            }
            return Ok(());
        }
        self.indent = level;
        if let Some(name) = header(body) {
            return self.section(name);
        }
        let Some(current) = self.current else {
            return Err("an option stands before any section");
        };
        let Some(at) = body.find(['=', ':']) else {
            return Err("a line is neither a section nor an option");
        };
        let name = body[..at].trim_end_matches(is_python_space).to_lowercase();
        let written = &body[at + 1..];
        let value = written.trim_matches(is_python_space);
        if name.is_empty() {
            return Err("an option has no name");
        }
        let options = &mut self.sections[current].options;
        if options.iter().any(|option| option.name == name) {
            return Err("an option stands there twice");
        }
        let lead = written.len() - written.trim_start_matches(is_python_space).len();
        let from = start + indent + at + 1 + lead;
        self.option = Some(options.len());
        options.push(Setting {
            name,
            start: from,
            end: from + value.len(),
            lines: vec![value.to_owned()],
        });
        Ok(())
    }

    fn section(&mut self, name: &str) -> Result<(), &'static str> {
        let found = self
            .sections
            .iter()
            .position(|section| section.name == name);
        if found.is_some() && name != DEFAULT {
            return Err("a section stands there twice");
        }
        self.current = Some(found.unwrap_or(self.sections.len()));
        self.option = None;
        if found.is_none() {
            self.sections.push(Section {
                name: name.to_owned(),
                options: Vec::new(),
            });
        }
        Ok(())
    }

    fn setting(&mut self) -> Option<&mut Setting> {
        let section = self.sections.get_mut(self.current?)?;
        section.options.get_mut(self.option?)
    }

    fn finish(self, source: SourceId) -> Vec<(String, Ini)> {
        let options = |section: &Section| {
            let option = |option: &Setting| {
                let value = option.lines.join("\n");
                let value = value.trim_end_matches(is_python_space).to_owned();
                let span = Span::new(source, option.start as u32, option.end as u32);
                (option.name.clone(), (span, value))
            };
            section.options.iter().map(option).collect::<Vec<_>>()
        };
        let is_default = |section: &&Section| section.name == DEFAULT;
        let defaults: Vec<_> = self
            .sections
            .iter()
            .filter(is_default)
            .flat_map(options)
            .collect();
        self.sections
            .iter()
            .filter(|section| !is_default(section))
            .map(|section| {
                let all = defaults.iter().cloned().chain(options(section));
                (
                    section.name.clone(),
                    Ini {
                        options: all.collect(),
                    },
                )
            })
            .collect()
    }
}

/// `[name]`, whatever follows it.
fn header(body: &str) -> Option<&str> {
    let inside = body.strip_prefix('[')?;
    let end = inside.rfind(']').filter(|end| *end > 0)?;
    Some(&inside[..end])
}

const DEFAULT: &str = "DEFAULT";
const SETTINGS: &str = "settings";

/// configparser's `MAX_INTERPOLATION_DEPTH`.
const DEEPEST: usize = 10;

/// A value in bytes.
const LONGEST: usize = 1024 * 1024;
