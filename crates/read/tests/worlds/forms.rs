//! Random programs of what settings are written in: reads of the environment and their casts, paths,
//! durations, inherited classes, and names that are bound through namespaces.

use proptest::prelude::*;

use crate::programs::{Setting, Statement, chosen, compound, joined, one_of};

/// Names of paths, durations, objects and tables.
pub(crate) const FORMS: Setting = Setting {
    prelude: PRELUDE,
    names: "FLAG, NUMBER, TEXT, HERE, WAIT, ITEMS, TABLE, BASE, PLACE, REST",
    imports: IMPORTS,
};

const IMPORTS: &[&str] = &[
    "pass",
    "from other import *",
    "from other import Prod as Base, HERE",
    "import other; globals().update(TEXT=other.TEXT, ITEMS=other.ITEMS)",
    "import other; TABLE.update({k: v for k, v in vars(other).items() if k == 'TEXT'})",
];

const PRELUDE: &str = "\
import os
import os.path as osp
from datetime import timedelta
from pathlib import Path, PurePosixPath

FLAG = os.getenv('FLAG', '') in ('1', 'yes')
NUMBER = 1
TEXT = os.getenv('MODE', 'a/b.c')
HERE = Path('/srv/shop') / 'conf'
WAIT = timedelta(minutes=5)
ITEMS = ['x', 'y.z', TEXT]
TABLE = {'k': 'v', 'n': 3, 'WAIT': WAIT}
REST = ()

def flag(name, default=False):
    value = os.environ.get(name)
    if value is None:
        return default
    return value.strip().lower() in {'1', 'true', 'yes', 'b'}

def numbers(text, separator=','):
    return [int(part) for part in text.split(separator) if part.strip().isdigit()]

def required(name, cast=str):
    try:
        return cast(os.environ[name])
    except KeyError as error:
        raise ValueError(f'{name} is missing') from error

class Base:
    MODE = TEXT
    PORTS = [80]
    _level = 1
    @property
    def level(self):
        return self._level + NUMBER
    @level.setter
    def level(self, value):
        self._level = value * 2
    @property
    def name(self):
        return f'{self.MODE}@{self.level}'
    def ports(self, *more):
        return [*self.PORTS, *more]
    @classmethod
    def all(cls):
        return {name: getattr(cls, name) for name in ('MODE', 'PORTS')}

class Mixin:
    def ports(self, *more):
        return sorted(super().ports(*more, 1))

class Prod(Mixin, Base):
    PORTS = Base.PORTS + [443]
    @property
    def name(self):
        return super().name + '+'

BASE = Prod()

";

pub(crate) fn statement() -> impl Strategy<Value = Statement> {
    let leaf = prop_oneof![
        12 => simple(),
        1 => one_of(&["break", "continue", "return TEXT", "raise ValueError(TEXT)"]),
    ];
    leaf.prop_map(Statement::Line).prop_recursive(2, 10, 3, |inner| {
        let block = || prop::collection::vec(inner.clone(), 1..4);
        let line = |line| vec![Statement::Line(line)];
        prop_oneof![
            3 => (test(), block(), prop::option::of((test(), block())), prop::option::of(block()))
                .prop_map(|(test, body, elif, last)| {
                    let (other, second) = elif.unzip();
                    let other = other.unwrap_or_default();
                    compound([
                        (format!("if {test}:"), Some(body)),
                        (format!("elif {other}:"), second),
                        ("else:".to_owned(), last),
                    ])
                }),
            2 => (loops(), block(), prop::option::of(block())).prop_map(|(head, body, last)| {
                compound([(head, Some(body)), ("else:".to_owned(), last)])
            }),
            2 => (simple(), handler(), block(), simple(), prop::option::of(block())).prop_map(
                move |(body, handler, handled, otherwise, last)| {
                    compound([
                        ("try:".to_owned(), Some(line(body))),
                        (handler, Some(handled)),
                        ("else:".to_owned(), Some(line(otherwise))),
                        ("finally:".to_owned(), last),
                    ])
                }
            ),
            2 => (subject(), case(), block(), case(), block()).prop_map(
                |(subject, one, first, two, second)| {
                    let clauses = compound([(one, Some(first)), (two, Some(second))]);
                    Statement::Compound(vec![(format!("match {subject}:"), vec![clauses])])
                }
            ),
            2 => (bases(), prop::collection::vec(member(), 1..4)).prop_map(move |(bases, body)| {
                let body = body.into_iter().map(Statement::Line).collect();
                let class = compound([(format!("class Prod({bases}):"), Some(body))]);
                let made = Statement::Line("BASE = Prod()".to_owned());
                compound([("if True:".to_owned(), Some(vec![class, made]))])
            }),
            1 => block().prop_map(|body| compound([("def run():".to_owned(), Some(body))])),
        ]
    })
}

