import os

from . import common
from .common import *
from .common import DATABASES as _databases
from .common import _options, register

SECRET_KEY = "live-" * 12
COUNT_AFTER_FIRST = register("django.contrib.sessions")
COUNT_AFTER_SECOND = register("whitenoise.runserver_nostatic", at=0)

_databases["default"]["CONN_MAX_AGE"] = 600
_options["sslmode"] = "verify-full"
DATABASES["default"].update(common.DEFAULTS, USER="harbour")

if os.environ.get("REPLICA_HOST"):
    # A shallow copy: OPTIONS stays one object.
    common.DATABASES["replica"] = {**_databases["default"], "HOST": os.environ["REPLICA_HOST"]}
    DATABASES["replica"]["OPTIONS"]["target_session_attrs"] = "read-only"

# A tuple is rebound here and stays what it was in `common`.
MIDDLEWARE += ("django.middleware.csrf.CsrfViewMiddleware",)
MIDDLEWARE_BEFORE = common.MIDDLEWARE

# A list is changed in place, so both names see it.
common.APPS += [name.strip() for name in os.getenv("EXTRA_APPS", "").split(",") if name.strip()]
SAME_LIST = APPS is common.INSTALLED_APPS

TEMPLATES[0]["OPTIONS"]["context_processors"] += ["django.template.context_processors.request"]
TEMPLATES = [dict(TEMPLATES[0], APP_DIRS=True)]
TEMPLATES[0]["OPTIONS"]["context_processors"].append("django.contrib.auth.context_processors.auth")
CONTEXT_PROCESSORS_OF_COMMON = list(common.TEMPLATES[0]["OPTIONS"]["context_processors"])

hosts = ALLOWED_HOSTS
hosts.extend(["harbour.example.org"])
ALLOWED_HOSTS = ALLOWED_HOSTS + ["quay.example.org"]
hosts.append("not-in-allowed-hosts.example.org")
HOSTS_OF_COMMON = common.ALLOWED_HOSTS

handlers = LOGGING["handlers"]
handlers["console"] = {"class": "logging.StreamHandler"}
LOGGING["root"] = {"handlers": list(handlers), "level": "WARNING"}
LOGGING["loggers"].setdefault("django", {}).setdefault("handlers", []).append("console")
LOGGING["loggers"].setdefault("django", {"never": "used"})["level"] = "ERROR"
