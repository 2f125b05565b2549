//! The parts of a document that matter here: headings, listings, tables, links, words set as code.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Bytes of the target of a link.
const LONGEST_TARGET: usize = 1024;

/// A document taken apart. Ranges are bytes of its text.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) headings: Vec<Range<usize>>,
    pub(super) listings: Vec<Listing>,
    /// Words set as code in running text, with the paragraph or list item around.
    pub(super) words: Vec<Word>,
    pub(super) links: Vec<Link>,
    pub(super) paragraphs: Vec<Range<usize>>,
}

#[derive(Debug)]
pub(super) struct Listing {
    /// What the document says it is in, in lower case; empty where it says nothing.
    pub(super) language: String,
    pub(super) range: Range<usize>,
}

#[derive(Debug)]
pub(super) struct Word {
    pub(super) range: Range<usize>,
    pub(super) around: Around,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// A paragraph, by its range.
    Text(Range<usize>),
    /// The first cell of a row of the table with this head.
    FirstCell(Range<usize>),
    Elsewhere,
}

#[derive(Debug)]
pub(super) struct Link {
    pub(super) target: String,
    pub(super) range: Range<usize>,
}

impl Layout {
    pub(super) fn of(path: &str, text: &str) -> Self {
        let mut layout = if path.ends_with(".rst") {
            restructured(text)
        } else {
            markdown(text)
        };
        layout.words.sort_by_key(|word| word.range.start);
        layout.headings.sort_by_key(|heading| heading.start);
        layout
    }

    /// The words set as code that begin in a range.
    pub(super) fn words_in(&self, range: &Range<usize>) -> &[Word] {
        let from = self
            .words
            .partition_point(|word| word.range.start < range.start);
        let to = self
            .words
            .partition_point(|word| word.range.start < range.end);
        &self.words[from..to]
    }

    /// The nearest heading above a place.
    pub(super) fn heading_above(&self, at: usize) -> Option<&Range<usize>> {
        let after = self.headings.partition_point(|heading| heading.start < at);
        self.headings.get(after.checked_sub(1)?)
    }
}

fn markdown(text: &str) -> Layout {
    let mut layout = Layout::default();
    let mut listing: Option<Listing> = None;
    let mut paragraph = None;
    let mut head = None;
    let mut column = 0;
    let mut waiting: Vec<Word> = Vec::new();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. }) => layout.headings.push(range),
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => language(&info),
                    CodeBlockKind::Indented => String::new(),
                };
                listing = Some(Listing {
                    language,
                    range: range.end..range.end,
                });
            }
            Event::End(TagEnd::CodeBlock) => layout.listings.extend(listing.take()),
            Event::Text(_) => {
                if let Some(listing) = &mut listing {
                    listing.range = listing.range.start.min(range.start)..range.end;
                }
            }
            // The items of a tight list hold their text without a paragraph.
            Event::Start(Tag::Paragraph | Tag::Item) => {
                paragraph.get_or_insert(range);
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item) => {
                if let Some(range) = paragraph.take() {
                    for word in waiting.drain(..) {
                        let around = Around::Text(range.clone());
                        layout.words.push(Word { around, ..word });
                    }
                    layout.paragraphs.push(range);
                }
            }
            Event::Start(Tag::TableHead) => head = Some(range),
            Event::Start(Tag::TableRow) => {
                column = 0;
                layout.paragraphs.push(range);
            }
            Event::End(TagEnd::TableCell) => column += 1,
            Event::End(TagEnd::Table) => head = None,
            Event::Code(_) => {
                let around = match &head {
                    Some(head) if column == 0 => Around::FirstCell(head.clone()),
                    _ => Around::Elsewhere,
                };
                let word = Word {
                    range: inner(text, range),
                    around,
                };
                if head.is_none() && paragraph.is_some() {
                    waiting.push(word);
                } else {
                    layout.words.push(word);
                }
            }
            Event::Start(Tag::Link { dest_url, .. }) => layout.links.push(Link {
                target: dest_url.into_string(),
                range,
            }),
            _ => {}
        }
    }
    layout
}

/// The first word of a fence's information, without the braces that some writers put round it.
fn language(info: &str) -> String {
    let word = info
        .split([' ', ',', '{', '}'])
        .find(|word| !word.is_empty());
    word.unwrap_or_default()
        .trim_start_matches('.')
        .to_ascii_lowercase()
}

/// A piece of code without its backticks.
fn inner(text: &str, range: Range<usize>) -> Range<usize> {
    let ticks = text[range.clone()]
        .bytes()
        .take_while(|byte| *byte == b'`')
        .count();
    range.start + ticks..range.end.saturating_sub(ticks).max(range.start + ticks)
}

