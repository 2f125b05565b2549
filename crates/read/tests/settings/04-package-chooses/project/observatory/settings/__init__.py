import os

ENVIRONMENT = os.environ.get("DJANGO_ENV", "development").strip().lower()

if ENVIRONMENT == "production":
    from .production import *
elif ENVIRONMENT in {"staging", "preview"}:
    from .staging import *
elif ENVIRONMENT == "development":
    from .development import *
else:
    raise RuntimeError(f"DJANGO_ENV={ENVIRONMENT!r} is none of production, staging, development")

PROJECT_NAME = f"Observatory ({ENVIRONMENT})"
IS_LIVE = ENVIRONMENT == "production" and not DEBUG
