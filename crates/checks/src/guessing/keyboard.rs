//! Keys that lie beside each other.

use super::{Part, choices, ways};

/// Each row is half a key to the right of the one above it; a key is its two characters.
const SLANTED: [[&str; 4]; 2] = [
    [
        "`~1!2@3#4$5%6^7&8*9(0)-_=+",
        "  qQwWeErRtTyYuUiIoOpP[{]}\\|",
        "  aAsSdDfFgGhHjJkKlL;:'\"",
        "  zZxXcCvVbBnNmM,<.>/?",
    ],
    [
        "`~1!2@3#4$5%6^7&8*9(0)[{]}",
        "  '\",<.>pPyYfFgGcCrRlL/?=+\\|",
        "  aAoOeEuUiIdDhHtTnNsS-_",
        "  ;:qQjJkKxXbBmMwWvVzZ",
    ],
];

/// The keys of number pads, one character each.
const PADS: [[&str; 5]; 2] = [
    [" /*-", "789+", "456", "123", " 0."],
    [" =/*", "789-", "456+", "123", " 0."],
];

/// Steps to a neighbour on slanted rows: columns and rows.
const SLANTED_STEPS: [(i32, i32); 6] = [(-1, 0), (0, -1), (1, -1), (1, 0), (0, 1), (-1, 1)];

/// A key's column and row, and whether the character needs the shift key.
type Key = (i32, i32, bool);

/// Keys of a layout, and the neighbours that a key has, as a whole number, on average.
struct Layout {
    keys: u64,
    neighbours: u64,
    counts_shift: bool,
}

/// The walks over keys that a password takes, as long as they go.
pub(super) fn parts(password: &[char]) -> Vec<Part> {
    let slanted = SLANTED.iter().flat_map(|rows| {
        let layout = Layout {
            keys: 94,
            neighbours: 4,
            counts_shift: true,
        };
        let step = |step: (i32, i32)| SLANTED_STEPS.contains(&step);
        walks(password, |c| key(rows, 2, c), step, &layout)
    });
    let pads = PADS.iter().flat_map(|rows| {
        let layout = Layout {
            keys: 15,
            neighbours: 5,
            counts_shift: false,
        };
        let step = |(columns, rows): (i32, i32)| {
            (columns, rows) != (0, 0) && columns.abs() <= 1 && rows.abs() <= 1
        };
        walks(password, |c| key(rows, 1, c), step, &layout)
    });
    slanted.chain(pads).collect()
}

fn key(rows: &[&str], width: usize, wanted: char) -> Option<Key> {
    if wanted == ' ' {
        return None;
    }
    rows.iter().zip(0..).find_map(|(line, row)| {
        let at = line.chars().position(|c| c == wanted)?;
        Some((i32::try_from(at / width).ok()?, row, at % width == 1))
    })
}

fn walks(
    password: &[char],
    key: impl Fn(char) -> Option<Key>,
    is_step: impl Fn((i32, i32)) -> bool,
    layout: &Layout,
) -> Vec<Part> {
    let keys: Vec<Option<Key>> = password.iter().map(|c| key(*c)).collect();
    let mut walks = Vec::new();
    let mut start = 0;
    while start < keys.len() {
        let mut end = start + 1;
        let mut shifted = usize::from(layout.counts_shift && begins_shifted(password[start]));
        let mut turns = 0;
        let mut last = None;
        while let Some((from, to)) = keys[end - 1].zip(keys.get(end).copied().flatten()) {
            let step = (to.0 - from.0, to.1 - from.1);
            if !is_step(step) {
                break;
            }
            shifted += usize::from(to.2);
            turns += usize::from(last != Some(step));
            last = Some(step);
            end += 1;
        }
        if end - start > 2 {
            let guesses = layout.guesses(end - start, turns, shifted);
            walks.push(Part {
                start,
                end,
                guesses,
            });
        }
        start = end;
    }
    walks
}

/// Whether zxcvbn counts a walk's first key as shifted: it takes the brackets for shifted ones.
fn begins_shifted(c: char) -> bool {
    c.is_ascii_uppercase() || "~!@#$%^&*()_+{}|:\"<>?[]".contains(c)
}

impl Layout {
    /// The walks of this length or less with these turns or less.
    fn guesses(&self, length: usize, turns: usize, shifted: usize) -> u64 {
        let mut guesses = 0_u64;
        for keys in 2..=length {
            for turns in 1..=turns.min(keys - 1) {
                let turned = self
                    .neighbours
                    .saturating_pow(u32::try_from(turns).unwrap_or(u32::MAX));
                let walks = ways(keys - 1, turns - 1).saturating_mul(self.keys);
                guesses = guesses.saturating_add(walks.saturating_mul(turned));
            }
        }
        let plain = length.saturating_sub(shifted);
        guesses.saturating_mul(match (shifted, plain) {
            (0, _) => 1,
            (_, 0) => 2,
            _ => choices(length, shifted.min(plain)),
        })
    }
}
