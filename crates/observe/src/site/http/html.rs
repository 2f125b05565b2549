//! The elements of an HTML page that a browser acts upon.

use html5gum::{StartTag, Token, Tokenizer};
use tightship_model::site::page::{Form, Link, Meta, Page, Resource, Script};
use url::Url;

/// Elements of one kind that are kept.
const MOST: usize = 2000;

/// Characters of a value that are kept.
const LONGEST: usize = 2000;

/// Characters of the words of a page that are read.
const LONGEST_TEXT: usize = 200_000;

/// A form with what stands in it. Values are no facts that are kept: tokens are among them.
#[derive(Clone, Debug, Default)]
pub(in crate::site) struct Filled {
    pub(in crate::site) form: Form,
    pub(in crate::site) inputs: Vec<Input>,
}

/// A field of a form.
#[derive(Clone, Debug, Default)]
pub(in crate::site) struct Input {
    pub(in crate::site) name: String,
    /// In small letters; `""` where none is given.
    pub(in crate::site) kind: String,
    pub(in crate::site) value: String,
}

/// Reads a page that came from `url`. Any text is a page: a broken one gives what it holds.
pub(super) fn page(text: &str, url: &Url) -> Page {
    read(text, url).0
}

/// As [`page`], with the forms as they would be sent.
pub(in crate::site) fn read(text: &str, url: &Url) -> (Page, Vec<Filled>) {
    let reader = parse(text, url);
    (reader.page, reader.filled)
}

/// The words that a visitor of a page reads.
pub(super) fn words(text: &str, url: &Url) -> String {
    parse(text, url).words
}

fn parse(text: &str, url: &Url) -> Reader {
    let mut reader = Reader {
        page: Page::default(),
        filled: Vec::new(),
        words: String::new(),
        base: url.clone(),
        has_base: false,
        form: None,
        in_title: false,
        is_hidden: false,
    };
    let lines = Lines::of(text);
    let tokens = Tokenizer::new_with_emitter(text, {
        let mut emitter = html5gum::DefaultEmitter::<usize>::new_with_span();
        emitter.naively_switch_states(true);
        emitter
    });
    for token in tokens {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let line = lines.line(tag.span.start);
                reader.start(&tag, line);
            }
            Token::EndTag(tag) => reader.end(&tag.name),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    reader.end(b"form");
    reader.page.title = reader.page.title.trim().to_owned();
    reader
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// From 1.
    fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}

struct Reader {
    page: Page,
    filled: Vec<Filled>,
    words: String,
    base: Url,
    has_base: bool,
    form: Option<Filled>,
    in_title: bool,
    /// Within a script or a style sheet.
    is_hidden: bool,
}

impl Reader {
    fn start(&mut self, tag: &StartTag<usize>, line: usize) {
        let get = |name: &str| -> Option<String> {
            let value = tag.attributes.get(name.as_bytes())?;
            Some(
                String::from_utf8_lossy(value)
                    .chars()
                    .take(LONGEST)
                    .collect(),
            )
        };
        self.page.handlers += tag
            .attributes
            .keys()
            .filter(|name| name.len() > 2 && name.starts_with(b"on"))
            .count();
        match &*tag.name.0 {
            b"base" => self.rebase(get("href")),
            b"title" => self.in_title = true,
            b"style" => self.is_hidden = true,
            b"script" => {
                self.is_hidden = true;
                let script = Script {
                    url: get("src").and_then(|src| self.absolute(&src)),
                    src: get("src"),
                    integrity: get("integrity"),
                    crossorigin: get("crossorigin"),
                    has_nonce: get("nonce").is_some_and(|nonce| !nonce.is_empty()),
                    kind: get("type"),
                    line,
                };
                keep(&mut self.page.scripts, script, &mut self.page.is_cut);
            }
            b"link" => {
                let link = Link {
                    rel: get("rel").unwrap_or_default().to_ascii_lowercase(),
                    url: get("href")
                        .and_then(|href| self.absolute(&href))
                        .unwrap_or_default(),
                    integrity: get("integrity"),
                    crossorigin: get("crossorigin"),
                    line,
                };
                keep(&mut self.page.links, link, &mut self.page.is_cut);
            }
            b"meta" => self.meta(get("http-equiv"), get("name"), get("content")),
            b"form" => self.form(get("method"), get("action"), line),
            b"input" => self.input(get("type"), get("name"), get("value")),
            _ => {}
        }
        for (element, attribute) in LOADED {
            if tag.name.0 == element.as_bytes()
                && let Some(url) = get(attribute).and_then(|value| self.absolute(&value))
            {
                let resource = Resource {
                    element: (*element).to_owned(),
                    attribute: (*attribute).to_owned(),
                    url,
                    line,
                };
                keep(&mut self.page.resources, resource, &mut self.page.is_cut);
            }
        }
    }

