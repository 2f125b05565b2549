"""Asks the machine. What it answers is nobody's to know from the text."""

import os
import platform
import socket

SECRET_KEY = "machine" * 8
DEBUG = False
HOSTNAME = socket.gethostname()
ALLOWED_HOSTS = ["here.example.org", HOSTNAME]
IS_WEB1 = HOSTNAME == "web1-that-nobody-has"
if IS_WEB1:
    EMAIL_HOST = "localhost"
else:
    EMAIL_HOST = "mail.example.org"
SERVER_EMAIL = "root@here.example.org"
IP = os.environ.get("HOST_IP") or "127.0.0.1"
INTERNAL_IPS = [IP[: IP.rfind(".")] + ".1", "127.0.0.1"]
TIME_ZONE = "UTC"
SESSION_COOKIE_AGE = 1200
STATIC_URL = "/static/"
STATIC_ROOT = "/srv/static"
MEDIA_ROOT = "/srv/media"
LINUX = platform.system() == "Linux" or os.name == "nt"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
CSRF_TRUSTED_ORIGINS = ["https://here.example.org"]
