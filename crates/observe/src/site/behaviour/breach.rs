//! Whether a page gives away a token of its visitor by how well it packs: BREACH (Gluck, Harris, Prado,
//! 2013). It needs a compressed answer over TLS that holds a secret and repeats a word of the query.
//!
//! The word is sent three times, and as often the name of the token's field, which is as long and stands
//! in the page: where that packs better, what a visitor is made to send is packed together with the token.
//! The value of the token is never sent in an address.

use tightship_model::site::http::{Exchange, Http, Purpose};
use url::Url;

use super::jar::Jar;
use super::visitor::cookie;
use crate::site::http::breach::{FIELD, Tokens};
use crate::site::http::{Capture, Question, html};

/// Pages that are opened until one holds a token and is compressed.
const PAGES: usize = 3;

/// How often each of both is sent.
const TIMES: usize = 3;

/// The pages, both words, and another visitor.
pub(super) const REQUESTS: usize = PAGES + 2 * TIMES + 1;

/// Fields of a query that pages repeat: `next` of Django's logins, those of searches, and a page's own.
const FIELDS: [&str; 5] = [FIELD, "query", "search", "s", "next"];

/// Letters in no order of a language: none of them packs with a neighbour.
const LETTERS: &str = "vqzjxkwgpfyhbumdcltrnsoiaeqvjzkxgwfphybudmtcrlsnioea";

pub(super) async fn send(capture: &mut Capture) -> Result<(), String> {
    let mut tokens = Tokens::default();
    for url in pages(&capture.http) {
        let mut visitor = Visitor {
            capture,
            tokens: &mut tokens,
            jar: Jar::default(),
        };
        let body = visitor.open(Purpose::BreachOpen, &url).await?;
        let Some(name) = visitor.token() else {
            continue;
        };
        let length = name.len().min(LETTERS.len());
        let fields = fields(&body, &url);
        for _ in 0..TIMES {
            for (purpose, word) in [
                (Purpose::BreachWord, &LETTERS[..length]),
                (Purpose::BreachName, name.as_str()),
            ] {
                visitor.open(purpose, &with(&url, &fields, word)).await?;
            }
        }
        visitor.jar = Jar::default();
        visitor.open(Purpose::BreachStranger, &url).await?;
        return Ok(());
    }
    Ok(())
}

/// Pages that were seen to show something to strangers, each once.
fn pages(http: &Http) -> Vec<Url> {
    let mut found: Vec<Url> = Vec::new();
    for purpose in [Purpose::Page, Purpose::Login, Purpose::Admin] {
        let shown = http.all(purpose).filter(|one| is_shown(one));
        for url in shown.filter_map(|one| Url::parse(&one.request.url).ok()) {
            if !found.contains(&url) {
                found.push(url);
            }
        }
    }
    found.truncate(PAGES);
    found
}

fn is_shown(exchange: &Exchange) -> bool {
    let answer = exchange.answer();
    answer.is_some_and(|answer| answer.is_success() && answer.content.page.is_some())
}

/// The fields of the query: the usual ones, and those that forms of the page send with it.
fn fields(body: &[u8], url: &Url) -> Vec<String> {
    /// A page may have any number.
    const MOST: usize = 12;
    let (_, forms) = html::read(&String::from_utf8_lossy(body), url);
    let own = forms
        .iter()
        .filter(|form| form.form.method == "GET")
        .flat_map(|form| &form.inputs)
        .filter(|input| matches!(input.kind.as_str(), "" | "text" | "search"))
        .map(|input| input.name.as_str());
    let mut all: Vec<String> = Vec::new();
    for name in FIELDS.into_iter().chain(own) {
        if !name.is_empty() && !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
    }
    all.truncate(MOST);
    all
}

/// An address with a word in each of these fields of its query.
fn with(url: &Url, fields: &[String], word: &str) -> Url {
    let mut url = url.clone();
    let mut query = url.query_pairs_mut();
    for field in fields {
        // Django repeats nothing but a path of the site there.
        let is_path = field == "next";
        let path = format!("/{word}");
        query.append_pair(field, if is_path { &path } else { word });
    }
    drop(query);
    url
}

/// Somebody who keeps his cookies.
struct Visitor<'a> {
    capture: &'a mut Capture,
    tokens: &'a mut Tokens,
    jar: Jar,
}

impl Visitor<'_> {
    /// Opens a page compressed, and notes its tokens.
    async fn open(&mut self, purpose: Purpose, url: &Url) -> Result<Vec<u8>, String> {
        let mut question = Question::get(purpose, url.clone()).compressed();
        if let Some(cookies) = self.jar.field(url) {
            question.headers.push(cookie(cookies));
        }
        let (_, private) = self.capture.one(question).await?;
        self.jar
            .take(private.cookies.iter().map(String::as_str), url);
        let text = String::from_utf8_lossy(&private.body);
        let tokens = self.tokens.of(&text, url);
        self.capture.note_tokens(tokens);
        Ok(private.body)
    }

    /// The first token of the page that was opened last, where that came compressed.
    fn token(&self) -> Option<String> {
        let content = &self.capture.http.exchanges.last()?.answer()?.content;
        content.packed?;
        content.tokens.first().map(|token| token.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_goes_into_every_field_that_a_page_may_repeat() {
        let url = Url::parse("https://shop.example/find/?page=2").expect("an address");
        let body = b"<form><input name=title><input name=q><input type=hidden name=x></form>\
                     <form method=post><input name=account></form>";
        let fields = fields(body, &url);
        assert_eq!(fields, ["q", "query", "search", "s", "next", "title"]);
        assert_eq!(
            with(&url, &fields[3..], "vqzj").as_str(),
            "https://shop.example/find/?page=2&s=vqzj&next=%2Fvqzj&title=vqzj"
        );
    }

    /// Equal lengths are what both are compared by.
    #[test]
    fn letters_do_not_repeat_themselves() {
        for length in 4..LETTERS.len() {
            let word = &LETTERS[..length];
            let pairs: Vec<_> = word.as_bytes().windows(3).collect();
            let mut once = pairs.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(pairs.len(), once.len(), "{word}");
        }
    }
}