fn loops() -> impl Strategy<Value = String> {
    one_of(&[
        "for TEXT in ITEMS:",
        "for PLACE in HERE.parents:",
        "for TEXT in HERE.parts:",
        "for NUMBER, (TEXT, *REST) in enumerate(zip(ITEMS, 'pq', (1, 2))):",
        "for KEY, VALUE in TABLE.items():",
        "for NUMBER in numbers(os.getenv('NAMES', '1,2')):",
        "for NUMBER in range(NUMBER, 4, 2):",
        "for KEY in [name for name in dir(Base) if name.isupper()]:",
        "for KEY in ('MODE', 'FLAG', 'N'):",
        "while (TURN := TURN + 1) < 3:",
    ])
}

fn subject() -> impl Strategy<Value = String> {
    one_of(&[
        "os.environ.get('MODE', 'a')",
        "os.getenv('N')",
        "(FLAG, NUMBER)",
        "BASE",
        "TABLE",
        "HERE.suffix",
        "TEXT.partition('/')",
        "NUMBER",
    ])
}

fn case() -> impl Strategy<Value = String> {
    one_of(&[
        "case 'a' | 'b':",
        "case None | '':",
        "case str(TEXT) if TEXT.isdigit():",
        "case (True, _):",
        "case (False, 1 as NUMBER):",
        "case Base(MODE=TEXT):",
        "case Prod():",
        "case {'k': str(TEXT), **REST}:",
        "case [TEXT, '/', *REST]:",
        "case int() | float():",
        "case REST:",
    ])
}

fn handler() -> impl Strategy<Value = String> {
    one_of(&[
        "except ValueError as ERROR:",
        "except (KeyError, TypeError):",
        "except (AttributeError, IndexError, OverflowError):",
        "except LookupError:",
        "except Exception as ERROR:",
    ])
}

fn bases() -> impl Strategy<Value = String> {
    one_of(&["Base", "Mixin, Base", "Prod", "Mixin, Prod"])
}

fn member() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => text().prop_map(|text| format!("MODE = {text}")),
        2 => list().prop_map(|list| format!("PORTS = {list}")),
        1 => number().prop_map(|number| format!("_level = {number}")),
        2 => one_of(&[
            "PORTS = [*Base.PORTS, 8000]",
            "name = property(lambda self: self.MODE)",
            "level = 7",
            "__slots__ = ()",
            "def ports(self, *more): return super().ports(*more)[::-1]",
            "def __init__(self): self.MODE = self.MODE + '!'",
            "def __getattr__(self, name): return name.upper()",
            "MODE: str = Base.MODE[1:]",
        ]),
    ]
}

fn simple() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => text().prop_map(|text| format!("TEXT = {text}")),
        3 => number().prop_map(|number| format!("NUMBER = {number}")),
        3 => list().prop_map(|list| format!("ITEMS = {list}")),
        3 => path().prop_map(|path| format!("HERE = {path}")),
        3 => wait().prop_map(|wait| format!("WAIT = {wait}")),
        2 => dict().prop_map(|dict| format!("TABLE = {dict}")),
        2 => test().prop_map(|test| format!("FLAG = {test}")),
        5 => one_of(&[
            "globals()['TEXT'] = 'g'",
            "globals().update(NUMBER=2, ADDED=TEXT)",
            "globals().update({name: 1 for name in ('ONE', 'TWO') if name not in TABLE})",
            "globals().setdefault('TEXT', 's')",
            "vars()['ITEMS'] = [TEXT]",
            "locals().update(WAIT=WAIT * 2)",
            "globals().update({'SET_' + key.upper(): value for key, value in TABLE.items() if key.islower()})",
            "globals().pop('ADDED', None)",
            "BASE.level = NUMBER",
            "BASE.MODE += '-'",
            "BASE.ports().append(9)",
            "BASE.PORTS.append(NUMBER)",
            "Base.MODE = TEXT",
            "Base.PORTS = Base.PORTS + [5]",
            "setattr(BASE, 'PORTS', ITEMS)",
            "delattr(BASE, 'MODE')",
            "LEVEL = BASE.level",
            "NAME = BASE.name",
            "PORTS = BASE.ports(NUMBER)",
            "ALL = Prod.all()",
            "BASE = Base()",
            "KIND = type(BASE).__name__, isinstance(BASE, Mixin), issubclass(Prod, Base)",
            "HERE /= 'more'",
            "WAIT += timedelta(seconds=NUMBER)",
            "WAIT *= NUMBER",
            "TEXT, *REST = TEXT",
            "*REST, NUMBER = range(NUMBER + 1)",
            "TEXT, _, (NUMBER, *REST) = ITEMS[0], 0, [NUMBER, *ITEMS]",
            "(TEXT, REST), ITEMS[0] = (TEXT, ITEMS), NUMBER",
            "ITEMS.insert(NUMBER, str(HERE))",
            "ITEMS.extend(numbers(os.environ.get('NAMES', '')))",
            "TABLE['p'] = HERE.name",
            "TABLE.setdefault('l', []).append(TEXT)",
            "TABLE |= {TEXT: NUMBER}",
            "os.environ.setdefault('MODE', 'b')",
            "os.environ.update(N='4')",
            "os.environ['NAMES'] = ','.join(map(str, ITEMS))",
        ]),
    ]
}

