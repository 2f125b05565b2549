//! The command `tightship`. See `pipeline.rs` for the way from a folder to a report.

mod args;
mod checklist;
mod choices;
mod config;
mod failure;
mod inspect;
mod kept;
mod ledger;
mod live;
mod many;
mod outlet;
mod pipeline;
mod print;
mod progress;
mod waivers;

use std::panic;
use std::process::ExitCode;
use std::sync::OnceLock;

use args::{Cli, Command, Inspect};
use failure::Failure;

/// Where tightship itself broke, for the report of it.
static BROKE_AT: OnceLock<String> = OnceLock::new();

fn main() -> ExitCode {
    panic::set_hook(Box::new(|info| {
        if let Some(place) = info.location() {
            let _ = BROKE_AT.set(place.to_string());
        }
    }));
    match panic::catch_unwind(run) {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => failure.tell(),
        Err(_) => {
            let place = BROKE_AT.get().map_or("an unknown place", String::as_str);
            Failure::new(
                format!("tightship itself failed at {place}"),
                "this is a fault in tightship: please report it with that place",
            )
            .tell()
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let cli = match Cli::parse_from(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return args::explain(&error),
    };
    match cli.command {
        Command::Check(args) => match &args.url_file {
            Some(file) => many::check(&args, file),
            None => pipeline::check(&args),
        },
        Command::Report(args) => kept::report(&args),
        Command::Diff(args) => kept::diff(&args),
        Command::Checklist(args) => checklist::run(&args),
        Command::Sign(args) => ledger::sign(&args),
        Command::Waive(args) => ledger::waive(&args),
        Command::Deployed(args) => ledger::deployed(&args),
        Command::Due(args) => ledger::due(&args),
        Command::History(args) => ledger::history(&args),
        Command::Ledger(ledger::args::Ledger::Verify(args)) => ledger::verify(&args),
        Command::Explain(args) => print::page(&args),
        Command::List(args) => print::list(&args),
        Command::Inspect(Inspect::Settings(args)) => inspect::settings(&args),
        Command::Inspect(Inspect::Response(args)) => inspect::response(&args),
        Command::Inspect(Inspect::Nginx(args)) => inspect::nginx(&args),
        Command::Inspect(Inspect::Env(args)) => inspect::env(&args),
        Command::Inspect(Inspect::Deployment(args)) => inspect::deployment(&args),
        Command::Completions { shell } => print::completions(shell),
        Command::Man { folder } => print::man(&folder),
        Command::Schema { name } => print::schema(name),
    }
}
