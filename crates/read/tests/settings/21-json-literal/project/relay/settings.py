import ast
import json
import os
from pathlib import Path

HERE = Path(__file__).parent
SECRET_KEY = "json" * 13
try:
    _config = json.loads(os.environ.get("CONFIG", "{}"))
except json.JSONDecodeError:
    _config = {}
    CONFIG_BROKEN = True
except ValueError:
    CONFIG_BROKEN = "never"
else:
    CONFIG_BROKEN = False

ALLOWED_HOSTS = _config.get("hosts", [])
DEBUG = _config.get("debug", True)
LIMITS = {"max": 1, **_config.get("limits", {})}
NULL = _config.get("none", "absent")
try:
    TUPLE = ast.literal_eval(os.environ.get("TUPLE", "()"))
except (ValueError, SyntaxError) as problem:
    TUPLE = type(problem).__name__
ADMINS = [tuple(pair) for pair in json.loads(os.environ.get("ADMINS_JSON") or "[]")]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "OPTIONS": json.loads(os.getenv("DB_OPTIONS", "null")) or {}}}
with open(HERE / "defaults.json", encoding="utf-8") as stream:
    DEFAULTS = json.load(stream)
RETRIES = DEFAULTS["retries"] * len(DEFAULTS.get("backoff"))
TITLE = json.loads((HERE / "defaults.json").read_text())["title"]
DUMPED = json.dumps({"b": 1, "a": [True, None, "x"]}, sort_keys=True)
PRETTY = json.dumps(LIMITS, indent=2)
HEADERS = json.loads('{"X-Relay": "%s"}' % RETRIES)
