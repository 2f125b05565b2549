//! Random programs, evaluated with nothing known of the environment and in several known ones.
//!
//! Whatever the open evaluation promises must hold in each of these worlds: a known value is the
//! value there, one that depends on the environment is one of those told, and while the variables
//! that it depends on are unset it is the one told for that.
//!
//! `PROPTEST_CASES=100000 PROPTEST_RNG_SEED=1` in the environment runs more programs, or others.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use tightship_model::{Deployment, Items, Settings, Value};
use tightship_read::{Options, read};

/// Programs in an ordinary run of the tests: an endless loop takes all the steps that there are, in
/// each world.
const ENDLESS_PROGRAMS: u32 = 3;

/// The environments in which each program is run.
const WORLDS: [&[(&str, &str)]; 9] = [
    &[],
    &[("FLAG", "1")],
    &[("FLAG", ""), ("MODE", "b")],
    &[("MODE", "a"), ("N", "3")],
    &[("FLAG", "1"), ("MODE", "b"), ("N", "0"), ("NAMES", "x,y")],
    &[("NAMES", "")],
    &[("N", "many"), ("MODE", "other")],
    &[("FLAG", "0"), ("N", "1"), ("NAMES", "z")],
    &[("MODE", "b"), ("N", "2"), ("NAMES", "x,x,a")],
];

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        max_shrink_time: 30_000,
        ..config(ENDLESS_PROGRAMS)
    })]

    /// What an endless loop touches is lost, in whatever way of the program it stands.
    #[test]
    fn what_is_promised_after_an_endless_loop_holds_in_every_world(
        before in prop::collection::vec(statement(), 0..3),
        test in test(),
        endless in prop::collection::vec(statement(), 1..4),
        after in prop::collection::vec(statement(), 0..5),
    ) {
        let endless = Statement::Compound(vec![("while NUMBER < 2:".to_owned(), endless)]);
        let branch = Statement::Compound(vec![(format!("if {test}:"), vec![endless])]);
        check(&[before, vec![branch], after].concat(), &[])?;
    }
}

fn check(main: &[Statement], other: &[Statement]) -> Result<(), TestCaseError> {
    let laboratory = Laboratory::new(&program(main), &program(other));
    if let Err(disagreement) = laboratory.compare() {
        prop_assert!(
            false,
            "{disagreement}\n--- other.py\n{}\n--- settings.py\n{}",
            program(other),
            program(main)
        );
    }
    Ok(())
}

fn config(programs: u32) -> ProptestConfig {
    let ordinary = ProptestConfig::default();
    ProptestConfig {
        cases: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => ordinary.cases,
            None => programs,
        },
        rng_seed: match std::env::var_os("PROPTEST_RNG_SEED") {
            Some(_) => ordinary.rng_seed,
            None => RngSeed::Fixed(1),
        },
        ..ordinary
    }
}

/// A project in a folder, and the files of the worlds beside it.
struct Laboratory {
    root: PathBuf,
    folder: tempfile::TempDir,
}

impl Laboratory {
    fn new(main: &str, other: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("project");
        std::fs::create_dir(&root).expect("its folder");
        let write = |name: &str, text: &str| {
            std::fs::write(root.join(name), text).expect("a file is written");
        };
        write("manage.py", "import django\n");
        write("settings.py", main);
        write("other.py", other);
        Self { root, folder }
    }

    fn compare(&self) -> Result<(), String> {
        let open = self.read(None);
        let promised = open.settings.as_ref().expect("settings");
        for (number, world) in WORLDS.iter().enumerate() {
            let there = self.read(Some(world));
            let stops = |gap: &tightship_model::Gap| gap.reason.starts_with("the program stops");
            if there.gaps.iter().any(stops) {
                continue;
            }
            let real = there.settings.as_ref().expect("settings");
            let set: BTreeSet<&str> = world.iter().map(|(name, _)| *name).collect();
            agree(promised, real, &set).map_err(|why| format!("in {world:?}: {why}"))?;
            if number == 0 {
                let unset = open.settings_unset.as_ref().expect("settings");
                agree(unset, real, &set).map_err(|why| format!("taken as unset: {why}"))?;
            }
        }
        Ok(())
    }

