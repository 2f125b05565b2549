//! The command lines of what is kept in the ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::outlet::Manner;

/// Sign an item: vouch for it, or say that a duty, a drill or a step was done
#[derive(Args, Debug)]
pub(crate) struct Sign {
    /// Id of the item, such as A4.5
    pub(crate) item: String,
    /// What was done or seen
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: String,
    /// Who signs
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// A file that shows it, kept by its SHA-256, or an address; may be given several times
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::AnyPath)]
    pub(crate) evidence: Vec<String>,
    /// How long a drill took, such as 95m or "1h 35m"
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    pub(crate) took: Option<u64>,
    /// How long it holds, such as 90d [default: what the item says, else 365d]
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub(crate) valid: Option<u16>,
    /// Sign the entry itself with this private ssh key, by ssh-keygen
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: Option<PathBuf>,
    /// The list of your own that the item stands in, where the configuration does not name it
    #[arg(short, long, value_name = "LIST", value_hint = ValueHint::FilePath)]
    pub(crate) list: Vec<String>,
    #[command(flatten)]
    pub(crate) project: Project,
}

/// Accept for a time that an item does not hold
#[derive(Args, Debug)]
pub(crate) struct Waive {
    /// Id of the item, such as B6.6
    pub(crate) item: String,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who accepts it
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// The last day on which it is accepted: 2027-01-31
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Date,
    /// Sign the entry itself with this private ssh key, by ssh-keygen
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: Option<PathBuf>,
    /// The list of your own that the item stands in, where the configuration does not name it
    #[arg(short, long, value_name = "LIST", value_hint = ValueHint::FilePath)]
    pub(crate) list: Vec<String>,
    #[command(flatten)]
    pub(crate) project: Project,
}

/// Mark that what is judged went live: the duties of the weeks after it begin
#[derive(Args, Debug)]
pub(crate) struct Deployed {
    /// When [default: now]: 2026-11-22T10:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Timestamp>,
    /// What went live, such as a tag
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Who deployed
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) project: Project,
}

/// Show what is due: duties, and sign-offs and waivers that run out
#[derive(Args, Debug)]
pub(crate) struct Due {
    /// The lists, as in `tightship checklist`
    #[arg(short, long, value_name = "LIST", value_hint = ValueHint::FilePath)]
    pub(crate) list: Vec<String>,
    #[arg(short, long, value_enum, default_value_t)]
    pub(crate) format: Calendar,
    #[command(flatten)]
    pub(crate) project: Project,
}

/// Show what was signed, accepted and found of an item, the oldest first
#[derive(Args, Debug)]
pub(crate) struct History {
    /// Id of the item, such as A4.5
    pub(crate) item: String,
    #[command(flatten)]
    pub(crate) project: Project,
}

/// Look after the ledger
#[derive(Debug, Subcommand)]
pub(crate) enum Ledger {
    Verify(Verify),
}

/// Prove that no line of the ledger was changed, cut out or moved
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// A last hash that was noted before: proves that nothing was cut off since; may be given
    /// several times
    #[arg(long, value_name = "HASH")]
    pub(crate) holds: Vec<String>,
    #[command(flatten)]
    pub(crate) project: Project,
}

/// Which project, and how to write.
#[derive(Args, Debug)]
pub(crate) struct Project {
    /// Folder of the project
    #[arg(long, value_name = "FOLDER", default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) project: PathBuf,
    /// Use this file instead of the project's tightship.toml or pyproject.toml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

/// The wordings of what is due
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Calendar {
    /// For a person
    #[default]
    Terminal,
    /// For a program: the rows of `tightship schema checklist`
    Json,
    /// For a calendar (iCalendar, RFC 5545)
    Ics,
}

fn seconds(text: &str) -> Result<u64, String> {
    let taken: jiff::SignedDuration = text.parse().map_err(|error| format!("{error}"))?;
    u64::try_from(taken.as_secs()).map_err(|_| "it took less than no time".to_owned())
}

fn days(text: &str) -> Result<u16, String> {
    tightship_checklist::days(text)
}
