//! Random programs of texts and their forms, patterns, classes, comprehensions and slices.

use proptest::prelude::*;

use crate::programs::{Setting, Statement, chosen, compound, joined, one_of};

/// Names of texts, sets, tuples and classes.
pub(crate) const TEXTS: Setting = Setting {
    prelude: PRELUDE,
    names: "FLAG, NUMBER, TEXT, PAIR, ITEMS, WORDS, TABLE, REST, SHOP",
    imports: IMPORTS,
};

const IMPORTS: &[&str] = &[
    "pass",
    "from other import *",
    "import other as more; TEXT = more.TEXT",
    "from other import ITEMS, WORDS as WORDS",
    "from other import Shop; SHOP = Shop(TEXT)",
];

const PRELUDE: &str = "\
import os

FLAG = os.environ.get('FLAG') == '1'
NUMBER = 1
TEXT = os.environ.get('MODE', 'a-b')
PAIR = (TEXT, 2)
ITEMS = ['x', 'yy', 'a-b']
WORDS = {'a', 'x'}
TABLE = {'k': 'v', 'n': 3}
REST = []
__all__ = ['TEXT', 'ITEMS', 'WORDS', 'Shop', 'TABLE']

class Base:
    NAME = 'base'
    size = 1
    def __init__(self, title='t'):
        self.title = title
        self.tags = []
    def label(self):
        return f'{self.NAME}:{self.title}'
    @property
    def length(self):
        return len(self.title) + self.size
    @classmethod
    def made(cls, title):
        return cls(title.upper())
    @staticmethod
    def twice(text):
        return text * 2

class Shop(Base):
    NAME = 'shop'
    if FLAG:
        size = 5
    def label(self):
        return super().label() + '!'

SHOP = Shop()

def walk(items):
    for item in items:
        if item == 'x':
            continue
        yield item
        if os.environ.get('FLAG') and item == 'yy':
            return
    yield 'end'

def parts(text, separator='-', *more, strict=False, **names):
    if strict and separator not in text:
        raise ValueError(text)
    return [*text.split(separator), *more, *sorted(names)]

def counter():
    count = NUMBER
    def step(by=1):
        nonlocal count
        count += by
        return count
    return step

STEP = counter()

";

pub(crate) fn statement() -> impl Strategy<Value = Statement> {
    let leaf = prop_oneof![
        10 => simple(),
        1 => one_of(&["break", "continue", "return TEXT", "raise KeyError(TEXT)"]),
    ];
    let leaf = leaf.prop_map(Statement::Line);
    leaf.prop_recursive(2, 10, 3, |inner| {
        let block = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            3 => (test(), block(), prop::option::of(block())).prop_map(|(test, body, last)| {
                compound([(format!("if {test}:"), Some(body)), ("else:".to_owned(), last)])
            }),
            2 => (loops(), block(), prop::option::of(block())).prop_map(|(head, body, last)| {
                compound([(head, Some(body)), ("else:".to_owned(), last)])
            }),
            3 => (subject(), case(), block(), case(), block(), prop::option::of(block())).prop_map(
                |(subject, one, first, two, second, last)| {
                    let clauses = [
                        (one, Some(first)),
                        (two, Some(second)),
                        ("case _:".to_owned(), last),
                    ];
                    Statement::Compound(vec![(format!("match {subject}:"), vec![compound(clauses)])])
                }
            ),
            2 => (simple(), handler(), block(), prop::option::of(block()), prop::option::of(block()))
                .prop_map(|(body, handler, handled, otherwise, last)| {
                    compound([
                        ("try:".to_owned(), Some(vec![Statement::Line(body)])),
                        (handler, Some(handled)),
                        ("else:".to_owned(), otherwise),
                        ("finally:".to_owned(), last),
                    ])
                }),
            1 => (members(), prop::option::of((test(), members()))).prop_map(|(own, more)| {
                let mut body = own;
                if let Some((test, more)) = more {
                    body.push(compound([(format!("if {test}:"), Some(more))]));
                }
                let class = Statement::Compound(vec![("class Shop(Base):".to_owned(), body)]);
                let made = Statement::Line("SHOP = Shop(TEXT)".to_owned());
                compound([("if True:".to_owned(), Some(vec![class, made]))])
            }),
            1 => block().prop_map(|body| compound([("def run():".to_owned(), Some(body))])),
        ]
    })
}

