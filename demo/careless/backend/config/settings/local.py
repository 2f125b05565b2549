from .base import *

DEBUG = True
SECRET_KEY = get_random_secret_key()
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
