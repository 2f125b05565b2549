from .base import *
from .base import INSTALLED_APPS as _apps

DEBUG = True
SECRET_KEY = "not a secret at all"
ALLOWED_HOSTS = ["*"]
_apps.insert(-1, "debug_toolbar")
MIDDLEWARE.insert(1, "debug_toolbar.middleware.DebugToolbarMiddleware")
INTERNAL_IPS = ("127.0.0.1", "::1")
