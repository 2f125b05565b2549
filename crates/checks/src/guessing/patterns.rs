//! Sequences, years, dates, and what is repeated.

use super::Part;

/// Years that a date may name.
const YEARS: std::ops::RangeInclusive<i64> = 1000..=2050;

/// The years on either side of today that are tried at once.
const NEAR_YEARS: i64 = 20;

/// Characters that stand between the parts of a date.
const SEPARATORS: [char; 5] = ['/', '\\', '_', '.', '-'];

/// Runs of characters whose code points go up or down by the same step: `abcd`, `9753`.
pub(super) fn sequences(password: &[char]) -> Vec<Part> {
    const WIDEST_STEP: i64 = 5;
    let steps: Vec<i64> = password
        .windows(2)
        .map(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])))
        .collect();
    let mut parts = Vec::new();
    let (mut start, mut step) = (0, 0);
    // Characters that repeat belong to the run after them.
    for (at, next) in steps.iter().copied().chain([i64::MAX]).enumerate() {
        if step == 0 && at < steps.len() {
            step = next;
        }
        if step == next {
            continue;
        }
        let end = at + 1;
        let is_long = end - start > 2 || step.abs() == 1;
        if is_long && (1..=WIDEST_STEP).contains(&step.abs()) {
            let base: u64 = match password[start] {
                'a' | 'A' | 'z' | 'Z' | '0' | '1' | '9' => 4,
                c if c.is_ascii_digit() => 10,
                _ => 26,
            };
            let directions = if step > 0 { 1 } else { 2 };
            let guesses = base * directions * (end - start) as u64;
            parts.push(Part {
                start,
                end,
                guesses,
            });
        }
        (start, step) = (at, next);
    }
    parts
}

/// Years from 1900 to 2099.
pub(super) fn years(password: &[char], today: i64) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(four) = password.get(start..start + 4) {
        match number(four) {
            Some(year @ 1900..=2099) => {
                let guesses = distance(year, today);
                parts.push(Part {
                    start,
                    end: start + 4,
                    guesses,
                });
                start += 4;
            }
            _ => start += 1,
        }
    }
    parts
}

/// Dates of three numbers, with a sign between them or none; none that lies in another.
pub(super) fn dates(password: &[char], today: i64) -> Vec<Part> {
    const SIGNS: u64 = 4;
    const DAYS: u64 = 365;
    let mut parts = Vec::new();
    for start in 0..password.len() {
        for length in 4..=10 {
            let Some(text) = password.get(start..start + length) else {
                break;
            };
            let (year, signs) = match (bare_date(text, today), signed_date(text)) {
                (Some(year), _) => (year, 1),
                (None, Some(year)) => (year, SIGNS),
                (None, None) => continue,
            };
            parts.push(Part {
                start,
                end: start + length,
                guesses: distance(year, today) * DAYS * signs,
            });
        }
    }
    let all = parts.clone();
    parts.retain(|part| {
        let is_in = |other: &Part| {
            (other.start, other.end) != (part.start, part.end)
                && other.start <= part.start
                && other.end >= part.end
        };
        !all.iter().any(is_in)
    });
    parts
}

/// Texts that stand there several times in a row, each found as its repeated text is.
pub(super) fn repeats(password: &[char], guesses: impl Fn(&[char]) -> u64) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut from = 0;
    while let Some((start, base, run)) = next_repeat(&password[from..]) {
        let start = from + start;
        let end = start + run;
        let once = guesses(&password[start..start + base]);
        parts.push(Part {
            start,
            end,
            guesses: once.saturating_mul((run / base) as u64),
        });
        from = end;
    }
    parts
}

