from pathlib import Path

import environs
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(eager=True)
env.read_env(str(BASE_DIR / ".env"))

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("HOSTS", ["localhost"])
with env.prefixed("YARD_"):
    NAME = env("NAME", "none")
    GATES = env.int("GATES", 0)
    with env.prefixed("INNER_"):
        INNER = env.str("VALUE", default="inner")
SHIFT = env.timedelta("SHIFT", default=None)
try:
    REQUIRED = env.int("REQUIRED")
except environs.EnvError:
    REQUIRED = 0
LEVELS = env.list("LEVELS", [1, 2], subcast=int)
SESSION_COOKIE_SECURE = not DEBUG
DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{BASE_DIR / 'yard.db'}", conn_max_age=30)}
MEDIA_ROOT = env.path("MEDIA", default=BASE_DIR / "media")
