import os

from configurations import Configuration, values

from .pieces import Cached, Mailed, Queued

DEFAULT_LEVEL = "INFO"


class Base(Configuration):
    SECRET_KEY = os.environ.get("SECRET", "unset")
    LEVEL = DEFAULT_LEVEL
    INSTALLED_APPS = ("django.contrib.auth", "django.contrib.contenttypes")
    ORDER = ["base"]
    ALLOWED_HOSTS = [f"{name}.example.org" for name in ("x", "y")]

    @property
    def LOGGING(self):
        return {"version": 1, "root": {"level": self.LEVEL, "handlers": list(self.ORDER)}}

    @classmethod
    def setup(cls):
        super().setup()
        cls.ORDER = cls.ORDER + ["setup"]


class Production(Mailed, Cached, Base):
    ORDER = Base.ORDER + ["production"]
    LEVEL = "ERROR"


class Worker(Queued, Production):
    @property
    def INSTALLED_APPS(self):
        return super().INSTALLED_APPS + ("app.jobs",)
