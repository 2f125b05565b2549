//! Programs whose evaluations disagreed once, reduced. Each stands for a cause, told above it.

pub(crate) const FOUND: &[&str] = &[
    // `*=` changes the list itself, under all of its names.
    "
import os
APPS = ['x', 'y']
ALIAS = APPS
if os.environ.get('FLAG'):
    APPS *= 2
",
    // A loop sees what its own turns change.
    "
EXTRA = ['a', 'z', 'x']
for WORD in EXTRA:
    del EXTRA[0]
",
    "
TURNS = iter(['a', 'b', 'c'])
SEEN = []
for WORD in TURNS:
    SEEN.append((WORD, next(TURNS, None)))
",
    "
CONF = {'k': 1}
try:
    for ITEM in CONF:
        CONF[ITEM + 'x'] = 2
except RuntimeError:
    REFUSED = True
",
    // What a call changed before it raised stays changed.
    "
import os
STEPS = []
def number(name):
    STEPS.append(name)
    found = [name]
    value = int(os.environ[name])
    found.append(value)
    STEPS.append(found)
    return value
try:
    NUMBER = number('N')
except KeyError:
    NUMBER = 0
except ValueError:
    STEPS.append('many')
",
    // Where every way raises, each does so in the state that it left.
    "
import os
STEPS = []
def stop():
    if os.environ.get('FLAG'):
        STEPS.append('flag')
        raise KeyError('flag')
    STEPS.append('none')
    raise ValueError('none')
try:
    stop()
except KeyError:
    CAUGHT = 'key'
except ValueError:
    CAUGHT = 'value'
",
    // More errors than are followed each for itself.
    "
import os
A = B = C = D = E = F = 'unset'
try:
    A, B, C, D, E, F = [
        (SEEN := name) and os.environ[name] for name in ['FLAG', 'MODE', 'N', 'NAMES', 'FLAG', 'P']
    ]
except KeyError:
    MISSING = True
",
    // An error of one case of a value is no error of the others.
    "
import os
WORD = 'a'
APPS = ['x', 'y']
ALIAS = APPS
if os.environ.get('FLAG') == '1':
    pass
elif int(os.environ.get('N', '1')) > 1:
    ALIAS = []
ALIAS.append('g')
try:
    WORD = ALIAS[-2]
except LookupError:
    pass
",
    // `finally` swallows the error where it jumps.
    "
import os
def number():
    try:
        return int(os.environ['N'])
    finally:
        return 3
NUMBER = number()
",
    // What is not told any more, as there are too many cases, may be changed through them.
    "
import os
EXTRA = ['z']
CONF = {'k': 1, 'l': EXTRA}
for NAME in ['FLAG', 'MODE', 'N', 'NAMES']:
    if os.environ.get(NAME):
        CONF[NAME] = len(CONF)
        CONF['l'] = list(CONF['l']) if 'P' in os.environ else CONF['l']
CONF['l'].extend(CONF.setdefault('l', ['s']))
",
    // Two equal lists stay two.
    "
import os
ONE = ['z']
TWO = ['z']
CONF = {'l': ONE}
if os.environ.get('FLAG'):
    CONF['l'] = TWO
TWO.pop()
",
    // A variable that the program takes out on one way only.
    "
import os
if 'MODE' not in os.environ:
    os.environ.pop('MODE', None)
try:
    WORD = os.environ['MODE']
except KeyError:
    WORD = 'none'
",
    "
import os
if not os.environ.get('FLAG'):
    os.environ['MODE'] = 'b'
WORD = os.environ.get('MODE', 'c')
",
    // A loop whose turns are not known defines a function, which binds a name of the module.
    "
import os
COUNT = 0
for WORD in [item for item in ['a'] if os.environ.get('FLAG')]:
    def run():
        global COUNT
        COUNT += 1
    run()
",
    // A turn of a comprehension that may not be made changes nothing then.
    "
import os
EXTRA = ['a', 'b']
SEEN = [EXTRA.pop() for item in ['x'] if os.environ.get('FLAG')]
",
    // The keys of what is one of several are one of several too.
    "
import os
TABLE = dict.fromkeys(os.environ.get('MODE', 'a-b'), 0)
",
    // Bounds and places that are open are not what they are while unset.
    "
import os
NUMBER = int(os.environ.get('N', '1'))
ITEMS = ['x', 'yy', 'z']
LEFT = ITEMS[NUMBER:]
ITEMS[NUMBER:] = ['s']
WORD = 'abc'[:NUMBER]
MORE = [1, 2, 3]
try:
    MORE[NUMBER] = 'm'
except IndexError:
    MORE.append('e')
",
    // What is set on one of several tables is set on that one.
    "
import os
TABLES = {'a': {'k': 1}, 'b': {'k': 2}}
TABLE = TABLES.get(os.environ.get('MODE', 'a'), {})
TABLE['k'] = 3
TABLE.update(l=4)
",
    // A set has no order.
    "
import os
WORDS = {'a', 'x'}
if os.environ.get('FLAG'):
    WORDS = WORDS ^ {'x', 'q'}
ITEMS = list(WORDS)
JOINED = '-'.join({'a', 'b', 'c', 'd'})
BOTH = [*{'a', 'b'}]
",
    // A generator and its like are worked out when something is taken from them.
    "
ITEMS = ['x', 'y']
LAZY = (item for item in ITEMS)
MAPPED = map(str.upper, ITEMS)
ITEMS.append('late')
TAKEN = [list(LAZY), list(MAPPED)]
for TEXT, NUMBER in zip(ITEMS, range(3)):
    ITEMS[:1] = []
",
    // What a generator yields on one way, it does not end with.
    "
import os
def names():
    if os.environ.get('FLAG'):
        yield 'f'
    yield 'g'
NAMES = list(names())
",
    // What a guard or a part of a pattern leaves open binds nothing on the other way.
    "
import os
TEXT = 'before'
match os.environ.get('MODE', 'a-b').split('-'):
    case ['a', TEXT] if os.environ.get('FLAG'):
        pass
    case [TEXT, *REST] | (TEXT, REST):
        pass
",
    // Where only one of several objects has an attribute, the default holds for the others.
    "
import os
class Shop:
    pass
class Named:
    name = 'n'
SHOP = Named() if os.environ.get('FLAG') else Shop()
NAME = getattr(SHOP, 'name', os.environ.get('MODE', 'none'))
HAS = hasattr(SHOP, 'name')
SHOP.title = 't'
TITLE = SHOP.title
",
    // What an open value asks for may not be there.
    "
import os
MODE = os.environ.get('MODE', 'x')
ITEMS = ['x', 'y']
TABLE = {'x': 1, 'y': 2}
try:
    AT = ITEMS.index(MODE)
except ValueError:
    AT = None
try:
    LETTER = ('a' + MODE).index('b')
except ValueError:
    LETTER = None
try:
    LAST = ITEMS[len(MODE)]
except IndexError:
    LAST = None
try:
    ITEMS.remove(MODE)
except ValueError:
    ITEMS = 'none'
try:
    TABLE.pop(MODE)
except KeyError:
    TABLE = 'none'
try:
    ONE, TWO = os.environ.get('NAMES', 'a,b').split(',')
except ValueError:
    ONE = 'many'
TEXTS = {'k': 'v', 'a-b': 1}
try:
    del TEXTS[os.environ.get('MODE', 'a-b')]
except KeyError:
    MISSING = True
",
    // The first of what is one of several is one of several.
    "
import os
ITEMS = os.environ.get('NAMES', 'a').split(',')
FIRST = next(iter(ITEMS))
NEXT = next(iter(['x'] if os.environ.get('FLAG') else []), None)
",
    // A generator sees what the loop over it changes, changes what it changes when it is asked, and
    // raises then.
    "
import os
ITEMS = ['x', 'y', 'z']
COUNT = 0
def walk():
    for item in list(range(3)):
        yield ITEMS[item] + str(COUNT)
SEEN = []
for WORD in walk():
    COUNT += 1
    SEEN.append(WORD)
def shout():
    SEEN.append('run')
    yield 1
NEVER = shout()
DONE = list(SEEN)
LATE = (int(text) for text in ['1', 'x'])
try:
    NUMBERS = list(LATE)
except ValueError:
    NUMBERS = 'refused'
FIRST = any(int(text) for text in ['1', 'x'])
TURNS = iter(ITEMS)
PAIRS = list(zip(TURNS, TURNS))
",
    // The body of `with` runs where its context manager yields.
    "
import contextlib
STEPS = []
LEVEL = 0
@contextlib.contextmanager
def at(level):
    global LEVEL
    before, LEVEL = LEVEL, level
    try:
        yield str(level)
    except KeyError:
        STEPS.append('caught')
    finally:
        LEVEL = before
with at(3) as NAME, at(4):
    STEPS.append((NAME, LEVEL))
    {}['k']
AFTER = LEVEL
",
    // What the order of a set decides is not known; what it does not decide is.
    "
WORDS = {'a', 'b', 'c', 'd', 'e'}
LAST = None
SEEN = []
COUNT = 0
SORTED = sorted(WORDS)
for WORD in WORDS:
    LAST = WORD
    SEEN.append(WORD)
    COUNT += 1
FIRST = next(word for word in WORDS)
ANY = WORDS.pop()
TIED = sorted({'aa', 'bb', 'c'}, key=len)
TABLE = {word: 1 for word in {'x', 'y', 'z', 'q'}}
KEYS = list(TABLE)
LINE = ' '.join(word.upper() for word in {'x', 'y', 'z', 'q'})
MORE = []
MORE.extend({'x', 'y', 'z', 'q'})
ONE, *REST = {'x', 'y', 'z', 'q'}
WITHIN = {'a'} < {'a', 'b'} and {'a', 'b'} >= {'a'}
",
    // An entry that stands behind `**` of one of several is laid over it.
    "
import os
TABLE = {**({'n': 1} if os.environ.get('FLAG') else {'n': 2, 'm': 3}), 'n': 4}
NAMED = {'k': 1, os.environ.get('MODE', 'x'): 2}
",
    // Of two variables that decide together, each may be unset where the other is set.
    "
import os
ITEMS = os.environ.get('MODE', 'a-b').split('-')
if os.environ.get('MODE', 'x') and os.environ.get('FLAG'):
    del ITEMS[1:]
",
    // A jump in the `else` of a loop is one of the loop around.
    "
SEEN = []
for NUMBER in [1, 2, 3]:
    for WORD in ['x']:
        SEEN.append(WORD)
    else:
        break
",
    // Turns that are not known end with a value of their own, or leave by an error before.
    "
import os
try:
    for WORD in os.environ.get('NAMES', 'x').split(','):
        if WORD == 'x':
            raise ValueError(WORD)
except ValueError:
    CAUGHT = True
for WORD in os.environ.get('NAMES', 'x').split(','):
    match WORD:
        case CAPTURED if CAPTURED == 'z':
            pass
",
    // What one variable leads to, it does not lead to where another is set.
    "
import os
ITEMS = ['x', 'yy', 'z']
if os.environ.get('FLAG') == '1':
    ITEMS[:1] = []
if os.environ.get('FLAG') or os.environ.get('MODE', 'b') == 'b':
    ITEMS.pop(1)
",
    // A generator in one of several states gives no more what it was made with, once the loop over it
    // changes what it goes over.
    "
import os
ITEMS = ['x', 'yy', 'b']
def walk(items):
    for item in items:
        yield item
        if os.environ.get('FLAG') and item == 'yy':
            return
for TEXT in walk(ITEMS):
    if len(ITEMS) < 10:
        ITEMS.append(TEXT)
TURNS = walk(['x', 'b', 'yy', 'd', 'e'])
SEEN = []
for WORD in TURNS:
    SEEN.append((WORD, next(TURNS, None)))
",
    // A loop over one of several lists while a variable is unset, and over others when it is set.
    "
import os
TEXT = os.environ.get('MODE', 'a-b')
WORDS = {'a', 'x'}
for TEXT in (list(TEXT) if not TEXT.endswith('b') else [item for item in WORDS]):
    pass
",
    // A comprehension sees what its own turns change.
    "
ITEMS = ['a', 'b', 'c']
TAKEN = [ITEMS.pop() for item in ITEMS]
MORE = ['a', 'b', 'c']
TABLE = {item: MORE.pop() for item in MORE}
",
    // What a comprehension changes in turns that are not known is not known.
    "
import os
NAMES = os.environ.get('NAMES', 'x').split(',')
SEEN, FOUND, TAKEN = [], {'x': 1}, {'x': 1, 'y': 2}
ONE = [SEEN.append(name) for name in NAMES]
TWO = {name: FOUND.setdefault(name, len(FOUND)) for name in NAMES}
THREE = [[TAKEN.pop(name, None) for name in names] for names in (['x'], NAMES)]
LAST = {'k': [(COUNT := name) for name in NAMES]}
MUST = []
FOUR = len([MUST.append(name) for name in os.environ['NAMES'].split(',')])
",
    // So is what a function changes that is called for each of these.
    "
import functools
import os
NAMES = os.environ.get('NAMES', 'x').split(',')
SEEN, FOUND = [], []
def put(name):
    SEEN.append(name)
    return len(SEEN)
ORDERED = sorted(NAMES, key=put)
LAST = functools.reduce(lambda one, two: FOUND.append(two) or two, NAMES, 'q')
NAMES.sort(key=lambda name: FOUND.append(name) or name)
",
    // A property is set by its setter, and one that is worked out once stays.
    "
import functools
NUMBER = 1
class Shop:
    _level = 1
    @property
    def level(self):
        return self._level
    @level.setter
    def level(self, value):
        self._level = value * 2
    @functools.cached_property
    def once(self):
        return NUMBER
    @property
    def fixed(self):
        return 1
    label = property(lambda self: self._level)
    twice = staticmethod(lambda text: text * 2)
SHOP = Shop()
SHOP.level = 5
PARTS = SHOP.level, SHOP.label, SHOP.twice('a'), SHOP.once
NUMBER = 2
ONCE = SHOP.once
try:
    SHOP.fixed = 2
except AttributeError:
    FIXED = 'refused'
try:
    del SHOP.nothing
except AttributeError:
    NOTHING = 'refused'
",
    // A name of one of two classes is looked up in that one; a computed one may be any.
    "
import os
class Base:
    PORTS = 1
class Prod(Base):
    PORTS = 2
    title = 't'
if os.getenv('MODE') == 'b':
    class Prod(Prod):
        pass
TABLE = {name: value for name, value in vars(Prod).items() if name.isupper()}
setattr(Base, os.environ.get('MODE', 'm'), 4)
GIVEN = getattr(Base, 'm', 3)
HAS = hasattr(Base, os.environ.get('MODE', 'm'))
try:
    NAMES = sorted(vars(Base)) if os.environ.get('FLAG') else Base.nothing
except AttributeError:
    NAMES = None
",
    // Durations and numbers as Python divides them.
    "
from datetime import timedelta
WAIT = timedelta(minutes=5)
PARTS = WAIT % timedelta(seconds=7), WAIT / 2.5, -WAIT // 7, WAIT / 7, WAIT * True
NUMBERS = True & True, 7.5 // 2, -7.5 % 2, 1 % -3.0, True | False, -7 // -2
",
    // What a variable says counts in arguments beside the first too.
    "
import os
NUMBER = int(os.environ.get('N', '2'))
PAIRS = list(enumerate(['x'], NUMBER))
TEXT = bytes(os.environ.get('MODE', 'm'), 'ascii').decode()
ROUNDED = round(1.2345, NUMBER)
WIDE = '%*d' % (NUMBER, 3)
BASED = int('11', NUMBER + 2)
",
    // Parts of paths are whole parts, and some letters have a form for titles.
    "
from pathlib import Path
NAMED = Path('b.c').with_suffix('.py'), Path('b.c').with_name('x'), Path('/a/b.c').with_suffix('')
BELOW = Path('/srv/x').relative_to('/srv/'), Path('/srv').relative_to('/srv'), Path('.').parts
REFUSED = []
for PATH, SUFFIX in ((Path('a'), 'py'), (Path('/'), '.py')):
    try:
        PATH.with_suffix(SUFFIX)
    except ValueError:
        REFUSED.append(str(PATH))
try:
    ASIDE = Path('/srvx/y').relative_to('/srv')
except ValueError:
    ASIDE = 'refused'
TITLES = '\u{1c6}a'.title(), 'they are'.title(), '\u{1c6}a'.capitalize()
",
    // A namespace is a dict to operators too.
    "
class Shop:
    pass
SHOP = Shop()
SHOP.a = 1
TABLE = vars(SHOP)
JOINED = vars(SHOP) | {'c': 3}
TABLE |= {'b': 2}
B = SHOP.b
",
    // Where MODE may be set or not, it is not always in the environment.
    "
import os
if os.environ.get('FLAG') == '1':
    pass
else:
    os.environ.setdefault('MODE', 'b')
DEBUG = 'MODE' in os.environ
",
    // A loop over one of two lists sees what its body adds, through an iterator too.
    "
ITEMS = [item for item in {'a', 'x'}]
NUMBER = 0
for TEXT, NUMBER in zip(ITEMS, range(3)):
    ITEMS += ITEMS[::2]
",
    // One of two values may still be anything in one of its cases.
    "
import os
TEXT = os.environ.get('MODE', 'a-b')
match (TEXT, 1):
    case ['a' as TEXT, _] | [TEXT, _, _]:
        TEXT = 'a-b'
NAMES = [name for name in ('FLAG', 'MODE') if name in os.environ]
ITEMS = [one + two for one, two in zip(NAMES, TEXT)]
",
];
