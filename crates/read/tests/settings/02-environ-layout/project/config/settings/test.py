from .base import *
from .base import TEMPLATES, env

SECRET_KEY = env("DJANGO_SECRET_KEY", default="for-tests-only-" + "x" * 40)
TEST_RUNNER = "django.test.runner.DiscoverRunner"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TEMPLATES[0]["OPTIONS"]["debug"] = True
MEDIA_URL = "http://media.testserver/"
