//! Lines as a graph, and what is wrong with it.

use std::collections::HashSet;
use std::fmt;

use super::line::{Entry, Hash, Line, hex, parse_hash};
use crate::{Act, Record};

/// A longer line is nobody's: notes and evidence are bounded when they are written.
pub(super) const LONGEST_LINE: usize = 64 * 1024;

/// What a ledger holds.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    pub entries: Vec<Entry>,
    /// Hashes of the lines that no other follows; two and more after branches were merged.
    ends: Vec<Hash>,
    pub faults: Vec<Fault>,
    /// Bytes of a last line that was not written to its end.
    pub torn: usize,
}

/// Something wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    pub kind: FaultKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It cannot be read, or its content is not that of its hash.
    Broken(&'static str),
    /// It follows a line that is not there.
    Missing(String),
    /// It stands before a line that it follows.
    Moved(String),
    /// A second line that follows none.
    SecondBeginning,
}

impl Chain {
    /// Reads the lines of a ledger.
    pub fn read(text: &str) -> Self {
        let mut chain = Self::default();
        let whole = text.rfind('\n').map_or(0, |last| last + 1);
        let mut lines: Vec<_> = text[..whole].split_inclusive('\n').collect();
        let rest = &text[whole..];
        // Only the line break may be missing; then nothing is.
        match Line::read(rest).is_ok() {
            true => lines.push(rest),
            false => chain.torn = rest.len(),
        }
        chain.link(&lines);
        chain
    }

    fn link(&mut self, lines: &[&str]) {
        let mut seen: HashSet<Hash> = HashSet::with_capacity(lines.len());
        let mut followed: HashSet<Hash> = HashSet::with_capacity(lines.len());
        let mut order = Vec::with_capacity(lines.len());
        let mut waiting = Vec::new();
        for (index, text) in lines.iter().enumerate() {
            let number = index + 1;
            let text = text.trim_end_matches(['\n', '\r']);
            let line = match Line::read(text) {
                _ if text.len() > LONGEST_LINE => Err("is longer than 64 KiB"),
                read => read,
            };
            let read = line.and_then(|line| Ok((line.entry()?, line)));
            let (entry, line) = match read {
                Ok(read) => read,
                Err(reason) => {
                    self.fault(number, FaultKind::Broken(reason));
                    continue;
                }
            };
            // A merge may leave a line twice; it says the same.
            if seen.contains(&line.hash) {
                continue;
            }
            if line.written.prev.is_empty() && !seen.is_empty() {
                self.fault(number, FaultKind::SecondBeginning);
            }
            for prev in &line.written.prev {
                match parse_hash(prev) {
                    Some(hash) if seen.contains(&hash) => {
                        followed.insert(hash);
                    }
                    Some(hash) => {
                        followed.insert(hash);
                        waiting.push((number, hash));
                    }
                    None => self.fault(number, FaultKind::Broken("follows no hash")),
                }
            }
            seen.insert(line.hash);
            order.push(line.hash);
            self.entries.push(entry);
        }
        for (number, hash) in waiting {
            let name = hex(&hash);
            match seen.contains(&hash) {
                true => self.fault(number, FaultKind::Moved(name)),
                false => self.fault(number, FaultKind::Missing(name)),
            }
        }
        self.faults.sort_by_key(|fault| fault.line);
        order.retain(|hash| !followed.contains(hash));
        self.ends = order;
    }

    fn fault(&mut self, line: usize, kind: FaultKind) {
        self.faults.push(Fault { line, kind });
    }

    /// Hashes of the last lines, in hexadecimal digits. Whoever keeps them elsewhere can prove later
    /// that nothing was cut off.
    pub fn ends(&self) -> Vec<String> {
        self.ends.iter().map(hex).collect()
    }

    pub(super) fn end_hashes(&self) -> &[Hash] {
        &self.ends
    }

    /// Whether a line of this hash is there.
    pub fn holds(&self, hash: &str) -> bool {
        self.entries.iter().any(|entry| entry.hash == hash)
    }

    /// What the lines say, by item.
    pub fn record(&self) -> Record {
        let acts: Vec<Act> = self.entries.iter().map(|entry| entry.act.clone()).collect();
        Record::new(acts)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |hash: &str| hash[..12.min(hash.len())].to_owned();
        write!(f, "line {} ", self.line)?;
        match &self.kind {
            FaultKind::Broken(reason) => f.write_str(reason),
            FaultKind::Missing(hash) => {
                write!(f, "follows {}, which was cut out or changed", short(hash))
            }
            FaultKind::Moved(hash) => {
                write!(
                    f,
                    "stands before {}, which it follows: lines were moved",
                    short(hash)
                )
            }
            FaultKind::SecondBeginning => {
                f.write_str("follows no line: another ledger was put behind this one")
            }
        }
    }
}
