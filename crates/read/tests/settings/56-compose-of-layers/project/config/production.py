import json
import os
from urllib.parse import unquote, urlsplit

from .defaults import DEFAULTS, stack

SECRET_KEY = os.environ.get("SECRET_KEY", "-" * 60)
locals().update(DEFAULTS)
_parsed = urlsplit(os.environ.get("DATABASE_URL", "sqlite:///layers.db"))
_engines = {"postgres": "postgresql", "sqlite": "sqlite3"}
DATABASES = {
    "default": {
        "ENGINE": f"django.db.backends.{_engines[_parsed.scheme]}",
        "NAME": unquote(_parsed.path.lstrip("/")),
        "USER": _parsed.username or "",
        "PASSWORD": _parsed.password or "",
        "HOST": _parsed.hostname or "",
        "PORT": _parsed.port,
    }
}
ALLOWED_HOSTS = ALLOWED_HOSTS + json.loads(os.environ.get("ADMIN_HOSTS", "[]"))
SESSION_COOKIE_AGE //= 2
tls = os.environ.get("USE_TLS") == "true"
_layer = stack.over(DEBUG=not tls, EXTRA=1)
LAYER_DEBUG = _layer["DEBUG"]
LAYER_ATTRIBUTE = _layer.TIME_ZONE
LAYER_KEYS = list(_layer)
UNCHANGED = stack["DEBUG"]
if url := os.environ.get("EMAIL_URL"):
    _mail = urlsplit(url)
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port
    EMAIL_USE_SSL = _mail.scheme == "smtps"
if (dsn := os.environ.get("SENTRY_DSN")) is not None:
    try:
        import sentry_sdk
    except ImportError:
        SENTRY = "absent"
    else:
        SENTRY = dsn.rpartition("/")[2]
SECURE_HSTS_SECONDS = [0, 3600][tls]
SESSION_COOKIE_SECURE = tls is True
