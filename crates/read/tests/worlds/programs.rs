//! Random programs over a few names, whose tests and values the environment may decide.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;

/// A statement of a random program.
#[derive(Clone, Debug)]
pub(crate) enum Statement {
    Line(String),
    /// Clauses: a head, and the block under it.
    Compound(Vec<(String, Vec<Self>)>),
}

/// What stands before random statements, the names that their functions may bind, and the ways to take
/// `other.py` in.
pub(crate) struct Setting {
    pub(crate) prelude: &'static str,
    pub(crate) names: &'static str,
    pub(crate) imports: &'static [&'static str],
}

/// Lists and dicts that several names share.
pub(crate) const SHARED: Setting = Setting {
    prelude: PRELUDE,
    names: "DEBUG, NUMBER, COUNT, WORD, APPS, ALIAS, EXTRA, CONF, SHARED",
    imports: IMPORTS,
};

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

const IMPORTS: &[&str] = &[
    "pass",
    "from other import *",
    "import other; other.APPS.append('m')",
    "from other import EXTRA, CONF",
];

impl Setting {
    pub(crate) fn program(&self, statements: &[Statement]) -> String {
        let mut text = self.prelude.to_owned();
        self.render(statements, 0, false, false, &mut text);
        text
    }

    fn render(
        &self,
        statements: &[Statement],
        depth: usize,
        in_loop: bool,
        in_def: bool,
        text: &mut String,
    ) {
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
                            line(text, &format!("    global {}", self.names));
                        }
                        // Only cases stand in a `match`.
                        if !head.starts_with("match ") {
                            line(text, "    pass");
                        }
                        if head.starts_with("while TURN") {
                            line(text, &format!("    TURN{depth} += 1"));
                        }
                        self.render(
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
}

pub(crate) fn statement() -> impl Strategy<Value = Statement> {
    let line = prop_oneof![
        8 => simple(),
        1 => one_of(&[
            "break",
            "continue",
            "return APPS",
            "return NUMBER",
            "return",
            "raise ValueError('x')",
            "raise KeyError(WORD)",
        ]),
    ];
    let leaf = line.prop_map(Statement::Line);
    leaf.prop_recursive(2, 10, 3, |inner| {
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
        2 => one_of(&[
            "os.environ.setdefault('MODE', 'b')",
            "os.environ['FLAG'] = '1'",
            "os.environ.pop('MODE', None)",
            "count()",
            "del WORD",
            "APPS, EXTRA = EXTRA, APPS",
            "globals()['WORD'] = 'g'",
        ]),
    ]
}

pub(crate) fn test() -> impl Strategy<Value = String> {
    let plain = one_of(&[
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
    ]);
    joined(plain, 2, 4)
}

fn number() -> impl Strategy<Value = String> {
    chosen(
        &[
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
        ],
        test,
    )
}

fn text() -> impl Strategy<Value = String> {
    chosen(
        &[
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
        ],
        test,
    )
}

fn list() -> impl Strategy<Value = String> {
    chosen(
        &[
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
        ],
        test,
    )
}

fn dict() -> impl Strategy<Value = String> {
    chosen(
        &[
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
        ],
        test,
    )
}

/// A statement of those clauses that have a block.
pub(crate) fn compound<const N: usize>(
    clauses: [(String, Option<Vec<Statement>>); N],
) -> Statement {
    let clauses = clauses.into_iter();
    Statement::Compound(
        clauses
            .filter_map(|(head, block)| Some((head, block?)))
            .collect(),
    )
}

/// One of these, or of two, as a condition has it.
pub(crate) fn chosen<T: Strategy<Value = String>>(
    words: &'static [&'static str],
    test: fn() -> T,
) -> impl Strategy<Value = String> {
    prop_oneof![
        7 => one_of(words),
        1 => (select(words), test(), select(words))
            .prop_map(|(one, test, two)| format!("({one} if {test} else {two})")),
    ]
}

/// One of these.
pub(crate) fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(words).prop_map(str::to_owned)
}

/// Tests, and what `not`, `and` and `or` make of them: so deep, of about so many.
pub(crate) fn joined(
    plain: impl Strategy<Value = String> + 'static,
    depth: u32,
    size: u32,
) -> impl Strategy<Value = String> {
    plain.prop_recursive(depth, size, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|test| format!("not ({test})")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one} and {two})")),
            (inner.clone(), inner).prop_map(|(one, two)| format!("({one} or {two})")),
        ]
    })
}
