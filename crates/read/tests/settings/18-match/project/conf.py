import os

SECRET_KEY = "match" * 11
tier = os.environ.get("TIER")

match os.environ.get("DB", "sqlite").split(":"):
    case ["postgres" | "postgresql", host, port] if port.isdigit():
        DATABASES = {
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": host.lstrip("/"),
                "PORT": int(port),
            }
        }
    case ["sqlite"] | ["memory"] as parts:
        DATABASES = {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": ":memory:" if parts == ["memory"] else "db.sqlite3",
            }
        }
    case [engine, *rest]:
        DATABASES = {}
        UNSUPPORTED = (engine, rest)

match tier and tier.lower():
    case "gold":
        RATE = 1000
    case "silver":
        RATE = 100
    case None:
        RATE = 10
    case _:
        RATE = 0

_config = {"kind": os.environ.get("CACHE", "locmem"), "timeout": 300, "extra": True}
match _config:
    case {"kind": "redis", "timeout": int(seconds), **others}:
        CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "TIMEOUT": seconds}}
        OTHERS = others
    case {"kind": "none"}:
        CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    case {"kind": kind}:
        CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{kind}.{kind.title()}Cache"}}

match (len(DATABASES), RATE):
    case (0, _):
        DEBUG = False
    case (1, rate) if rate > 50:
        DEBUG = False
    case (_, 10 | 0):
        DEBUG = True

ALLOWED_HOSTS = ["*"] if DEBUG else [".example.org"]
