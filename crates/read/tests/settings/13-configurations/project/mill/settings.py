from pathlib import Path

from configurations import Configuration, values


class Security:
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = values.IntegerValue(31536000)
    X_FRAME_OPTIONS = "DENY"


class Common(Configuration):
    BASE_DIR = Path(__file__).resolve().parent.parent
    SECRET_KEY = values.SecretValue()
    DEBUG = values.BooleanValue(False)
    ALLOWED_HOSTS = values.ListValue([])
    DATABASES = values.DatabaseURLValue("sqlite:///mill.sqlite3", environ_prefix=None)
    ROOT_URLCONF = "mill.urls"
    INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "mill.grain"]
    MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
    WHEELS = values.PositiveIntegerValue(2, environ_name="WHEELS", environ_prefix="MILL")
    ADMIN_MAIL = values.EmailValue("miller@example.org")
    RATES = values.TupleValue(("a", "b"))
    NAMES = values.DictValue({"one": "1"})
    X_FRAME_OPTIONS = "SAMEORIGIN"
    not_a_setting = 1

    @property
    def STATIC_ROOT(self):
        return str(self.BASE_DIR / "static" / self.__class__.__name__.lower())


class Dev(Common):
    DEBUG = True
    SECRET_KEY = "a key for the workbench"
    INSTALLED_APPS = Common.INSTALLED_APPS + ["debug_toolbar"]
    EMAIL_BACKEND = values.Value("django.core.mail.backends.console.EmailBackend")


class Staging(Security, Common):
    """The mixin stands first, so its X_FRAME_OPTIONS wins."""

    ALLOWED_HOSTS = ["staging.mill.example.org"]


class Production(Common, Security):
    """The mixin stands last, so that of Common wins."""

    LOGGING = {"version": 1, "root": {"level": "WARNING"}}
