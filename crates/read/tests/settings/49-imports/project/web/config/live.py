import importlib
import os

import web.config.b as beta
import web.version
from web.config import APP
from web.version import text as version_text, VERSION as RAW

from . import a as alpha, exporting
from .a import *
from .exporting import *
from ..version import VERSION

SECRET_KEY = "imports" * 8
LATER = beta.later()
VERSION_TEXT = version_text()
SAME_MODULE = web.version.VERSION is RAW
EXPORTED.append(2)
SHARED = exporting.EXPORTED
HIDDEN = exporting.NOT_EXPORTED
HAS_PRIVATE = "_private" in globals()
LOWER = also_lower + str(lower)
if os.environ.get("FLAVOUR") == "salt":
    from .flavours.salt import SALT as TASTE
else:
    from .flavours import sugar
    TASTE = sugar.TASTE
beta.PATCHED = "set from outside"
PATCHED = importlib.import_module("web.config.b").PATCHED
alpha.FIRST = "changed afterwards"
FIRST_IS_A_COPY = FIRST


def __getattr__(name):
    raise AttributeError(name)


class _Hidden:
    SECRET = 1


def ROUTER(model):
    return None


from pathlib import Path as PATH_CLASS
import json as JSON

DEBUG = __debug__ and False
DOC = __doc__
