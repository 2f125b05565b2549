"""Runs small programs in the real Python and tells what came out of them.

Reads one JSON object in each line of standard input and writes one line for each, in order:

    {"root": folder, "files": {module: text}, "main": module, "worlds": [{name: value}]}
    [{"names": {name: tagged value}}, {"error": null}, null]

One answer for each world; `null` where the program took too long or grew too large to tell.
"""

import datetime
import importlib.abc
import importlib.util
import io
import json
import os
import pathlib
import resource
import signal
import sys

SECONDS = 0.5
BYTES = 512 * 1024 * 1024
MOST_VALUES = 20_000


class TooLong(BaseException):
    pass


class TooLarge(Exception):
    pass


class Modules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the modules of one job, each compiled once."""

    def __init__(self, root, files):
        self.root = root
        self.files = files
        self.code = {}

    def find_spec(self, name, path=None, target=None):
        if name in self.files:
            return importlib.util.spec_from_loader(name, self)
        return None

    def exec_module(self, module):
        name = module.__name__
        module.__file__ = f"{self.root}/{name}.py"
        if name not in self.code:
            self.code[name] = compile(self.files[name], f"{name}.py", "exec")
        exec(self.code[name], vars(module))


def main():
    answers = os.fdopen(os.dup(1), "w")
    # What programs print must not mix with the answers.
    sys.stdout = io.StringIO()
    signal.signal(signal.SIGALRM, give_up)
    for line in sys.stdin:
        job = json.loads(line)
        modules = Modules(job["root"], job["files"])
        sys.meta_path.insert(0, modules)
        answers.write(json.dumps([answer(job, world) for world in job["worlds"]]) + "\n")
        answers.flush()
        sys.meta_path.remove(modules)


def give_up(number, frame):
    raise TooLong


def answer(job, world):
    for name in job["files"]:
        sys.modules.pop(name, None)
    os.environ.clear()
    os.environ.update(world)
    # A program may catch it: then it comes again.
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 0.05)
    bound_memory(BYTES)
    try:
        return ran(job["main"])
    except (TooLong, MemoryError, TooLarge, RecursionError):
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        bound_memory(resource.RLIM_INFINITY)


def bound_memory(most):
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def ran(main):
    try:
        module = importlib.import_module(main)
    except (TooLong, MemoryError, RecursionError):
        raise
    except BaseException:
        return {"error": None}
    left = [MOST_VALUES]
    names = {
        name: tagged(value, left, 0) for name, value in vars(module).items() if name.isupper()
    }
    return {"names": names}


def tagged(value, left, depth):
    left[0] -= 1
    if left[0] < 0 or depth > 30:
        raise TooLarge
    kind = type(value)
    if value is None:
        return {"none": None}
    if kind is bool:
        return {"bool": value}
    if kind is int:
        return {"int": str(value)}
    if kind is float:
        return {"float": repr(value)}
    if kind is str:
        return {"str": value}
    if kind is bytes:
        return {"bytes": list(value)}
    if isinstance(value, pathlib.PurePath):
        return {"path": str(value)}
    if kind is datetime.timedelta:
        return {"timedelta": value // datetime.timedelta(microseconds=1)}
    if isinstance(value, dict):
        items = value.items()
        return {"dict": [[tagged(k, left, depth + 1), tagged(v, left, depth + 1)] for k, v in items]}
    if isinstance(value, (list, tuple)):
        name = "list" if isinstance(value, list) else "tuple"
        return {name: [tagged(item, left, depth + 1) for item in value]}
    if kind in (set, frozenset):
        return {"set": [tagged(item, left, depth + 1) for item in value]}
    return {"object": [kind.__name__, ""]}


if __name__ == "__main__":
    main()
