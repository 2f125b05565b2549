import copy
import os

SECRET_KEY = "dicts" * 11
BASE = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"connect_timeout": 5}, "TEST": {"NAME": None}}
shallow = BASE.copy()
deep = copy.deepcopy(BASE)
shallow["OPTIONS"]["connect_timeout"] = int(os.getenv("TIMEOUT", "7"))
shallow["NAME"] = "shallow"
deep["OPTIONS"].update(application_name="deep", **({"pool": True} if os.getenv("POOL") else {}))
DATABASES = {"default": shallow, "deep": deep, "third": {**BASE, "NAME": "third"} | {"PORT": 1}}
DATABASES.setdefault("default", {})["HOST"] = "h"
DATABASES.setdefault("fourth", {"ENGINE": ""})
GONE = DATABASES.pop("fourth", None)
GONE_AGAIN = DATABASES.pop("fourth", "nothing")
LAST_ITEM = {"a": 1, "b": 2}.popitem()
try:
    DATABASES["missing"]
except KeyError as error:
    MISSING = error.args[0]
KEYS = list(DATABASES.keys())
VALUES = [value.get("NAME", "-") for value in DATABASES.values()]
ITEMS = [f"{key}={len(value)}" for key, value in DATABASES.items()]
INVERTED = {value: key for key, value in {"x": 1, "y": 2}.items()}
FROM_PAIRS = dict([("a", 1), ("b", 2)], c=3)
FROM_ZIP = dict(zip(("k1", "k2"), (1, 2)))
FROM_KEYS = dict.fromkeys("ab", 0)
MERGED = {**FROM_PAIRS, "a": 10, **{"d": 4}}
MERGED |= {"e": 5}
MERGED.update([("f", 6)])
del MERGED["b"]
ORDER_KEPT = {"z": 1, "a": 2, "z": 3}
NESTED = {}
NESTED.setdefault("one", {}).setdefault("two", []).append("three")
NESTED["one"]["two"] += ["four"]
NESTED["one"] |= {"five": 5}
IN = ["a" in MERGED, "b" in MERGED, 10 in MERGED.values(), ("a", 10) in MERGED.items()]
TRUTH = bool({}) or bool(MERGED)
EQUAL = {"a": 1, "b": 2} == {"b": 2, "a": 1}
MIXED_KEYS = {1: "int", "1": "str", (1, 2): "tuple", None: "none", True: "overwrites 1"}
BY_LENGTH = sorted(MERGED, key=lambda k: (-MERGED[k], k))
BIGGEST = max(MERGED, key=MERGED.get)
NO_SUCH = MERGED.get("nope")
CHOICES = {k: v for k, v in MERGED.items() if v > 3 if k != "e"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
CACHES["default"]["OPTIONS"] = options = {}
options["MAX_ENTRIES"] = 10
CACHES = dict(CACHES)
CACHES["default"]["KEY_PREFIX"] = "k"
LIST_OF = [dict(d) for d in ({"a": 1}, [("b", 2)])]
