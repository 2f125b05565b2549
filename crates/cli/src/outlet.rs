//! Where a report goes: stdout or a file.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use tightship_report::{
    Catalog, Report, Screen, badge, csv, github, gitlab, html, json, junit, markdown, oscal, sarif,
    terminal,
};

use crate::args::{Format, Outlet};
use crate::failure::Failure;
use crate::waivers::catalog;

/// How the screen is to be used.
pub(crate) struct Look {
    pub(crate) verbose: bool,
    pub(crate) manner: Manner,
}

/// How text is written for a person.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Write no colours
    #[arg(long)]
    pub(crate) no_color: bool,
    /// Write ASCII alone, as is done on a terminal that knows no more
    #[arg(long)]
    pub(crate) ascii: bool,
}

/// Writes the report to each of its outlets.
pub(crate) fn write(report: &Report, outlets: &[Outlet], look: &Look) -> Result<(), Failure> {
    for outlet in outlets {
        let is_text = outlet.format == Format::Terminal;
        match &outlet.file {
            Some(file) => to_file(file, |out| {
                let ascii = is_text && look.manner.ascii;
                let screen = look.screen(Screen::DEFAULT_WIDTH, ascii);
                let mut text = Vec::new();
                render(report, outlet.format, screen, &mut text)?;
                *out = in_manner(text, ascii, false);
                Ok(())
            })?,
            None => {
                to_stdout(look.manner.when(is_text), |out| {
                    let screen = look.screen(width(), look.manner.is_ascii());
                    render(report, outlet.format, screen, out)
                })?;
            }
        }
    }
    Ok(())
}

