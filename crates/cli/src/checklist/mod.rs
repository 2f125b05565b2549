//! `tightship checklist`: choose lists, read and judge the project, hold the rows against it.

mod adopt;
pub(crate) mod args;
pub(crate) mod incident;
pub(crate) mod lists;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tightship_checklist::ledger::{Ledger, LedgerError};
use tightship_checklist::{Answer, Binding, Checklist, Joined, Record, Sight, join, judge};
use tightship_model::checklist::{Judged, Standing};
use tightship_model::{Check, Deployment, Need, Outcome, Verdict};
use tightship_report::{Screen, checklist};

use crate::choices::{now, options, shown};
use crate::config::ConfigFile;
use crate::failure::Failure;
use crate::live;
use crate::outlet::{to_stdout, width};
use crate::pipeline::{nothing_to_judge, says_nothing, unreadable};
use crate::progress::watched;
use crate::waivers;
use args::Wording;

/// Judges the rows of the chosen lists: exit code 1 where one failed or is overdue, else 0.
pub(crate) fn run(args: &args::Checklist) -> Result<ExitCode, Failure> {
    match &args.task {
        Some(args::Task::Adopt(args)) => return adopt::run(args),
        Some(args::Task::Incident(args)) => return incident::run(args),
        None => {}
    }
    let config = ConfigFile::find(&args.path, args.looking.config.as_deref())?;
    let lists = lists::chosen(&args.list, config.as_ref())?;
    let judged = judged(args, config.as_ref(), &lists)?;
    if args.write {
        let told = write::write(&lists, &judged)?;
        write::remember(args, config.as_ref(), &judged)?;
        to_stdout(Some(args.looking.manner), |out| {
            told.iter()
                .try_for_each(|line| writeln!(out, "{}", tightship_report::clean(line)))
        })?;
        return Ok(code(&judged));
    }
    let root = shown(&args.path);
    let judged_on = clock(now(), config.as_ref())?.date().to_string();
    let screen = Screen {
        width: width(),
        verbose: args.verbose,
        ascii: args.looking.manner.is_ascii(),
    };
    let manner = args.looking.manner.when(args.format == Wording::Terminal);
    to_stdout(manner, |out| match args.format {
        Wording::Terminal => checklist::render_terminal(&judged, &root, &screen, out),
        Wording::Json => checklist::render_json(&judged, out),
        Wording::Html => {
            let about = checklist::About {
                root: &root,
                version: env!("CARGO_PKG_VERSION"),
                judged_on: &judged_on,
            };
            checklist::render_html(&judged, &about, out)
        }
        Wording::Markdown => lists
            .iter()
            .try_for_each(|list| out.write_all(ticked(list, &judged).as_bytes())),
    })?;
    Ok(code(&judged))
}

fn judged(
    args: &args::Checklist,
    config: Option<&ConfigFile>,
    lists: &[Checklist],
) -> Result<Judged, Failure> {
    let mut options = options(&args.looking.reading, config)?;
    let joined = join(lists, options.policy);
    options.policy = joined.policy.clone();
    let root = shown(&args.path);
    let (deployment, judged) = watched(&live::doing(&args.live, &root), || {
        let mut deployment = tightship_read::read(&args.path, &options).map_err(unreadable)?;
        if let Some(file) = config {
            waivers::add(file, &args.path, &mut deployment);
        }
        add_drills(&args.path, &mut deployment)?;
        live::look(&args.live, &mut deployment)?;
        let named: BTreeSet<_> = waivers::catalog()
            .filter(|check| names(&joined, check))
            .map(|check| check.id)
            .collect();
        let verdicts = waivers::judge(&deployment, |check| named.contains(check.id));
        // A wrong path, most likely: rows that do not apply, and a green exit code, would lie.
        let is_nowhere = !verdicts.is_empty() && verdicts.iter().all(says_nothing);
        let is_signed = Ledger::of(&args.path).path().exists();
        if deployment.settings.is_none() && is_nowhere && !is_signed {
            return Err(nothing_to_judge(&root, &deployment.project));
        }
        let judged = held(&joined, &deployment, verdicts, config, &args.path)?;
        Ok((deployment, judged))
    })?;
    if let Some(file) = &args.live.record {
        live::record(file, &deployment)?;
    }
    Ok(judged)
}

/// The lists of the configuration, for the report of `check` with all verdicts on the same deployment:
/// under the thresholds that they ask for. What is wrong with them costs them, not the report.
pub(crate) fn beside(
    config: Option<&ConfigFile>,
    project: &Path,
    deployment: &mut Deployment,
    mut verdicts: Vec<Verdict>,
) -> Judged {
    let judged = lists::chosen(&[], config).and_then(|lists| {
        let joined = join(&lists, deployment.policy.clone());
        if joined.policy != deployment.policy {
            let reads = |check: &Check| check.needs.contains(&Need::Thresholds);
            let policy = std::mem::replace(&mut deployment.policy, joined.policy.clone());
            verdicts.retain(|verdict| !reads(verdict.check));
            verdicts.extend(waivers::judge(deployment, reads));
            deployment.policy = policy;
        }
        held(&joined, deployment, verdicts, config, project)
    });
    judged.unwrap_or_else(|failure| Judged {
        notes: vec![failure.cause],
        ..Judged::default()
    })
}

