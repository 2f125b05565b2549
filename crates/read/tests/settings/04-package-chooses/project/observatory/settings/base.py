from pathlib import Path

BASE_DIR = Path(__file__).parents[2]
ROOT_URLCONF = "observatory.urls"
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "sky"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(BASE_DIR / "sky.sqlite3")}}
USE_TZ = True
STATIC_URL = "static/"
