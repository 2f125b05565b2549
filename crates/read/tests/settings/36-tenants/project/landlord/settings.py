import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "tenants" * 8
DEBUG = False
BASE_DOMAIN = os.getenv("BASE_DOMAIN", "localhost")

SHARED_APPS = (
    "django_tenants",
    "landlord.accounts",
    "django.contrib.contenttypes",
    "django.contrib.auth",
)
TENANT_APPS = (
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "landlord.flats",
)
INSTALLED_APPS = list(SHARED_APPS) + [app for app in TENANT_APPS if app not in SHARED_APPS]
TENANT_MODEL = "accounts.Landlord"
TENANT_DOMAIN_MODEL = "accounts.Domain"
MIDDLEWARE = ["django_tenants.middleware.main.TenantMainMiddleware"] + [
    f"django.{module}" for module in (
        "middleware.security.SecurityMiddleware",
        "contrib.sessions.middleware.SessionMiddleware",
        "middleware.common.CommonMiddleware",
        "middleware.csrf.CsrfViewMiddleware",
    )
]
DATABASES = {"default": {"ENGINE": "django_tenants.postgresql_backend", "NAME": "landlord"}}
DATABASE_ROUTERS = ("django_tenants.routers.TenantSyncRouter",)
ALLOWED_HOSTS = [BASE_DOMAIN, f".{BASE_DOMAIN}"]
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" if host[0] != "." else "https://*" + host for host in ALLOWED_HOSTS]
SESSION_COOKIE_DOMAIN = "." + BASE_DOMAIN if "." in BASE_DOMAIN else None
_limits = dict(pair.split(":") for pair in os.getenv("TENANTS", "").split(",") if pair)
TENANT_LIMITS = {name: {"flats": int(limit), "rooms": int(limit) * 4} for name, limit in _limits.items()}
PUBLIC_SCHEMA_URLCONF, ROOT_URLCONF = (f"landlord.urls.{kind}" for kind in ("public", "tenant"))
MULTITENANT_RELATIVE_MEDIA_ROOT = "%s"
MEDIA_ROOT = BASE_DIR / "media" / (MULTITENANT_RELATIVE_MEDIA_ROOT % "all")
STATICFILES_FINDERS = [
    "django_tenants.staticfiles.finders.TenantFileSystemFinder",
    *("django.contrib.staticfiles.finders." + name for name in ["FileSystemFinder", "AppDirectoriesFinder"]),
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [BASE_DIR / d for d in ("templates", "tenants")]}]
