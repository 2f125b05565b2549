//! The command line of `tightship checklist`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use crate::args::{Live, Looking};
use crate::ledger::args::Project;
use crate::outlet::Manner;

/// Hold a checklist against the project: each box ticked by proof, open, or signed by a person
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Checklist {
    #[command(subcommand)]
    pub(crate) task: Option<Task>,
    /// Folder of the project
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
    /// The list: deployment, production, complete, or a Markdown file; may be given several times
    /// [default: what the configuration names, else complete]
    #[arg(short, long, value_name = "LIST", value_hint = ValueHint::FilePath)]
    pub(crate) list: Vec<String>,
    #[command(flatten)]
    pub(crate) looking: Looking,
    #[command(flatten)]
    pub(crate) live: Live,
    #[arg(short, long, value_enum, default_value_t)]
    pub(crate) format: Wording,
    /// Tick the boxes of the files and write each answer behind its row
    #[arg(long)]
    pub(crate) write: bool,
    /// Show why rows passed or do not apply, all places, and what to do for each open row
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// The wordings of a checklist
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wording {
    /// For a person
    #[default]
    Terminal,
    /// The list itself, ticked
    Markdown,
    /// For a program, `tightship schema checklist`
    Json,
    /// A page of its own
    Html,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    Adopt(Adopt),
    Incident(Incident),
}

/// Propose a binding for each plain box of a Markdown list, by what it says
#[derive(Args, Debug)]
pub(crate) struct Adopt {
    /// The list
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Write the proposed comments behind the boxes
    #[arg(long)]
    pub(crate) write: bool,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

/// Open a runbook: a dated list of steps, with its clock
#[derive(Args, Debug)]
pub(crate) struct Incident {
    /// What has happened
    #[arg(value_enum)]
    pub(crate) kind: IncidentKind,
    /// Who opens it
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) project: Project,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IncidentKind {
    /// Data was stolen or seen
    Breach,
    /// Somebody tries passwords
    LoginAttack,
    /// The account that mail is sent from is in other hands
    EmailCompromise,
    /// Anything else
    General,
}
