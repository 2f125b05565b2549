//! The commands that word reports which were kept: `tightship report` and `tightship diff`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum, ValueHint};
use tightship_report::{Difference, difference};

use crate::args::{FailOn, Format, Outlet, Outputs};
use crate::failure::Failure;
use crate::outlet::{self, Look, Manner, to_stdout, width};

/// Word a report that was kept as JSON: nothing is read or judged anew, and the exit code is 0
#[derive(Args, Debug)]
pub(crate) struct Report {
    /// What `tightship check --format json` wrote
    #[arg(value_hint = ValueHint::FilePath)]
    from: PathBuf,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
    /// Show passes with their evidence, what does not apply, and each finding in full
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    manner: Manner,
}

/// Tell what got better and worse between two reports that were kept as JSON
///
/// Exit code 1: something is worse, at or above --fail-on.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// The report from before
    #[arg(value_hint = ValueHint::FilePath)]
    old: PathBuf,
    /// The report from after
    #[arg(value_hint = ValueHint::FilePath)]
    new: PathBuf,
    #[arg(short, long, value_enum, default_value_t)]
    format: Wording,
    /// Exit with 1 from this severity on
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t)]
    fail_on: FailOn,
    #[command(flatten)]
    manner: Manner,
}

/// The wordings of a difference
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Wording {
    /// For a person
    #[default]
    Terminal,
    /// For a program, `tightship schema diff`
    Json,
    /// A comment for a pull request
    Markdown,
}

/// `tightship report`
pub(crate) fn report(args: &Report) -> Result<ExitCode, Failure> {
    let report = read(&args.from)?;
    let look = Look {
        verbose: args.verbose,
        manner: args.manner,
    };
    let to_terminal = [Outlet {
        format: Format::Terminal,
        file: None,
    }];
    let outlets = match &args.outputs.outlets[..] {
        [] => &to_terminal[..],
        outlets => outlets,
    };
    outlet::write(&report, outlets, &look)?;
    Ok(ExitCode::SUCCESS)
}

/// `tightship diff`
pub(crate) fn diff(args: &Diff) -> Result<ExitCode, Failure> {
    let difference = Difference::of(&read(&args.old)?, &read(&args.new)?);
    to_stdout(
        args.manner.when(args.format == Wording::Terminal),
        |out| match args.format {
            Wording::Terminal => difference::render_terminal(&difference, width(), out),
            Wording::Json => difference::render_json(&difference, out),
            Wording::Markdown => difference::render_markdown(&difference, out),
        },
    )?;
    let is_worse = difference
        .worse()
        .any(|severity| args.fail_on.fails(severity));
    Ok(ExitCode::from(u8::from(is_worse)))
}

fn read(path: &Path) -> Result<tightship_report::Report, Failure> {
    let refuse = |reason: String| {
        Failure::new(
            format!("the report {} cannot be used: {reason}", path.display()),
            "write one with `tightship check --format json --output FILE`",
        )
    };
    let text = tightship_read::given(path).map_err(|error| refuse(error.to_string()))?;
    tightship_report::Report::from_json(text.as_bytes()).map_err(|error| refuse(error.to_string()))
}
