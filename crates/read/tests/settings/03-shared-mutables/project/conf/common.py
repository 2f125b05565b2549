"""Everything here is changed from outside, through more than one name."""

import os

_here = os.path.dirname(os.path.abspath(__file__))
PROJECT_ROOT = os.path.dirname(_here)

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "harbour",
        "OPTIONS": {},
    }
}
APPS = INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
MIDDLEWARE = ("django.middleware.common.CommonMiddleware",)
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"context_processors": []}}]
LOGGING = {"version": 1, "handlers": {}, "loggers": {}}
_options = DATABASES["default"]["OPTIONS"]
DEFAULTS = dict(CONN_MAX_AGE=30, OPTIONS=_options)
ALLOWED_HOSTS = []


def register(app, at=None):
    """Adds to the list that the module holds, not to a copy of it."""
    if at is None:
        INSTALLED_APPS.append(app)
    else:
        INSTALLED_APPS.insert(at, app)
    return len(INSTALLED_APPS)
