//! How many guesses a password takes: the estimate of zxcvbn (Wheeler, USENIX Security 2016), as far
//! as the password is a weak one.
//!
//! zxcvbn covers a password with patterns, each of which is guessed on its own, and takes the cover
//! that is found first. A cover of n parts takes n! · (the product of their guesses) + 10^(4(n-1)).
//! With three parts that is beyond [`STRONG`], so that covers of one and two parts decide: only
//! patterns with which the password begins or ends are weighed.
//!
//! `words.txt` holds the 93,855 words of the crate zxcvbn 3.1.1 with the rank of each in its own
//! list, sorted to be searched where they stand; its licence is in `words.license`.

mod keyboard;
mod patterns;
mod words;

use std::collections::HashMap;

/// Guesses from which zxcvbn gives its score of 3, "safely unguessable".
pub(crate) const STRONG: u64 = 100_000_005;

/// What an attacker knows.
pub(crate) struct Known {
    /// Words of the deployment, in small letters, each with the guess that it is.
    words: HashMap<String, u64>,
    /// Years near this one are tried first.
    year: i64,
}

impl Known {
    /// With words of the deployment, to be tried in their order, and the time in seconds since
    /// 1970-01-01 UTC.
    pub(crate) fn new<'a>(words: impl IntoIterator<Item = &'a str>, now: i64) -> Self {
        let words = words.into_iter().map(str::to_lowercase);
        Self {
            words: words.zip(1..).collect(),
            year: 1970 + now.div_euclid(SECONDS_A_YEAR),
        }
    }
}

/// The mean year of the Gregorian calendar.
const SECONDS_A_YEAR: i64 = 31_556_952;

/// A part of a password that a pattern explains: its characters from `start` up to `end`.
#[derive(Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    guesses: u64,
}

/// The guesses that a password takes; [`STRONG`] for that many and more.
pub(crate) fn guesses(password: &str, known: &Known) -> u64 {
    let chars: Vec<char> = password.chars().collect();
    guesses_of(&chars, known)
}

fn guesses_of(password: &[char], known: &Known) -> u64 {
    let length = password.len();
    if length == 0 {
        return 0;
    }
    // The fewest guesses for what comes before and after each place.
    let mut before: Vec<u64> = (0..=length).map(by_force).collect();
    let mut after: Vec<u64> = (0..=length).rev().map(by_force).collect();
    let mut whole = by_force(length);
    for part in parts(password, known) {
        let Part { start, end, .. } = part;
        let guesses = part.guesses.max(least(end - start));
        match (start, end) {
            (0, end) if end == length => whole = whole.min(part.guesses.max(1)),
            (0, end) => before[end] = before[end].min(guesses),
            (start, end) if end == length => after[start] = after[start].min(guesses),
            _ => {}
        }
    }
    let in_two = (1..length).map(|at| {
        let product = before[at].saturating_mul(after[at]);
        product.saturating_mul(2).saturating_add(SECOND_PART)
    });
    in_two
        .chain([whole.saturating_add(1)])
        .fold(STRONG, u64::min)
}

fn parts(password: &[char], known: &Known) -> Vec<Part> {
    let mut parts = words::parts(password, &known.words);
    parts.extend(keyboard::parts(password));
    parts.extend(patterns::sequences(password));
    parts.extend(patterns::years(password, known.year));
    parts.extend(patterns::dates(password, known.year));
    parts.extend(patterns::repeats(password, |base| guesses_of(base, known)));
    parts
}

/// The guesses for characters that no pattern explains, as many as there are: more than the least
/// for one that is explained.
fn by_force(length: usize) -> u64 {
    let digits = u32::try_from(length).unwrap_or(u32::MAX);
    10_u64.saturating_pow(digits).max(least(length) + 1)
}

/// The least guesses for a part beside which there is another.
fn least(length: usize) -> u64 {
    if length == 1 { 10 } else { 50 }
}

/// What a second part costs beside its own guesses.
const SECOND_PART: u64 = 10_000;

/// In how many ways `of` things are some, `most` at most, chosen.
fn choices(of: usize, most: usize) -> u64 {
    (1..=most).fold(0_u64, |sum, some| sum.saturating_add(ways(of, some)))
}

/// In how many ways `some` of `of` things are chosen.
fn ways(of: usize, some: usize) -> u64 {
    (0..some.min(of) as u64).fold(u64::from(some <= of), |ways, at| {
        ways.saturating_mul(of as u64 - at) / (at + 1)
    })
}

#[cfg(test)]
mod tests;
