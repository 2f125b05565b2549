SECRET_KEY = "the package wins " * 4
ALLOWED_HOSTS = ["localhost"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
USE__X_FORWARDED_PROTO = True
STATICFILES_DIRS = []
AXES_COOLOFF_DURATION = 1
