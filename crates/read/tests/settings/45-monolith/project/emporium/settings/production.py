from .base import *
from .security import *
from .security import HTTPS as _https

scheme = "https" if _https else "http"
CSRF_TRUSTED_ORIGINS = [f"{scheme}://{host}" for host in ALLOWED_HOSTS if "." in host]
SITE_URL = f"{scheme}://{ALLOWED_HOSTS[0]}"
INSTALLED_APPS = [app for app in INSTALLED_APPS if not app.endswith(("humanize",))]
LOGGING["loggers"] = {"django.security.DisallowedHost": {"handlers": [], "propagate": False}}
TEMPLATES[0]["OPTIONS"]["loaders"] = [("django.template.loaders.cached.Loader", ["django.template.loaders.app_directories.Loader"])]
del TEMPLATES[0]["APP_DIRS"]
