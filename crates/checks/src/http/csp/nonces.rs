//! Nonces that are not new for each answer.

use std::collections::HashMap;

use tightship_model::site::http::{Answer, Exchange, Http};

use super::{enforced, words};

/// A nonce that two answers carry, with those answers.
pub(in crate::http) struct Repeated<'a> {
    pub(in crate::http) source: String,
    pub(in crate::http) first: &'a Exchange,
    pub(in crate::http) second: &'a Exchange,
}

/// The first nonce that is sent twice. An answer without a body of its own (`304`, a redirect)
/// brings no page that a nonce could open.
pub(in crate::http) fn repeated(http: &Http) -> Option<Repeated<'_>> {
    let mut known: HashMap<String, &Exchange> = HashMap::new();
    for exchange in &http.exchanges {
        let pages = exchange.answer().filter(|answer| has_page(answer));
        for source in pages.into_iter().flat_map(nonces) {
            if let Some(first) = known.get(&source) {
                return Some(Repeated {
                    source,
                    first,
                    second: exchange,
                });
            }
            known.insert(source, exchange);
        }
    }
    None
}

fn has_page(answer: &Answer) -> bool {
    answer.content.bytes > 0 && !answer.is_redirect() && answer.status != 304
}

/// The nonces of an answer, each once.
fn nonces(answer: &Answer) -> Vec<String> {
    let policies = enforced(answer);
    let directives = policies.iter().flat_map(|policy| &policy.directives);
    let sources = directives.flat_map(|(_, sources)| sources);
    let mut nonces: Vec<_> = sources
        .filter(|source| words::nonce(source).is_some())
        .cloned()
        .collect();
    nonces.sort();
    nonces.dedup();
    nonces
}
