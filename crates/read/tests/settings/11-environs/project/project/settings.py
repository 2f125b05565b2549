from datetime import timedelta

from environs import Env

env = Env()
env.read_env()

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost"])
PORTS = env.list("PORTS", subcast=int, default=[8000])
FLAGS = env.dict("FLAGS", subcast_values=int, default={})
DATABASES = {"default": env.dj_db_url("DATABASE_URL", default="sqlite:///project.db")}
SESSION_COOKIE_AGE = env.int("SESSION_AGE", 3600)
IDLE = env.timedelta("IDLE", default=timedelta(minutes=15))
LOG_LEVEL = env.log_level("LOG_LEVEL", default="INFO")
RATIO = env.float("RATIO", default=0.5)
EXTRA = env.json("JSON", default={})
SIMPLE = env("NOT_SET", None)

email = env.dj_email_url("EMAIL_URL", default="smtp://")
EMAIL_HOST = email["EMAIL_HOST"]
EMAIL_PORT = email["EMAIL_PORT"]
EMAIL_USE_SSL = email["EMAIL_USE_SSL"]
EMAIL_HOST_PASSWORD = email["EMAIL_HOST_PASSWORD"]

with env.prefixed("MAIL_"):
    RELAY_HOST = env("HOST", "localhost")
    RELAY_PORT = env.int("PORT", 25)

SECURE_SSL_REDIRECT = not DEBUG
