import os

from django.core.exceptions import ImproperlyConfigured

DEBUG = os.environ.get("DEBUG", "0") == "1"
SECRET_KEY = os.environ.get("SECRET_KEY")
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]

if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("SECRET_KEY must be set in production")
    SECRET_KEY = "debug only"
elif len(SECRET_KEY) < 50 and not DEBUG:
    raise ImproperlyConfigured(f"SECRET_KEY has {len(SECRET_KEY)} characters, not 50")

required = ["ALLOWED_HOSTS"] if not DEBUG else []
missing = [name for name in required if not globals().get(name)]
if missing:
    raise ImproperlyConfigured("missing: " + ", ".join(missing))

assert "*" not in ALLOWED_HOSTS
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
SECURE_SSL_REDIRECT = not DEBUG
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
