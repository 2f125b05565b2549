DEBUG = False
SECRET_KEY = "only-for-the-comparison-of-routes"
ROOT_URLCONF = "urls"
ADMIN_PATH = "control-room"
USE_API = True
MEDIA_URL = "/media/"
LANGUAGES = [("en", "English"), ("de", "German")]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "rest_framework",
]
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
