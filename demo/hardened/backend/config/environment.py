"""What production must be told from outside. Nothing here has a default."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def required(name):
    """The environment variable `name`."""
    try:
        return os.environ[name]
    except KeyError:
        raise ImproperlyConfigured(f"The environment variable {name} is missing.") from None


def secret(name):
    """The content of the secret file `name`, which Compose mounts at /run/secrets."""
    path = Path(os.environ.get("SECRETS_DIR", "/run/secrets")) / name
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"The secret file {path} cannot be read.") from error
