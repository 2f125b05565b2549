//! The page of a check: its sections, and the whole of it for a terminal.

use std::io::{self, Write};

use tightship_model::{Check, Need};

use crate::style::{BOLD, DIM, PLACE, PLAIN, paint, severity};
use crate::text::{Paragraph, ruled};

/// Writes a check's record and page for a terminal of `width` columns.
pub fn explain(check: &Check, width: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{} {}  {}\n",
        paint(severity(check.severity), "●"),
        paint(severity(check.severity), check.severity.name()),
        paint(BOLD, check.id),
    )?;
    Paragraph::indented(2, BOLD).write(check.title, width, out)?;
    writeln!(out)?;
    let mut row = |name: &str, text: String| match text.as_str() {
        "" => Ok(()),
        text => Paragraph::led(2, &format!("{name:<12}"), DIM, PLAIN).write(text, width, out),
    };
    row("rows", check.items.join(" "))?;
    row("also known", check.django_ids.join(" "))?;
    row("needs", needs(check).join(", "))?;
    for reference in check.references {
        row("see", reference.url())?;
    }
    writeln!(out)?;
    Page::of(check).render(width, out)
}

/// What a check stands on, as short words.
pub(crate) fn needs(check: &Check) -> Vec<String> {
    let words = |need: &Need| match need {
        Need::Settings => "settings".to_owned(),
        Need::App(app) => format!("app:{app}"),
        Need::Middleware(class) => format!("middleware:{class}"),
        Need::Nginx => "a configuration of nginx".to_owned(),
        Need::Django(major, minor) => format!("django>={major}.{minor}"),
        Need::Site => "site".to_owned(),
        Need::Thresholds => "thresholds".to_owned(),
    };
    check.needs.iter().map(words).collect()
}

/// A page in the small part of Markdown that pages use: headings, paragraphs, lists, fences, indented
/// code and code in backticks.
pub(crate) struct Page {
    blocks: Vec<Block>,
}

pub(crate) enum Block {
    Section(String),
    Heading(String),
    Paragraph(String),
    Item(String),
    /// The words after the fence, none for indented code, and the lines.
    Fence(String, Vec<String>),
}

impl Page {
    pub(crate) fn of(check: &Check) -> Self {
        let mut blocks = Vec::new();
        let mut lines = check.doc.lines();
        let mut continues = false;
        while let Some(line) = lines.next() {
            let text = line.trim();
            if let Some(code) = line.strip_prefix("    ").filter(|_| !continues) {
                match blocks.last_mut() {
                    Some(Block::Fence(info, lines)) if info.is_empty() => {
                        lines.push(code.to_owned());
                    }
                    _ => blocks.push(Block::Fence(String::new(), vec![code.to_owned()])),
                }
            } else if let Some(info) = text.strip_prefix("```") {
                let body = lines.by_ref().take_while(|line| line.trim() != "```");
                let body = body.map(str::to_owned).collect();
                blocks.push(Block::Fence(info.to_owned(), body));
            } else if let Some(heading) = text.strip_prefix("### ") {
                blocks.push(Block::Heading(heading.to_owned()));
            } else if let Some(heading) = text.strip_prefix("## ") {
                blocks.push(Block::Section(heading.to_owned()));
            } else if text.starts_with("# ") {
                // The title is the check's own.
            } else if let Some(item) = text.strip_prefix("- ") {
                blocks.push(Block::Item(item.to_owned()));
                continues = true;
                continue;
            } else if !text.is_empty() {
                match blocks.last_mut() {
                    Some(Block::Paragraph(before) | Block::Item(before)) if continues => {
                        before.push(' ');
                        before.push_str(text);
                    }
                    _ => blocks.push(Block::Paragraph(text.to_owned())),
                }
                continues = true;
                continue;
            }
            continues = false;
        }
        Self { blocks }
    }

    /// The blocks of a section.
    pub(crate) fn blocks(&self, name: &str) -> impl Iterator<Item = &Block> {
        let begins = move |block: &&Block| matches!(block, Block::Section(title) if title == name);
        self.blocks
            .iter()
            .skip_while(move |block| !begins(block))
            .skip(1)
            .take_while(|block| !matches!(block, Block::Section(_)))
    }

    /// The paragraphs and items of a section as one line of text.
    pub(crate) fn section(&self, name: &str) -> String {
        self.blocks(name)
            .filter_map(|block| match block {
                Block::Paragraph(text) | Block::Item(text) => Some(text.as_str()),
                _ => None,
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn render(&self, width: usize, out: &mut dyn Write) -> io::Result<()> {
        for (i, block) in self.blocks.iter().enumerate() {
            match block {
                Block::Section(title) => writeln!(out, "{}\n", ruled(title, "", width))?,
                Block::Heading(title) => {
                    Paragraph::indented(2, BOLD).write(title, width, out)?;
                    writeln!(out)?;
                }
                Block::Paragraph(text) => {
                    Paragraph::indented(2, PLAIN).write(&with_code(text), width, out)?;
                    writeln!(out)?;
                }
                Block::Item(text) => {
                    Paragraph::led(2, "- ", DIM, PLAIN).write(&with_code(text), width, out)?;
                    if !matches!(self.blocks.get(i + 1), Some(Block::Item(_))) {
                        writeln!(out)?;
                    }
                }
                Block::Fence(info, lines) => {
                    if let Some((_, path)) = info.split_once(' ') {
                        writeln!(out, "    {}", paint(DIM, path))?;
                    }
                    for line in lines {
                        writeln!(out, "    {} {}", paint(DIM, "│"), line)?;
                    }
                    writeln!(out)?;
                }
            }
        }
        Ok(())
    }
}

/// Text with what stands in backticks in the style of code.
fn with_code(text: &str) -> String {
    let styled = |(i, piece): (usize, &str)| match i % 2 {
        0 => piece.to_owned(),
        _ => paint(PLACE, piece),
    };
    text.split('`').enumerate().map(styled).collect()
}
