import ipaddress
import os
import re
from collections.abc import Iterator

_PREFIX = "HIVE_"
IN_CLUSTER = bool(os.environ.get("KUBERNETES_SERVICE_HOST"))


def own_variables() -> Iterator[tuple[str, str]]:
    for key in sorted(os.environ):
        if key.startswith(_PREFIX):
            yield key[len(_PREFIX):], os.environ[key]


own = dict(own_variables())
SECRET_KEY = own.get("SECRET") or ("laptop-" * 8 if not IN_CLUSTER else "")
DEBUG = own.get("DEBUG", "0") == "1" and not IN_CLUSTER
ALLOWED_HOSTS = [".hive.example.org"]
if (pod := os.environ.get("POD_IP")) and IN_CLUSTER:
    ALLOWED_HOSTS += [pod]

DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "hive"}}
for key, value in own.items():
    if not key.startswith("DB__"):
        continue
    target = DATABASES["default"]
    *path, last = key.removeprefix("DB__").split("__")
    for part in path:
        target = target.setdefault(part, {})
    target[last] = int(value) if value.isdecimal() else value

SENTINELS = [
    (host, int(port)) for host, port in (item.split(":") for item in own.get("REDIS_SENTINELS", "").split(",") if item)
]
if SENTINELS:
    CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "OPTIONS": {"SENTINELS": SENTINELS}}}
TRUSTED_PROXIES = re.split(r"\s*,\s*", own["TRUSTED"]) if "TRUSTED" in own else []
NETWORKS = [str(ipaddress.ip_network(net)) for net in TRUSTED_PROXIES]
USE_X_FORWARDED_HOST = bool(TRUSTED_PROXIES)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = IN_CLUSTER
SECURE_REDIRECT_EXEMPT = [r"^healthz$"] if IN_CLUSTER else []
LOGGING = {
    "version": 1,
    "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
    "loggers": {name: {"handlers": ["out"], "level": level} for name, level in [("", "INFO"), ("django", "WARNING")]},
}
SESSION_COOKIE_NAME = f"{'__Host-' if SECURE_SSL_REDIRECT else ''}hive"
CSRF_COOKIE_NAME = SESSION_COOKIE_NAME.replace("hive", "csrf")
