import importlib
import os
from importlib import import_module
from importlib.util import find_spec

_name = os.environ.get("STATION", "south")
_module = importlib.import_module(f"station.settings.{_name}")

for _key in dir(_module):
    if _key.isupper():
        globals()[_key] = getattr(_module, _key)

_relative = import_module(".shared", package=__name__)
globals().update({key: value for key, value in vars(_relative).items() if not key.startswith("_")})

INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
for optional in ("station.extras", "station.not_there"):
    if find_spec(optional) is not None:
        INSTALLED_APPS.append(optional)

try:
    EXTRA = importlib.import_module(os.environ.get("EXTRA", "station.nothing")).LABEL
except ImportError:
    EXTRA = None
HAS_FANCY = find_spec("a_package_that_nobody_has") is not None
