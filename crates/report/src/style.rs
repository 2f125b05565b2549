//! The few styles of the screen.

use anstyle::{AnsiColor, Style};
use tightship_model::Severity;

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const PLACE: Style = AnsiColor::Cyan.on_default();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const OPEN: Style = AnsiColor::BrightMagenta.on_default();
pub(crate) const CURE: Style = AnsiColor::Green.on_default();

pub(crate) fn severity(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::BrightRed.on_default().bold(),
        Severity::High => AnsiColor::BrightRed.on_default(),
        Severity::Medium => AnsiColor::BrightYellow.on_default(),
        Severity::Low => AnsiColor::BrightBlue.on_default(),
    }
}

/// The text in a style, with its reset.
pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    if style == PLAIN {
        return text.to_string();
    }
    format!("{style}{text}{style:#}")
}