    fn read(&self, world: Option<&[(&str, &str)]>) -> Deployment {
        let env_file = world.map(|world| {
            let lines = world
                .iter()
                .fold(String::new(), |mut lines, (name, value)| {
                    writeln!(lines, "{name}={value}").expect("a text takes it");
                    lines
                });
            let path = self.folder.path().join("world.env");
            std::fs::write(&path, lines).expect("a file is written");
            path
        });
        let options = Options {
            settings: Some("settings".to_owned()),
            env_file,
            ..Options::default()
        };
        read(&self.root, &options).expect("a project")
    }
}

/// Whether what is promised of each setting is so; `set` are the variables of the world.
fn agree(promised: &Settings, real: &Settings, set: &BTreeSet<&str>) -> Result<(), String> {
    for (name, promise) in &promised.overridden {
        match real.overridden.get(name) {
            Some(value) if holds(&promise.value, &value.value, set) => {}
            None if may_be_missing(&promise.value, set) => {}
            value => {
                return Err(format!(
                    "{name} is\n  {}\nand was promised to be\n  {}",
                    value.map_or("not set".to_owned(), |value| show(&value.value)),
                    show(&promise.value)
                ));
            }
        }
    }
    let missing = |name: &&String| !promised.overridden.contains_key(*name);
    match real.overridden.keys().find(missing) {
        Some(name) if promised.rest.is_none() => Err(format!("{name} was not promised")),
        _ => Ok(()),
    }
}

fn holds(promise: &Value, real: &Value, set: &BTreeSet<&str>) -> bool {
    let all = |promised: &Items, real: &Items| match (&promised.rest, &real.rest) {
        (_, Some(_)) => true,
        (None, None) => {
            promised.items.len() == real.items.len()
                && promised
                    .items
                    .iter()
                    .zip(&real.items)
                    .all(|(one, two)| holds(&one.value, &two.value, set))
        }
        // The items that are told stand there in this order.
        (Some(_), None) => {
            let mut rest = real.items.iter();
            promised
                .items
                .iter()
                .all(|one| rest.any(|two| holds(&one.value, &two.value, set)))
        }
    };
    match (promise, real) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_) | Value::OneOf(_)) => true,
        (Value::OneOf(cases), _) => cases.iter().any(|case| holds(&case.value.value, real, set)),
        (Value::Environment(dependent), _) => {
            let is_unset = dependent
                .variables
                .iter()
                .all(|name| !set.contains(name.as_str()));
            match &dependent.unset {
                Some(unset) if is_unset => holds(&unset.value, real, set),
                unset => {
                    !dependent.exhaustive
                        || unset
                            .iter()
                            .chain(dependent.others.iter().map(|case| &case.value))
                            .any(|value| holds(&value.value, real, set))
                }
            }
        }
        (Value::List(one), Value::List(two))
        | (Value::Tuple(one), Value::Tuple(two))
        | (Value::Set(one), Value::Set(two)) => all(one, two),
        (Value::Dict(one), Value::Dict(two)) => {
            two.rest.is_some()
                || (one.rest.is_some() || one.entries.len() == two.entries.len())
                    && one.entries.iter().all(|(key, value)| {
                        let real = two.entries.iter().find(|(other, _)| other == key);
                        real.is_some_and(|(_, real)| holds(&value.value, &real.value, set))
                    })
        }
        (one, two) => one == two,
    }
}

fn show(value: &Value) -> String {
    let all = |items: &Items| {
        let mut parts: Vec<_> = items.items.iter().map(|item| show(&item.value)).collect();
        parts.extend(items.rest.iter().map(|_| "...".to_owned()));
        format!("[{}]", parts.join(", "))
    };
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => all(items),
        Value::Dict(dict) => {
            let entries = dict.entries.iter();
            let entries =
                entries.map(|(key, value)| format!("{}: {}", show(key), show(&value.value)));
            let mut entries: Vec<_> = entries.collect();
            entries.extend(dict.rest.iter().map(|_| "...".to_owned()));
            format!("{{{}}}", entries.join(", "))
        }
        Value::OneOf(cases) => {
            let cases: Vec<_> = cases.iter().map(|case| show(&case.value.value)).collect();
            format!("one of {}", cases.join(" | "))
        }
        Value::Environment(dependent) => {
            let unset = dependent.unset.as_ref().map(|unset| show(&unset.value));
            let others = dependent.others.iter().map(|case| show(&case.value.value));
            format!(
                "<{}: {unset:?} | {}{}>",
                dependent.variables.join(","),
                others.collect::<Vec<_>>().join(" | "),
                if dependent.exhaustive { "" } else { " | ..." }
            )
        }
        other => format!("{other:?}"),
    }
}

