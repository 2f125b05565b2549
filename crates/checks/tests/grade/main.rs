//! The SSL Labs grade: each clause of the guide on both sides of its border.

mod capture;
mod real;
mod table;

use tightship_checks::tls::grade::{Hsts, grade};
use tightship_model::site::tls::{Letter, Probe, Reach, Support, Tls, Version, WeaknessKind};

use capture::{NOW, accept, good, probe};

#[test]
fn every_row_has_its_grade() {
    let rows: Vec<_> = table::rows();
    assert!(rows.len() >= 80, "the table has {} rows", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let mut tls = good();
        (row.change)(&mut tls);
        match grade(&tls, row.hsts, NOW) {
            Ok(found) => {
                let fires = found
                    .reasons
                    .iter()
                    .any(|reason| reason.clause == row.clause);
                if found.letter != row.letter
                    || found.if_trusted != row.if_trusted
                    || fires != row.fires
                {
                    wrong.push(format!("{} ({}): {found:#?}", row.what, row.clause));
                }
            }
            Err(reason) => wrong.push(format!("{}: {reason}", row.what)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_clause_stands_on_both_sides() {
    let rows = table::rows();
    let mut clauses: Vec<_> = rows.iter().map(|row| row.clause).collect();
    clauses.sort_unstable();
    clauses.dedup();
    for clause in &clauses {
        for fires in [true, false] {
            assert!(
                rows.iter()
                    .any(|row| row.clause == *clause && row.fires == fires),
                "{clause}: no row where it {}",
                if fires { "fires" } else { "does not" }
            );
        }
    }
    // And every clause that the code knows is in the table.
    let code = include_str!("../../src/tls/grade/clauses.rs");
    let known = code
        .split('"')
        .filter(|text| text.starts_with("20") && text.contains(": "));
    for clause in known {
        assert!(clauses.contains(&clause), "{clause} is in no row");
    }
}

#[test]
fn scores_are_those_of_the_tables() {
    let found = grade(&good(), Hsts::For(31_536_000), NOW).expect("a grade");
    // TLS 1.2 and 1.3: (100 + 100) / 2; RSA of 2048 bits: 90; 128 and 256 bits: (80 + 100) / 2.
    assert_eq!(found.scores.protocol, 100);
    assert_eq!(found.scores.key_exchange, 90);
    assert_eq!(found.scores.cipher, 90);
    // 100 · 0.3 + 90 · 0.3 + 90 · 0.4
    assert_eq!(found.scores.total, 93);
    assert_eq!(found.guide, "SSL Labs Server Rating Guide 2009r");
}

#[test]
fn what_was_not_seen_has_no_grade() {
    let mut refused = good();
    refused.reach = Reach::Unreachable {
        reason: "connection refused".to_owned(),
    };
    let mut tired = good();
    tired.reach = Reach::Throttled {
        reason: "it says nothing".to_owned(),
    };
    let mut silent = good();
    silent.protocols[2].support = Support::Unknown {
        reason: "no answer in time".to_owned(),
    };
    assert_eq!(silent.protocols[2].version, Version::Tls10);
    for tls in [refused, tired, silent, Tls::default()] {
        assert!(grade(&tls, Hsts::Absent, NOW).is_err(), "{tls:?}");
    }
}

#[test]
fn a_grade_says_what_it_was_given_without() {
    let hsts = Hsts::For(31_536_000);
    let without = |tls: &Tls| {
        grade(tls, hsts, NOW)
            .expect("a grade")
            .letter_as_far_as_known()
    };
    let mut tls = good();
    assert_eq!(
        without(&tls),
        "A+, without the known faults of libraries (tried with --probe tls-faults)"
    );
    probe(&mut tls, WeaknessKind::Robot, false);
    assert_eq!(without(&tls), "A+");
    tls.weaknesses[0].probe = Probe::Unknown {
        reason: "no two answers are equal".to_owned(),
    };
    tls.extensions.compression = None;
    assert_eq!(
        without(&tls),
        "A+, without ROBOT (no clear answer) and compression (no answer)"
    );
    // TLS 1.3 has none of these faults.
    accept(&mut tls, Version::Tls12, "");
    assert_eq!(without(&tls), "A+");
}

#[test]
fn letters_are_in_order() {
    assert!(Letter::APlus < Letter::A && Letter::F < Letter::M && Letter::M < Letter::T);
}
