//! The grade as a badge for a README: a small picture that needs nothing from elsewhere.

use std::io::{self, Write};

use crate::document::{Grade, Report};
use crate::summary::count;

/// Pixels of a character of 11 px sans-serif, about.
const CHARACTER: usize = 7;

/// Writes `tightship | D · 3 high`.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let worst = report
        .by_severity()
        .into_iter()
        .find(|(_, number)| *number > 0);
    let letter = report.summary.grade.map_or("–", Grade::letter);
    let text = match worst {
        Some((severity, number)) => format!("{letter} · {number} {}", severity.name()),
        None if report.summary.unknown > 0 => {
            format!("{letter} · {} unknown", report.summary.unknown)
        }
        None => format!("{letter} · {}", count(report.summary.pass, "check")),
    };
    let colour = match report.summary.grade {
        Some(Grade::A) => "#1b6844",
        Some(Grade::B) => "#2f5d8c",
        Some(Grade::C) => "#7a5600",
        Some(Grade::D) => "#ad4309",
        Some(Grade::F) => "#a5152f",
        Some(Grade::Open) => "#65478d",
        None => "#616c78",
    };
    let left = "tightship".len() * CHARACTER + 10;
    let right = text.chars().count() * CHARACTER + 10;
    let all = left + right;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" \
         aria-label=\"tightship: {text}\">\n<title>tightship: {text}</title>\n\
         <clipPath id=\"round\"><rect width=\"{all}\" height=\"20\" rx=\"4\"/></clipPath>\n\
         <g clip-path=\"url(#round)\"><rect width=\"{left}\" height=\"20\" fill=\"#2b343d\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{colour}\"/></g>\n\
         <g fill=\"#fff\" text-anchor=\"middle\" font-size=\"11\" \
         font-family=\"Verdana, 'DejaVu Sans', sans-serif\">\
         <text x=\"{}\" y=\"14\">tightship</text><text x=\"{}\" y=\"14\">{text}</text></g>\n</svg>",
        left / 2,
        left + right / 2
    )
}
