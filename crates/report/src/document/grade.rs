//! Grades: the worst finding decides, and what is not known is never green.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tightship_model::Severity;

use super::{Status, Verdict};

/// A grade. The worst finding decides; nothing is averaged away.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Grade {
    /// Every check that applies has passed.
    A,
    /// Nothing bad was found, and some checks have no answer.
    #[serde(rename = "?")]
    Open,
    /// The worst finding is low.
    B,
    /// The worst finding is medium.
    C,
    /// The worst finding is high.
    D,
    /// The worst finding is critical.
    F,
}

impl Grade {
    pub fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Open => "?",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::F => "F",
        }
    }

    /// What it means, as a sentence without its full stop.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::A => "every check that applies has passed",
            Self::Open => "nothing bad was found, but some checks have no answer",
            Self::B => "the worst finding is low",
            Self::C => "the worst finding is medium",
            Self::D => "the worst finding is high",
            Self::F => "the worst finding is critical",
        }
    }
}

/// An area, what its checks came to and its grade.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Area {
    pub(crate) area: String,
    /// Null where no check of the area applies.
    pub(crate) grade: Option<Grade>,
    pub(crate) pass: usize,
    pub(crate) fail: usize,
    pub(crate) unknown: usize,
    pub(crate) not_applicable: usize,
    pub(crate) critical: usize,
    pub(crate) high: usize,
    pub(crate) medium: usize,
    pub(crate) low: usize,
}

impl Area {
    fn count(&mut self, verdict: &Verdict) {
        match verdict.status {
            Status::Pass => self.pass += 1,
            Status::Fail => self.fail += 1,
            Status::Unknown => self.unknown += 1,
            Status::NotApplicable => self.not_applicable += 1,
        }
        for finding in &verdict.findings {
            match finding.severity {
                Severity::Critical => self.critical += 1,
                Severity::High => self.high += 1,
                Severity::Medium => self.medium += 1,
                Severity::Low => self.low += 1,
            }
        }
    }

    fn graded(mut self) -> Self {
        self.grade = match &self {
            area if area.critical > 0 => Some(Grade::F),
            area if area.high > 0 => Some(Grade::D),
            area if area.medium > 0 => Some(Grade::C),
            area if area.low > 0 => Some(Grade::B),
            area if area.unknown > 0 => Some(Grade::Open),
            area if area.pass > 0 => Some(Grade::A),
            _ => None,
        };
        self
    }
}

/// The areas of these verdicts, by name.
pub(super) fn areas(verdicts: &[Verdict]) -> Vec<Area> {
    let mut areas: BTreeMap<&str, Area> = BTreeMap::new();
    for verdict in verdicts {
        let area = areas.entry(verdict.area()).or_default();
        verdict.area().clone_into(&mut area.area);
        area.count(verdict);
    }
    areas.into_values().map(Area::graded).collect()
}

/// The grade of the whole: that of its worst area; `None` where nothing was judged.
pub fn grade(areas: &[Area]) -> Option<Grade> {
    areas.iter().filter_map(|area| area.grade).max()
}
