import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


class Missing(ImproperlyConfigured):
    pass


def from_env_or_file(name, default=...):
    """NAME, else the content of the file that NAME_FILE names, else the default."""
    if name in os.environ:
        return os.environ[name]
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError:
            pass
    if default is ...:
        raise Missing(f"{name} or {name}_FILE must be set")
    return default


def docker_secret(name, default=None, folder="/run/secrets-of-vault"):
    path = os.path.join(folder, name)
    if os.path.exists(path):
        with open(path) as file:
            return file.read().rstrip("\n")
    return default


SECRET_KEY = from_env_or_file("SECRET_KEY")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "USER": from_env_or_file("DB_USER", "postgres"),
        "PASSWORD": from_env_or_file("DB_PASSWORD", default=""),
    }
}
DEBUG = False
ALLOWED_HOSTS = [from_env_or_file("HOST", "vault.example.org")]
EMAIL_HOST_PASSWORD = docker_secret("mail", default=os.getenv("MAIL", "none"))
