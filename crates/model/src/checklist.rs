//! A checklist that was held against verdicts and the ledger, ready to be worded.

use serde::{Deserialize, Serialize};

/// All chosen lists as one, in the order in which they were chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// The lists: names of built-in ones, paths of others.
    pub lists: Vec<String>,
    pub items: Vec<JudgedItem>,
    /// What a reader must know of the lists themselves: which of two thresholds was taken, boxes that
    /// are bound to nothing, what is wrong with the ledger.
    pub notes: Vec<String>,
}

/// An item with its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedItem {
    pub id: String,
    /// The list that it stands in.
    pub list: String,
    /// The nearest heading above it; empty where there is none.
    pub section: String,
    /// What it asks, as written.
    pub text: String,
    pub kind: Kind,
    pub standing: Standing,
    /// Why it stands so, in one sentence.
    pub reason: String,
    /// What would answer it, where it is open.
    pub remedy: Option<String>,
    pub evidence: Vec<Proof>,
    /// Ids of the checks that it is bound to.
    pub checks: Vec<&'static str>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The thresholds that it is held to, by name.
    pub parameters: Vec<(String, u64)>,
    /// The day on which it is due or ends to hold.
    pub until: Option<String>,
    /// For a duty, when it comes back.
    pub recurrence: Option<Recurrence>,
}

/// The days by which a duty is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    pub period: Period,
    /// The next of them: the last of the current days, or of the next where those are done.
    pub next: String,
    /// The last of them, for a duty that ends.
    pub ends: Option<String>,
}

/// How often a duty comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    Daily,
    /// From Monday to Sunday.
    Weekly,
    Monthly,
    Quarterly,
}

impl Period {
    pub const ALL: [Self; 4] = [Self::Daily, Self::Weekly, Self::Monthly, Self::Quarterly];

    pub fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
        }
    }
}

/// What an answer stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Relative to the project's root; an address for evidence that lies elsewhere.
    pub path: Option<String>,
    pub line: Option<usize>,
    pub text: String,
}

/// What kind of thing an item asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// That something holds, as files or a look at what runs can show.
    #[default]
    Check,
    /// That something was tried and worked.
    Drill,
    /// That something is watched all the time.
    Watch,
    /// That something is done again and again.
    Duty,
    /// That something is done while an incident is open.
    Step,
    /// That a person vouches for what only a person knows.
    SignOff,
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::Check,
        Self::Drill,
        Self::Watch,
        Self::Duty,
        Self::Step,
        Self::SignOff,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Drill => "drill",
            Self::Watch => "watch",
            Self::Duty => "duty",
            Self::Step => "step",
            Self::SignOff => "sign-off",
        }
    }
}

/// How an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Fail,
    Overdue,
    Due,
    Unknown,
    /// A person accepts that it does not hold, for a time.
    Waived,
    NotApplicable,
    /// A person vouches for it, and the time of that has not run out.
    Signed,
    Pass,
}

impl Standing {
    /// The worst first.
    pub const ALL: [Self; 8] = [
        Self::Fail,
        Self::Overdue,
        Self::Due,
        Self::Unknown,
        Self::Waived,
        Self::NotApplicable,
        Self::Signed,
        Self::Pass,
    ];

    /// The word of the machine contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Overdue => "overdue",
            Self::Due => "due",
            Self::Unknown => "unknown",
            Self::Waived => "waived",
            Self::NotApplicable => "not-applicable",
            Self::Signed => "signed",
            Self::Pass => "pass",
        }
    }

    /// Whether the box is ticked: by proof or by a person, never by a waiver.
    pub fn ticks(self) -> bool {
        matches!(self, Self::Pass | Self::Signed)
    }
}

impl Proof {
    /// `path:line`, or the path alone; `None` where it stands in no file.
    pub fn place(&self) -> Option<String> {
        let path = self.path.as_ref()?;
        Some(match self.line {
            Some(line) => format!("{path}:{line}"),
            None => path.clone(),
        })
    }
}

impl Judged {
    /// How many items stand so.
    pub fn count(&self, standing: Standing) -> usize {
        let standing = |item: &&JudgedItem| item.standing == standing;
        self.items.iter().filter(standing).count()
    }
}
