"""Half of a circle: b imports a while a is not finished."""

FIRST = "a before b"
from . import b
from .b import *

LAST = "a after b"
_private = 1
__dunder__ = 2
lower = 3
