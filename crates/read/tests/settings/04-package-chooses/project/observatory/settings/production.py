from .base import *  # noqa
import os

DEBUG = False
try:
    SECRET_KEY = os.environ["SECRET_KEY"]
except KeyError as error:
    raise RuntimeError("SECRET_KEY must be set") from error
ALLOWED_HOSTS = ["sky.example.org"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
DATABASES["default"] |= {"OPTIONS": {"timeout": 20}}
