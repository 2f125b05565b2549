import os
import sys

TESTING = "test" in sys.argv or "PYTEST_VERSION" in os.environ
RUNSERVER = len(sys.argv) > 1 and sys.argv[1] == "runserver"
COMMAND = next((argument for argument in sys.argv[1:] if argument in {"migrate", "shell", "test"}), None)

SECRET_KEY = os.environ.get("TRAM_KEY", "insecure")
DEBUG = os.environ.get("DEBUG", "1") == "1" and not TESTING
ALLOWED_HOSTS = ["testserver"] if TESTING else ["tram.example.org"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "tram.lines"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "tram"}}

if TESTING:
    DATABASES["default"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DEBUG and not TESTING:
    INSTALLED_APPS.append("debug_toolbar")
    MIDDLEWARE.insert(0, "debug_toolbar.middleware.DebugToolbarMiddleware")
if RUNSERVER:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
STATICFILES = "plain" if any(argument.startswith("collectstatic") for argument in sys.argv) else "hashed"
if "makemigrations" in sys.argv:
    sys.exit("not here")
if sys.version_info >= (3, 8):
    MODERN = True
if sys.platform == "win32":
    WINDOWS = True