/// Whether a promise leaves room for the setting not to be set.
fn may_be_missing(promise: &Value, set: &BTreeSet<&str>) -> bool {
    holds(promise, &Value::Reference("nothing".to_owned()), set)
}

/// A statement of a random program.
#[derive(Clone, Debug)]
enum Statement {
    Line(String),
    /// Clauses: a head, and the block under it.
    Compound(Vec<(String, Vec<Self>)>),
}

/// What stands before the random statements.
const PRELUDE: &str = "\
import contextlib
import os

DEBUG = os.environ.get('FLAG') == '1'
NUMBER = 1
COUNT = 0
WORD = 'a'
APPS = ['x', 'y']
ALIAS = APPS
EXTRA = ['z']
CONF = {'k': 1, 'l': EXTRA}
SHARED = CONF

def grow(items, item='g'):
    if item not in items:
        items.append(item)
    return items

def count():
    global COUNT
    COUNT += 1
    return COUNT

def pick(one, two):
    if os.environ.get('FLAG'):
        return one
    return two

def strict(name):
    try:
        return os.environ[name]
    except KeyError:
        return 'none'

";

const NAMES: &str = "DEBUG, NUMBER, COUNT, WORD, APPS, ALIAS, EXTRA, CONF, SHARED";

fn program(statements: &[Statement]) -> String {
    let mut text = PRELUDE.to_owned();
    render(statements, 0, false, false, &mut text);
    text
}

fn render(statements: &[Statement], depth: usize, in_loop: bool, in_def: bool, text: &mut String) {
    let indent = "    ".repeat(depth);
    let line = |text: &mut String, words: &str| {
        writeln!(text, "{indent}{words}").expect("a text takes it");
    };
    for statement in statements {
        match statement {
            Statement::Line(words) => {
                let jumps = ["break", "continue"].contains(&words.as_str());
                let fits = match words.as_str() {
                    _ if jumps => in_loop,
                    words if words.starts_with("return") => in_def,
                    _ => true,
                };
                line(text, if fits { words } else { "pass" });
            }
            Statement::Compound(clauses) => {
                for (head, block) in clauses {
                    // Each loop counts its own turns, so that it ends.
                    if head.starts_with("while TURN") {
                        line(text, &format!("TURN{depth} = 0"));
                    }
                    line(text, &head.replace("TURN", &format!("TURN{depth}")));
                    let is_loop = head.starts_with("for") || head.starts_with("while");
                    let is_def = head.starts_with("def");
                    if is_def {
                        line(text, &format!("    global {NAMES}"));
                    }
                    line(text, "    pass");
                    if head.starts_with("while TURN") {
                        line(text, &format!("    TURN{depth} += 1"));
                    }
                    render(
                        block,
                        depth + 1,
                        is_loop || in_loop && !is_def,
                        is_def || in_def,
                        text,
                    );
                    if is_def {
                        line(text, "RESULT = run()");
                    }
                }
            }
        }
    }
}

