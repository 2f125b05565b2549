//! `tightship checklist incident`: a runbook as a file, and its beginning in the ledger.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tightship_checklist::ledger::Ledger;
use tightship_checklist::{Act, Checklist, Incident, What};

use super::args::{self, IncidentKind};
use super::{clock, ledger_failure, lists};
use crate::choices::now;
use crate::config::ConfigFile;
use crate::failure::Failure;
use crate::ledger::bare;
use crate::outlet::{to_file, to_stdout};

/// Runbooks of one day and kind.
const MOST_OF_A_DAY: usize = 100;

pub(super) fn run(args: &args::Incident) -> Result<ExitCode, Failure> {
    let project = &args.project.project;
    let config = ConfigFile::find(project, args.project.config.as_deref())?;
    let now = clock(now(), config.as_ref())?;
    let kind = kind(args.kind);
    let mut suffixes =
        std::iter::once(String::new()).chain((2..MOST_OF_A_DAY).map(|number| format!("-{number}")));
    let (runbook, path) = suffixes
        .find_map(|suffix| {
            let runbook = kind.open(&now, &suffix);
            let path = path(project, &runbook.name);
            (!path.exists()).then_some((runbook, path))
        })
        .ok_or_else(|| {
            let cause = format!("{MOST_OF_A_DAY} runbooks of {} are open today", kind.name());
            Failure::new(cause, "go on with one of them")
        })?;
    let act = Act {
        item: Some(runbook.name.clone()),
        by: args.by.clone(),
        ..bare(What::Opened, now.timestamp())
    };
    Ledger::of(project)
        .append(&[act], |_| None)
        .map_err(ledger_failure)?;
    let folder = folder(project);
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::new(
            format!("{} cannot be made: {error}", folder.display()),
            "give a project's folder that you may write to",
        )
    })?;
    to_file(&path, |out| {
        out.extend_from_slice(runbook.text.as_bytes());
        Ok(())
    })?;
    to_stdout(Some(args.project.manner), |out| {
        writeln!(out, "{}", path.display())?;
        out.write_all(runbook.text.as_bytes())
    })
}

/// The runbooks of a project. One that somebody broke is nobody's list any more.
pub(crate) fn open(project: &Path) -> Vec<Checklist> {
    let Ok(entries) = std::fs::read_dir(folder(project)) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    let lists = paths
        .iter()
        .map(|path| lists::file(&path.to_string_lossy()));
    lists.filter_map(Result::ok).collect()
}

/// Where the runbooks of a project stand.
fn folder(project: &Path) -> PathBuf {
    project.join(".tightship").join("incidents")
}

fn path(project: &Path, name: &str) -> PathBuf {
    folder(project).join(format!("{name}.md"))
}

fn kind(kind: IncidentKind) -> Incident {
    match kind {
        IncidentKind::Breach => Incident::Breach,
        IncidentKind::LoginAttack => Incident::LoginAttack,
        IncidentKind::EmailCompromise => Incident::EmailCompromise,
        IncidentKind::General => Incident::General,
    }
}
