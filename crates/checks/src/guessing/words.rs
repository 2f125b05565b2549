//! Words of dictionaries and of the deployment: as they are, capitalized, with digits and signs for
//! letters, and backwards.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Part, choices};

/// Digits and signs that are written for a letter.
const STAND_INS: [(char, &[char]); 12] = [
    ('a', &['4', '@']),
    ('b', &['8']),
    ('c', &['(', '{', '[', '<']),
    ('e', &['3']),
    ('g', &['6', '9']),
    ('i', &['1', '!', '|']),
    ('l', &['1', '|', '7']),
    ('o', &['0']),
    ('s', &['$', '5']),
    ('t', &['+', '7']),
    ('x', &['%']),
    ('z', &['2']),
];

/// A word and its rank a line, in the order of their bytes.
const WORDS: &str = include_str!("words.txt");

/// Characters of the longest word in [`WORDS`].
const LONGEST: usize = 23;

/// The words with which a password begins or ends.
pub(super) fn parts(password: &[char], known: &HashMap<String, u64>) -> Vec<Part> {
    let longest = known.keys().map(|word| word.chars().count()).max();
    let longest = longest.unwrap_or(0).max(LONGEST);
    let length = password.len();
    let heads = (1..=length.min(longest)).map(|end| (0, end));
    let tails = (length.saturating_sub(longest).max(1)..length).map(|start| (start, length));
    let places: Vec<_> = heads.chain(tails).collect();

    let mut parts = Vec::new();
    for replaced in replacements(password) {
        let read = |c: &char| match replaced.iter().find(|(sign, _)| sign == c) {
            Some((_, letter)) => *letter,
            None => *c,
        };
        let plain: Vec<char> = password.iter().map(read).collect();
        for &(start, end) in &places {
            let text = &password[start..end];
            if !replaced.is_empty() && text == &plain[start..end] {
                continue;
            }
            if let Some(rank) = rank(plain[start..end].iter(), known) {
                let guesses = rank
                    .saturating_mul(capitals(text))
                    .saturating_mul(signs(text, &replaced));
                parts.push(Part {
                    start,
                    end,
                    guesses,
                });
            }
        }
    }
    for (start, end) in places {
        let text = &password[start..end];
        if let Some(rank) = rank(text.iter().rev(), known) {
            let guesses = rank.saturating_mul(capitals(text)).saturating_mul(2);
            parts.push(Part {
                start,
                end,
                guesses,
            });
        }
    }
    parts
}

/// After how many other words an attacker tries this one.
fn rank<'a>(word: impl Iterator<Item = &'a char>, known: &HashMap<String, u64>) -> Option<u64> {
    let word = word.collect::<String>().to_lowercase();
    let own = known.get(&word).copied();
    own.into_iter().chain(listed(&word)).min()
}

/// The rank of a word in [`WORDS`].
fn listed(word: &str) -> Option<u64> {
    let word = word.as_bytes();
    let behind = STARTS.partition_point(|start| name_at(*start) <= word);
    let start = *STARTS.get(behind.checked_sub(1)?)?;
    let mut lines = WORDS.as_bytes()[start..].split(|byte| *byte == b'\n');
    let line = lines.find(|line| *line > word)?;
    let rank = line.strip_prefix(word)?.strip_prefix(b" ")?;
    str::from_utf8(rank).ok()?.parse().ok()
}

/// Where about every 256th byte of [`WORDS`] a line begins: so near to a word its lines are gone
/// through one by one.
static STARTS: LazyLock<Vec<usize>> = LazyLock::new(|| {
    const STEP: usize = 256;
    let bytes = WORDS.as_bytes();
    let start = |at: usize| {
        let before = bytes[..at].iter().rposition(|byte| *byte == b'\n');
        before.map_or(0, |at| at + 1)
    };
    (0..bytes.len()).step_by(STEP).map(start).collect()
});

/// The word of the line that begins there.
fn name_at(start: usize) -> &'static [u8] {
    let line = &WORDS.as_bytes()[start..];
    let end = line.iter().position(|byte| *byte == b' ');
    &line[..end.unwrap_or(line.len())]
}

/// The ways to read the digits and signs of a password as letters: each stands for one letter, and
/// one for each letter at a time. The first is to read them as they are.
fn replacements(password: &[char]) -> Vec<Vec<(char, char)>> {
    let mut all = vec![Vec::new()];
    for (letter, signs) in STAND_INS {
        let mut next = Vec::new();
        for sign in signs.iter().filter(|sign| password.contains(sign)) {
            for one in &all {
                let mut without = one.clone();
                without.retain(|(other, _)| other != sign);
                let is_taken = without.len() < one.len();
                without.push((*sign, letter));
                next.push(without);
                if is_taken {
                    next.push(one.clone());
                }
            }
        }
        if !next.is_empty() {
            all = next;
        }
    }
    for one in &mut all {
        one.sort_unstable();
    }
    all.push(Vec::new());
    all.sort_unstable();
    all.dedup();
    all
}

/// How many ways to capitalize a word are tried until this one.
fn capitals(word: &[char]) -> u64 {
    let upper = word.iter().filter(|c| c.is_uppercase()).count();
    let lower = word.iter().filter(|c| c.is_lowercase()).count();
    let at_the_edge = |c: Option<&char>| c.is_some_and(|c| c.is_uppercase());
    match upper {
        0 => 1,
        1 if at_the_edge(word.first()) || at_the_edge(word.last()) => 2,
        _ if upper == word.len() => 2,
        _ => choices(upper + lower, upper.min(lower)),
    }
}

/// How many ways to write signs for letters are tried until this one.
fn signs(word: &[char], replaced: &[(char, char)]) -> u64 {
    let count = |wanted: char| {
        let lower = word.iter().flat_map(|c| c.to_lowercase());
        lower.filter(|c| *c == wanted).count()
    };
    let written = replaced.iter().filter(|(sign, _)| word.contains(sign));
    written.fold(1, |all, (sign, letter)| {
        let ways = match (count(*sign), count(*letter)) {
            (signs, letters) if signs > 0 && letters > 0 => {
                choices(signs + letters, signs.min(letters))
            }
            _ => 2,
        };
        ways.saturating_mul(all)
    })
}
