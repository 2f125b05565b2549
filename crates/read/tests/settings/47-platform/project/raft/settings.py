import os
import secrets
from pathlib import Path

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent.parent
IS_DYNO = "DYNO" in os.environ and "CI" not in os.environ
RENDER = os.environ.get("RENDER_EXTERNAL_HOSTNAME")
IS_HOSTED = IS_DYNO or RENDER is not None

SECRET_KEY = os.environ["SECRET_KEY"] if IS_HOSTED else "laptop " * 8
DEBUG = not IS_HOSTED

if IS_DYNO:
    ALLOWED_HOSTS = ["*"]
elif RENDER:
    ALLOWED_HOSTS = [RENDER]
else:
    ALLOWED_HOSTS = [".localhost", "127.0.0.1", "[::1]", "0.0.0.0"]

HOST = f"{os.environ['APP_NAME']}.herokuapp.example.org" if IS_DYNO else RENDER or "localhost:%s" % os.environ.get("PORT", 8000)
ssl = IS_HOSTED and not os.environ.get("DISABLE_SSL")
SECURE_SSL_REDIRECT = ssl
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ssl else None
SECURE_HSTS_SECONDS = int(os.getenv("HSTS", "0" if DEBUG else "31536000"))
if IS_DYNO:
    DATABASES = {"default": dj_database_url.config(env="DATABASE_URL", conn_max_age=600, ssl_require=True)}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "raft.sqlite3"}}
redis = os.environ.get("REDIS_TLS_URL", os.environ.get("REDIS_URL"))
CACHES = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis,
            "OPTIONS": {"ssl_cert_reqs": None} if redis.startswith("rediss") else {},
        }
        if redis
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}
WORKERS = min(int(os.environ.get("WEB_CONCURRENCY", 1)), 4)
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"] + ["whitenoise.middleware.WhiteNoiseMiddleware"] * (not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.Compressed%sStaticFilesStorage" % ("" if DEBUG else "Manifest")
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = IS_HOSTED
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(ssl)