/// Writes to stdout, to a person in that manner, else byte by byte. A closed pipe is quiet: whoever
/// closed it has seen enough.
pub(crate) fn to_stdout(
    manner: Option<Manner>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<ExitCode, Failure> {
    let choice = match manner {
        Some(Manner {
            no_color: false, ..
        }) => anstream::AutoStream::choice(&io::stdout()),
        _ => anstream::ColorChoice::Never,
    };
    let mut text = Vec::new();
    write(&mut text).map_err(|error| unwritable("stdout", &error))?;
    let is_styled = choice != anstream::ColorChoice::Never;
    let text = in_manner(text, manner.is_some_and(Manner::is_ascii), is_styled);
    // Without styles there is nothing to look for.
    let choice = match is_styled {
        true => choice,
        false => anstream::ColorChoice::AlwaysAnsi,
    };
    let mut out = anstream::AutoStream::new(io::stdout().lock(), choice);
    match out.write_all(&text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(unwritable("stdout", &error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Stripped before it is written: a stream that strips writes each piece by itself.
fn in_manner(text: Vec<u8>, ascii: bool, is_styled: bool) -> Vec<u8> {
    let text = match is_styled {
        true => text,
        false => without_styles(text),
    };
    in_ascii(text, ascii)
}

/// The text without its styles, between which it is taken as it stands. What else steers a terminal
/// goes too, which takes a longer look.
fn without_styles(text: Vec<u8>) -> Vec<u8> {
    let is_plain = |byte: &u8| matches!(byte, b'\n' | b' '..=b'~' | 0x80..);
    let mut plain = Vec::with_capacity(text.len());
    for (at, piece) in text.split(|byte| *byte == ESCAPE).enumerate() {
        let style = if at == 0 {
            Some(0)
        } else {
            style_length(piece)
        };
        match style.map(|length| &piece[length..]) {
            Some(piece) if piece.iter().all(is_plain) => plain.extend_from_slice(piece),
            _ => return anstream::adapter::strip_bytes(&text).into_vec(),
        }
    }
    plain
}

const ESCAPE: u8 = 0x1b;

/// The bytes of `[1;31m`, with which a text begins behind [`ESCAPE`] (ECMA-48, "SGR").
fn style_length(text: &[u8]) -> Option<usize> {
    let numbers = text.strip_prefix(b"[")?;
    let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b';';
    let end = numbers.iter().position(|byte| !is_number(byte))?;
    (numbers[end] == b'm').then_some(end + 2)
}

/// The text in ASCII where that is asked for.
pub(crate) fn in_ascii(text: Vec<u8>, is_asked_for: bool) -> Vec<u8> {
    match is_asked_for {
        true => {
            let text = String::from_utf8_lossy(&text);
            tightship_report::ascii(&text).into_owned().into_bytes()
        }
        false => text,
    }
}

impl Manner {
    /// For what a program reads, none.
    pub(crate) fn when(self, is_for_people: bool) -> Option<Self> {
        is_for_people.then_some(self)
    }

    /// Whether stdout gets ASCII alone: asked for, or what the terminal knows. Of a locale that is not
    /// UTF-8 (`C`, `POSIX`, `de_DE.ISO-8859-1`), of Linux' own console and of the old ones of Windows
    /// (code pages 437, 850, 1252; their fonts lack what is drawn) nothing else is known to be shown.
    pub(crate) fn is_ascii(self) -> bool {
        self.ascii || !supports_unicode::on(supports_unicode::Stream::Stdout)
    }
}

impl Look {
    fn screen(&self, width: usize, ascii: bool) -> Screen {
        Screen {
            width,
            verbose: self.verbose,
            ascii,
        }
    }
}

/// Columns to write for.
pub(crate) fn width() -> usize {
    if !io::stdout().is_terminal() {
        return Screen::DEFAULT_WIDTH;
    }
    let columns =
        terminal_size::terminal_size().map_or(Screen::DEFAULT_WIDTH, |(width, _)| width.0.into());
    columns.clamp(Screen::NARROWEST, Screen::WIDEST)
}

fn render(report: &Report, format: Format, screen: Screen, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Terminal => terminal::render(report, &screen, out),
        Format::Json => json::render(report, out),
        Format::Sarif => sarif::render(report, &Catalog::new(catalog()), out),
        Format::Junit => junit::render(report, out),
        Format::Github => github::render(report, out),
        Format::Html => html::render(report, &Catalog::new(catalog()), out),
        Format::Gitlab => gitlab::render(report, out),
        Format::Oscal => oscal::render(report, out),
        Format::Csv => csv::render(report, out),
        Format::Badge => badge::render(report, out),
        Format::Markdown => markdown::render(report, out),
    }
}

/// Writes a file as a whole or not at all.
pub(crate) fn to_file(
    path: &Path,
    write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut text = Vec::new();
    write(&mut text)
        .and_then(|()| replace(path, &text))
        .map_err(|error| unwritable(&path.display().to_string(), &error))
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    // Of a symbolic link, what it leads to is replaced.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let Some(name) = path.file_name() else {
        return Err(io::ErrorKind::InvalidFilename.into());
    };
    // A pipe or a device is written to; only a file can be replaced.
    let existing = std::fs::metadata(path).ok();
    if existing
        .as_ref()
        .is_some_and(|existing| !existing.is_file())
    {
        return std::fs::write(path, text);
    }
    let mut draft_name = std::ffi::OsString::from(".");
    draft_name.push(name);
    draft_name.push(format!(".{}", std::process::id()));
    let draft = path.with_file_name(draft_name);
    let written = std::fs::File::create_new(&draft).and_then(|mut file| {
        file.write_all(text)?;
        if let Some(existing) = existing {
            file.set_permissions(existing.permissions())?;
            // A power cut leaves the old text or the new one, and not an empty file.
            file.sync_all()?;
        }
        std::fs::rename(&draft, path)
    });
    if written.is_err() {
        // What cannot be written often cannot be removed either; the first error is told.
        let _ = std::fs::remove_file(&draft);
    }
    written
}

pub(crate) fn unwritable(place: &str, error: &io::Error) -> Failure {
    Failure::new(
        format!("{place} cannot be written: {error}"),
        "give --output a file in a folder that exists and that you may write to",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_without_styles_is_what_a_terminal_would_show() {
        for text in [
            "",
            "plain, größer: «日本» 👍\n",
            "\x1b[1m\x1b[96mbold\x1b[0m and \x1b[2m↳\x1b[0m\n",
            "\x1b[38;5;9mred\x1b[0m\x1b[m",
            "a\ttab\rand \x07a bell",
            "\x1b]0;a title\x07 and \x1b[2Jmore",
            "an end \x1b",
            "an end \x1b[1",
        ] {
            let left = without_styles(text.as_bytes().to_vec());
            let expected = anstream::adapter::strip_bytes(text.as_bytes()).into_vec();
            assert_eq!(left, expected, "{text:?}");
        }
    }
}
