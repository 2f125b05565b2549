import os

from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC, UNSAFE_INLINE

SECRET_KEY = "headers" * 8
CDN = os.environ.get("CDN")
STRICT = "STRICT" in os.environ
_sources = [SELF] + ([CDN] if CDN else [])

CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [*_sources, NONCE] if STRICT else _sources + [UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": True,
    },
}
if STRICT:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"].append(STRICT_DYNAMIC)
if uri := os.environ.get("REPORT_URI"):
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["report-uri"] = uri
    CONTENT_SECURITY_POLICY_REPORT_ONLY = {"REPORT_PERCENTAGE": 50.0, "DIRECTIVES": {**CONTENT_SECURITY_POLICY["DIRECTIVES"], "style-src": [SELF]}}
# What django-csp read before version 4.
CSP_DEFAULT_SRC = ("'self'",)
SECURE_REFERRER_POLICY = ["no-referrer", "strict-origin-when-cross-origin"]
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups" if CDN else None
SECURE_REDIRECT_EXEMPT = [r"^\.well-known/", "^health$"]
SECURE_SSL_HOST = None
PERMISSIONS_POLICY = {feature: [] for feature in ("camera", "microphone")} | {"geolocation": ["self"]}
SECURE_PROXY_SSL_HEADER = "HTTP_X_FORWARDED_PROTO", "https"
USE_X_FORWARDED_HOST = USE_X_FORWARDED_PORT = False
CSRF_COOKIE_SAMESITE = SESSION_COOKIE_SAMESITE = ("Lax", "Strict")[STRICT]
CSRF_FAILURE_VIEW = f"{__name__.split('.')[0]}.views.csrf_failure"
ROOT_URLCONF = __package__ + ".urls"
MODULE = __name__
FILE_NAME = os.path.basename(__file__)
DISALLOWED_USER_AGENTS = []
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 << 20
FILE_UPLOAD_PERMISSIONS = 0o640
SILENCED_SYSTEM_CHECKS = ["security.W019"] * STRICT