/// Where the first repeat begins; the lengths of the text that is repeated and of the whole run.
fn next_repeat(text: &[char]) -> Option<(usize, usize, usize)> {
    (0..text.len()).find_map(|start| {
        let rest = &text[start..];
        // As in zxcvbn, no line ends in what is repeated.
        let line = rest.iter().position(|c| *c == '\n').unwrap_or(rest.len());
        let rest = &rest[..line];
        let runs = |base: usize| Some((base, run(rest, base))).filter(|(base, run)| run > base);
        let (longest, long_run) = (1..=line / 2).rev().find_map(runs)?;
        let (shortest, short_run) = (1..=line / 2).find_map(runs)?;
        if long_run <= short_run {
            return Some((start, shortest, short_run));
        }
        // `aabaabaabaab` is `aab` four times, not `aabaab` twice.
        let all = &rest[..long_run];
        let base = (1..longest).find(|base| run(all, *base) == long_run);
        Some((start, base.unwrap_or(longest), long_run))
    })
}

/// How far the first `base` characters of a text are repeated.
fn run(text: &[char], base: usize) -> usize {
    let (first, rest) = text.split_at(base);
    let times = rest.chunks_exact(base).take_while(|next| *next == first);
    base * (1 + times.count())
}

/// The year of a date of digits alone that is nearest to today.
fn bare_date(text: &[char], today: i64) -> Option<i64> {
    let splits: &[(usize, usize)] = match text.len() {
        4 => &[(1, 2), (2, 3)],
        5 => &[(1, 3), (2, 3)],
        6 => &[(1, 2), (2, 4), (4, 5)],
        7 => &[(1, 3), (2, 3), (4, 5), (4, 6)],
        8 => &[(2, 4), (4, 6)],
        _ => return None,
    };
    let years = splits.iter().filter_map(|&(first, second)| {
        let (head, tail) = text.split_at(second);
        year_of([
            number(&head[..first])?,
            number(&head[first..])?,
            number(tail)?,
        ])
    });
    years.min_by_key(|year| (year - today).abs())
}

/// The year of a date with a sign, the same twice, between its numbers.
fn signed_date(text: &[char]) -> Option<i64> {
    const SHORTEST: usize = 6;
    let sign = *text.iter().find(|c| !c.is_ascii_digit())?;
    if text.len() < SHORTEST || !(SEPARATORS.contains(&sign) || sign.is_whitespace()) {
        return None;
    }
    let mut numbers = text.split(|c| *c == sign);
    let three = [numbers.next()?, numbers.next()?, numbers.next()?];
    let fits = three[1].len() <= 2 && three.iter().all(|digits| digits.len() <= 4);
    if numbers.next().is_some() || !fits {
        return None;
    }
    year_of([number(three[0])?, number(three[1])?, number(three[2])?])
}

/// The year, where three numbers are a day, a month and a year at either end.
fn year_of(numbers: [i64; 3]) -> Option<i64> {
    let [first, middle, last] = numbers;
    let count = |is: &dyn Fn(i64) -> bool| numbers.iter().filter(|number| is(**number)).count();
    let is_none = !(1..=31).contains(&middle)
        || count(&|number| number > 99 && !YEARS.contains(&number)) > 0
        || count(&|number| number > 31) >= 2
        || count(&|number| number > 12) == 3
        || count(&|number| number == 0) >= 2;
    if is_none {
        return None;
    }
    let either = [(last, first), (first, last)];
    match either.iter().find(|(year, _)| YEARS.contains(year)) {
        Some((year, other)) => is_day_of_month(*other, middle).then_some(*year),
        None => {
            let mut dates = either
                .iter()
                .filter(|(_, other)| is_day_of_month(*other, middle));
            dates.next().map(|(year, _)| match year {
                51..=99 => year + 1900,
                0..=50 => year + 2000,
                _ => *year,
            })
        }
    }
}

fn is_day_of_month(one: i64, other: i64) -> bool {
    let fits = |day: i64, month: i64| (1..=31).contains(&day) && (1..=12).contains(&month);
    fits(one, other) || fits(other, one)
}

fn number(digits: &[char]) -> Option<i64> {
    let text: String = digits.iter().collect();
    let is_number = !digits.is_empty() && digits.iter().all(char::is_ascii_digit);
    text.parse().ok().filter(|_| is_number)
}

fn distance(year: i64, today: i64) -> u64 {
    (year - today).abs().max(NEAR_YEARS).unsigned_abs()
}
