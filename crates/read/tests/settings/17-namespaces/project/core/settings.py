import os
import sys

SECRET_KEY = "locals-and-globals-are-dicts-that-can-be-written-to-50"
MODE = os.getenv("MODE", "dev")

# By name, with a name that is made up from text.
for feature in ("search", "export"):
    globals()["FEATURE_" + feature.upper()] = os.getenv(f"FEATURE_{feature.upper()}", "0") == "1"

locals()["DEBUG"] = MODE == "dev"
globals().update({"ALLOWED_HOSTS": ["ns.example.org"], "APPEND_SLASH": False})
vars().update(EMAIL_HOST="mail.example.org", EMAIL_PORT=25)


def configure(**values):
    """A function's globals are those of its module."""
    globals().update((name.upper(), value) for name, value in values.items())


configure(root_urlconf="core.urls", static_url="/s/")

_this = sys.modules[__name__]
setattr(_this, "SESSION_COOKIE_AGE", 600)
_this.CSRF_COOKIE_AGE = getattr(_this, "SESSION_COOKIE_AGE") * 2

PRESETS = {
    "production": dict(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=3600),
    "dev": dict(INTERNAL_IPS=["127.0.0.1"]),
}
globals().update(PRESETS[MODE])
HAS_HSTS = "SECURE_HSTS_SECONDS" in globals()
HSTS = globals().get("SECURE_HSTS_SECONDS", -1)
if "INTERNAL_IPS" in locals():
    INTERNAL_IPS.append("::1")
del feature
NAMES = sorted(name for name in dict(globals()) if name.startswith("FEATURE_"))
