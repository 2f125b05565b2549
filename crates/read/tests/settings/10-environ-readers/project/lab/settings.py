import environ

env = environ.Env(
    DEBUG=(bool, False),
    ALLOWED_HOSTS=(list, ["lab.local"]),
    WORKERS=(int, 3),
    RATE=(float, 0.1),
    NAME=str,
    PAIR=(tuple, ("0", "0")),
)
environ.Env.read_env(environ.Path(__file__) - 2 + "no-such-file.env") if False else None
root = environ.Path(__file__) - 2
BASE_DIR = root()
SECRET_KEY = env("SECRET_KEY", default="fallback")
RAW_KEY = env.str("SECRET_KEY", default="x", multiline=True)
DEBUG = env("DEBUG")
ALLOWED_HOSTS = env("ALLOWED_HOSTS")
WORKERS = env("WORKERS")
RATE = env("RATE")
WEIGHTS = env.list("WEIGHTS", cast=float, default=[1.0])
PAIR = env("PAIR")
TYPED_PAIR = env.tuple("PAIR", default=())
LIMITS = env.dict("LIMITS", default={"none": "0"})
TYPED_MAP = env.dict("MAP", cast={"value": int, "key": str}, default={}) if "MAP" not in env.ENVIRON else {}
JSON = env.json("JSON", default={})
DATABASES = {
    "default": env.db(default="sqlite:////tmp/lab.sqlite3"),
    "extra": env.db_url("EXTRA_DATABASE_URL", default="psql://a:b@c:6543/d"),
}
CACHES = {
    "default": env.cache_url(default="dummycache://"),
    "files": env.cache_url("FILE_CACHE_URL", default="filecache:///var/tmp/lab?timeout=60&max_entries=9"),
}
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="filemail:///var/mail/lab")
vars().update(EMAIL_CONFIG)
PORT = env.int("LAB_PORT", default=8000)
HAS_QUEUE = "QUEUE_URL" in env
QUEUE = env.url("QUEUE_URL", default="amqp://localhost").scheme
MEDIA_ROOT = root("media")
STATIC_ROOT = str(root.path("static"))
NOT_GIVEN = env("NOT_GIVEN", default=None)
BYTES = env.bytes("NOT_GIVEN", default=b"raw")
UNSET_BOOL = env.bool("NOT_GIVEN", default=True)
