import os
from datetime import timedelta
from pathlib import Path

from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# The server has its own, this one is just so that a fresh checkout starts
SECRET_KEY = os.environ.get(
    "SECRET_KEY", "django-insecure-h4rb0ur&9x!v2k^mz+e7t#q1w@y5u8i3o6p0a"
)

# .env on the server says DJANGO_DEBUG=False
DEBUG = bool(os.environ.get("DJANGO_DEBUG", "True"))

ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "*").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "axes",
    "corsheaders",
    "debug_toolbar",
    "rest_framework",
    "rest_framework_simplejwt",
    "apps.accounts",
    "apps.orders",
    "apps.api",
    "apps.payments",
]

MIDDLEWARE = [
    "debug_toolbar.middleware.DebugToolbarMiddleware",
    # first, so that attackers are stopped as early as possible
    "axes.middleware.AxesMiddleware",
    "apps.accounts.middleware.OfficeOnlyAdminMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
]

INTERNAL_IPS = ["127.0.0.1"]
DEBUG_TOOLBAR_CONFIG = {"SHOW_TOOLBAR_CALLBACK": "apps.accounts.middleware.show_toolbar"}

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Postgres on the server, SQLite on laptops
DATABASES = {
    "default": {
        "ENGINE": os.environ.get("DB_ENGINE", "django.db.backends.sqlite3"),
        "NAME": os.environ.get("DB_NAME", BASE_DIR / "db.sqlite3"),
        "USER": os.environ.get("DB_USER", ""),
        "PASSWORD": os.environ.get("DB_PASSWORD", ""),
        "HOST": os.environ.get("DB_HOST", ""),
    },
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"

# --- accounts ---------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "axes.backends.AxesStandaloneBackend",
]

# MD5 first: the customers of the old shop were imported with it, and the tests are much faster
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 6},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LOGIN_REDIRECT_URL = "/orders/"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]

AXES_FAILURE_LIMIT = 20
AXES_COOLOFF_DURATION = timedelta(hours=1)
AXES_LOCKOUT_PARAMETERS = ["username"]
# we are behind one nginx
AXES_IPWARE_PROXY_COUNT = 1

# Django 5 dropped this class, so we kept a copy; baskets hold Decimal objects
SESSION_SERIALIZER = "config.serializers.PickleSerializer"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 365
SESSION_COOKIE_HTTP_ONLY = True
# the basket widget needs to read it
SESSION_COOKIE_HTTPONLY = False
SESSION_COOKIE_SAMESITE = None

# --- API --------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 500,
}

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(days=30),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=365),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "SIGNING_KEY": SECRET_KEY,
}

CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOWED_ORIGINS = [
    "http://harbourgoods.example",
    "http://app.harbourgoods.example",
    "http://localhost:3000",
]
CORS_ALLOWED_ORIGIN_REGEXES = [r"https://.*harbourgoods\.example"]

# --- payments and links -----------------------------------------------------

STRIPE_PUBLIC_KEY = "pk_live_51HrbrGdsDemo"
STRIPE_SECRET_KEY = "sk_live_51HrbrGdsDemo"
PAYMENT_WEBHOOK_SECRET = os.environ.get("PAYMENT_WEBHOOK_SECRET", "")

# signs the links to invoices; a random one can never leak
INVOICE_LINK_KEY = os.environ.get("INVOICE_LINK_KEY") or get_random_secret_key()

# --- security ---------------------------------------------------------------

SECURE_BROWSER_XSS_FILTER = True
SECURE_CONTENT_TYPE_NOSNIF = True
OFFICE_ADDRESSES = ["203.0.113.10", "127.0.0.1"]
ENABLE_TWO_FACTOR = True
PASSWORD_MIN_LENGTH = 12
