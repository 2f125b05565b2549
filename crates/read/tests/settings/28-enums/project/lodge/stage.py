import enum
import os


class Stage(str, enum.Enum):
    LOCAL = "local"
    STAGING = "staging"
    PRODUCTION = "production"

    @property
    def is_public(self):
        return self is not Stage.LOCAL

    @classmethod
    def current(cls):
        return cls(os.environ.get("STAGE", cls.LOCAL.value))


class Role(enum.IntEnum):
    WEB = 1
    WORKER = enum.auto()


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"
    AZURE = "b"
