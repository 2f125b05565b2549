//! What BREACH needs of a page: a word of the query that stands in it again, beside a token of the visitor.

use std::collections::BTreeMap;

use tightship_model::site::http::Token;
use url::Url;

use super::html;

/// The field of the query that always takes the word.
pub(in crate::site) const FIELD: &str = "q";

/// Names of fields that hold a token of the visitor, in small letters: Django, Rails, Laravel, Spring and
/// Symfony name them so.
const NAMES: [&str; 4] = ["csrf", "xsrf", "token", "authenticity"];

/// Characters of the shortest value that passes for a secret.
const SHORTEST: usize = 16;

/// Tokens of one page that are looked at.
const MOST: usize = 20;

/// Values that were seen, by the name of their field, so that equal ones are known again.
#[derive(Debug, Default)]
pub(in crate::site) struct Tokens(BTreeMap<String, Vec<String>>);

impl Tokens {
    /// The tokens of a page, each with the number of its value.
    pub(in crate::site) fn of(&mut self, text: &str, url: &Url) -> Vec<Token> {
        tokens(text, url)
            .into_iter()
            .map(|(name, value)| {
                let values = self.0.entry(name.clone()).or_default();
                let known = values.iter().position(|one| *one == value);
                let value = known.unwrap_or_else(|| {
                    values.push(value);
                    values.len() - 1
                });
                Token { name, value }
            })
            .collect()
    }
}

/// Names and values of hidden fields and of `<meta>` that pass for tokens.
fn tokens(text: &str, url: &Url) -> Vec<(String, String)> {
    let (page, forms) = html::read(text, url);
    let hidden = forms.into_iter().flat_map(|form| form.inputs);
    let hidden = hidden
        .filter(|input| input.kind == "hidden")
        .map(|input| (input.name, input.value));
    let metas = page.metas.into_iter().filter(|meta| !meta.is_http);
    let metas = metas.map(|meta| (meta.name, meta.content));
    let mut found: Vec<_> = hidden
        .chain(metas)
        .filter(|(name, value)| is_token(name, value))
        .collect();
    found.sort_unstable();
    found.dedup_by(|one, other| one.0 == other.0);
    found.truncate(MOST);
    found
}

fn is_token(name: &str, value: &str) -> bool {
    /// What a stranger calls its fields stands in messages.
    const LONGEST: usize = 64;
    let name = name.to_ascii_lowercase();
    name.len() <= LONGEST
        && !name.contains(char::is_control)
        && NAMES.iter().any(|known| name.contains(known))
        && value.len() >= SHORTEST
        && value.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether the word of the query stands in a body.
pub(super) fn repeats_word(text: &str, url: &Url) -> bool {
    let mut pairs = url.query_pairs();
    pairs.any(|(name, word)| name == FIELD && !word.is_empty() && text.contains(&*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_numbered_and_not_kept() {
        let url = Url::parse("https://shop.example/?q=vqzj").expect("an address");
        let page = |token: &str| {
            format!(
                "<meta name=csrf-token content={token}><meta name=viewport content=width=device-width>\
                 <form><input type=hidden name=next value=/account/orders/2026/><input name=token \
                 value=0123456789abcdef><input type=hidden name=form_token value={token}>\
                 <input type=hidden name=token value=short></form>"
            )
        };
        let mut seen = Tokens::default();
        let mut of = |token: &str| {
            let tokens = seen.of(&page(token), &url);
            let pairs = tokens.into_iter().map(|token| (token.name, token.value));
            pairs.collect::<Vec<_>>()
        };
        let both = |number| {
            vec![
                ("csrf-token".to_owned(), number),
                ("form_token".to_owned(), number),
            ]
        };
        assert_eq!(of("aaaaaaaaaaaaaaaaaaaa"), both(0));
        assert_eq!(of("bbbbbbbbbbbbbbbbbbbb"), both(1));
        assert_eq!(of("aaaaaaaaaaaaaaaaaaaa"), both(0));
    }

    #[test]
    fn the_word_of_the_query_is_known_again() {
        let url = |query: &str| {
            Url::parse(&format!("https://shop.example/?{query}")).expect("an address")
        };
        assert!(repeats_word("you sought vqzj", &url("next=%2Fvqzj&q=vqzj")));
        assert!(!repeats_word("you sought nothing", &url("q=vqzj")));
        assert!(!repeats_word("you sought vqzj", &url("page=vqzj")));
        assert!(!repeats_word("anything", &url("q=")));
    }
}
