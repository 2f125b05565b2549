"""Components that are laid over one another, in this order."""

from os import environ

from split_settings.tools import include, optional

environ.setdefault("DJANGO_ENV", "development")
_ENV = environ["DJANGO_ENV"]

include(
    "components/common.py",
    "components/database.py",
    "components/logging.py",
    "environments/{0}.py".format(_ENV),
    optional("environments/local.py"),
)