    fn end(&mut self, name: &[u8]) {
        match name {
            b"title" => self.in_title = false,
            b"script" | b"style" => self.is_hidden = false,
            b"form" => {
                if let Some(filled) = self.form.take() {
                    let form = filled.form.clone();
                    keep(&mut self.page.forms, form, &mut self.page.is_cut);
                    keep(&mut self.filled, filled, &mut self.page.is_cut);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_title {
            let room = LONGEST.saturating_sub(self.page.title.len());
            self.page.title.extend(text.chars().take(room));
        } else if !self.is_hidden {
            let room = LONGEST_TEXT.saturating_sub(self.words.len());
            self.words.extend(text.chars().take(room));
            self.words.push(' ');
        }
    }

    /// The first `<base>` with an address counts (HTML, section 4.2.3).
    fn rebase(&mut self, href: Option<String>) {
        let Some(href) = href.filter(|_| !self.has_base) else {
            return;
        };
        if let Ok(base) = self.base.join(&href) {
            self.base = base;
            self.has_base = true;
        }
    }

    fn absolute(&self, address: &str) -> Option<String> {
        Some(self.base.join(address.trim()).ok()?.into())
    }

    fn meta(&mut self, http: Option<String>, name: Option<String>, content: Option<String>) {
        let is_http = http.is_some();
        let Some(name) = http.or(name) else { return };
        let meta = Meta {
            name: name.trim().to_ascii_lowercase(),
            is_http,
            content: content.unwrap_or_default(),
        };
        keep(&mut self.page.metas, meta, &mut self.page.is_cut);
    }

    /// A form within a form is not one (HTML, section 4.10.3).
    fn form(&mut self, method: Option<String>, action: Option<String>, line: usize) {
        if self.form.is_some() {
            return;
        }
        let action = action.unwrap_or_default();
        let form = Form {
            method: method
                .unwrap_or_else(|| "get".to_owned())
                .to_ascii_uppercase(),
            action: self.absolute(&action).unwrap_or(action),
            line,
            ..Form::default()
        };
        self.form = Some(Filled {
            form,
            inputs: Vec::new(),
        });
    }

    fn input(&mut self, kind: Option<String>, name: Option<String>, value: Option<String>) {
        let Some(Filled { form, inputs }) = &mut self.form else {
            return;
        };
        let input = Input {
            name: name.unwrap_or_default(),
            kind: kind.unwrap_or_default().trim().to_ascii_lowercase(),
            value: value.unwrap_or_default(),
        };
        form.has_password |= input.kind == "password";
        form.has_csrf_token |= input.name == "csrfmiddlewaretoken";
        keep(inputs, input, &mut self.page.is_cut);
    }
}

/// What a browser loads by itself, beside scripts and links.
const LOADED: &[(&str, &str)] = &[
    ("img", "src"),
    ("iframe", "src"),
    ("frame", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("audio", "src"),
    ("video", "src"),
    ("video", "poster"),
    ("source", "src"),
    ("track", "src"),
];

fn keep<T>(list: &mut Vec<T>, one: T, is_cut: &mut bool) {
    if list.len() < MOST {
        list.push(one);
    } else {
        *is_cut = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Page {
        let url = Url::parse("https://shop.example/a/").expect("an address");
        page(text, &url)
    }

    #[test]
    fn what_is_loaded_is_found_with_its_line() {
        let page = read(
            "<!doctype html><title> A &amp; B </title>\n\
             <script src=//cdn.example/x.js integrity=sha384-x crossorigin></script>\n\
             <script nonce=abc>if (a < b) { '<script src=no>' }</script>\n\
             <link REL=Stylesheet href=../s.css><img src=http://i.example/p.png onerror=x()>",
        );
        assert_eq!(page.title, "A & B");
        assert_eq!(page.scripts.len(), 2, "{:?}", page.scripts);
        let script = &page.scripts[0];
        assert_eq!(script.url.as_deref(), Some("https://cdn.example/x.js"));
        assert_eq!((script.line, script.crossorigin.as_deref()), (2, Some("")));
        assert!(page.scripts[1].has_nonce && page.scripts[1].src.is_none());
        assert_eq!(page.links[0].rel, "stylesheet");
        assert_eq!(page.links[0].url, "https://shop.example/s.css");
        assert_eq!(page.resources[0].url, "http://i.example/p.png");
        assert_eq!((page.resources[0].line, page.handlers), (4, 1));
    }

    #[test]
    fn comments_and_text_load_nothing() {
        let page = read(
            "<!-- <script src=a.js></script> --><textarea><script src=b.js></script></textarea>\
             <style><img src=c></style><title><img src=d></title>",
        );
        assert_eq!(
            (page.scripts.len(), page.resources.len()),
            (0, 0),
            "{page:?}"
        );
    }

    #[test]
    fn forms_know_what_they_send_where() {
        let page = read(
            "<base href=https://other.example/x/><base href=https://no.example/>\
             <form method=post action=go><input name=csrfmiddlewaretoken><form action=no>\
             <input type=Password></form><form>",
        );
        assert_eq!(page.forms.len(), 2);
        let form = &page.forms[0];
        assert_eq!(
            (form.method.as_str(), form.action.as_str()),
            ("POST", "https://other.example/x/go")
        );
        assert!(form.has_password && form.has_csrf_token);
        assert_eq!(page.forms[1].method, "GET");
    }

    #[test]
    fn a_huge_page_is_cut() {
        let page = read(&"<img src=a>".repeat(5000));
        assert!(page.is_cut && page.resources.len() == MOST);
    }
}