fn statement() -> impl Strategy<Value = Statement> {
    let line = prop_oneof![
        8 => simple(),
        1 => select(&[
            "break",
            "continue",
            "return APPS",
            "return NUMBER",
            "return",
            "raise ValueError('x')",
            "raise KeyError(WORD)",
        ][..]).prop_map(str::to_owned),
    ];
    let leaf = line.prop_map(Statement::Line);
    leaf.prop_recursive(3, 24, 4, |inner| {
        let block = || prop::collection::vec(inner.clone(), 1..4);
        let test = || test().prop_map(|test| format!("if {test}:"));
        let handler = || {
            select(
                &[
                    "except KeyError:",
                    "except (ValueError, TypeError):",
                    "except IndexError:",
                    "except LookupError:",
                    "except Exception:",
                    "except:",
                ][..],
            )
        };
        let other = |head: &'static str, block: Option<Vec<Statement>>| {
            block.map(|block| (head.to_owned(), block))
        };
        prop_oneof![
            4 => (test(), block(), prop::option::of((super_test(), block())), prop::option::of(block()))
                .prop_map(move |(head, body, elif, last)| {
                    let mut clauses = vec![(head, body)];
                    clauses.extend(elif);
                    clauses.extend(other("else:", last));
                    Statement::Compound(clauses)
                }),
            2 => (numbers(), list(), block(), prop::option::of(block()), any::<bool>())
                .prop_map(move |(bound, list, body, last, is_while)| {
                    let head = match is_while {
                        true => format!("while TURN < {bound}:"),
                        false => format!("for WORD in {list}:"),
                    };
                    let mut clauses = vec![(head, body)];
                    clauses.extend(other("else:", last));
                    Statement::Compound(clauses)
                }),
            2 => (risky(), handler(), block(), prop::option::of(block()), prop::option::of(block()))
                .prop_map(move |(body, handler, handled, otherwise, last)| {
                    let body = vec![Statement::Line(body)];
                    let mut clauses =
                        vec![("try:".to_owned(), body), (handler.to_owned(), handled)];
                    clauses.extend(other("else:", otherwise));
                    clauses.extend(other("finally:", last));
                    Statement::Compound(clauses)
                }),
            1 => block().prop_map(|body| Statement::Compound(vec![("def run():".to_owned(), body)])),
            1 => risky().prop_map(|body| {
                let body = vec![Statement::Line(body)];
                let head = "with contextlib.suppress(LookupError, ValueError):".to_owned();
                Statement::Compound(vec![(head, body)])
            }),
        ]
    })
}

/// What a `try` is put around: a read that may fail.
fn risky() -> impl Strategy<Value = String> {
    prop_oneof![
        number().prop_map(|number| format!("NUMBER = {number}")),
        text().prop_map(|text| format!("WORD = {text}")),
    ]
}

fn super_test() -> impl Strategy<Value = String> {
    test().prop_map(|test| format!("elif {test}:"))
}

fn numbers() -> impl Strategy<Value = u8> {
    1..5_u8
}

fn simple() -> impl Strategy<Value = String> {
    let lists = || select(&["APPS", "ALIAS", "EXTRA", "CONF['l']"][..]);
    let dicts = || select(&["CONF", "SHARED"][..]);
    prop_oneof![
        3 => (lists(), select(&["=", "+="][..]), list()).prop_map(|(name, op, list)| format!("{name} {op} {list}")),
        3 => (lists(), text()).prop_map(|(name, text)| format!("{name}.append({text})")),
        1 => (lists(), list()).prop_map(|(name, list)| format!("{name}.extend({list})")),
        1 => (lists(), text()).prop_map(|(name, text)| format!("{name}.insert(0, {text})")),
        1 => (lists(), text()).prop_map(|(name, text)| format!("{name}.remove({text})")),
        1 => (lists(), text()).prop_map(|(name, text)| format!("{name}[0] = {text}")),
        1 => (lists(), select(&["del {}[0]", "{}.clear()", "{}.pop()", "{}.reverse()", "{}.sort()", "{} *= 2", "grow({})"][..]))
            .prop_map(|(name, line)| line.replace("{}", name)),
        2 => (dicts(), number()).prop_map(|(name, number)| format!("{name}['k'] = {number}")),
        1 => (dicts(), list()).prop_map(|(name, list)| format!("{name}['l'] = {list}")),
        1 => (dicts(), select(&["'a'", "'m'"][..]))
            .prop_map(|(name, key)| format!("{name}[{key}] = NUMBER")),
        1 => (dicts(), dict()).prop_map(|(name, dict)| format!("{name} = {dict}")),
        1 => (dicts(), dict()).prop_map(|(name, dict)| format!("{name}.update({dict})")),
        1 => (dicts(), text()).prop_map(|(name, text)| format!("{name}.setdefault('l', []).append({text})")),
        1 => (dicts(), select(&["del {}['k']", "{}.pop('k', None)", "{}.clear()", "{}.pop('l')"][..]))
            .prop_map(|(name, line)| line.replace("{}", name)),
        3 => number().prop_map(|number| format!("NUMBER = {number}")),
        2 => number().prop_map(|number| format!("COUNT += {number}")),
        3 => text().prop_map(|text| format!("WORD = {text}")),
        1 => text().prop_map(|text| format!("WORD += {text}")),
        2 => test().prop_map(|test| format!("DEBUG = {test}")),
        1 => test().prop_map(|test| format!("assert {test}")),
        2 => select(&[
            "os.environ.setdefault('MODE', 'b')",
            "os.environ['FLAG'] = '1'",
            "os.environ.pop('MODE', None)",
            "count()",
            "del WORD",
            "APPS, EXTRA = EXTRA, APPS",
            "globals()['WORD'] = 'g'",
        ][..]).prop_map(str::to_owned),
    ]
}

