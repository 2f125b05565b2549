import os
from functools import partial
def env(name, default=None, *, cast=str, **kw):
    """Doc."""
    value = os.environ.get(name, default)
    if value is None: raise KeyError(name)
    return cast(value)
def rec(n): return n if n < 1 else rec(n - 1) + 1
flag = partial(env, cast=lambda v: v.lower() == "true")
DEBUG = flag("DEBUG", "False")
N = rec(5)
class Base:
    A = 1
    @property
    def b(self): return self.A
class Conf(Base):
    A = 2
locals().update({"X_Y": 1}); globals()["Z"] = 2
try:
    from .local import *
except ImportError as error:
    LOCAL = str(error)
finally:
    DONE = True
with open("x") as f: KEY = f.read().strip()
while N > 0: N -= 1
