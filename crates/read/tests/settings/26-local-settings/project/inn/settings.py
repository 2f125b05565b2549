import os

DEBUG = False
SECRET_KEY = os.getenv("INN_KEY", "")
ALLOWED_HOSTS = ["inn.example.org"]
ROOMS = ["blue"]
USE_TZ = True
try:
    from .local_settings import *
except ImportError:
    pass
try:
    from inn.secrets_on_the_server import SECRET_KEY
except ModuleNotFoundError as error:
    WITHOUT_SECRETS = error.name
try:
    import a_package_that_nobody_has as fancy
except ImportError:
    fancy = None
HAS_FANCY = fancy is not None
try:
    from django.core.exceptions import NoSuchName
except ImportError:
    NO_SUCH_NAME = True
ROOMS += ["green"]