/// Holds the rows against what their checks say of a deployment, and against the ledger.
fn held(
    joined: &Joined,
    deployment: &Deployment,
    mut verdicts: Vec<Verdict>,
    config: Option<&ConfigFile>,
    project: &Path,
) -> Result<Judged, Failure> {
    let aside = waivers::set_aside(&mut verdicts, deployment, &Default::default(), |_| true);
    let mut waived = BTreeMap::new();
    for verdict in &verdicts {
        let id = verdict.check.id;
        let of_check =
            |(fingerprint, _): &&(String, String)| fingerprint.split(' ').next() == Some(id);
        if !matches!(verdict.outcome, Outcome::Fail(_))
            && let Some((_, words)) = aside.waived.iter().find(of_check)
        {
            waived.insert(id, words.clone());
        }
    }
    let mut notes = Vec::new();
    let sight = Sight {
        verdicts: &verdicts,
        waived: &waived,
        sources: &deployment.sources,
        has_site: deployment.site.is_some(),
        record: &record(project, &mut notes)?,
        now: &clock(deployment.now, config)?,
    };
    let mut judged = judge(joined, &sight);
    judged.notes.extend(notes);
    Ok(judged)
}

/// Adds the drills that were timed, where the policy has something to hold them against.
pub(crate) fn add_drills(project: &Path, deployment: &mut Deployment) -> Result<(), Failure> {
    if deployment.policy.recovery_time_hours.is_some() {
        // What is wrong with the ledger is told where its items are judged.
        deployment.drills = record(project, &mut Vec::new())?.drills().collect();
    }
    Ok(())
}

/// What people vouched for. Of a ledger that was changed nothing counts, and that is said.
pub(crate) fn record(project: &Path, notes: &mut Vec<String>) -> Result<Record, Failure> {
    let ledger = Ledger::of(project);
    let chain = ledger.read().map_err(ledger_failure)?;
    let path = ledger.path().display();
    if chain.torn > 0 {
        notes.push(format!(
            "the last line of {path} was not written to its end ({} bytes): it does not count",
            chain.torn
        ));
    }
    match chain.faults.first() {
        None => Ok(chain.record()),
        Some(fault) => {
            notes.push(format!(
                "nothing that people signed counts: in {path}, {fault} (see `tightship ledger verify`)"
            ));
            Ok(Record::default())
        }
    }
}

pub(crate) fn ledger_failure(error: LedgerError) -> Failure {
    let help = match &error {
        LedgerError::Faulty { .. } => {
            "`tightship ledger verify` names all faults; git holds the lines as they were"
        }
        LedgerError::TooLong => "keep long text in a file, and give that with --evidence",
        LedgerError::Io { .. } => "the ledger is .tightship/ledger.jsonl in the project's folder",
    };
    Failure::new(error.to_string(), help)
}

/// Whether a row of the lists is bound to the check.
fn names(joined: &Joined, check: &Check) -> bool {
    joined.items.iter().any(|item| {
        item.binding.checks.iter().any(|bound| {
            let (id, _) = Binding::check_and_subject(bound);
            id == check.id || id.strip_suffix("/*") == Some(check.area())
        })
    })
}

/// The clock in the team's time zone.
pub(crate) fn clock(now: i64, config: Option<&ConfigFile>) -> Result<Zoned, Failure> {
    let name = config.and_then(|file| file.config.time_zone.as_deref());
    let zone = match name {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).map_err(|_| {
            Failure::new(
                format!("time-zone is {name:?}, which is no time zone"),
                "write it like Europe/Berlin (the IANA time zone database)",
            )
        })?,
    };
    let moment = Timestamp::from_second(now).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(moment.to_zoned(zone))
}

fn ticked(list: &Checklist, judged: &Judged) -> String {
    let answers: BTreeMap<_, _> = judged
        .items
        .iter()
        .map(|item| (item.id.as_str(), item))
        .collect();
    list.ticked(|item| {
        let answer = answers.get(item.binding.id.as_str())?;
        let result = match answer.standing {
            Standing::Pass | Standing::Signed => answer.reason.clone(),
            standing => format!("{}: {}", standing.name(), answer.reason),
        };
        Some(Answer {
            ticks: answer.standing.ticks(),
            result,
        })
    })
}

fn code(judged: &Judged) -> ExitCode {
    let bad = judged.count(Standing::Fail) + judged.count(Standing::Overdue);
    ExitCode::from(u8::from(bad > 0))
}
