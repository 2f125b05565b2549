from server.settings.components import BASE_DIR, secret

SECRET_KEY = secret("SECRET_KEY", "split for development")
INSTALLED_APPS = ("django.contrib.auth", "django.contrib.contenttypes", "server.apps.main")
MIDDLEWARE = ("django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware")
ROOT_URLCONF = "server.urls"
MEDIA_ROOT = BASE_DIR.joinpath("media")
USE_TZ = True
