import sentry_sdk

from config.environment import required, secret

from .base import *

SECRET_KEY = secret("django_secret_key")

DOMAIN = required("SHOP_DOMAIN")
MEDIA_DOMAIN = required("SHOP_MEDIA_DOMAIN")

ALLOWED_HOSTS = [DOMAIN, f"www.{DOMAIN}"]
CSRF_TRUSTED_ORIGINS = [f"https://{DOMAIN}", f"https://www.{DOMAIN}"]
CORS_ALLOWED_ORIGINS = required("CORS_ALLOWED_ORIGINS").split(",")
CORS_URLS_REGEX = r"^/api/.*$"

# TLS ends at nginx, which overwrites these headers on every request that it passes on.

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
AXES_IPWARE_META_PRECEDENCE_ORDER = ["HTTP_X_REAL_IP"]
ALLAUTH_TRUSTED_PROXY_COUNT = 1
REST_FRAMEWORK["NUM_PROXIES"] = 1

SECURE_SSL_REDIRECT = True
# The container's own health check speaks to gunicorn without nginx.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 63072000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

# The prefix makes browsers refuse the cookie from a subdomain and over http.
SESSION_COOKIE_NAME = "__Host-sessionid"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_COOKIE_SECURE = True

ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
SIMPLE_JWT["SIGNING_KEY"] = secret("jwt_signing_key")

# The network between the containers is internal: no packet of it leaves the machine.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": required("DB_NAME"),
        "USER": required("DB_USER"),
        "PASSWORD": secret("db_password"),
        "HOST": required("DB_HOST"),
        "PORT": "5432",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    },
}

# Shared by the workers, so that throttles count each request once.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": required("REDIS_URL"),
        "OPTIONS": {"password": secret("redis_password")},
    },
}

STATIC_ROOT = required("STATIC_ROOT")
# Uploads have a host of their own, which has no cookies and no scripts worth attacking.
MEDIA_ROOT = required("MEDIA_ROOT")
MEDIA_URL = f"https://{MEDIA_DOMAIN}/"
CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(f"https://{MEDIA_DOMAIN}")
CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = required("EMAIL_HOST")
EMAIL_PORT = 587
EMAIL_USE_TLS = True
EMAIL_HOST_USER = required("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = secret("email_password")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = f"Harbour Goods <shop@{DOMAIN}>"
SERVER_EMAIL = f"alerts@{DOMAIN}"
EMAIL_SUBJECT_PREFIX = "[Harbour Goods] "
ADMINS = [("Harbour Goods operations", f"operations@{DOMAIN}")]

STRIPE_SECRET_KEY = secret("stripe_secret_key")
STRIPE_WEBHOOK_SECRET = secret("stripe_webhook_secret")

LOG_DIR = required("LOG_DIR")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "security_file": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": f"{LOG_DIR}/security.log",
            "maxBytes": 10 * 1024 * 1024,
            "backupCount": 10,
            "delay": True,
            "formatter": "line",
        },
        "mail_admins": {
            "class": "django.utils.log.AdminEmailHandler",
            "level": "ERROR",
            "include_html": False,
        },
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {
            "handlers": ["console", "mail_admins"],
            "level": "INFO",
            "propagate": False,
        },
        "django.security": {
            "handlers": ["console", "security_file", "mail_admins"],
            "level": "INFO",
            "propagate": False,
        },
        "axes": {
            "handlers": ["console", "security_file"],
            "level": "INFO",
            "propagate": False,
        },
    },
}

# Names, addresses and request bodies stay here: the SDK sends none of them unless it is told to.
sentry_sdk.init(
    dsn=secret("sentry_dsn"),
    environment="production",
    max_request_body_size="never",
    include_local_variables=False,
    traces_sample_rate=0.05,
)
