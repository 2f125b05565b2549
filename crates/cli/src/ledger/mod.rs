//! What is written into the ledger and read out of it.

pub(crate) mod args;
mod due;
mod ssh;

use std::process::ExitCode;

use jiff::{Timestamp, Zoned};
use tightship_checklist::ledger::{self, Chain};
use tightship_checklist::{Act, Checklist, Exhibit, What};

use crate::checklist::{clock, ledger_failure, lists};
use crate::choices::now;
use crate::config::ConfigFile;
use crate::failure::{Failure, nearest};
use crate::outlet::to_stdout;

pub(crate) use due::run as due;

/// Longer texts belong into a file that is given as evidence.
const LONGEST_TEXT: usize = 4_000;

/// `tightship sign`
pub(crate) fn sign(args: &args::Sign) -> Result<ExitCode, Failure> {
    let now = moment(&args.project)?;
    let evidence = args.evidence.iter().map(|place| exhibit(place));
    let last_day = |days: u16| now.date().saturating_add(jiff::Span::new().days(days));
    let until = args.valid.map(last_day);
    let act = Act {
        item: Some(known(&args.item, &args.list, &args.project)?),
        by: Some(said("--by", &args.by)?),
        note: Some(said("--note", &args.note)?),
        until,
        evidence: evidence.collect::<Result<_, _>>()?,
        took: args.took,
        ..bare(What::Signed, now.timestamp())
    };
    append(&args.project, act, args.key.as_deref())?;
    let until = until
        .map(|day| format!(", holds until {day}"))
        .unwrap_or_default();
    say(
        &args.project,
        format!("{} is signed by {}{until}", args.item, args.by),
    )
}

/// `tightship waive`
pub(crate) fn waive(args: &args::Waive) -> Result<ExitCode, Failure> {
    let now = moment(&args.project)?;
    if args.until < now.date() {
        return Err(Failure::new(
            format!("--until {} is past", args.until),
            "give the last day on which it is accepted",
        ));
    }
    let act = Act {
        item: Some(known(&args.item, &args.list, &args.project)?),
        by: Some(said("--by", &args.by)?),
        note: Some(said("--reason", &args.reason)?),
        until: Some(args.until),
        ..bare(What::Waived, now.timestamp())
    };
    append(&args.project, act, args.key.as_deref())?;
    let text = format!(
        "{} is accepted by {} until {}",
        args.item, args.by, args.until
    );
    say(&args.project, text)
}

/// `tightship deployed`
pub(crate) fn deployed(args: &args::Deployed) -> Result<ExitCode, Failure> {
    let now = moment(&args.project)?;
    let at = args.at.unwrap_or(now.timestamp());
    if at > now.timestamp() {
        return Err(Failure::new(
            format!("--at {at} is yet to come"),
            "mark a deployment when it is done",
        ));
    }
    let optional = |name, text: &Option<String>| text.as_deref().map(|text| said(name, text));
    let act = Act {
        by: optional("--by", &args.by).transpose()?,
        note: optional("--note", &args.note).transpose()?,
        ..bare(What::Deployed, at)
    };
    append(&args.project, act, None)?;
    say(&args.project, format!("a deployment is marked at {at}"))
}

/// `tightship history`
pub(crate) fn history(args: &args::History) -> Result<ExitCode, Failure> {
    let project = &args.project.project;
    let mut notes = Vec::new();
    let record = crate::checklist::record(project, &mut notes)?;
    let acts: Vec<_> = record.of(&args.item).cloned().collect();
    if acts.is_empty() && notes.is_empty() {
        return Err(Failure::new(
            format!("the ledger holds nothing of {:?}", args.item),
            "`tightship checklist` names the items",
        ));
    }
    to_stdout(Some(args.project.manner), |out| {
        for note in &notes {
            writeln!(out, "{}", tightship_report::clean(note))?;
        }
        acts.iter()
            .try_for_each(|act| writeln!(out, "{}", tightship_report::clean(&line(act))))
    })
}

/// `tightship ledger verify`: exit code 1 where something is wrong.
pub(crate) fn verify(args: &args::Verify) -> Result<ExitCode, Failure> {
    let project = &args.project.project;
    let ledger = ledger::Ledger::of(project);
    let chain = ledger.read().map_err(ledger_failure)?;
    let mut wrong: Vec<String> = chain.faults.iter().map(ToString::to_string).collect();
    if chain.torn > 0 {
        wrong.push(format!(
            "the last line was not written to its end ({} bytes); the next entry repairs that",
            chain.torn
        ));
    }
    let cut = args.holds.iter().filter(|hash| !chain.holds(hash));
    wrong.extend(cut.map(|hash| format!("no line has the hash {hash}: it was cut off or changed")));
    let signatures = ssh::verify(project, &chain)?;
    wrong.extend(signatures.wrong);
    let path = ledger.path().display().to_string();
    to_stdout(Some(args.project.manner), |out| {
        for fault in &wrong {
            writeln!(out, "✗ {path}: {}", tightship_report::clean(fault))?;
        }
        if wrong.is_empty() {
            let entries = match chain.entries.len() {
                1 => "1 entry".to_owned(),
                count => format!("{count} entries"),
            };
            writeln!(out, "✓ {path}: {entries}, none changed, cut out or moved")?;
        }
        for note in &signatures.notes {
            writeln!(out, "  {}", tightship_report::clean(note))?;
        }
        ends(&chain, out)
    })?;
    Ok(ExitCode::from(u8::from(!wrong.is_empty())))
}