fn loops() -> impl Strategy<Value = String> {
    prop_oneof![
        one_of(&[
            "for TEXT, NUMBER in zip(ITEMS, range(3)):",
            "for NUMBER, TEXT in enumerate(ITEMS, 1):",
            "for KEY, VALUE in list(TABLE.items()):",
            "for TEXT in walk(ITEMS):",
            "for LETTER in TEXT:",
            "while TURN < 2 and NUMBER < 4:",
            "while TURN < 3:",
        ]),
        list().prop_map(|list| format!("for TEXT in {list}:")),
    ]
}

fn subject() -> impl Strategy<Value = String> {
    one_of(&[
        "TEXT",
        "NUMBER",
        "PAIR",
        "ITEMS",
        "TABLE",
        "TEXT.split('-')",
        "os.environ.get('MODE')",
        "os.environ.get('NAMES', 'x').split(',')",
        "(TEXT, NUMBER)",
        "{'k': TEXT, 'n': NUMBER}",
    ])
}

fn case() -> impl Strategy<Value = String> {
    one_of(&[
        "case 'a' | 'b':",
        "case 'a-b':",
        "case None:",
        "case str() as TEXT:",
        "case str(TEXT) if TEXT > 'a':",
        "case 1 | 2:",
        "case int():",
        "case (TEXT, NUMBER):",
        "case [TEXT]:",
        "case ['x', *REST]:",
        "case [*REST, TEXT] if FLAG:",
        "case ['a' as TEXT, _] | [TEXT, _, _]:",
        "case {'k': TEXT}:",
        "case {'k': 'v', **TABLE}:",
        "case {'n': int(NUMBER), 'k': 'b'}:",
        "case REST if NUMBER > 1:",
    ])
}

fn handler() -> impl Strategy<Value = String> {
    one_of(&[
        "except (KeyError, IndexError):",
        "except ValueError:",
        "except (TypeError, AttributeError):",
        "except Exception:",
    ])
}

fn members() -> impl Strategy<Value = Vec<Statement>> {
    let member = prop_oneof![
        text().prop_map(|text| format!("NAME = {text}")),
        number().prop_map(|number| format!("size = {number}")),
        Just("label = lambda self: self.NAME + self.title".to_owned()),
        Just("length = 9".to_owned()),
        Just("NAME += '+'".to_owned()),
    ];
    prop::collection::vec(member.prop_map(Statement::Line), 1..3)
}

fn simple() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => text().prop_map(|text| format!("TEXT = {text}")),
        3 => number().prop_map(|number| format!("NUMBER = {number}")),
        3 => list().prop_map(|list| format!("ITEMS = {list}")),
        1 => list().prop_map(|list| format!("ITEMS += {list}")),
        2 => set().prop_map(|set| format!("WORDS = {set}")),
        2 => dict().prop_map(|dict| format!("TABLE = {dict}")),
        1 => test().prop_map(|test| format!("FLAG = {test}")),
        1 => (text(), number()).prop_map(|(text, number)| format!("PAIR = ({text}, {number})")),
        4 => one_of(&[
            "TEXT, NUMBER = PAIR",
            "TEXT, *REST = ITEMS",
            "*REST, TEXT = TEXT",
            "(TEXT, NUMBER), REST = PAIR, ITEMS",
            "TEXT += '+'",
            "TEXT *= 2",
            "WORDS |= {TEXT}",
            "WORDS -= {'a'}",
            "WORDS.add(TEXT)",
            "WORDS.discard('x')",
            "WORDS.update(ITEMS)",
            "ITEMS[NUMBER] = TEXT",
            "ITEMS[NUMBER:] = ['s', 't']",
            "ITEMS[:1] = []",
            "ITEMS[-NUMBER:] = [TEXT]",
            "del ITEMS[NUMBER:]",
            "del ITEMS[::2]",
            "ITEMS.sort(key=len)",
            "ITEMS.insert(NUMBER, 'i')",
            "TABLE[TEXT] = NUMBER",
            "TABLE |= {'n': NUMBER}",
            "TABLE.update(k=TEXT)",
            "TABLE.setdefault(TEXT, []).append(1) if isinstance(TABLE.get(TEXT, []), list) else None",
            "del TABLE[TEXT]",
            "SHOP.title = TEXT",
            "SHOP.tags.append(TEXT)",
            "Shop.NAME = TEXT",
            "SHOP.size += NUMBER",
            "setattr(SHOP, 'title', TEXT)",
            "SHOP = Shop.made(TEXT)",
            "LABEL = SHOP.label()",
            "LENGTH = SHOP.length",
            "TAGS = SHOP.tags",
            "STEPS = STEP(NUMBER)",
            "FIRST = next(walk(ITEMS))",
            "LAZY = (item for item in ITEMS); ITEMS.append('late'); TAKEN = list(LAZY)",
            "assert TEXT, 'no text'",
            "REST = [REST]",
        ]),
    ]
}

