import os
from os import environ, getenv
import os as operating_system
from distutils_of_our_own import strtobool

environ.setdefault("ADDED", "by settings")
os.environ["WRITTEN"] = "yes"
env = environ
get = env.get
DEBUG = bool(os.environ.get("DEBUG", ""))
DEBUG_RIGHT = os.environ.get("DEBUG", "").lower() == "true"
DEBUG_WORD = strtobool(getenv("DEBUG", "no"))
SECURE = bool(int(get("SECURE", "1")))
HOSTS = getenv("HOSTS", "").split(",")
ALLOWED_HOSTS = list(filter(None, getenv("HOSTS", "").split(","))) or ["none.example.org"]
PORT = getenv("PORT") or 80
PORT_NUMBER = int(getenv("PORT") or "80")
EMPTY = "EMPTY" in environ
EMPTY_OR = environ.get("EMPTY", "unset") or "empty"
ADDED, WRITTEN = environ["ADDED"], operating_system.getenv("WRITTEN")
LIST = tuple(env["LIST"].split(":")) if "LIST" in env else ()
SECRET_KEY = env.get("KEY", default="fallback-fallback-fallback-fallback-fallback-fallback")
NONE = os.getenv("NOT_THERE")
POPPED = environ.pop("WRITTEN", None)
AFTER_POP = "WRITTEN" in environ
_copy = dict(os.environ)
_copy["ONLY_HERE"] = "1"
ONLY_HERE = "ONLY_HERE" in os.environ
MERGED = {"SAMPLE_RATE": "1.0", **os.environ}["SAMPLE_RATE"]
SAMPLE_RATE = float(MERGED)
ONE_OF = next((environ[n] for n in ("NOPE", "KEY", "PORT") if n in environ), "nothing")
FALSY = os.environ.get("DEBUG") in (None, "", "0", "False", "false")
TERNARY = "on" if getenv("DEBUG") == "False" else "off" if getenv("DEBUG") else "unset"
SETTINGS_MODULE = os.environ["DJANGO_SETTINGS_MODULE"]
HOME = os.path.expanduser("~")
HOME_TOO = os.environ["HOME"]
try:
    STRICT = os.environ["STRICT"]
except KeyError:
    STRICT = False
IN_ENVIRON_KEYS = "PORT" in os.environ.keys()
USE_X_FORWARDED_HOST = eval("True")
MEDIA_ROOT = os.environ.get("MEDIA", os.path.join(HOME, "media"))
EMAIL_PORT = {"ssl": 465, "tls": 587}.get(getenv("MAIL_SECURITY"), 25)
