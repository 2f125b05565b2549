import sys

import django
from django import VERSION as DJANGO_VERSION
from django import get_version
from django.core.management.utils import get_random_secret_key

SECRET_KEY = "versions" * 8
if django.VERSION >= (4, 2):
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
else:
    STATICFILES_STORAGE = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
MAJOR = DJANGO_VERSION[0]
IS_LTS = DJANGO_VERSION[:2] in {(4, 2), (5, 2)}
if DJANGO_VERSION < (5, 0):
    USE_L10N = True
FORM_RENDERER = "django.forms.renderers." + ("DjangoDivFormRenderer" if MAJOR < 5 else "DjangoTemplates")
PYTHON_3 = sys.version_info.major == 3 and sys.version_info[0] >= 3
IS_OLD_PYTHON = sys.version_info < (3, 6)
DEBUG = False
DOCS = "https://docs.djangoproject.com/en/%d.%d/" % django.VERSION[:2]
