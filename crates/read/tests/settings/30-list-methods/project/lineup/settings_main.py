import os

SECRET_KEY = "lists" * 11
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
_after = MIDDLEWARE.index("django.middleware.security.SecurityMiddleware") + 1
MIDDLEWARE.insert(_after, "whitenoise.middleware.WhiteNoiseMiddleware")
if os.getenv("GZIP"):
    MIDDLEWARE[1:1] = ["django.middleware.gzip.GZipMiddleware"]
MIDDLEWARE.extend(["x.First", "x.Second"])
MIDDLEWARE.insert(-1, "x.BeforeLast")
MIDDLEWARE.insert(100, "x.Last")
popped = MIDDLEWARE.pop(2)
POPPED = [popped, MIDDLEWARE.pop()]
remove = os.getenv("REMOVE")
if remove:
    MIDDLEWARE = [m for m in MIDDLEWARE if remove not in m]
try:
    MIDDLEWARE.remove("not.there")
except ValueError:
    NOT_THERE = True
del MIDDLEWARE[-1]
MIDDLEWARE += ("a.tuple.can.be.added",)
MIDDLEWARE[0] = MIDDLEWARE[0].replace("security", "SECURITY").replace("SECURITY", "security")

INSTALLED_APPS = [*"ab", *("c",), *range(2), *{"k": 1}]
ORDER = list(reversed(INSTALLED_APPS))
TAIL, HEAD = INSTALLED_APPS[-2:], INSTALLED_APPS[:2]
EVERY_SECOND = INSTALLED_APPS[::2]
BACKWARDS = INSTALLED_APPS[::-1]
COPY = INSTALLED_APPS.copy()
COPY.clear()
COUNT = ["x", "y", "x"].count("x")
first, *MIDDLE, LAST = [1, 2, 3, 4]
FIRST = first
(A, B), C = [1, 2], 3
A, B = B, A
NUMBERS = [3, 1, 2]
NUMBERS.sort(reverse=True)
RETURNS_NONE = NUMBERS.sort()
ZIPPED = list(zip("ab", [1, 2, 3]))
SUMS = [sum(NUMBERS), min(NUMBERS), max(NUMBERS, default=0), len(NUMBERS), sum([], 5)]
REPEATED = ["r"] * 3 + [None] * 0
SHARED = [[]] * 2
SHARED[0].append("both")
TUPLE = (1,) + (2, 3)
TUPLE += (4,)
TUPLE *= 2
NESTED = [[1, [2]], (3, {"four": [5]})]
NESTED[1][1]["four"][0] += 10
CHECKS = [3 in NUMBERS, 9 not in NUMBERS, NUMBERS == [1, 2, 3], [1] < [1, 0], () == []]
ANY = any(m.endswith("First") for m in MIDDLEWARE)
ALL = all(isinstance(m, str) for m in MIDDLEWARE)
UNIQUE = list(dict.fromkeys(["b", "a", "b"]))
SET = {"a", "b"} | {"c"} - {"a"}
SET.add("d")
SET.discard("zzz")
SET ^= {"d", "e"}
FROZEN = frozenset(SET & {"b", "e", "q"})
SUBSET = FROZEN <= SET
STRS = sorted(SET)
FILTERED = list(filter(None, ["", "x", None, 0, "y"]))
RANGE = list(range(10, 0, -3))
BOOLS = [bool([]), bool("False"), bool(0.0), bool(()), bool(" ")]
ALLOWED_HOSTS = "".split(",")