fn test() -> impl Strategy<Value = String> {
    let plain = one_of(&[
        "os.environ.get('FLAG')",
        "os.environ.get('MODE') == 'b'",
        "FLAG",
        "NUMBER > 1",
        "1 <= NUMBER < 3",
        "TEXT",
        "TEXT in ITEMS",
        "'a' in TEXT",
        "TEXT.startswith(('a', 'x'))",
        "TEXT.endswith('b')",
        "TEXT.isdigit()",
        "TEXT < 'b'",
        "TEXT in WORDS",
        "WORDS >= {'a'}",
        "WORDS.isdisjoint(ITEMS)",
        "PAIR == (TEXT, NUMBER)",
        "all(ITEMS)",
        "any(len(item) > 1 for item in ITEMS)",
        "isinstance(PAIR, tuple)",
        "hasattr(SHOP, 'tags')",
        "TEXT == SHOP.title",
        "TABLE == {'k': 'v', 'n': 3}",
        "ITEMS < ['x', 'z']",
        "TABLE.get(TEXT) is None",
    ]);
    joined(plain, 1, 3)
}

fn text() -> impl Strategy<Value = String> {
    chosen(
        &[
            "'a'",
            "'x-y'",
            "TEXT",
            "os.environ.get('MODE', 'm')",
            "os.environ['NAMES']",
            "TEXT.upper()",
            "TEXT.title()",
            "TEXT.strip('a')",
            "TEXT.lstrip('-b')",
            "TEXT.replace('a', 'bb', 1)",
            "TEXT.removeprefix('a')",
            "TEXT.partition('-')[2]",
            "TEXT.rpartition('-')[0]",
            "TEXT.split('-')[0]",
            "TEXT.split('-', 1)[-1]",
            "TEXT.center(5, '*')",
            "TEXT.zfill(4)",
            "TEXT.ljust(NUMBER) + '|'",
            "TEXT.swapcase()",
            "TEXT.casefold()",
            "TEXT.expandtabs()",
            "TEXT[::-1]",
            "TEXT[1:]",
            "TEXT[NUMBER:]",
            "TEXT[:-NUMBER]",
            "TEXT[NUMBER]",
            "TEXT * NUMBER",
            "f'{TEXT}-{NUMBER}'",
            "f'{TEXT:>5}|'",
            "f'{TEXT:^{NUMBER}}|'",
            "f'{NUMBER:03d}'",
            "f'{NUMBER:+.2f}'",
            "f'{NUMBER:,}{NUMBER:x}'",
            "f'{TEXT!r}'",
            "f'{ITEMS}'",
            "f'{NUMBER=}'",
            "f'{PAIR[0]}{TABLE[\"k\"]}'",
            "'%s-%d' % (TEXT, NUMBER)",
            "'%(k)s' % TABLE",
            "'%5s|%-4d|%r' % (TEXT, NUMBER, TEXT)",
            "'{}:{x}'.format(TEXT, x=NUMBER)",
            "'{0[0]}{1:>3}'.format(ITEMS, NUMBER)",
            "'-'.join(ITEMS)",
            "''.join(sorted(WORDS))",
            "''.join(letter for letter in TEXT if letter != 'a')",
            "str(NUMBER)",
            "repr(ITEMS)",
            "str(PAIR)",
            "TEXT.encode().decode()",
            "chr(97 + NUMBER)",
            "max(TEXT, 'm')",
            "min(ITEMS)",
            "max(ITEMS, key=len)",
            "SHOP.title",
            "SHOP.label()",
            "Shop.NAME",
            "Base.twice(TEXT)",
            "getattr(SHOP, 'name', TEXT)",
            "type(PAIR).__name__",
            "TABLE['k']",
            "TABLE.get(TEXT, 'none')",
            "next(iter(ITEMS))",
            "next((item for item in ITEMS if 'a' in item), 'none')",
            "(lambda one, two='z': one + two)(TEXT)",
            "PAIR[0]",
            "ITEMS.pop()",
            "ITEMS.pop(NUMBER)",
            "TEXT.translate(str.maketrans('ab', 'xy'))",
        ],
        test,
    )
}

