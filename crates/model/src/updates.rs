//! What proposes newer versions of what the project is made of.

use crate::{Span, Traced};

/// A tool that looks for newer versions again and again, as a file of the repository sets it up.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateSchedule {
    pub tool: UpdateTool,
    pub looks_at: LooksAt,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UpdateTool {
    Dependabot,
    Renovate,
}

/// Which kinds of packages a tool looks at, by its own words for them.
#[derive(Clone, Debug, PartialEq)]
pub enum LooksAt {
    All,
    Only(Vec<Traced<String>>),
    /// The file could not be understood, or takes in another one; why.
    NotKnown(String),
}

impl UpdateTool {
    pub fn name(self) -> &'static str {
        match self {
            Self::Dependabot => "Dependabot",
            Self::Renovate => "Renovate",
        }
    }
}
