import functools
import itertools
import operator
import os
from collections import ChainMap, Counter, namedtuple
from functools import cache, lru_cache, partial, reduce, wraps
from itertools import chain

SECRET_KEY = "forge" * 11


@lru_cache(maxsize=None)
def sites():
    return tuple(os.environ.get("SITES", "localhost").split())


@functools.lru_cache
def heat(default):
    return os.environ.get("HEAT", default)


@cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def logged(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return "<" + function(*args, **kwargs) + ">"

    return wrapper


def repeated(times):
    def decorate(function):
        def inner(text):
            return function(text) * times

        return inner

    return decorate


@logged
@repeated(times=2)
def shout(text):
    return text.upper()


in_seconds = partial(operator.mul, 60)
app = partial("{}.{}".format, "forge")
as_int = partial(int, base=16)

ALLOWED_HOSTS = list(sites())
HEAT = heat("low")
FIB = fibonacci(20)
SHOUT = shout("hi")
SESSION_COOKIE_AGE = in_seconds(30)
HEX = as_int("ff")
DJANGO = ["django.contrib.auth", "django.contrib.contenttypes"]
OWN = [app("iron"), app("coal")]
INSTALLED_APPS = list(chain(DJANGO, OWN, *[["x"], ("y",)]))
FLATTENED = list(itertools.chain.from_iterable([[1], [], [2, 3]]))
TOTAL = reduce(lambda total, item: total + len(item), INSTALLED_APPS, 0)
PRODUCT = reduce(operator.mul, [1, 2, 3, 4])
CSRF_TRUSTED_ORIGINS = ["".join(pair) for pair in itertools.product(["https://", "http://"], sites())]
FIRST = list(itertools.islice(itertools.count(5, 5), 3))
TAKEN = list(itertools.takewhile(lambda n: n < 10, [1, 5, 10, 2]))
Entry = namedtuple("Entry", "name size", defaults=[0])
ENTRIES = sorted([Entry("b", 2), Entry("a"), Entry("c", 1)], key=operator.attrgetter("size"), reverse=True)
NAMES = [entry.name for entry in ENTRIES]
BY_KEY = sorted({"b": 1, "a": 2}.items(), key=operator.itemgetter(1))
LETTERS = Counter("hello").most_common(1)
MERGED = dict(ChainMap({"a": 1}, {"a": 2, "b": 3}))
SORTED = sorted(["B", "a", "C"], key=str.lower)
HOT = heat("low") == "high"