fn number() -> impl Strategy<Value = String> {
    chosen(
        &[
            "0",
            "2",
            "NUMBER",
            "NUMBER + 1",
            "-NUMBER",
            "NUMBER * 3 // 2",
            "NUMBER % 3",
            "-7 // 2 + -7 % 3",
            "2 ** NUMBER",
            "int(os.environ.get('N', '2'))",
            "len(TEXT)",
            "len(WORDS)",
            "TEXT.find('b')",
            "TEXT.count('a')",
            "TEXT.index('-')",
            "ord(TEXT[0])",
            "ITEMS.index(TEXT)",
            "sum(len(item) for item in ITEMS)",
            "sum(1 for letter in TEXT if letter in WORDS)",
            "max(len(item) for item in ITEMS)",
            "SHOP.length",
            "SHOP.size",
            "Shop.size",
            "STEP()",
            "PAIR[1]",
            "TABLE['n']",
            "round(NUMBER / 2)",
            "divmod(NUMBER, 2)[1]",
            "int('0x1f', 16)",
            "int(TEXT)",
            "abs(-NUMBER)",
            "bool(TEXT) + True",
            "(NUMBER := NUMBER + 1)",
        ],
        test,
    )
}

fn list() -> impl Strategy<Value = String> {
    chosen(
        &[
            "['x', TEXT]",
            "ITEMS",
            "list(ITEMS)",
            "TEXT.split('-')",
            "TEXT.rsplit('-', 1)",
            "os.environ.get('NAMES', '').split(',')",
            "sorted(WORDS)",
            "sorted(ITEMS, reverse=True)",
            "sorted(ITEMS, key=lambda item: (len(item), item))",
            "list(WORDS)",
            "[*WORDS]",
            "[item for item in WORDS]",
            "list(TEXT)",
            "[*TEXT, *ITEMS]",
            "ITEMS[::2]",
            "ITEMS[-2:]",
            "ITEMS[NUMBER:]",
            "ITEMS[:NUMBER]",
            "ITEMS[::-1]",
            "[item.upper() for item in ITEMS if item in TEXT or 'x' in item]",
            "[letter for item in ITEMS for letter in item if letter != 'a']",
            "[item for item in ITEMS if os.environ.get('FLAG')]",
            "[str(NUMBER) for NUMBER in range(3) if NUMBER != 1]",
            "[name for name in ('FLAG', 'MODE', 'N') if name in os.environ]",
            "[item if FLAG else TEXT for item in ITEMS]",
            "list(map(str.upper, ITEMS))",
            "list(filter(None, [TEXT, os.environ.get('MODE'), '']))",
            "[one + two for one, two in zip(ITEMS, TEXT)]",
            "list(dict.fromkeys(ITEMS))",
            "list(TABLE)",
            "[str(value) for value in TABLE.values()]",
            "[f'{key}={value}' for key, value in TABLE.items()]",
            "list(walk(ITEMS))",
            "parts(TEXT)",
            "parts(TEXT, '-', 'm', *ITEMS[:1])",
            "parts(TEXT, strict=True, **{TEXT: 1})",
            "parts(*PAIR[:1], **TABLE)",
            "list(reversed(ITEMS))",
            "[TEXT] * NUMBER",
            "ITEMS + ['p'] if FLAG else ITEMS[1:]",
            "SHOP.tags",
            "list({**TABLE, TEXT: 0})",
            "TEXT.splitlines()",
        ],
        test,
    )
}

fn set() -> impl Strategy<Value = String> {
    chosen(
        &[
            "set()",
            "set(ITEMS)",
            "{TEXT, 'x'}",
            "WORDS | {TEXT}",
            "WORDS & set(ITEMS)",
            "WORDS - {TEXT}",
            "WORDS ^ {'x', 'q'}",
            "{item[0] for item in ITEMS if item}",
            "frozenset(TEXT)",
            "set(TEXT)",
            "WORDS.union(ITEMS)",
            "set(TABLE) - {'n'}",
        ],
        test,
    )
}

fn dict() -> impl Strategy<Value = String> {
    chosen(
        &[
            "{'k': TEXT, 'n': NUMBER}",
            "dict(TABLE, k=TEXT)",
            "{**TABLE, 'n': NUMBER}",
            "{item: len(item) for item in ITEMS}",
            "{item: NUMBER for item in ITEMS if item != TEXT}",
            "dict(zip(ITEMS, TEXT))",
            "dict.fromkeys(TEXT, 0)",
            "{value: key for key, value in TABLE.items()}",
            "dict(k='v', **({'n': 1} if os.environ.get('FLAG') else {}))",
            "TABLE | {TEXT: 1}",
            "dict(sorted(TABLE.items()))",
            "{name: os.environ[name] for name in ('MODE', 'N') if name in os.environ}",
            "{k: v for k, v in os.environ.items() if k.startswith('N')}",
        ],
        test,
    )
}
