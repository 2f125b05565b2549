import os
from datetime import timedelta
from pathlib import Path

from corsheaders.defaults import default_headers, default_methods

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ.get("SECRET_KEY", "unsafe")
# The classic: every text is true.
DEBUG_TEXT = bool(os.environ.get("DEBUG", False))
DEBUG = os.environ.get("DEBUG") == "True"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_RATES": {"anon": os.environ.get("API_THROTTLE", "20/minute"), "user": None},
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "api.errors.handler",
}
if DEBUG:
    REST_FRAMEWORK["DEFAULT_RENDERER_CLASSES"].append("rest_framework.renderers.BrowsableAPIRenderer")
if os.environ.get("API_DOCS", "no") != "no":
    REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
    SPECTACULAR_SETTINGS = {"TITLE": "API", "VERSION": "1.0.0", "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"]}

try:
    _private = (BASE_DIR / "jwt.pem").read_text()
except FileNotFoundError:
    _private = None
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=int(os.environ.get("JWT_MINUTES", 5))),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=1),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": not DEBUG,
    "ALGORITHM": "RS256" if _private else "HS256",
    "SIGNING_KEY": _private or os.environ.get("JWT_KEY") or SECRET_KEY,
    "AUTH_HEADER_TYPES": ("Bearer",),
    "AUTH_TOKEN_CLASSES": ("rest_framework_simplejwt.tokens.AccessToken",),
}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"]
if SIMPLE_JWT["BLACKLIST_AFTER_ROTATION"]:
    INSTALLED_APPS += ["rest_framework_simplejwt.token_blacklist"]

CORS_ALLOW_HEADERS = [*default_headers, "x-api-version"]
CORS_ALLOW_METHODS = list(default_methods) + ["PURGE"]
CORS_ALLOWED_ORIGINS = ["https://app.example.org"] + (["http://localhost:3000"] if DEBUG else [])
CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://\w+\.example\.org$"]
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_ALL_ORIGINS = DEBUG
CORS_PREFLIGHT_MAX_AGE = int(timedelta(hours=2).total_seconds())
