"""What the real packages make of URLs.

Standard input: [[parser, url, {keyword: value}], ...].
Standard output: {"versions": {...}, "answers": [...]}: for each a tree of ["str", "x"],
["int", 1], ["list", [...]], ["dict", [[key, value], ...]], or {"raises": "class"}.
"""

import importlib.metadata
import importlib.util
import json
import sys
import warnings

import dj_database_url
import dj_email_url
import django_cache_url
import environ

warnings.simplefilter("ignore")


def through_url(method):
    """As `Env.url` hands it on."""

    def parse(text, **keywords):
        return method(environ.environ.urlparse(text), **keywords)

    return parse


PARSERS = {
    "dj_database_url": dj_database_url.parse,
    "db_url": environ.Env.db_url_config,
    "cache_url": through_url(environ.Env.cache_url_config),
    "email_url": through_url(environ.Env.email_url_config),
    "search_url": through_url(environ.Env.search_url_config),
    "channels_url": through_url(environ.Env.channels_url_config),
    "dj_email_url": dj_email_url.parse,
    "django_cache_url": django_cache_url.parse,
    "literal": environ.environ._cast,
}


def tree(value):
    if isinstance(value, dict):
        return ["dict", [[tree(key), tree(item)] for key, item in value.items()]]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, [tree(item) for item in value]]
    if isinstance(value, (set, frozenset)):
        return ["set", sorted((tree(item) for item in value), key=repr)]
    if isinstance(value, bytes):
        return ["bytes", list(value)]
    if isinstance(value, complex):
        return ["complex", repr(value)]
    return [type(value).__name__, value]


def main():
    answers = []
    for parser, text, keywords in json.load(sys.stdin):
        try:
            answers.append(tree(PARSERS[parser](text, **keywords)))
        except Exception as error:
            answers.append({"raises": f"{type(error).__module__}.{type(error).__name__}"})
    versions = {
        name: importlib.metadata.version(name) for name in ("dj-database-url", "django-environ")
    }
    found = [name for name in ("django_redis", "pymemcache") if importlib.util.find_spec(name)]
    json.dump({"versions": versions, "found": found, "answers": answers}, sys.stdout)


main()
