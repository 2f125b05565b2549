//! Regular expressions, each compiled once: checks open the same pages of a site again and again,
//! and compiling costs a hundred times as much as finding.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use fancy_regex::{Regex, RegexBuilder};

/// What an expression is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Limits {
    pub(crate) caseless: bool,
    /// Steps of the engine beyond which an answer is not known.
    pub(crate) most_steps: usize,
    /// Bytes of the compiled expression.
    pub(crate) largest: usize,
}

/// Those of the engine itself.
pub(crate) const USUAL: Limits = Limits {
    caseless: false,
    most_steps: 1_000_000,
    largest: 10 * (1 << 20),
};

/// Expressions that are kept. All are forgotten when there are more.
const MOST_KEPT: usize = 256;

/// Bytes beyond which an expression is compiled each time, so that what is kept stays small.
const LARGEST_KEPT: usize = 256 * 1024;

static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

type Kept = HashMap<(String, Limits), Arc<Regex>>;

/// The expression, in the syntax of the engine; `None` where the engine does not take it.
pub(crate) fn compiled(text: &str, limits: Limits) -> Option<Arc<Regex>> {
    let key = (text.to_owned(), limits);
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = kept().get(&key) {
        return Some(Arc::clone(regex));
    }
    let build = |largest| {
        RegexBuilder::new(text)
            .case_insensitive(limits.caseless)
            .backtrack_limit(limits.most_steps)
            .delegate_size_limit(largest)
            .build()
            .ok()
            .map(Arc::new)
    };
    let Some(regex) = build(limits.largest.min(LARGEST_KEPT)) else {
        return build(limits.largest);
    };
    let mut kept = kept();
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert(key, Arc::clone(&regex));
    Some(regex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_told_apart_and_stays_small() {
        let strict = |text| compiled(text, USUAL).expect("an expression");
        assert!(Arc::ptr_eq(&strict("^kept$"), &strict("^kept$")));
        let caseless = Limits {
            caseless: true,
            ..USUAL
        };
        let loose = compiled("^kept$", caseless).expect("an expression");
        assert_eq!(strict("^kept$").is_match("KEPT").ok(), Some(false));
        assert_eq!(loose.is_match("KEPT").ok(), Some(true));
        assert!(compiled("(", USUAL).is_none());
        // `\w` of Unicode takes more than 10 kB, so that this one takes more than is kept.
        let large = r"\w{30}";
        assert!(!Arc::ptr_eq(&strict(large), &strict(large)));
    }
}
