from pathlib import Path

from decouple import AutoConfig, Csv, UndefinedValueError, config, undefined

BASE_DIR = Path(__file__).resolve().parents[1]
own = AutoConfig(search_path=BASE_DIR)

SECRET_KEY = config("SECRET_KEY")
DEBUG = config("DEBUG", cast=bool)
ALLOWED_HOSTS = config("ALLOWED_HOSTS", cast=Csv())
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": config("DB_NAME"),
        "PASSWORD": config("DB_PASSWORD"),
        "HOST": config("DB_HOST", default="localhost"),
        "PORT": config("DB_PORT", default=5432, cast=int),
    }
}
EMPTY = config("EMPTY", default="the default is not used")
INLINE = own("INLINE")
MIXED = own("MIXED")
UNBALANCED = own("UNBALANCED")
EXPORTED = config("EXPORTED", default="no such name")
DISABLED = config("DISABLED", default=False, cast=bool)
try:
    REQUIRED = config("NOT_THERE")
except UndefinedValueError:
    REQUIRED = None
SENTINEL_USED = config("NOT_THERE_EITHER", default=undefined) if False else "skipped"
