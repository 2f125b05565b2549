"""Runs Django's own checks on settings and prints the ids that they give.

Reads jobs as JSON from standard input, `[{"folder": ..., "environment": {...}}, ...]`: each folder
holds a `settings.py`. Prints a list of lists of ids, sorted. Each job runs in a process of its own,
as settings are read once.
"""

import json
import os
import sys

# What the checks import is imported once, before the jobs.
import django.core.cache.backends.filebased
import django.core.cache.backends.locmem
import django.middleware.csrf
import django.views.csrf
import django.views.generic
# Importing the package is what registers the checks.
from django.core.checks import registry

MODULES = ("security", "caches", "files", "mail", "async_checks", "compatibility")


def ids(folder, environment):
    os.chdir(folder)
    sys.path.insert(0, folder)
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="settings")
    found = []
    for check in registry.registry.get_checks(include_deployment_checks=True):
        if check.__module__.split(".")[3] in MODULES:
            try:
                found += [message.id for message in check(app_configs=None)]
            except Exception as error:
                print(f"{folder}: {check.__name__} raised {error!r}", file=sys.stderr)
    return sorted(found)


def in_a_process(folder, environment):
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as pipe:
            json.dump(ids(folder, environment), pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer)


json.dump([in_a_process(**job) for job in json.load(sys.stdin)], sys.stdout)
