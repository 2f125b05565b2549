import os
from collections import OrderedDict, defaultdict

SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOG_DIR = os.environ.get("LOG_DIR")
VERBOSE = set(os.environ.get("VERBOSE", "").split())

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {name: {"format": text, "style": "{"} for name, text in [("short", "{message}"), ("long", "{asctime} {message}")]},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "short"}},
    "loggers": {},
}

for number, channel in enumerate(("requests", "sql", "jobs", "security"), start=1):
    handler = {"class": "logging.NullHandler"}
    if LOG_DIR:
        handler = {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": os.path.join(LOG_DIR, f"{number:02d}-{channel}.log"),
            "maxBytes": 10 * 2**20,
            "backupCount": number,
            "formatter": "long" if channel in VERBOSE else "short",
        }
    LOGGING["handlers"][channel] = handler
    LOGGING["loggers"]["atlas." + channel] = {
        "handlers": [channel] + (["console"] if channel in VERBOSE else []),
        "level": "DEBUG" if channel in VERBOSE else "WARNING",
        "propagate": channel == "security",
    }
else:
    LOGGING["loggers"]["django"] = dict.fromkeys(("a", "b"), None)

_servers = [server for server in os.environ.get("REDIS", "").split(",") if server]
CACHES = {}
for alias, db in {"default": 0, "sessions": 1, "pages": 2}.items():
    if not _servers:
        CACHES[alias] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": alias}
        continue
    CACHES[alias] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": [f"{server}/{db}" for server in _servers],
        "KEY_PREFIX": "%s:%d" % (alias, db),
    }
    if alias == "sessions":
        CACHES[alias]["TIMEOUT"] = None

for alias in list(CACHES):
    if alias == "pages" and len(_servers) < 2:
        del CACHES[alias]
        break

SESSION_ENGINE = "django.contrib.sessions.backends.cache" if "sessions" in CACHES else None
groups = defaultdict(list)
for path in ("a/x", "b/y", "a/z"):
    head, tail = path.split("/")
    groups[head].append(tail)
GROUPS = dict(groups)
CONSTANCE_CONFIG = OrderedDict([("TITLE", ("Atlas", "Name of the site")), ("LIMIT", (50, "Rows", int))])
CONSTANCE_CONFIG.move_to_end("TITLE")
MATRIX = [[row * column for column in range(1, 4)] for row in range(1, 3)]
FLAT = [cell for row in MATRIX for cell in row if cell % 2 == 0]
PAIRS = {(x, y): x + y for x in "ab" for y in "cd" if (x, y) != ("a", "c")}
INDEX = {name: position for position, name in reversed(list(enumerate(sorted(CACHES))))}
_n = 0
while True:
    _n += 3
    if _n % 2 == 0:
        break
N = _n
