"""What Django answers to requests under given settings.

Standard input: {"folder": ..., "cases": [[{setting: Python literal}, [[method, url scheme, path,
query, [[header, value], ...]], ...]], ...]}; "folder" holds urls.py.
Standard output: [[[status, [[header, value], ...], whether CSRF's origin check passes, or null
without an Origin], ...], ...].
"""

import ast
import io
import json
import logging
import sys

asked = json.load(sys.stdin)
sys.path.insert(0, asked["folder"])
logging.disable(logging.CRITICAL)

from django.conf import settings  # noqa: E402

settings.configure(ROOT_URLCONF="urls", SECRET_KEY="for-the-comparison-only", ALLOWED_HOSTS=["*"])

import django  # noqa: E402

django.setup()

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest  # noqa: E402
from django.middleware.csrf import CsrfViewMiddleware  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.urls import clear_url_caches  # noqa: E402


def answer(handler, method, scheme, path, query, headers):
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    for name, value in headers:
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    verified = None
    if "HTTP_ORIGIN" in environ:
        verified = CsrfViewMiddleware(handler)._origin_verified(WSGIRequest(dict(environ)))
    told = []
    handler(environ, lambda status, headers: told.extend([status, headers]))
    return [int(told[0].split()[0]), [list(header) for header in told[1]], verified]


answers = []
for values, requests in asked["cases"]:
    values = {name: ast.literal_eval(text) for name, text in values.items()}
    with override_settings(**values):
        clear_url_caches()
        handler = WSGIHandler()
        answers.append([answer(handler, *request) for request in requests])
json.dump(answers, sys.stdout)
