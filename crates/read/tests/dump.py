"""Imports settings modules in a real Django and tells what came out of it.

Reads one JSON array of jobs from standard input and writes one JSON line for each, in order:

    {"project": folder, "settings": module, "importer": null or "configurations",
     "environment": {name: value}}
    {"settings": {name: tagged value}, "inherited": [name]}  or  {"error": "KeyError: ..."}

`inherited` are names that the project need not set itself: django-configurations and dynaconf copy
all of Django's defaults, and dynaconf adds a few names of its own.

Every job runs in a process of its own, forked from this one after the packages that settings
usually import have been loaded, so that a job costs milliseconds and leaves nothing behind.
"""

import datetime
import enum
import functools
import importlib
import inspect
import json
import os
import pathlib
import signal
import sys
import traceback

# What the production process is called with; the evaluator assumes a server too, no command.
ARGUMENTS = ["gunicorn", "config.wsgi:application"]
SECONDS_FOR_ONE_JOB = 30

# What dynaconf keeps beside the settings.
DYNACONF_NAMES = {
    "DEFAULT_SETTINGS_PATHS",
    "DYNACONF",
    "ENV",
    "LOAD_DOTENV",
    "ORIGINAL_SETTINGS_MODULE",
}

# Loaded once for speed. None of them reads the environment while it is imported.
PRELOADED = [
    "celery.schedules",
    "configurations.importer",
    "decouple",
    "dj_database_url",
    "django.conf",
    "django.utils.translation",
    "dynaconf",
    "environ",
    "environs",
    "pydantic_settings",
    "sentry_sdk.integrations.django",
]


def main():
    for name in PRELOADED:
        importlib.import_module(name)
    results = os.fdopen(os.dup(1), "w")
    # What settings print must not mix with the results.
    os.dup2(2, 1)
    for job in json.load(sys.stdin):
        results.write(in_child(job) + "\n")
        results.flush()


def in_child(job):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.alarm(SECONDS_FOR_ONE_JOB)
        try:
            answer = imported(job)
        except BaseException as error:
            if os.environ.get("DUMP_TRACE"):
                traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        with os.fdopen(writer, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text or json.dumps({"error": "the process ended without an answer"})


def imported(job):
    os.environ.clear()
    os.environ.update(job["environment"])
    os.environ["DJANGO_SETTINGS_MODULE"] = job["settings"]
    os.chdir(job["project"])
    sys.argv = list(ARGUMENTS)
    sys.path.insert(0, job["project"])
    sys.dont_write_bytecode = True

    if job["importer"] == "configurations":
        from configurations import importer

        importer.install()

    from django import conf

    conf.settings._setup()
    # Read after the import: dynaconf puts an object of its own in this place.
    settings = conf.settings
    copies_defaults = job["importer"] == "configurations"
    own_names = {"DOTENV_LOADED"} if copies_defaults else set()
    if hasattr(settings, "as_dict"):
        copies_defaults = True
        own_names = DYNACONF_NAMES
        values = settings.as_dict()
    else:
        holder = settings._wrapped
        values = {name: getattr(holder, name) for name in holder._explicit_settings}
    tags = {name: tagged(value) for name, value in sorted(values.items()) if name.isupper()}
    inherited = []
    if copies_defaults:
        defaults = vars(conf.global_settings)
        inherited = [
            name
            for name in tags
            if name in own_names
            or (name in defaults and as_lists(tags[name]) == as_lists(tagged(defaults[name])))
        ]
    return {"settings": tags, "inherited": inherited}


def as_lists(tags):
    """A tagged value as text, tuples and lists being the same: dynaconf turns one into the other."""
    return json.dumps(tags).replace('"tuple"', '"list"')


def tagged(value):
    from django.utils.functional import Promise

    if value is None:
        return {"none": None}
    if isinstance(value, Promise):
        # The pickle form of a lazy value: the function, then what it will be called with.
        function, arguments, keywords = value.__reduce__()[1][:3]
        return {"lazy": [dotted(function), tagged(list(arguments)), tagged(dict(keywords))]}
    if isinstance(value, enum.Enum) and not isinstance(value, (str, int)):
        return {"object": [dotted(type(value)), repr(value)]}
    if isinstance(value, bool):
        return {"bool": bool(value)}
    if isinstance(value, int):
        return {"int": str(int(value))}
    if isinstance(value, float):
        return {"float": repr(float(value))}
    if isinstance(value, str):
        return {"str": str.__str__(value)}
    if isinstance(value, bytes):
        return {"bytes": list(value)}
    if isinstance(value, dict):
        return {"dict": [[tagged(key), tagged(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return {"list": [tagged(item) for item in value]}
    if isinstance(value, tuple):
        return {"tuple": [tagged(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": [tagged(item) for item in sorted(value, key=repr)]}
    if isinstance(value, pathlib.PurePath):
        return {"path": str(value)}
    if isinstance(value, datetime.timedelta):
        return {"timedelta": value // datetime.timedelta(microseconds=1)}
    if inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value):
        return {"reference": dotted(value)}
    if isinstance(value, functools._lru_cache_wrapper):
        return {"reference": dotted(value.__wrapped__)}
    return {"object": [dotted(type(value)), repr(value)]}


def dotted(value):
    module = getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", repr(value))
    return f"{module}.{name}" if module else name


if __name__ == "__main__":
    main()
