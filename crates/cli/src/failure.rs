//! Why tightship could not do what it was asked: exit code 2.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

/// One line of cause and one of help.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) cause: String,
    help: String,
}

impl Failure {
    /// The exit code for a failure of tightship itself or a wrong use of it.
    pub(crate) const CODE: u8 = 2;

    pub(crate) fn new(cause: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            help: help.into(),
        }
    }

    /// Prints itself on stderr.
    pub(crate) fn tell(&self) -> ExitCode {
        // With stderr gone, the exit code is all that can be told.
        let text = self.to_string();
        let text = match supports_unicode::on(supports_unicode::Stream::Stderr) {
            true => text.into(),
            false => tightship_report::ascii(&text),
        };
        let _ = writeln!(anstream::stderr(), "{text}");
        ExitCode::from(Self::CODE)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = anstyle::AnsiColor::Red.on_default().bold();
        let help = anstyle::AnsiColor::Cyan.on_default().bold();
        let cause = tightship_report::clean(&self.cause);
        let cure = tightship_report::clean(&self.help);
        write!(
            f,
            "{error}error:{error:#} {cause}\n{help}help:{help:#} {cure}"
        )
    }
}

/// `did you mean "x"?`, where one of `known` is near; else nothing.
pub(crate) fn nearest<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    /// Less alike than this, names have nothing to do with each other.
    const LEAST_LIKENESS: f64 = 0.7;
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}
