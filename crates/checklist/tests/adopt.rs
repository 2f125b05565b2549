//! Plain lists are bound by what they say, and never to what they do not say.

use std::path::{Path, PathBuf};

use tightship_checklist::{Binding, Checklist, Proposal, adopt, adopted, built_in};
use tightship_model::checklist::Kind;

const OURS: &str = include_str!("adopt/ours.md");

#[test]
fn our_own_list_is_bound_as_it_says() {
    let expected: Vec<_> = OURS
        .lines()
        .filter_map(|line| {
            let (_, expected) = line.split_once("<!-- expect ")?;
            expected.strip_suffix(" -->")
        })
        .collect();
    let list = list("ours.md", OURS);
    let proposals = adopt(&list);
    assert_eq!(proposals.len(), expected.len());
    for (proposal, expected) in proposals.iter().zip(expected) {
        let binding = &proposal.binding;
        let got = match (&proposal.row, binding.kind, binding.cadence) {
            (Some(row), ..) => row.clone(),
            (None, Kind::Duty, Some(cadence)) => format!("duty {cadence}"),
            (None, Kind::Step, _) => "step".to_owned(),
            (None, ..) => "nothing".to_owned(),
        };
        assert_eq!(got, expected, "{}: {}", proposal.text, proposal.because);
        assert_eq!(
            proposal.confidence == 0,
            expected == "nothing",
            "{}",
            proposal.text
        );
    }
    let parameters = |line: usize| {
        let proposal = proposals.iter().find(|one| one.line == line).expect("one");
        proposal.binding.parameters[0].1
    };
    assert_eq!((parameters(6), parameters(7)), (60, 15_552_000));
}

#[test]
fn what_was_adopted_is_a_list_and_else_the_same_text() {
    for ends in ["\n", "\r\n"] {
        let text = OURS.replace('\n', ends);
        let list = list("ours.md", &text);
        let proposals = adopt(&list);
        let written = adopted(&list, &proposals);
        let again = self::list("ours.md", &written);
        assert_eq!(
            (again.items.len(), again.loose.len()),
            (list.loose.len(), 0)
        );
        let ids = |item: &tightship_checklist::Item| item.binding.clone();
        let bindings: Vec<Binding> = again.items.iter().map(ids).collect();
        let proposed: Vec<Binding> = proposals.into_iter().map(|one| one.binding).collect();
        assert_eq!(bindings, proposed);
        let mut without = written;
        for binding in &bindings {
            without = without.replacen(&format!(" {}", binding.comment()), "", 1);
        }
        assert_eq!(without, text);
        assert_eq!(adopt(&again), [], "nothing is left to adopt");
    }
}

/// The two lists that people brought, where they stand beside the repository: their rows in order.
#[test]
fn the_lists_that_people_brought_are_bound_as_the_built_in_ones() {
    let Some(folder) = brought() else { return };
    for (name, prefix, rows) in [("deployment", "A", 112), ("production", "B", 86)] {
        let text = std::fs::read_to_string(folder.join(format!("{name}.md"))).expect("a list");
        let list = list(name, &text);
        assert_eq!(list.loose.len(), rows);
        let complete = built_in(name).expect("a list");
        let mut expected: Vec<_> = complete
            .items
            .iter()
            .map(|item| &item.binding)
            .filter(|binding| binding.kind == Kind::Duty || !is_further(&binding.id))
            .collect();
        expected.sort_by_key(|binding| order(&binding.id));
        assert_eq!(expected.len(), rows, "{prefix}");
        let proposals = adopt(&list);
        let mut missed = Vec::new();
        let mut wrong = Vec::new();
        for (proposal, expected) in proposals.iter().zip(expected) {
            if does(&proposal.binding, expected) {
                continue;
            }
            match proposal.confidence {
                0 => missed.push(told(proposal, expected)),
                _ => wrong.push(told(proposal, expected)),
            }
        }
        assert!(wrong.is_empty(), "wrongly bound: {wrong:#?}");
        let bound = (rows - missed.len()) * 100 / rows;
        assert!(
            bound >= 95,
            "only {bound} % of {name} are bound: {missed:#?}"
        );
    }
}

/// Rows that are no boxes in those lists: commands, tests of others, what goes wrong.
fn is_further(id: &str) -> bool {
    ["A22.", "B15.", "B16.", "B17.", "B18."]
        .iter()
        .any(|start| id.starts_with(start))
}

fn order(id: &str) -> (u32, u32) {
    let (part, row) = id[1..].split_once('.').expect("an id");
    (part.parse().expect("a part"), row.parse().expect("a row"))
}

/// Whether a binding asks for what another asks for, or for more of it.
fn does(binding: &Binding, expected: &Binding) -> bool {
    let has_all = expected.checks.iter().all(|check| {
        let (id, _) = Binding::check_and_subject(check);
        binding.checks.iter().any(|one| one == check || one == id)
    });
    let held = |binding: &Binding| -> Vec<(&str, u64)> {
        binding
            .parameters
            .iter()
            .map(|(one, value)| (one.name, *value))
            .collect()
    };
    binding.kind == expected.kind
        && binding.cadence == expected.cadence
        && has_all
        && (expected.checks.is_empty() == binding.checks.is_empty())
        && expected
            .needs
            .iter()
            .all(|need| binding.needs.contains(need))
        && (expected.kind == Kind::Step || held(binding) == held(expected))
}

fn told(proposal: &Proposal, expected: &Binding) -> String {
    format!(
        "{}: {:?} ({}) instead of {}",
        proposal.text, proposal.row, proposal.because, expected.id
    )
}

/// The folder of those lists: beside the repository, or where the variable says.
fn brought() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/checklists");
    let folder = std::env::var_os("TIGHTSHIP_CHECKLISTS").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[track_caller]
fn list(name: &str, text: &str) -> Checklist {
    Checklist::parse(name, text).unwrap_or_else(|refusal| panic!("{refusal}"))
}
