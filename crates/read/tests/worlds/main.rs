//! Random programs, evaluated with nothing known of the environment and in several known ones, and
//! run by the real Python in each of these.
//!
//! Whatever an evaluation promises must hold in each world: a known value is the value there, one
//! that depends on the environment is one of those told, and while the variables that it depends on
//! are unset it is the one told for that.
//!
//! `PROPTEST_CASES=100000 PROPTEST_RNG_SEED=1` in the environment runs more programs, or others.

mod agreement;
mod forms;
mod found;
mod laboratory;
mod programs;
mod python;
#[path = "../real/mod.rs"]
mod real;
mod texts;

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestError, TestRunner};

use forms::FORMS;
use laboratory::Laboratory;
use programs::{SHARED, Setting, Statement};
use texts::TEXTS;

/// Programs in an ordinary run of the tests.
const PROGRAMS: u32 = 30;

/// Of those with an endless loop, which takes all the steps that there are in each world.
const ENDLESS_PROGRAMS: u32 = 3;

#[test]
fn what_is_promised_with_nothing_known_holds_in_every_world() {
    holds(&SHARED, programs::statement);
}

/// As above, for texts and their forms, patterns, classes and comprehensions.
#[test]
fn what_is_promised_of_texts_and_classes_holds_in_every_world() {
    holds(&TEXTS, texts::statement);
}

/// As above, for reads of the environment, paths, durations, inheritance and namespaces.
#[test]
fn what_is_promised_of_forms_and_paths_holds_in_every_world() {
    holds(&FORMS, forms::statement);
}

#[test]
fn programs_that_disagreed_once_agree() {
    let laboratory = Laboratory::with_python();
    for program in found::FOUND {
        let compared = laboratory.compare(program, "");
        assert!(compared.is_ok(), "{}{program}", compared.unwrap_err());
    }
}

/// What an endless loop touches is lost, in whatever way of the program it stands. Python cannot be
/// asked.
#[test]
fn what_is_promised_after_an_endless_loop_holds_in_every_world() {
    let parts = (
        prop::collection::vec(programs::statement(), 0..3),
        programs::test(),
        prop::collection::vec(programs::statement(), 1..4),
        prop::collection::vec(programs::statement(), 0..5),
    );
    let laboratory = Laboratory::alone();
    runner(ENDLESS_PROGRAMS)
        .run(&parts, |(before, test, endless, after)| {
            let endless = Statement::Compound(vec![("while NUMBER < 2:".to_owned(), endless)]);
            let branch = Statement::Compound(vec![(format!("if {test}:"), vec![endless])]);
            check(
                &laboratory,
                &SHARED,
                &[before, vec![branch], after].concat(),
                &[],
            )
        })
        .unwrap_or_else(refuse);
}

/// Programs of two files, of which the one imports the other.
fn holds<S: Strategy<Value = Statement>>(setting: &Setting, statement: fn() -> S) {
    let parts = (
        prop::collection::vec(statement(), 0..3),
        prop::sample::select(setting.imports),
        prop::collection::vec(statement(), 1..6),
    );
    let laboratory = Laboratory::with_python();
    runner(PROGRAMS)
        .run(&parts, |(other, import, main)| {
            let import = Statement::Line(import.to_owned());
            check(&laboratory, setting, &[vec![import], main].concat(), &other)
        })
        .unwrap_or_else(refuse);
}

fn check(
    laboratory: &Laboratory,
    setting: &Setting,
    main: &[Statement],
    other: &[Statement],
) -> Result<(), TestCaseError> {
    let (main, other) = (setting.program(main), setting.program(other));
    let Err(first) = laboratory.compare(&main, &other) else {
        return Ok(());
    };
    let [main, other, disagreement] = laboratory.reduced(main, other, first);
    let programs = format!("--- other.py\n{other}\n--- settings.py\n{main}");
    Err(TestCaseError::fail(format!("{disagreement}\n{programs}")))
}

/// The disagreement holds the program: the parts that it was made of say nothing more.
fn refuse<T>(error: TestError<T>) {
    match error {
        TestError::Fail(disagreement, _) => panic!("{disagreement}"),
        TestError::Abort(why) => panic!("{why}"),
    }
}

fn runner(programs: u32) -> TestRunner {
    let ordinary = ProptestConfig::default();
    TestRunner::new(ProptestConfig {
        cases: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => ordinary.cases,
            None => programs,
        },
        rng_seed: match std::env::var_os("PROPTEST_RNG_SEED") {
            Some(_) => ordinary.rng_seed,
            None => RngSeed::Fixed(1),
        },
        failure_persistence: None,
        // Lines are taken from the program instead.
        max_shrink_iters: 0,
        ..ordinary
    })
}
