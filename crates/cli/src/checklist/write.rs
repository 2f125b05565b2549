//! What `checklist --write` leaves behind: boxes and answers in the files, changed verdicts in the
//! ledger.

use std::collections::BTreeSet;
use std::path::Path;

use tightship_checklist::ledger::Ledger;
use tightship_checklist::{Act, Checklist, Exhibit, Need, What};
use tightship_model::checklist::{Judged, JudgedItem, Kind, Standing};
use tightship_observe::site::Target;

use super::{args, clock, ledger_failure, lists, record, ticked};
use crate::choices::now;
use crate::config::ConfigFile;
use crate::failure::Failure;
use crate::ledger::bare;
use crate::outlet::to_file;

/// Writes boxes and answers into the files; the rest of them stays as it is. Says what has changed.
pub(super) fn write(lists: &[Checklist], judged: &Judged) -> Result<Vec<String>, Failure> {
    if let Some(list) = lists.iter().find(|list| lists::is_built_in(&list.name)) {
        let name = &list.name;
        return Err(Failure::new(
            format!("{name} is a list of tightship's own, which no run changes"),
            format!(
                "make it yours: tightship checklist --list {name} --format markdown > {name}.md"
            ),
        ));
    }
    let mut told = Vec::new();
    for list in lists {
        // As it is now: somebody may have written on while the project was judged.
        let list = lists::file(&list.name)?;
        let text = ticked(&list, judged);
        if text != list.text() {
            to_file(Path::new(&list.name), |out| {
                out.extend_from_slice(text.as_bytes());
                Ok(())
            })?;
        }
        let after = Checklist::parse(&list.name, &text)
            .map_err(|refusal| Failure::new(refusal.to_string(), "report it with the list"))?;
        told.push(change(&list, &after));
    }
    Ok(told)
}

/// `CHECKLIST.md: 44 of 108 rows are ticked, 3 newly; 1 no longer is`
fn change(before: &Checklist, after: &Checklist) -> String {
    let ticked = |list: &Checklist| -> BTreeSet<String> {
        let items = list.items.iter().filter(|item| item.is_ticked);
        items.map(|item| item.binding.id.clone()).collect()
    };
    let (old, new) = (ticked(before), ticked(after));
    let mut text = format!(
        "{}: {} of {} rows are ticked",
        after.name,
        new.len(),
        after.items.len()
    );
    match new.difference(&old).count() {
        0 => {}
        newly => text.push_str(&format!(", {newly} newly")),
    }
    match old.difference(&new).count() {
        0 => {}
        1 => text.push_str("; 1 no longer is"),
        lost => text.push_str(&format!("; {lost} no longer are")),
    }
    text
}

/// Days after which what was seen of the site is written down again, though it has not changed: well
/// before it ends to be fresh.
const AGAIN: i64 = 3;

/// Writes into the ledger which rows stand otherwise than when they were last written, and what was seen
/// of the site again. What was kept shows no today.
pub(super) fn remember(
    args: &args::Checklist,
    config: Option<&ConfigFile>,
    judged: &Judged,
) -> Result<(), Failure> {
    if args.live.replay.is_some() {
        return Ok(());
    }
    let record = record(&args.path, &mut Vec::new())?;
    let now = clock(now(), config)?.timestamp();
    let looked = args
        .live
        .url
        .as_deref()
        .and_then(|url| Target::parse(url).ok());
    // What a look at the site has proven has the site as its evidence.
    let seen = |item: &JudgedItem| -> Option<Exhibit> {
        let mut checks = item.checks.iter().filter_map(|id| id.split('/').next());
        let asks = checks.any(|area| Need::Site.is_seen_by(area));
        let target = looked
            .as_ref()
            .filter(|_| asks && item.standing == Standing::Pass)?;
        Some(Exhibit {
            place: target.url().origin().ascii_serialization(),
            sha256: None,
        })
    };
    let changed = |item: &&JudgedItem| {
        let last = record.with(&item.id, What::Verdict).next_back();
        let grows_old = seen(item).is_some()
            && last.is_some_and(|act| {
                act.evidence.is_empty() || now.duration_since(act.at).as_hours() >= AGAIN * 24
            });
        let last = last.and_then(|act| act.note.as_deref()?.split(':').next());
        grows_old || last.unwrap_or(Standing::Unknown.name()) != item.standing.name()
    };
    let of_checks = judged.items.iter().filter(|item| item.kind == Kind::Check);
    let acts: Vec<_> = of_checks
        .filter(changed)
        .map(|item| Act {
            item: Some(item.id.clone()),
            note: Some(format!("{}: {}", item.standing.name(), item.reason)),
            evidence: seen(item).into_iter().collect(),
            ..bare(What::Verdict, now)
        })
        .collect();
    if acts.is_empty() {
        return Ok(());
    }
    Ledger::of(&args.path)
        .append(&acts, |_| None)
        .map_err(ledger_failure)
}
