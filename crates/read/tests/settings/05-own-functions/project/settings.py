"""One module at the top, with the usual home-made readers of the environment."""

import os
import logging
from typing import Any, Callable, Optional, Sequence

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on", "y"})
_missing = object()


def env(name: str, default: Any = _missing, cast: Optional[Callable[[str], Any]] = None, *, prefix: str = "APP_") -> Any:
    key = prefix + name
    value = os.environ.get(key)
    if value is None:
        if default is _missing:
            raise ImproperlyConfigured("Set the %s environment variable" % key)
        return default
    return value if cast is None else cast(value)


def env_bool(name, default=False):
    value = env(name, default)
    if isinstance(value, bool):
        return value
    return value.strip().lower() in TRUE_WORDS


def env_list(name, default=(), separator=","):
    raw = env(name, None)
    if not raw:
        return list(default)
    return [part for part in (piece.strip() for piece in raw.split(separator)) if part]


def env_int(name, default):
    try:
        return int(env(name, default))
    except (TypeError, ValueError):
        return default


def env_float(name: str, default: float) -> float:
    text = os.getenv(f"APP_{name}") or str(default)
    return float(text)


def people(text: str) -> list[tuple[str, str]]:
    found = []
    for entry in text.split(","):
        name, _, address = entry.strip().partition(" <")
        if not address:
            continue
        found.append((name, address.rstrip(">")))
    return found


def database(alias, *names, engine="postgresql", **options):
    """Only the options that are set end up in the result."""
    config = {"ENGINE": "django.db.backends." + engine, "NAME": alias}
    for name in names:
        value = env(f"DB_{name}", default="")
        if value:
            config[name] = value
    config.update({key.upper(): value for key, value in options.items() if value is not None})
    return config


def level(name, default=logging.INFO):
    number = getattr(logging, env(name, "").upper(), None)
    return number if isinstance(number, int) else default


SECRET_KEY = env("SECRET", cast=str.strip)
DEBUG = env_bool("DEBUG")
ALLOWED_HOSTS = env_list("HOSTS", ["localhost"], separator=";")
SECURE_HSTS_SECONDS = env_int("HSTS", 86_400)
SECURE_SSL_REDIRECT = not DEBUG and SECURE_HSTS_SECONDS > 0
SAMPLE_RATE = env_float("RATE", 0.1)
ADMINS = people(env("ADMINS", ""))
DATABASES = {
    "default": database("app", "HOST", "PORT", "USER", conn_max_age=None if DEBUG else 60, atomic_requests=True),
    "other": database(*["other", "HOST"], **{"engine": "mysql"}),
}
LOG_LEVEL = level("LEVEL")
LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler", "level": LOG_LEVEL}},
    "root": {"handlers": ["console"], "level": logging.getLevelName(LOG_LEVEL)},
}
ROOT_URLCONF = env("URLCONF", "urls", prefix="DJANGO_")
CSRF_TRUSTED_ORIGINS = [*map(lambda host: "https://" + host, ALLOWED_HOSTS)]
SESSION_COOKIE_AGE = env("SESSION_HOURS", 8, int) * 3600
EMAIL_HOST = (lambda host="localhost": env("MAIL", host))()
