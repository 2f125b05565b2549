import os

import django
from django.utils.csp import CSP

SECRET_KEY = "django-6" * 8
_assets = os.environ.get("ASSETS", "")
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE, *filter(None, [_assets])],
    "object-src": [CSP.NONE],
}
SECURE_CSP_REPORT_ONLY = SECURE_CSP | {"style-src": [CSP.SELF, CSP.UNSAFE_INLINE]}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
]
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
IS_SIX = django.VERSION >= (6, 0)
USES_STORAGES = "STORAGES" if django.VERSION[0] > 4 else "DEFAULT_FILE_STORAGE"
DEBUG: bool = False
ALLOWED_HOSTS: list[str] = [".sextant.example.org"]