fn test() -> impl Strategy<Value = String> {
    let plain = one_of(&[
        "flag('FLAG')",
        "flag('MODE', True)",
        "os.getenv('FLAG')",
        "bool(os.environ.get('FLAG', 'False'))",
        "os.getenv('MODE', '').lower() in ('b', 'other')",
        "int(os.environ.get('N', 0))",
        "(VALUE := os.environ.get('NAMES')) is not None",
        "FLAG is True",
        "WAIT > timedelta(minutes=4)",
        "HERE.suffix == '.c'",
        "HERE.is_absolute()",
        "HERE == Path('/srv/shop/conf')",
        "'shop' in HERE.parts",
        "osp.isabs(TEXT)",
        "TEXT.endswith(('.c', 'b'))",
        "hasattr(BASE, 'level')",
        "BASE.level > 2",
        "'TEXT' in globals()",
        "isinstance(TABLE.get('n'), int)",
        "NUMBER in (1, 3)",
        "not ITEMS or ITEMS[0] == 'x'",
        "{'k'} <= TABLE.keys()",
    ]);
    joined(plain, 1, 3)
}

fn text() -> impl Strategy<Value = String> {
    chosen(
        &[
            "'m.n/o'",
            "TEXT",
            "os.getenv('MODE', TEXT)",
            "os.environ.get('MODE') or 'none'",
            "os.environ['MODE'].strip()",
            "required('NAMES')",
            "str(HERE)",
            "os.fspath(HERE)",
            "f'{HERE}'",
            "HERE.name",
            "HERE.stem",
            "HERE.suffix",
            "HERE.as_posix()",
            "osp.join(str(HERE), TEXT)",
            "osp.join('a', '/b', 'c')",
            "osp.basename(TEXT)",
            "osp.dirname(HERE)",
            "osp.normpath(TEXT + '/../x//y/.')",
            "osp.splitext(TEXT)[1]",
            "osp.split(TEXT)[0]",
            "os.sep.join(HERE.parts[1:])",
            "'{:>8}|{:<4}|{:^5}'.format(TEXT[:3], NUMBER, 'm')",
            "'{0}-{0!r}-{1:04d}'.format(TEXT, NUMBER)",
            "'{t.MODE}:{d[k]}'.format(t=BASE, d=TABLE)",
            "'%s/%05d/%x/%%' % (TEXT, NUMBER, 255)",
            "'%(k)s-%(n)03d' % {'k': TEXT, 'n': NUMBER}",
            "'%-6s|%6.2f|%+d' % (TEXT, NUMBER / 3, NUMBER)",
            "f'{TEXT!s:.3}|{NUMBER:>{NUMBER + 2}}|{NUMBER / 4:.1%}'",
            "f'{WAIT}'",
            "str(WAIT)",
            "f'{1234567 * NUMBER:_}|{NUMBER:b}|{NUMBER:e}'",
            "f'{TEXT if FLAG else HERE.name}'",
            "'{TEXT}{{}}'.format_map({'TEXT': TEXT})",
            "BASE.MODE",
            "BASE.name",
            "getattr(BASE, 'MODE', 'none')",
            "vars().get('TEXT', 'none')",
            "globals()['TEXT']",
            "str(ITEMS[-1])",
            "TEXT.rstrip('/').rsplit('/', 1)[-1]",
            "TEXT.upper() if flag('FLAG') else TEXT.capitalize()",
            "(VALUE := TEXT[:2]) + VALUE",
            "''.join(reversed(TEXT))",
            "TEXT.encode('utf-8').hex()",
            "bytes(TEXT, 'ascii').decode()",
        ],
        test,
    )
}

