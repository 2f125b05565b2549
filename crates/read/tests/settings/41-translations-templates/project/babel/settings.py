import os

from django.conf import global_settings
from django.contrib.messages import constants as messages
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SECRET_KEY = "babel" * 11
BASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEBUG = False
_names = {"en": _("English"), "pt": _("Portuguese"), "ar": _("Arabic")}
LANGUAGES = [(code, _names[code]) for code in os.environ.get("LANGUAGES", "en").split(",")]
LANGUAGE_CODE = LANGUAGES[0][0]
LANGUAGES_BIDI = list(global_settings.LANGUAGES_BIDI) + ["xx"]
LOCALE_PATHS = (os.path.join(BASE_DIR, "locale"),)
SITE_TITLE = pgettext_lazy("the name of the site", "Babel")
LOGIN_URL = reverse_lazy("accounts:login")
LOGIN_REDIRECT_URL = "home"
MESSAGE_TAGS = {messages.ERROR: "danger", messages.INFO: "info", 50: "critical"}
MESSAGE_LEVEL = messages.DEBUG if DEBUG else messages.INFO

TEMPLATES = []
for engine, options in (("django.DjangoTemplates", {"debug": DEBUG}), ("jinja2.Jinja2", {"environment": "babel.jinja2.environment"})):
    TEMPLATES.append(
        {
            "BACKEND": f"django.template.backends.{engine}",
            "DIRS": [os.path.join(BASE_DIR, "templates", engine.split(".")[0])],
            "APP_DIRS": True,
            "OPTIONS": options,
        }
    )
_processors = ["request", "i18n", "static"]
TEMPLATES[0]["OPTIONS"]["context_processors"] = ["django.template.context_processors.%s" % name for name in _processors]
if os.environ.get("CACHE_TEMPLATES"):
    TEMPLATES[0].pop("APP_DIRS")
    TEMPLATES[0]["OPTIONS"]["loaders"] = [
        (
            "django.template.loaders.cached.Loader",
            ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
        )
    ]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", *global_settings.PASSWORD_HASHERS[:2]]
FILE_UPLOAD_HANDLERS = global_settings.FILE_UPLOAD_HANDLERS + ["babel.uploads.Handler"]
DATE_FORMATS = {"short": "d.m.Y"}
FORMAT_MODULE_PATH = [f"{__package__}.formats"]
USE_THOUSAND_SEPARATOR = True
FIRST_DAY_OF_WEEK = 1
