from .production import *

DEBUG = bool(int(os.environ.get("DEBUG", 0)))
ALLOWED_HOSTS = [host.replace("sky.", "sky-staging.") for host in ALLOWED_HOSTS]
SECURE_HSTS_SECONDS //= 365
del SECURE_SSL_REDIRECT
