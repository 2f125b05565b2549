from datetime import timedelta
from decimal import Decimal

from emporium import __version__
from emporium.conf import flag, listed, optional, required, whole

from .apps import *
from .paths import PACKAGE, ROOT, VAR

RELEASE = "emporium-" + __version__
SECRET_KEY = required("SECRET_KEY")
SECRET_KEY_FALLBACKS = listed("SECRET_KEY_OLD")
DEBUG = False
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "localhost", sep=None)
ROOT_URLCONF = "emporium.urls"
WSGI_APPLICATION = "emporium.wsgi.application"
ASGI_APPLICATION = "emporium.asgi.application"
AUTH_USER_MODEL = "accounts.Customer"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if flag("MAINTENANCE"):
    position = MIDDLEWARE.index("whitenoise.middleware.WhiteNoiseMiddleware")
    MIDDLEWARE.insert(position, "emporium.maintenance.Closed")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [f"django.template.context_processors.{n}" for n in ("request", "media")]},
    }
]


def database(host, **more):
    config = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": host,
        "NAME": optional("DB_NAME", "emporium"),
        "USER": optional("DB_USER", "emporium"),
        "PASSWORD": optional("DB_PASSWORD"),
        "PORT": whole("DB_PORT", 5432),
        "CONN_MAX_AGE": whole("DB_AGE", 60, least=0),
        "OPTIONS": {"sslmode": "require" if flag("DB_SSL", host != "localhost") else "disable"},
    }
    config |= more
    return config


DATABASES = {"default": database(optional("DB_HOST", "localhost"))}
for number, replica in enumerate(listed("DB_REPLICAS"), 1):
    DATABASES[f"replica{number}"] = database(replica, TEST={"MIRROR": "default"})
DATABASE_ROUTERS = ["emporium.routers.Replicas"] if len(DATABASES) > 1 else []

REDIS_URL = optional("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
if REDIS_URL:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    CACHES["sessions"] = dict(CACHES["default"], KEY_PREFIX="s", TIMEOUT=timedelta(days=1).total_seconds())
    SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    SESSION_CACHE_ALIAS = "sessions"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 9}},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers." + n + "PasswordHasher" for n in ("Argon2", "PBKDF2")]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "/login/", "/", None

LANGUAGE_CODE = "en"
TIME_ZONE = "Pacific/Auckland"
USE_I18N = USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [PACKAGE / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = str(VAR / "media")
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 ** 2
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ADMINS = [tuple(entry.split(":", 1)) for entry in listed("ADMINS", sep=";")]
MANAGERS = ADMINS[:1]
EMAIL_HOST = optional("EMAIL_HOST", "localhost")
EMAIL_PORT = 587 if EMAIL_HOST != "localhost" else 25
EMAIL_HOST_USER = optional("EMAIL_HOST_USER", "shop")
EMAIL_HOST_PASSWORD = optional("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = EMAIL_PORT == 587
DEFAULT_FROM_EMAIL = SERVER_EMAIL = f"Emporium <{EMAIL_HOST_USER}@{ALLOWED_HOSTS[0]}>"

STRIPE_SECRET_KEY = optional("STRIPE_SECRET_KEY")
STRIPE_LIVE = STRIPE_SECRET_KEY.startswith("sk_live_")
COUNTRIES = frozenset(listed("COUNTRIES", "PT"))
VAT = {"PT": Decimal("0.23"), "LT": Decimal("0.21")}
SHIPPING = {
    kind: float(price)
    for kind, _, price in (entry.partition("=") for entry in listed("SHIPPING", "standard=5", ";"))
}
BASKET_LIFETIME = timedelta(days=30)
CURRENCY = "EUR"

_level = optional("LOG_LEVEL", "info").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {
        "console": {"class": "logging.StreamHandler", "level": _level},
        "file": {
            "class": "logging.handlers.TimedRotatingFileHandler",
            "filename": str(VAR / "log" / "emporium.log"),
            "when": "midnight",
        },
    },
    "root": {"handlers": ["console", "file"], "level": _level},
}
