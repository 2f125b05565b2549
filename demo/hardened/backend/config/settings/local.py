"""A developer's machine, and the tests. Needs no service and no secret."""

from .base import *

DEBUG = True
SECRET_KEY = "only for a developer's own machine; production reads a secret file"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]

DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "local.sqlite3"},
}
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
STATIC_ROOT = BASE_DIR / "collected"
MEDIA_ROOT = BASE_DIR / "media"
MEDIA_URL = "/media/"

SIMPLE_JWT["SIGNING_KEY"] = "only for a developer's own machine, and not the key above"

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

STRIPE_SECRET_KEY = "unset on a developer's machine"
STRIPE_WEBHOOK_SECRET = "whsec_local"