fn test() -> impl Strategy<Value = String> {
    let plain = select(
        &[
            "os.environ.get('FLAG')",
            "os.environ.get('FLAG') == '1'",
            "os.environ.get('MODE', 'a') == 'b'",
            "os.environ['MODE'] == 'b'",
            "'MODE' in os.environ",
            "DEBUG",
            "NUMBER < 2",
            "COUNT",
            "APPS",
            "'x' in APPS",
            "'z' not in ALIAS",
            "len(EXTRA) > 1",
            "'k' in CONF",
            "CONF.get('k')",
            "WORD == 'a'",
            "ALIAS is APPS",
            "APPS == EXTRA",
            "CONF == SHARED",
            "True",
            "isinstance(WORD, str)",
            "any(item == 'x' for item in APPS)",
            "int(os.environ.get('N', '1')) > 1",
        ][..],
    )
    .prop_map(str::to_owned);
    plain.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|test| format!("not ({test})")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one} and {two})")),
            (inner.clone(), inner).prop_map(|(one, two)| format!("({one} or {two})")),
        ]
    })
}

fn number() -> impl Strategy<Value = String> {
    chosen(&[
        "0",
        "1",
        "2",
        "NUMBER",
        "COUNT",
        "NUMBER + 1",
        "int(os.environ.get('N', '1'))",
        "int(os.environ['N'])",
        "len(APPS)",
        "CONF['k']",
        "CONF.get('k', 7)",
        "ALIAS.count('x')",
        "APPS.index('y')",
        "count()",
        "(COUNT := NUMBER + 1)",
        "pick(1, NUMBER)",
        "sum(len(item) for item in EXTRA)",
    ])
}

fn text() -> impl Strategy<Value = String> {
    chosen(&[
        "'a'",
        "'b'",
        "'x'",
        "WORD",
        "os.environ.get('MODE', 'a')",
        "os.environ['MODE']",
        "WORD + 'w'",
        "f'{WORD}-{NUMBER}'",
        "','.join(APPS)",
        "APPS[0]",
        "ALIAS[-1]",
        "EXTRA.pop()",
        "WORD.upper()",
        "strict('MODE')",
        "pick('one', WORD)",
        "next(iter(CONF))",
        "{'a': 'x', 'b': 'y'}[WORD]",
        "{'a': 'x', 'b': 'y'}.get(WORD, 'z')",
    ])
}

fn list() -> impl Strategy<Value = String> {
    chosen(&[
        "[]",
        "['x']",
        "[WORD]",
        "['p', WORD]",
        "APPS",
        "ALIAS",
        "EXTRA",
        "list(APPS)",
        "APPS + ['y']",
        "os.environ.get('NAMES', 'x').split(',')",
        "[item + '!' for item in APPS]",
        "[item for item in APPS if item != 'x']",
        "[item for item in EXTRA if DEBUG]",
        "sorted(APPS)",
        "APPS[1:]",
        "[*APPS, *EXTRA]",
        "list(CONF)",
        "CONF['l']",
        "CONF.get('l', ['n'])",
        "CONF.setdefault('l', ['s'])",
        "grow(APPS, WORD)",
        "grow(list(EXTRA))",
        "pick(APPS, EXTRA)",
        "list(reversed(ALIAS))",
        "APPS or EXTRA",
        "[item for item in APPS if (WORD := item)]",
    ])
}

fn dict() -> impl Strategy<Value = String> {
    chosen(&[
        "{}",
        "{'k': NUMBER}",
        "{'k': 3, 'm': WORD}",
        "CONF",
        "SHARED",
        "dict(CONF)",
        "{**CONF, 'm': WORD}",
        "{item: NUMBER for item in APPS}",
        "CONF | SHARED",
        "{'l': APPS}",
        "{'k': 1, 'l': list(ALIAS)}",
        "pick(CONF, {})",
    ])
}

/// One of these, or of two, as a condition has it.
fn chosen(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(words).prop_map(str::to_owned),
        1 => (select(words), test(), select(words))
            .prop_map(|(one, test, two)| format!("({one} if {test} else {two})")),
    ]
}
