//! The ledger under whatever may happen to a file: edits, cuts, tears, crowds, merges.

use std::path::Path;
use std::process::Command;

use tightship_checklist::ledger::{Chain, FaultKind, Ledger};
use tightship_checklist::{Act, What};

fn act(item: &str, by: &str) -> Act {
    Act {
        what: What::Signed,
        at: "2026-11-22T10:00:00Z".parse().expect("a time"),
        item: Some(item.to_owned()),
        by: Some(by.to_owned()),
        note: Some("seen — «ja»".to_owned()),
        until: None,
        took: None,
        evidence: Vec::new(),
    }
}

fn append(project: &Path, items: &[&str]) {
    let acts: Vec<_> = items.iter().map(|item| act(item, "Ada")).collect();
    Ledger::of(project)
        .append(&acts, |_| None)
        .expect("it is written");
}

fn text(project: &Path) -> String {
    std::fs::read_to_string(Ledger::of(project).path()).expect("a ledger")
}

/// The text of a ledger with five entries.
fn five() -> String {
    let folder = tempfile::tempdir().expect("a folder");
    append(folder.path(), &["A"]);
    append(folder.path(), &["B", "C"]);
    append(folder.path(), &["D"]);
    append(folder.path(), &["E"]);
    text(folder.path())
}

#[test]
fn what_was_written_is_read_again() {
    let chain = Chain::read(&five());
    assert_eq!(chain.faults, []);
    let items: Vec<_> = chain
        .entries
        .iter()
        .filter_map(|entry| entry.act.item.clone())
        .collect();
    assert_eq!(items, ["A", "B", "C", "D", "E"]);
    assert_eq!(chain.entries[0].act, act("A", "Ada"));
    assert_eq!(chain.ends().len(), 1);
    assert!(chain.holds(&chain.ends()[0]));
    assert_eq!(chain.record().of("C").count(), 1);
}

#[test]
fn every_change_of_a_byte_is_found() {
    let text = five();
    for place in (0..text.len()).filter(|place| text.is_char_boundary(*place)) {
        let old = text[place..].chars().next().expect("a character");
        for new in ['0', 'x', '\n', ' '] {
            if new == old || (old == '\n' && place == text.len() - 1) {
                continue;
            }
            let mut changed = text.clone();
            changed.replace_range(place..place + old.len_utf8(), &new.to_string());
            let chain = Chain::read(&changed);
            assert!(
                !chain.faults.is_empty() || chain.torn > 0,
                "{old:?} to {new:?} at {place} is not found"
            );
        }
    }
}

#[test]
fn cuts_moves_and_additions_are_found() {
    let text = five();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    for cut in 0..4 {
        let rest: String = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != cut)
            .map(|(_, line)| *line)
            .collect();
        let faults = Chain::read(&rest).faults;
        assert!(
            matches!(faults[0].kind, FaultKind::Missing(_)),
            "line {cut}: {faults:?}"
        );
    }
    for (one, other) in [(0, 1), (1, 2), (0, 4), (3, 4)] {
        let mut moved = lines.clone();
        moved.swap(one, other);
        let faults = Chain::read(&moved.concat()).faults;
        assert!(
            faults
                .iter()
                .any(|fault| matches!(fault.kind, FaultKind::Moved(_))),
            "{faults:?}"
        );
    }
    let two = format!("{text}{}", five());
    assert_eq!(
        Chain::read(&two).faults,
        [],
        "the same lines twice say the same"
    );
    let folder = tempfile::tempdir().expect("a folder");
    append(folder.path(), &["other"]);
    let other = format!("{text}{}", self::text(folder.path()));
    assert_eq!(
        Chain::read(&other).faults[0].kind,
        FaultKind::SecondBeginning
    );
}

#[test]
fn an_end_that_was_noted_proves_that_nothing_was_cut_off() {
    let text = five();
    let noted = Chain::read(&text).ends()[0].clone();
    let shorter: String = text.split_inclusive('\n').take(4).collect();
    let chain = Chain::read(&shorter);
    assert_eq!(chain.faults, [], "a shorter ledger is whole in itself");
    assert!(!chain.holds(&noted));
}

