//! Lines that say who, where and what, with the place to click.

use std::io::{self, Write};

use tightship_model::{Deployment, Span};

use crate::clean::clean;
use crate::place::{Place, from_here};
use crate::style::{DIM, PLACE, PLAIN, paint};
use crate::text::Paragraph;

/// A screen on which places of a deployment are shown.
pub(crate) struct Screen<'a> {
    pub(crate) deployment: &'a Deployment,
    /// The project's folder as the user named it.
    pub(crate) root: &'a str,
    pub(crate) width: usize,
}

impl Screen<'_> {
    /// Who, where, and what.
    pub(crate) fn line(
        &self,
        who: &str,
        text: &str,
        span: Option<Span>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let lead = format!("{}{}", paint(DIM, who), paint(PLACE, self.place(span)));
        Paragraph::led(2, &lead, PLAIN, PLAIN).write(&clean(text), self.width, out)
    }

    /// `path:line:column` and two spaces; nothing where there is no place.
    pub(crate) fn place(&self, span: Option<Span>) -> String {
        let Some(span) = span else {
            return String::new();
        };
        let place = Place::of(&self.deployment.sources, span);
        let path = from_here(self.root, &place.path);
        // What stands for a file that is not here has no line to look at.
        if path.starts_with('/') {
            return format!("{}  ", clean(&path));
        }
        format!("{}:{}:{}  ", clean(&path), place.line, place.column)
    }
}
