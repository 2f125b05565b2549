"""Closures, generators, recursion, keyword tricks: what people write when nobody stops them."""

import os
from typing import Final, TypedDict

SECRET_KEY: Final = "functions" * 6
DEPTH: int = int(os.environ.get("DEPTH", "2"))
DECLARED_ONLY: str


class Wheel(TypedDict, total=False):
    name: str
    size: int


def counter(start=0):
    count = start

    def step(by=1):
        nonlocal count
        count += by
        return count

    return step


tick = counter(10)
tick()
TICKS = [tick(), tick(5)]


def remember(item, memory=[]):
    memory.append(item)
    return memory


remember("a")
REMEMBERED = remember("b")

_total = 0


def add_all(*numbers, scale=1, **named):
    global _total
    _total += sum(numbers) * scale + len(named)
    return {"numbers": numbers, "named": named}


ADDED = add_all(1, 2, *[3], scale=2, x=1, **{"y": 2})
TOTAL = _total


def tree(depth, label="n"):
    if depth == 0:
        return label
    return {label + str(side): tree(depth - 1, label + str(side)) for side in range(2) if side < depth}


TREE = tree(DEPTH)


def evens(limit):
    number = 0
    while number < limit:
        if number % 2 == 0:
            yield number
        number += 1


def both(limit):
    yield from evens(limit)
    yield from (-n for n in evens(limit) if n)


EVENS = list(evens(7))
BOTH = tuple(both(5))
FIRST_EVEN = next(evens(3), None)
NESTED_DEFAULT = (lambda a, b=DEPTH, *c, d=4, **e: (a, b, c, d, e))(1, 2, 3, d=5, z=6)
LATE = [f() for f in [lambda: i for i in range(3)]]
BOUND = [f() for f in [lambda i=i: i for i in range(3)]]


def only(a, /, b, *, c):
    return [a, b, c]


ONLY = only(1, b=2, c=3)
wheels: list[Wheel] = [Wheel(name=name, size=len(name)) for name in os.environ.get("WHEELS", "wood").split(",")]
WHEELS = wheels
BIGGEST = max(wheels, key=lambda wheel: wheel["size"])["name"]


def find(name):
    for index, wheel in enumerate(wheels):
        if wheel["name"] == name:
            break
    else:
        return -1
    return index


FOUND = [find("stone"), find("glass")]


def shadow(DEBUG=True):
    SECRET_KEY = "local"
    return SECRET_KEY if DEBUG else None


SHADOW = shadow()
DEBUG = False


def fact(n): return 1 if n <= 1 else n * fact(n - 1)


FACT = fact(10)
x = y = []
x.append(1)
Y = y
(P, Q), *R = ((1, 2), 3, 4)
S = T = U = {"same": True}
T["changed"] = 1
VALUES = [value for value in map(lambda a, b: a * b, [1, 2], [3, 4])]
CHAINED = 0 < DEPTH <= 4 != 5
NOT_IMPLEMENTED = bool(NotImplemented) if False else None
COMPLEX = (lambda f: f(f, 5))(lambda self, n: 0 if n == 0 else n + self(self, n - 1))
CALLABLE = callable(tree) and not callable(TREE)
UNPACKED = [*{**{"a": 1}}, *"xy", *range(1)]
ITER = iter([1, 2, 3])
ITER = [next(ITER), next(ITER)]
INT_TYPES = [type(1) is int, isinstance(True, int), type("").__name__, issubclass(bool, int)]
IF_CHAIN = "a" if DEPTH == 1 else "b" if DEPTH == 2 else "c" if DEPTH == 3 else "d"
BIT = [5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 4, 256 >> 2]
ALLOWED_HOSTS = [h for w in wheels for h in (w["name"] + ".example.org", f"www.{w['name']}.example.org") if h]
