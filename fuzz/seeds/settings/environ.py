import environ
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env(DEBUG=(bool, False), HOSTS=(list, []))
environ.Env.read_env(BASE_DIR / ".env")
DEBUG = env("DEBUG")
ALLOWED_HOSTS = env.list("HOSTS", default=["a.example"])
DATABASES = {"default": env.db("DATABASE_URL", default="sqlite:///db.sqlite3")}
CACHES = {"default": env.cache("CACHE_URL", default="redis://cache:6379/0")}
vars().update(env.email("EMAIL_URL", default="smtp+tls://u:p@mail:587"))