#[test]
fn a_torn_last_line_is_set_aside_and_nothing_else_is_lost() {
    let whole = five();
    let last = whole[..whole.len() - 1].rfind('\n').expect("a line") + 1;
    for end in last + 1..whole.len() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::of(folder.path());
        std::fs::create_dir(folder.path().join(".tightship")).expect("a folder");
        std::fs::write(ledger.path(), &whole.as_bytes()[..end]).expect("a file");
        let lacks_break_only = end == whole.len() - 1;
        assert_eq!(ledger.read().expect("a chain").torn == 0, lacks_break_only);
        append(folder.path(), &["F"]);
        let chain = ledger.read().expect("a chain");
        assert_eq!(
            (chain.faults.as_slice(), chain.torn),
            (&[][..], 0),
            "cut at {end}"
        );
        assert_eq!(chain.entries.len(), if lacks_break_only { 6 } else { 5 });
        let beside = ledger.path().with_extension("jsonl.torn");
        match lacks_break_only {
            true => assert!(!beside.exists()),
            false => assert_eq!(
                std::fs::read(beside).expect("the rest"),
                [&whole.as_bytes()[last..end], b"\n"].concat()
            ),
        }
    }
}

#[test]
fn nothing_is_written_behind_a_change() {
    let folder = tempfile::tempdir().expect("a folder");
    append(folder.path(), &["A", "B"]);
    let forged = text(folder.path()).replacen("Ada", "Eve", 1);
    std::fs::write(Ledger::of(folder.path()).path(), &forged).expect("a file");
    let refused = Ledger::of(folder.path()).append(&[act("C", "Ada")], |_| None);
    assert!(
        refused
            .expect_err("refused")
            .to_string()
            .contains("line 1 was changed")
    );
    assert_eq!(text(folder.path()), forged);
}

#[test]
fn a_crowd_loses_no_line() {
    let folder = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let path = folder.path();
            scope.spawn(move || {
                for number in 0..10 {
                    append(path, &[&format!("{writer}-{number}")]);
                }
            });
        }
    });
    let chain = Chain::read(&text(folder.path()));
    assert_eq!(
        (chain.faults.as_slice(), chain.entries.len()),
        (&[][..], 80)
    );
    assert_eq!(chain.ends().len(), 1, "one behind the other");
}

#[test]
fn branches_that_both_signed_merge_without_conflict_or_loss() {
    let folder = tempfile::tempdir().expect("a folder");
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=T", "-c", "user.email=t@example.org"])
            .args(arguments)
            .current_dir(folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git runs");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
    };
    let commit = || {
        git(&["add", "-A"]);
        git(&["commit", "-qm", "signed"]);
    };
    git(&["init", "-q", "-b", "main"]);
    append(folder.path(), &["base"]);
    commit();
    git(&["branch", "other"]);
    append(folder.path(), &["ours-1", "ours-2"]);
    commit();
    git(&["checkout", "-q", "other"]);
    append(folder.path(), &["theirs-1"]);
    commit();
    git(&["checkout", "-q", "main"]);
    git(&["merge", "-q", "--no-edit", "other"]);
    let merged = Chain::read(&text(folder.path()));
    assert_eq!(
        (merged.faults.as_slice(), merged.entries.len()),
        (&[][..], 4)
    );
    assert_eq!(merged.ends().len(), 2, "two lines are last");
    append(folder.path(), &["joined"]);
    commit();
    // The other branch goes on from where it was, and is merged again.
    git(&["checkout", "-q", "other"]);
    append(folder.path(), &["theirs-2"]);
    commit();
    git(&["checkout", "-q", "main"]);
    git(&["merge", "-q", "--no-edit", "other"]);
    append(folder.path(), &["last"]);
    let chain = Chain::read(&text(folder.path()));
    assert_eq!((chain.faults.as_slice(), chain.entries.len()), (&[][..], 7));
    assert_eq!(chain.ends().len(), 1);
    let whole = text(folder.path());
    for cut in 0..6 {
        let rest: String = whole
            .split_inclusive('\n')
            .enumerate()
            .filter(|(at, _)| *at != cut)
            .map(|(_, line)| line)
            .collect();
        assert_ne!(Chain::read(&rest).faults, [], "line {cut} is missed");
    }
}
