import os
import random
import secrets
import string
import uuid

from django.core.management.utils import get_random_secret_key

SECRET_KEY = os.environ.get("SECRET_KEY") or get_random_secret_key()
IS_PERSISTENT = "SECRET_KEY" in os.environ
BUILD = uuid.uuid4().hex if not IS_PERSISTENT else "fixed"
TOKEN_LENGTH = len(secrets.token_hex(16))
_alphabet = string.ascii_letters + string.digits
_nonce = "".join(random.choice(_alphabet) for _ in range(8))
DEBUG = not IS_PERSISTENT
ALLOWED_HOSTS = ["dice.example.org"]
SESSION_COOKIE_SECURE = True
SECURE_HSTS_SECONDS = 86400
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "KEY_PREFIX": "dice"}}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
EMAIL_HOST = "mail.dice.example.org"
STATIC_URL = "/static/"
USE_TZ = True
