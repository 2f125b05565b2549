import os

SECRET_KEY = "circus" * 9
DEBUG = bool(int(os.getenv("DEBUG", 0)))
USE_REDIS = os.getenv("USE_REDIS") is not None
SSO = os.getenv("SSO")
FEATURES = {
    name.removeprefix("FEATURE_").lower(): value == "on"
    for name, value in sorted(os.environ.items())
    if name.startswith("FEATURE_")
}
ENABLED = sorted(name for name, on in FEATURES.items() if on)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    *(["debug_toolbar", "django_extensions"] if DEBUG else []),
    *[f"circus.{name}" for name in ENABLED],
    *(("social_django",) if SSO else ()),
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **({"HOST": os.environ["DB_HOST"]} if "DB_HOST" in os.environ else {}),
        **({"CONN_MAX_AGE": 600} if not DEBUG else {}),
    },
    **({"replica": {"ENGINE": "django.db.backends.postgresql"}} if FEATURES.get("lions") else {}),
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"redis://{os.getenv('REDIS_HOST', 'localhost')}:6379/0",
    }
    if USE_REDIS
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
MIDDLEWARE = list(
    filter(
        None,
        [
            "django.middleware.security.SecurityMiddleware",
            USE_REDIS and "django.middleware.cache.UpdateCacheMiddleware",
            "debug_toolbar.middleware.DebugToolbarMiddleware" if DEBUG else None,
        ],
    )
)
SESSION_ENGINE = "django.contrib.sessions.backends." + ("cached_db" if USE_REDIS else "db")
AUTHENTICATION_BACKENDS = (
    ["django.contrib.auth.backends.ModelBackend"]
    + ([f"social_core.backends.{SSO}.{SSO.upper()}Auth"] if SSO in ("saml", "oidc") else [])
)
LOG_LEVEL = "DEBUG" if DEBUG else "INFO" if not USE_REDIS else "WARNING"
SECURE_HSTS_SECONDS = int(os.getenv("HSTS", "0" if DEBUG else "31536000"))
X_FRAME_OPTIONS = {True: "SAMEORIGIN"}.get("lions" in ENABLED, "DENY")
COOKIES = dict(secure=not DEBUG, **{"samesite": "Strict"} if SSO is None else {})
SESSION_COOKIE_SECURE, SESSION_COOKIE_SAMESITE = COOKIES["secure"], COOKIES.get("samesite", "Lax")
WAFFLE_FLAGS = {f"{name}_{suffix}" for name in ENABLED for suffix in ("a", "b")}
COUNT = sum(FEATURES.values())