fn number() -> impl Strategy<Value = String> {
    chosen(
        &[
            "2",
            "NUMBER",
            "NUMBER + 1",
            "int(os.getenv('N', '2'))",
            "int(os.environ.get('N') or 3)",
            "required('N', int)",
            "required('N', cast=lambda text: int(text) * 2)",
            "float(os.environ.get('N', '1.5'))",
            "sum(numbers(os.environ.get('NAMES', '1,2')))",
            "len(HERE.parts)",
            "WAIT.days",
            "WAIT.seconds",
            "int(WAIT.total_seconds())",
            "WAIT // timedelta(seconds=7)",
            "WAIT / timedelta(minutes=2)",
            "60 * 60 * NUMBER",
            "BASE.level",
            "Base._level",
            "len(BASE.ports())",
            "min(NUMBER, 3)",
            "max(numbers('4,5,x'), default=0)",
            "NUMBER ** 2 % 7",
            "NUMBER << 2 | 1",
            "round(NUMBER / 3, 2)",
            "len(TABLE)",
            "next((n for n, item in enumerate(ITEMS) if item == TEXT), -1)",
            "TABLE['n']",
            "bool(NUMBER) + 1",
            "int('-7') // 2",
        ],
        test,
    )
}

fn path() -> impl Strategy<Value = String> {
    chosen(
        &[
            "HERE",
            "Path(TEXT)",
            "Path('/srv', TEXT, 'x')",
            "HERE / TEXT",
            "'/opt' / HERE",
            "HERE.parent",
            "HERE.parent.parent",
            "HERE.parents[0]",
            "HERE.joinpath('a', TEXT)",
            "HERE.with_suffix('.py')",
            "HERE.with_name('n.py')",
            "HERE / '..' / 'x'",
            "Path(os.environ.get('MODE', '/var/www'))",
            "PurePosixPath('/a/b') / TEXT",
            "Path(osp.join(HERE, 'b'))",
            "HERE.relative_to('/srv')",
            "Path('.') / TEXT",
            "Path(*HERE.parts[:2])",
            "Path(__file__).parent / TEXT",
            "Path(__file__).resolve().parent.joinpath('static')",
        ],
        test,
    )
}

fn wait() -> impl Strategy<Value = String> {
    chosen(
        &[
            "WAIT",
            "timedelta(days=NUMBER)",
            "timedelta(hours=int(os.environ.get('N', '2')), minutes=-5)",
            "timedelta(milliseconds=1500)",
            "timedelta(0, NUMBER, 5)",
            "timedelta(weeks=1) - WAIT",
            "WAIT * 2",
            "WAIT / 2",
            "WAIT // 3",
            "-WAIT",
            "abs(WAIT - timedelta(days=1))",
            "sum([WAIT, WAIT], timedelta())",
            "max(WAIT, timedelta(minutes=6))",
            "TABLE['WAIT']",
            "WAIT % timedelta(seconds=7)",
        ],
        test,
    )
}

fn list() -> impl Strategy<Value = String> {
    chosen(
        &[
            "ITEMS",
            "[TEXT, *ITEMS]",
            "os.environ.get('NAMES', 'a,b').split(',')",
            "[part.strip() for part in os.getenv('NAMES', '').split(',') if part]",
            "list(filter(None, os.environ.get('NAMES', '').split(',')))",
            "numbers(os.environ.get('NAMES', '1,2'))",
            "list(HERE.parts)",
            "[str(place) for place in HERE.parents]",
            "list(osp.split(TEXT))",
            "[*REST]",
            "BASE.PORTS",
            "BASE.ports(NUMBER)",
            "sorted(TABLE)",
            "[key for key, value in TABLE.items() if isinstance(value, str)]",
            "[(one, two) for one in ITEMS for two in range(NUMBER) if one != TEXT]",
            "[name for name in ('MODE', 'TEXT') if name in globals()]",
            "[value for name in ('MODE', 'N') if (value := os.environ.get(name))]",
            "sorted({str(item) for item in ITEMS}, key=str.lower, reverse=True)",
            "ITEMS[:NUMBER] + ITEMS[NUMBER + 1:]",
            "list(dict.fromkeys([TEXT, *ITEMS]))",
            "[f'{item}:{NUMBER}' for item in ITEMS]",
            "[[item] * 2 for item in ITEMS][0]",
            "TEXT.split('/')",
        ],
        test,
    )
}

fn dict() -> impl Strategy<Value = String> {
    chosen(
        &[
            "{'k': TEXT, 'n': NUMBER, 'WAIT': WAIT}",
            "{**TABLE, 'k': HERE}",
            "dict(TABLE, n=NUMBER)",
            "TABLE | {'p': str(HERE)}",
            "{name: os.getenv(name, 'none') for name in ('MODE', 'FLAG')}",
            "{key.lower(): value for key, value in os.environ.items() if key.startswith('M')}",
            "{item: n for n, item in enumerate(map(str, ITEMS))}",
            "dict([('k', TEXT), ['n', 1]])",
            "dict(part.split('=') for part in 'k=1;n=2'.split(';'))",
            "Prod.all()",
            "vars(BASE)",
            "{name: value for name, value in vars(Base).items() if name.isupper()}",
            "{k: v for k, v in globals().items() if k in ('TEXT', 'NUMBER')}",
            "{'k': {'n': NUMBER} if FLAG else None, 'n': 3}",
        ],
        test,
    )
}
