//! The elements of an HTML page that a browser acts upon.

use html5gum::{StartTag, Token, Tokenizer};
use tightship_model::site::page::{Form, Link, Meta, Page, Resource, Script};
use url::Url;

/// Elements of one kind that are kept.
const MOST: usize = 2000;

/// Characters of a value that are kept.
const LONGEST: usize = 2000;

/// Reads a page that came from `url`. Any text is a page: a broken one gives what it holds.
pub(super) fn page(text: &str, url: &Url) -> Page {
    let mut reader = Reader {
        page: Page::default(),
        base: url.clone(),
        has_base: false,
        form: None,
        in_title: false,
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
            Token::String(text) if reader.in_title => {
                let room = LONGEST.saturating_sub(reader.page.title.len());
                let text = String::from_utf8_lossy(&text);
                reader.page.title.extend(text.chars().take(room));
            }
            _ => {}
        }
    }
    reader.end(b"form");
    reader.page.title = reader.page.title.trim().to_owned();
    reader.page
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
    base: Url,
    has_base: bool,
    form: Option<Form>,
    in_title: bool,
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
            b"script" => {
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
            b"input" => self.input(get("type"), get("name")),
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
            b"form" => {
                if let Some(form) = self.form.take() {
                    keep(&mut self.page.forms, form, &mut self.page.is_cut);
                }
            }
            _ => {}
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
        self.form = Some(Form {
            method: method
                .unwrap_or_else(|| "get".to_owned())
                .to_ascii_uppercase(),
            action: self.absolute(&action).unwrap_or(action),
            line,
            ..Form::default()
        });
    }

    fn input(&mut self, kind: Option<String>, name: Option<String>) {
        let Some(form) = &mut self.form else { return };
        form.has_password |= kind.is_some_and(|kind| kind.eq_ignore_ascii_case("password"));
        form.has_csrf_token |= name.is_some_and(|name| name == "csrfmiddlewaretoken");
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
