//! The commands that show what is there and judge nothing.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use schemars::schema_for;
use tightship_report::{answer, chart, checklist, checks, env, settings, visit};

use crate::args::{Cli, Explain, List, Schema, Wording};
use crate::config::Config;
use crate::failure::{Failure, nearest};
use crate::outlet::{to_stdout, width};
use crate::waivers::catalog;

/// `tightship explain`
pub(crate) fn page(args: &Explain) -> Result<ExitCode, Failure> {
    let Some(check) = catalog().find(|check| check.id == args.id) else {
        return Err(Failure::new(
            format!("no check is called {:?}", args.id),
            match nearest(&args.id, catalog().map(|check| check.id)) {
                Some(near) => format!("did you mean {near}?"),
                None => "`tightship list` names all checks".to_owned(),
            },
        ));
    };
    to_stdout(Some(args.manner), |out| {
        tightship_report::explain(check, width(), out)
    })
}

/// `tightship list`
pub(crate) fn list(args: &List) -> Result<ExitCode, Failure> {
    let mut all: Vec<_> = catalog().collect();
    all.sort_by_key(|check| check.id);
    to_stdout(
        args.manner.when(args.format == Wording::Terminal),
        |out| match args.format {
            Wording::Terminal => checks::render_terminal(&all, width(), out),
            Wording::Json => checks::render_json(&all, out),
        },
    )
}

/// `tightship completions`
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Failure> {
    to_stdout(None, |out| {
        // Into memory first: the generator panics where its writer fails.
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "tightship", &mut script);
        out.write_all(&script)
    })
}

/// `tightship man`
pub(crate) fn man(folder: &Path) -> Result<ExitCode, Failure> {
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        clap_mangen::generate_to(Cli::command(), folder)
    };
    write().map_err(|error| {
        Failure::new(
            format!("{} cannot be written: {error}", folder.display()),
            "give a folder that you may write to",
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `tightship schema`
pub(crate) fn schema(name: Schema) -> Result<ExitCode, Failure> {
    let schema = match name {
        Schema::Report => schema_for!(tightship_report::Report),
        Schema::Diff => schema_for!(tightship_report::Difference),
        Schema::Settings => schema_for!(settings::Document),
        Schema::Response => schema_for!(visit::Document),
        Schema::Nginx => schema_for!(answer::Document),
        Schema::Env => schema_for!(env::Document),
        Schema::Deployment => schema_for!(chart::Document),
        Schema::Checklist => schema_for!(checklist::Document),
        Schema::Checks => schema_for!(checks::Checks),
        Schema::Config => schema_for!(Config),
    };
    to_stdout(None, |out| {
        serde_json::to_writer_pretty(&mut *out, &schema)?;
        writeln!(out)
    })
}
