"""The routes of a site, as Django resolves them.

Standard input: the folder of manage.py, as JSON.
Standard output: [[patterns, dotted path of the view, name], ...] in Django's order.
"""

import json
import os
import sys

import django
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, URLPattern, get_resolver


def written(pattern):
    if isinstance(pattern, LocalePrefixPattern):
        return ["language", pattern.prefix_default_language]
    kind = "regex" if isinstance(pattern, RegexPattern) else "path"
    return [kind, str(pattern)]


def view(callback):
    while hasattr(callback, "__wrapped__") and not hasattr(callback, "view_class"):
        callback = callback.__wrapped__
    made = getattr(callback, "view_class", None) or getattr(callback, "cls", None) or callback
    return f"{made.__module__}.{made.__qualname__}"


def walk(patterns, above):
    for entry in patterns:
        here = above + [written(entry.pattern)]
        if isinstance(entry, URLPattern):
            yield [here, view(entry.callback), entry.name]
        else:
            yield from walk(entry.url_patterns, here)


folder = json.load(sys.stdin)
sys.path.insert(0, folder)
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
json.dump(list(walk(get_resolver().url_patterns, [])), sys.stdout)