/// reStructuredText, as far as headings, literal blocks, inline literals and links go.
fn restructured(text: &str) -> Layout {
    let mut layout = Layout::default();
    let mut block: Option<(String, usize)> = None;
    let mut paragraph: Option<Range<usize>> = None;
    let mut before = 0..0;
    let mut offset = 0;
    for raw in text.split_inclusive('\n') {
        let range = offset..offset + raw.trim_end().len();
        offset += raw.len();
        let line = raw.trim_end();
        let indent = line.len() - line.trim_start().len();
        if let Some((language, outer)) = &block {
            if line.is_empty() || indent > *outer {
                let is_option = line.trim_start().starts_with(':');
                if !line.is_empty() && !is_option {
                    extend(&mut layout.listings, language, range.clone());
                }
                continue;
            }
            block = None;
        }
        if line.is_empty() {
            layout.paragraphs.extend(paragraph.take());
        } else if is_underline(line) && !before.is_empty() {
            layout.headings.push(before.clone());
            paragraph = None;
        } else {
            let start = paragraph.as_ref().map_or(range.start, |known| known.start);
            paragraph = Some(start..range.end);
            if let Some(block_language) = opens_block(line) {
                layout.listings.push(Listing {
                    language: block_language.clone(),
                    range: range.end..range.end,
                });
                block = Some((block_language, indent));
            }
        }
        before = range;
    }
    layout.paragraphs.extend(paragraph);
    layout.listings.retain(|listing| !listing.range.is_empty());
    for paragraph in layout.paragraphs.clone() {
        inline(text, &paragraph, &mut layout);
    }
    layout
}

fn extend(listings: &mut [Listing], language: &str, range: Range<usize>) {
    if let Some(last) = listings.last_mut() {
        debug_assert_eq!(last.language, language);
        if last.range.is_empty() {
            last.range.start = range.start;
        }
        last.range.end = range.end;
    }
}

/// The language of the literal block that begins below this line, where one does.
fn opens_block(line: &str) -> Option<String> {
    let line = line.trim();
    for directive in [".. code-block::", ".. code::", ".. sourcecode::"] {
        if let Some(language) = line.strip_prefix(directive) {
            return Some(language.trim().to_ascii_lowercase());
        }
    }
    (line.ends_with("::") && !line.starts_with("..")).then(String::new)
}

fn is_underline(line: &str) -> bool {
    let mut bytes = line.bytes();
    let first = bytes.next();
    line.len() >= 3
        && first.is_some_and(|b| b"=-~^\"'#*+`".contains(&b))
        && bytes.all(|b| Some(b) == first)
}

/// The inline literals and links of a paragraph.
fn inline(text: &str, paragraph: &Range<usize>, layout: &mut Layout) {
    let body = &text[paragraph.clone()];
    let mut at = 0;
    while let Some(open) = body[at..].find("``") {
        let start = at + open + 2;
        let Some(length) = body[start..].find("``") else {
            break;
        };
        layout.words.push(Word {
            range: paragraph.start + start..paragraph.start + start + length,
            around: Around::Text(paragraph.clone()),
        });
        at = start + length + 2;
    }
    for (close, _) in body.match_indices(">`_") {
        let mut from = close.saturating_sub(LONGEST_TARGET);
        while !body.is_char_boundary(from) {
            from += 1;
        }
        if let Some(open) = body[from..close].rfind('<').map(|open| from + open) {
            layout.links.push(Link {
                target: body[open + 1..close].to_owned(),
                range: paragraph.start + open + 1..paragraph.start + close,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str, text: &str) -> (Vec<String>, Vec<(String, String)>, Vec<String>) {
        let layout = Layout::of(path, text);
        let at = |range: &Range<usize>| text[range.clone()].trim().to_owned();
        (
            layout.headings.iter().map(at).collect(),
            layout
                .listings
                .iter()
                .map(|listing| (listing.language.clone(), at(&listing.range)))
                .collect(),
            layout.words.iter().map(|word| at(&word.range)).collect(),
        )
    }

    #[test]
    fn markdown_and_restructured_text_give_the_same_parts() {
        let markdown = "# Setup\n\nSet `DEBUG` to off:\n\n```Bash\nexport A=1\nB=2\n```\n";
        let restructured = "Setup\n=====\n\nSet ``DEBUG`` to off:\n\n.. code-block:: Bash\n\n   export A=1\n   B=2\n\nEnd.\n";
        let (headings, listings, words) = parts("a.md", markdown);
        assert_eq!(headings, ["# Setup"]);
        assert_eq!(
            listings,
            [("bash".to_owned(), "export A=1\nB=2".to_owned())]
        );
        assert_eq!(words, ["DEBUG"]);
        let (headings, listings, words) = parts("a.rst", restructured);
        assert_eq!(headings, ["Setup"]);
        assert_eq!(
            listings,
            [("bash".to_owned(), "export A=1\n   B=2".to_owned())]
        );
        assert_eq!(words, ["DEBUG"]);
    }

    #[test]
    fn a_table_knows_its_head() {
        let text = "| Variable | Use |\n|---|---|\n| `A` | see `B` |\n";
        let layout = Layout::of("a.md", text);
        let around: Vec<_> = layout
            .words
            .iter()
            .map(|word| {
                (
                    &text[word.range.clone()],
                    matches!(word.around, Around::FirstCell(_)),
                )
            })
            .collect();
        assert_eq!(around, [("A", true), ("B", false)]);
    }
}
