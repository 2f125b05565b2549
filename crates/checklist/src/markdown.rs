//! What in a Markdown text is a box, and where its parts stand. pulldown-cmark decides what is a list
//! item, a code fence, a table or prose.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::note::OPENING;

/// A box as it stands in a text; all places are bytes of that text.
#[derive(Debug)]
pub(crate) struct Box {
    /// Of the character between the brackets.
    pub(crate) mark: usize,
    pub(crate) is_ticked: bool,
    pub(crate) section: String,
    /// The words of the item, code spans with their backticks, without comments.
    pub(crate) text: String,
    /// A place on the last line of those words.
    pub(crate) text_end: usize,
    /// Whether its words have ended: by a comment, a second paragraph, a list of its own.
    has_ended: bool,
    /// HTML of the item itself that holds a comment of ours.
    pub(crate) html: Vec<Range<usize>>,
}

/// Boxes in order, and what else may hold comments of ours.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) boxes: Vec<Box>,
    /// HTML with a comment of ours that stands at no box.
    pub(crate) stray_html: Vec<Range<usize>>,
    /// Code blocks and code spans: nothing in them is ours.
    pub(crate) code: Vec<Range<usize>>,
}

impl Layout {
    /// Takes a text apart, which begins at `offset` of the places that are given.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let mut walk = Walk::default();
        let options = Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            walk.step(event, range, text, offset);
        }
        walk.layout.boxes.sort_by_key(|one| one.mark);
        walk.layout
    }
}

#[derive(Default)]
struct Walk {
    layout: Layout,
    /// The items that are open: those with a box hold it.
    open: Vec<Option<Box>>,
    section: String,
    in_heading: bool,
}

impl Walk {
    fn step(&mut self, event: Event<'_>, range: Range<usize>, text: &str, offset: usize) {
        let placed = range.start + offset..range.end + offset;
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                // A title names the document, not a part of it.
                self.in_heading = level != HeadingLevel::H1;
                self.section.clear();
            }
            Event::End(TagEnd::Heading(_)) => self.in_heading = false,
            Event::Start(Tag::Item) => self.open.push(None),
            Event::End(TagEnd::Item) => {
                if let Some(Some(done)) = self.open.pop() {
                    self.layout.boxes.push(done);
                }
            }
            Event::TaskListMarker(is_ticked) => self.begin(is_ticked, &placed),
            Event::Start(Tag::HtmlBlock) => {
                self.end_words();
                self.comment(placed, &text[range]);
            }
            Event::InlineHtml(html) => {
                self.word("", &placed);
                self.comment(placed, &html);
            }
            Event::Start(Tag::CodeBlock(_)) => {
                self.end_words();
                self.layout.code.push(placed);
            }
            Event::Start(Tag::List(_) | Tag::BlockQuote(_) | Tag::Table(_))
            | Event::End(TagEnd::Paragraph) => self.end_words(),
            Event::Code(_) => {
                self.word(&text[range], &placed);
                self.layout.code.push(placed);
            }
            Event::Text(words) => self.word(&words, &placed),
            Event::SoftBreak | Event::HardBreak => self.word(" ", &(0..0)),
            _ => {}
        }
    }

    fn begin(&mut self, is_ticked: bool, marker: &Range<usize>) {
        if let Some(item) = self.open.last_mut() {
            *item = Some(Box {
                mark: marker.start + 1,
                is_ticked,
                section: self.section.trim().to_owned(),
                text: String::new(),
                text_end: marker.end,
                has_ended: false,
                html: Vec::new(),
            });
        }
    }

    /// Words of a heading or of the first lines of an item, up to its comment.
    fn word(&mut self, words: &str, place: &Range<usize>) {
        if self.in_heading {
            self.section.push_str(words);
        } else if let Some(Some(item)) = self.open.last_mut()
            && !item.has_ended
        {
            item.text.push_str(words);
            item.text_end = item.text_end.max(place.end);
        }
    }

    fn end_words(&mut self) {
        if let Some(Some(item)) = self.open.last_mut() {
            item.has_ended = true;
        }
    }

    fn comment(&mut self, place: Range<usize>, html: &str) {
        if !html.contains(OPENING) {
            return;
        }
        match self.open.last_mut() {
            Some(Some(item)) => {
                item.has_ended = true;
                item.html.push(place);
            }
            _ => self.layout.stray_html.push(place),
        }
    }
}
