//! Where a report goes: stdout or a file.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

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
    pub(crate) no_color: bool,
}

/// Writes the report to each of its outlets.
pub(crate) fn write(report: &Report, outlets: &[Outlet], look: &Look) -> Result<(), Failure> {
    for outlet in outlets {
        match &outlet.file {
            Some(file) => to_file(file, |out| {
                let mut plain = anstream::StripStream::new(out);
                render(
                    report,
                    outlet.format,
                    look.screen(Screen::DEFAULT_WIDTH),
                    &mut plain,
                )
            })?,
            None => {
                to_stdout(look.no_color, |out| {
                    render(report, outlet.format, look.screen(width()), out)
                })?;
            }
        }
    }
    Ok(())
}

/// Writes to stdout, without styles where they are not wanted. A closed pipe is quiet: whoever
/// closed it has seen enough.
pub(crate) fn to_stdout(
    no_color: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<ExitCode, Failure> {
    let choice = match no_color {
        true => anstream::ColorChoice::Never,
        false => anstream::AutoStream::choice(&io::stdout()),
    };
    let mut text = Vec::new();
    write(&mut text).map_err(|error| unwritable("stdout", &error))?;
    // Stripped before it is written: a stream that strips writes each piece by itself.
    if choice == anstream::ColorChoice::Never {
        text = anstream::adapter::strip_bytes(&text).into_vec();
    }
    if io::stdout().is_terminal() && shows_ascii_alone() {
        text = in_ascii(&text);
    }
    let mut out = anstream::AutoStream::new(io::stdout().lock(), choice);
    match out.write_all(&text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(unwritable("stdout", &error))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

impl Look {
    fn screen(&self, width: usize) -> Screen {
        Screen {
            width,
            verbose: self.verbose,
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
        if let Some(existing) = existing {
            file.set_permissions(existing.permissions())?;
        }
        file.write_all(text)?;
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

/// Whether the terminal's locale names characters that are not UTF-8, such as `de_DE.ISO-8859-1` (POSIX,
/// section 8.2: the first of these variables that is set counts). One that names none, as `C`, says nothing
/// of the terminal. Windows needs no look: what is written to its console is UTF-16, whatever its code page.
fn shows_ascii_alone() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    set.is_some_and(|locale| {
        let charset = locale.split_once('.').map(|(_, rest)| rest);
        let charset = charset.map(|rest| rest.split('@').next().unwrap_or_default());
        charset.is_some_and(|name| !matches!(&*name.to_lowercase(), "utf-8" | "utf8"))
    })
}

/// The text with a character of ASCII for each other one, so that columns stay.
fn in_ascii(text: &[u8]) -> Vec<u8> {
    let ascii = |c: char| match c {
        c if c.is_ascii() => c,
        '─' | '–' | '·' => '-',
        '━' => '^',
        '│' => '|',
        '●' | '•' => '*',
        '✓' => '+',
        '✗' => 'x',
        '→' | '↳' => '>',
        '…' => '~',
        _ => '?',
    };
    let text = String::from_utf8_lossy(text);
    text.chars().map(ascii).collect::<String>().into_bytes()
}
