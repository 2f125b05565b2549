//! `tightship due`: what waits for people, the nearest day first.

use std::process::ExitCode;

use tightship_checklist::{Sight, join, judge};
use tightship_model::checklist::{Judged, Kind, Standing};
use tightship_model::{Policy, Sources};
use tightship_report::{Screen, checklist};

use super::args::{Calendar, Due};
use super::moment;
use crate::checklist::{incident, lists, record};
use crate::choices::shown;
use crate::config::ConfigFile;
use crate::failure::Failure;
use crate::outlet::{to_stdout, width};

/// Reads the lists and the ledger, not the project: nothing of it has a day.
pub(crate) fn run(args: &Due) -> Result<ExitCode, Failure> {
    let project = &args.project.project;
    let config = ConfigFile::find(project, args.project.config.as_deref())?;
    let mut lists = lists::chosen(&args.list, config.as_ref())?;
    lists.extend(incident::open(project));
    let now = moment(&args.project)?;
    let joined = join(&lists, Policy::default());
    let mut notes = Vec::new();
    let sight = Sight {
        verdicts: &[],
        waived: &Default::default(),
        sources: &Sources::default(),
        has_site: false,
        record: &record(project, &mut notes)?,
        now: &now,
    };
    let mut judged = judge(&joined, &sight);
    judged.notes = notes;
    judged.items.retain(|item| {
        let waits = matches!(item.standing, Standing::Due | Standing::Overdue);
        // A calendar knows today of what begins next week.
        let begins = args.format == Calendar::Ics && item.recurrence.is_some();
        item.until.is_some() || begins || (waits && item.kind == Kind::Step)
    });
    judged
        .items
        .sort_by(|one, other| one.until.cmp(&other.until));
    let overdue = judged.count(Standing::Overdue);
    show(args, &judged, &now.timestamp())?;
    Ok(ExitCode::from(u8::from(overdue > 0)))
}

fn show(args: &Due, judged: &Judged, now: &jiff::Timestamp) -> Result<ExitCode, Failure> {
    // The same from wherever it is called: what was imported is found again by it.
    let folder = args.project.project.canonicalize().unwrap_or_default();
    let name = match folder.file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => shown(&args.project.project),
    };
    let screen = Screen {
        width: width(),
        verbose: false,
        ascii: args.project.manner.is_ascii(),
    };
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let manner = args.project.manner.when(args.format == Calendar::Terminal);
    to_stdout(manner, |out| match args.format {
        Calendar::Terminal => checklist::render_due(judged, &screen, out),
        Calendar::Json => checklist::render_json(judged, out),
        Calendar::Ics => {
            let of = checklist::Calendar {
                name: &name,
                stamp: &stamp,
            };
            checklist::render_ics(judged, &of, out)
        }
    })
}
