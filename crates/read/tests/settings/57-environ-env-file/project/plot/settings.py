import os
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env(DEBUG=(bool, False), NUMBER=(str, "none"))
environ.Env.read_env(BASE_DIR / os.environ.get("ENV_FILE", ".env"))

SECRET_KEY = env("SECRET_KEY")
DEBUG = env("DEBUG")
ALLOWED_HOSTS = env.list("HOSTS")
EXPORTED = env("EXPORTED", default=None)
DOUBLE = env("DOUBLE", default="")
HASH = env("HASH", default="")
HASH_QUOTED = env.str("HASH_QUOTED", "")
EMPTY = env("EMPTY", default="the default")
EMPTY_LIST = env.list("EMPTY", default=["x"])
REFERENCE = env("REFERENCE", default="")
NUMBER = env("NUMBER")
URL = env("URL", default="")
ONLY_PROCESS = env.bool("ONLY_PROCESS", False)
IN_OS_ENVIRON = os.environ.get("EXPORTED", "not there")
SECURE_HSTS_SECONDS = env.int("HSTS", default=0 if DEBUG else 31536000)
CSRF_TRUSTED_ORIGINS = ["https://" + host for host in env.list("HOSTS", default=[])]
DATABASES = {"default": env.db("DATABASE_URL", default="sqlite:///" + str(BASE_DIR / "plot.db"))}
