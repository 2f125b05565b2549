//! The sections of a check's page, as the template words them.

use crate::page::{Block, Page};

/// A block of a section.
pub(super) enum Prose {
    Paragraph(Vec<Piece>),
    Items(Vec<Vec<Piece>>),
    Fence(String),
}

/// Text, or code in backticks.
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) is_code: bool,
}

/// The blocks of one section of a page, items gathered into lists.
pub(super) fn section(page: &Page, name: &str) -> Vec<Prose> {
    let mut prose = Vec::new();
    for block in page.blocks(name) {
        match block {
            Block::Paragraph(text) => prose.push(Prose::Paragraph(pieces(text))),
            Block::Item(text) => match prose.last_mut() {
                Some(Prose::Items(items)) => items.push(pieces(text)),
                _ => prose.push(Prose::Items(vec![pieces(text)])),
            },
            Block::Fence(_, lines) => prose.push(Prose::Fence(lines.join("\n"))),
            Block::Section(_) | Block::Heading(_) => {}
        }
    }
    prose
}

/// Every second piece between backticks is code.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    text.split('`')
        .enumerate()
        .filter(|(_, piece)| !piece.is_empty())
        .map(|(i, piece)| Piece {
            text: match i % 2 {
                0 => piece.replace("**", ""),
                _ => piece.to_owned(),
            },
            is_code: i % 2 == 1,
        })
        .collect()
}

/// A message as a sentence of its own: it begins with a capital letter, unless its first word may
/// be a name.
pub(crate) fn sentence(message: &str) -> String {
    const WORDS: [&str; 22] = [
        "a",
        "all",
        "an",
        "any",
        "anybody",
        "anyone",
        "each",
        "every",
        "everybody",
        "everyone",
        "new",
        "no",
        "nobody",
        "nothing",
        "one",
        "passwords",
        "requests",
        "the",
        "visitors",
        "while",
        "who",
        "whoever",
    ];
    let first = message.split(' ').next().unwrap_or_default();
    match message.chars().next() {
        Some(letter) if WORDS.contains(&first) => {
            format!("{}{}", letter.to_ascii_uppercase(), &message[1..])
        }
        _ => message.to_owned(),
    }
}