/// What to note elsewhere, so that a later cut is seen.
fn ends(chain: &Chain, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    for end in chain.ends() {
        writeln!(out, "  ends with {end}")?;
    }
    Ok(())
}

fn line(act: &Act) -> String {
    let mut text = format!("{}  ", act.at.strftime("%Y-%m-%d %H:%M UTC"));
    text.push_str(match act.what {
        What::Signed => "signed",
        What::Waived => "waived",
        What::Deployed => "deployed",
        What::Verdict => "found",
        What::Opened => "opened",
        What::Unheard => "an act of a later version",
    });
    if let Some(by) = &act.by {
        text.push_str(&format!(" by {by}"));
    }
    if let Some(until) = act.until {
        text.push_str(&format!(" until {until}"));
    }
    if let Some(took) = act.took {
        let took = jiff::SignedDuration::from_secs(took.try_into().unwrap_or(i64::MAX));
        text.push_str(&format!(", which took {took:#}"));
    }
    if let Some(note) = &act.note {
        text.push_str(&format!(": {note}"));
    }
    for exhibit in &act.evidence {
        text.push_str(&format!(" [{}", exhibit.place));
        if let Some(hash) = &exhibit.sha256 {
            text.push_str(&format!(", SHA-256 {hash}"));
        }
        text.push(']');
    }
    text
}

pub(crate) fn bare(what: What, at: Timestamp) -> Act {
    Act {
        what,
        at,
        item: None,
        by: None,
        note: None,
        until: None,
        evidence: Vec::new(),
        took: None,
    }
}

fn append(project: &args::Project, act: Act, key: Option<&std::path::Path>) -> Result<(), Failure> {
    let signer = ssh::Signer::of(key)?;
    let payload = serde_json::to_string(&act)
        .map_err(|error| Failure::new(error.to_string(), "write it in other words"))?;
    let signature = signer.map(|signer| signer.sign(&payload)).transpose()?;
    ledger::Ledger::of(&project.project)
        .append(&[act], |_| signature.clone())
        .map_err(ledger_failure)
}

/// The clock in the team's time zone.
fn moment(project: &args::Project) -> Result<Zoned, Failure> {
    let config = ConfigFile::find(&project.project, project.config.as_deref())?;
    clock(now(), config.as_ref())
}

/// The id of an item of a chosen list, of a built-in one, or of a step of an incident.
fn known(item: &str, list: &[String], project: &args::Project) -> Result<String, Failure> {
    let config = ConfigFile::find(&project.project, project.config.as_deref())?;
    let mut lists = lists::chosen(list, config.as_ref())?;
    lists.extend(tightship_checklist::built_in("complete"));
    lists.extend(crate::checklist::incident::open(&project.project));
    let ids = lists.iter().flat_map(ids).collect::<Vec<_>>();
    if ids.contains(&item) {
        return Ok(item.to_owned());
    }
    Err(Failure::new(
        format!("no item is called {item:?}"),
        match nearest(item, ids) {
            Some(near) => format!("did you mean {near}?"),
            None => {
                "`tightship checklist` names the items; --list FILE.md names a list of your own"
                    .to_owned()
            }
        },
    ))
}

fn ids(list: &Checklist) -> impl Iterator<Item = &str> {
    list.items.iter().map(|item| item.binding.id.as_str())
}

fn said(option: &str, text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() {
        let help = "it is what the next reader has to believe";
        return Err(Failure::new(format!("{option} says nothing"), help));
    }
    if text.len() > LONGEST_TEXT {
        return Err(Failure::new(
            format!(
                "{option} is {} bytes long; {LONGEST_TEXT} are the most",
                text.len()
            ),
            "keep long text in a file, and give that with --evidence",
        ));
    }
    Ok(text.to_owned())
}

/// A file by its hash; an address as it is.
fn exhibit(place: &str) -> Result<Exhibit, Failure> {
    if let Some((_, rest)) = place.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(Failure::new(
                "an address of --evidence holds a login",
                "give it without one: everybody reads the ledger",
            ));
        }
        return Ok(Exhibit {
            place: place.to_owned(),
            sha256: None,
        });
    }
    let sha256 = ledger::hash_file(place.as_ref()).map_err(|error| {
        Failure::new(
            format!("the evidence {place} cannot be read: {error}"),
            "give a file, or an address that begins with https://",
        )
    })?;
    Ok(Exhibit {
        place: place.to_owned(),
        sha256: Some(sha256),
    })
}

fn say(project: &args::Project, text: String) -> Result<ExitCode, Failure> {
    to_stdout(Some(project.manner), |out| {
        writeln!(out, "{}", tightship_report::clean(&text))
    })
}
