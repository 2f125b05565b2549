from decouple import Choices, Csv, config
from decouple import config as read_config
from dj_database_url import parse as db_url

SECRET_KEY = config("SECRET_KEY")
DEBUG = config("DEBUG", default=False, cast=bool)
ALLOWED_HOSTS = config("ALLOWED_HOSTS", default="localhost,127.0.0.1", cast=Csv())
INTERNAL_IPS = config("INTERNAL_IPS", default="127.0.0.1,10.0.0.1", cast=Csv(post_process=tuple))
LEVELS = config("LEVELS", default="7", cast=Csv(int))
EMAIL_HOST = config("EMAIL_HOST", "localhost")
EMAIL_PORT = config("EMAIL_PORT", default=25, cast=int)
EMAIL_USE_TLS = config("EMAIL_USE_TLS", default=False, cast=bool)
EMAIL_SUBJECT_PREFIX = config("SUBJECT", default="") + " "
CORS_ALLOWED_ORIGINS = config(
    "CORS_ORIGINS", default="", cast=lambda text: [item for item in text.split(",") if item]
)
DATABASES = {"default": config("DATABASE_URL", default="sqlite:///bakery.db", cast=db_url)}
CONNECTION = config("CONNECTION", default="strong", cast=Choices(["strong", "eventual"]))
LOWER_CASE = config("lower_case_name", default="other")
QUOTED = config("QUOTED", default="x", cast=Csv(strip="' "))
PATHS = config("PATHS", default="/a:/b", cast=Csv(delimiter=":"))
TIMEOUT = config("TIMEOUT", default=None)
HOURS = read_config("HOURS", default="1.5", cast=float)
ROOT_URLCONF = "bakery.urls"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_HSTS_SECONDS = config("SECURE_HSTS_SECONDS", default=0 if DEBUG else 31_536_000, cast=int)
