import os
from dataclasses import dataclass, field, asdict, replace
from types import SimpleNamespace
from typing import ClassVar, NamedTuple


class Defaults:
    debug = False
    hosts = ["guild.example.org"]
    workers = 2 * 2

    class Mail:
        host = "mail.guild.example.org"
        port = 587


class Development(Defaults):
    debug = True
    hosts = Defaults.hosts + ["localhost"]

    class Mail(Defaults.Mail):
        port = 1025


class Production(Defaults):
    workers = Defaults.workers * 2


config = {"dev": Development, "prod": Production}[os.environ.get("GUILD_STAGE", "dev")]


@dataclass
class Database:
    name: str
    host: str = "localhost"
    port: int = 5432
    options: dict = field(default_factory=dict)
    engine: ClassVar[str] = "django.db.backends.postgresql"

    @classmethod
    def from_env(cls, name, prefix="GUILD_DB_"):
        return cls(name, port=int(os.environ.get(prefix + "PORT", cls.port)))

    @property
    def setting(self):
        return {"ENGINE": self.engine, "NAME": self.name, "HOST": self.host, "PORT": self.port, "OPTIONS": self.options}


@dataclass(frozen=True)
class Token:
    value: str = ""
    length: int = field(init=False, default=3)

    def __bool__(self):
        return bool(self.value)


class Point(NamedTuple):
    x: int
    y: int = 0


class Registry:
    """Keeps what it is told."""

    count = 0

    def __init__(self, *names, prefix=""):
        self.names = [prefix + name for name in names]
        self._seen = set()
        Registry.count += 1

    def add(self, name):
        if name not in self._seen:
            self._seen.add(name)
            self.names.append(name)
        return self

    def __getitem__(self, index):
        return self.names[index]

    def __len__(self):
        return len(self.names)

    def __contains__(self, name):
        return name in self.names

    @staticmethod
    def join(*parts):
        return ".".join(parts)


SECRET_KEY = "guild" * 11
DEBUG = config.debug
ALLOWED_HOSTS = config.hosts
WORKERS = config.workers
EMAIL_HOST = config.Mail.host
EMAIL_PORT = config.Mail().port
_database = Database.from_env("guild")
_database.options["sslmode"] = "prefer"
DATABASES = {"default": _database.setting, "other": Database("other", "elsewhere").setting}
COPY = asdict(replace(_database, host="copy"))
TOKEN_SET = bool(Token(os.environ.get("GUILD_TOKEN", "")))
TOKEN_LENGTH = Token("x").length
_apps = Registry("auth", "contenttypes", prefix="django.contrib.").add("guild").add("guild")
INSTALLED_APPS = list(_apps.names)
FIRST_APP, APP_COUNT, HAS_GUILD = _apps[0], len(_apps), "guild" in _apps
REGISTRIES = Registry.count
ROOT_URLCONF = Registry.join("guild", "urls")
_space = SimpleNamespace(a=1, b=[2])
_space.c = _space.a + _space.b[0]
SPACE_C = _space.c
X = Point(1)
Y = X.y + Point(y=2, x=3).y
IS_PRODUCTION = issubclass(config, Production)
IS_DATABASE = isinstance(_database, Database)
CLASS_NAME = config.__name__
