//! What the ledger says, by item.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use tightship_model::Drill;

/// Something that a person or a run did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    pub what: What,
    pub at: Timestamp,
    /// The item; for an incident, its name; for a deployment, nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Who did it; `None` where a run did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Exhibit>,
    /// Seconds that a drill took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A person vouches for an item, or has done a duty, drill or step.
    Signed,
    /// A person accepts that an item does not hold.
    Waived,
    /// What is judged went live.
    Deployed,
    /// A run found an item to stand otherwise than before.
    Verdict,
    /// An incident began.
    Opened,
    /// A kind that a later version writes.
    #[serde(other)]
    Unheard,
}

/// Evidence as it was when somebody signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhibit {
    /// A path or an address, as it was given.
    pub place: String,
    /// SHA-256 of a file's content, in hexadecimal digits; none for an address, which is not fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// All acts, found by item.
#[derive(Clone, Debug, Default)]
pub struct Record {
    acts: Vec<Act>,
    by_item: HashMap<String, Vec<usize>>,
}

impl Record {
    pub fn new(mut acts: Vec<Act>) -> Self {
        acts.sort_by_key(|act| act.at);
        let mut by_item = HashMap::<String, Vec<usize>>::new();
        for (at, act) in acts.iter().enumerate() {
            if let Some(item) = &act.item {
                by_item.entry(item.clone()).or_default().push(at);
            }
        }
        Self { acts, by_item }
    }

    /// The acts on an item, the oldest first.
    pub fn of<'a>(&'a self, item: &str) -> impl DoubleEndedIterator<Item = &'a Act> + use<'a> {
        let places = self
            .by_item
            .get(item)
            .map(Vec::as_slice)
            .unwrap_or_default();
        places.iter().map(|at| &self.acts[*at])
    }

    /// The acts of one kind on an item, the oldest first.
    pub fn with<'a>(
        &'a self,
        item: &str,
        what: What,
    ) -> impl DoubleEndedIterator<Item = &'a Act> + use<'a> {
        self.of(item).filter(move |act| act.what == what)
    }

    /// When the ledger began.
    pub fn begun(&self) -> Option<Timestamp> {
        self.acts.first().map(|act| act.at)
    }

    /// The drills that were timed, the oldest first.
    pub fn drills(&self) -> impl Iterator<Item = Drill> {
        let timed = self.acts.iter().filter(|act| act.what == What::Signed);
        timed.filter_map(|act| {
            Some(Drill {
                item: act.item.clone()?,
                by: act.by.clone().unwrap_or_default(),
                took: act.took?,
            })
        })
    }

    /// The latest deployment that was marked.
    pub fn deployed(&self) -> Option<Timestamp> {
        let deployed = |act: &&Act| act.what == What::Deployed;
        self.acts.iter().rev().find(deployed).map(|act| act.at)
    }
}

impl Act {
    pub fn day(&self, zone: &TimeZone) -> Date {
        self.at.to_zoned(zone.clone()).date()
    }

    /// The last day on which it holds: the one that it names, else `days` after it was done.
    pub fn last_day(&self, days: u16, zone: &TimeZone) -> Date {
        self.until
            .unwrap_or_else(|| self.day(zone).saturating_add(i64::from(days).days()))
    }
}
